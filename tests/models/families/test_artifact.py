"""Files of models that scikit-learn trained: what is damaged or belongs elsewhere is refused in words."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from skops import io as skops_io

from models import Family, ModelCard, ModelFileError, ModelStore
from models.store import unchecked_model


def read(trained, artifact):
    card = trained.card.model_copy(update={"network_sha256": ""})
    saved = unchecked_model("mine", artifact, card.to_json().encode())
    assert saved.predictor.encoding.n_inputs
    return saved


@pytest.mark.parametrize(
    ("family", "changes", "words"),
    [
        ("random_forest", {"kind": "pickle"}, "holds 'pickle'"),
        ("random_forest", {"left": None}, "cannot be read"),
        ("random_forest", {"surprise": np.zeros(3)}, "cannot be read"),
        ("random_forest", {"n_inputs": 7}, "make 6 inputs, the trees take 7"),
        ("gaussian_process", {"smoothness": "rough"}, "cannot be read"),
        ("gaussian_process", {"factor": np.zeros(5)}, "cannot be read"),
        ("gaussian_process", {"rows": np.zeros((102, 5))}, "make 6 inputs, the Gaussian process takes 5"),
    ],
)
def test_what_does_not_fit_is_refused(trained_families, family, changes, words):
    trained = trained_families[family]
    content = {k: v for k, v in (skops_io.loads(trained.artifact, trusted=[]) | changes).items() if v is not None}
    with pytest.raises(ModelFileError, match=words):
        read(trained, skops_io.dumps(content))


class Trap:
    """Leaves a marker where it is built."""

    def __init__(self) -> None:
        self.path = "marker"

    def __setstate__(self, state: dict) -> None:
        Path("marker").touch()


@pytest.mark.parametrize("content", [Trap(), {"f": os.getcwd}, [1.0], {"kind": np.random.default_rng(0)}])
def test_other_content_is_refused_and_nothing_of_it_runs(trained_families, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileError):
        read(trained_families["random_forest"], skops_io.dumps(content))
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=40)
@given(place=st.integers(0, 10**6), value=st.integers(0, 255), length=st.integers(0, 40))
def test_damaged_bytes_are_refused_or_read_as_they_were(trained_families, place, value, length):
    trained = trained_families["gaussian_process"]
    honest = trained.artifact
    place %= len(honest)
    try:
        again = read(trained, honest[:place] + bytes([value]) * length + honest[place + length :])
    except ModelFileError:
        return
    np.testing.assert_array_equal(again.predictor.process.weights, trained.predictor.process.weights)


def test_the_card_of_another_table(trained_families):
    forest, other = trained_families["random_forest"], ModelStore().load("concrete").card
    values = other.model_copy(update={"family": Family.RANDOM_FOREST, "settings": None, "network_sha256": ""})
    card = ModelCard.from_json(values.to_json())
    with pytest.raises(ModelFileError, match="make 8 inputs, the trees take 6"):
        _ = unchecked_model("mine", forest.artifact, card.to_json().encode()).predictor


@pytest.mark.parametrize("artifact", [b"", b"PK\x03\x04", b"\x80\x04\x95"])
def test_what_is_no_skops_file(trained_families, artifact):
    with pytest.raises(ModelFileError, match="cannot be read"):
        read(trained_families["random_forest"], artifact)


def test_a_gaussian_process_of_before_has_neither_trend_nor_mean(trained_families, mixed_dataset):
    trained = trained_families["gaussian_process"]
    content = skops_io.loads(trained.artifact, trusted=[])
    for name in ("linear", "quadratic", "noise", "ones", "mean", "mean_variance"):
        del content[name]
    process = read(trained, skops_io.dumps(content)).predictor.process
    inputs = trained.predictor.encoding.encode(mixed_dataset.X).astype(float)
    mean, spread = process.answers(inputs, has_spread=True)
    k = process.kernel.between(inputs, process.rows).values
    assert np.allclose(mean, k @ content["weights"])
    solved = np.linalg.solve(process.factor, k.T)
    assert np.allclose(spread, np.sqrt(np.maximum(content["variance"] - (solved**2).sum(axis=0), 0)), atol=1e-6)
