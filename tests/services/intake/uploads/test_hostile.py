"""Hostile model files: each is refused with a text that a user can act on, nothing runs, memory stays flat."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import Ensemble, ModelFileError
from models.keras.writer import keras_file_of
from models.networks.plain import packed
from models.networks.read_model import fastest
from services.intake.uploads import upload as inspection
from services.intake.uploads.upload import inspect_keras_file
from tests.services.intake.uploads.hostile import CODE, HOSTILE, honest, honest_file

FLAT = 48 * 2**20


def resident() -> int:
    """Bytes of memory that this process has in use."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_words_and_nothing_of_it_runs(name, tmp_path, monkeypatch):
    build, says = HOSTILE[name]
    marker = tmp_path / "marker"
    data = build(marker)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    before = resident() if sys.platform == "linux" else 0
    with pytest.raises(ModelFileError, match=says) as refused:
        inspect_keras_file(data)
    if sys.platform == "linux":
        assert resident() - before < FLAT
    assert not marker.exists() and not list(home.iterdir())
    text = str(refused.value)
    assert 20 < len(text) < 500 and text[-1] == "." and "Traceback" not in text


@pytest.mark.parametrize("n_members", [1, 3])
def test_an_honest_file_is_taken_apart_and_is_the_same_networks(n_members):
    networks = [honest(seed=seed) for seed in range(n_members)]
    arrived = inspect_keras_file(keras_file_of(networks))
    X = np.random.default_rng(0).normal(size=(50, 3)).astype("f4")
    networks_read = fastest(arrived.outputs["outcome"])
    np.testing.assert_array_equal(networks_read.forward(X), Ensemble(tuple(networks)).forward(X))


def test_what_a_file_says_about_training_is_ignored_and_gone(tmp_path):
    file = honest_file()
    evil = {"module": "os", "class_name": "system", "config": {"command": "touch marker"}}
    file.edit_layer(1, kernel_initializer=evil, kernel_regularizer=evil)
    file.config |= {"compile_config": {"optimizer": evil, "loss": evil}}
    assert b"system" not in packed(inspect_keras_file(file.pack()))


def test_flipped_bytes_never_raise_anything_else():
    data = bytearray(honest_file().pack())
    rng = np.random.default_rng(0)
    for _ in range(10):
        spoilt = data.copy()
        for position in rng.integers(4, len(spoilt), 6):
            spoilt[position] = rng.integers(256)
        try:
            assert inspect_keras_file(bytes(spoilt))
        except ModelFileError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("limit", "value"), [("memory", 40 * 2**20), ("wall_seconds", 0.001), ("answer", 100)], ids=str
)
def test_what_takes_too_much_is_ended_with_a_plain_refusal(limit, value, monkeypatch):
    monkeypatch.setattr(inspection, "LIMITS", replace(inspection.LIMITS, **{limit: value}))
    with pytest.raises(ModelFileError, match="Save the model anew"):
        inspect_keras_file(keras_file_of([honest()]))


@pytest.mark.tensorflow
def test_the_state_of_keras_is_unchanged(tmp_path):
    from models.keras.backend import load_backend

    keras, _ = load_backend()
    state = keras.config.floatx(), keras.config.epsilon(), keras.config.dtype_policy().name
    for build, _ in CODE.values():
        with pytest.raises(ModelFileError):
            inspect_keras_file(build(tmp_path / "marker"))
    assert (keras.config.floatx(), keras.config.epsilon(), keras.config.dtype_policy().name) == state
    assert not (tmp_path / "marker").exists()
