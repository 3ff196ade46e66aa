"""Networks handed on as a line and numbers: the same on the other side, and nothing that was tampered with."""

import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models import Ensemble, ModelFileError
from models.keras.file import read_networks
from models.keras.plain_networks import pack_networks, unpack_networks
from models.keras.writer import keras_file_of
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Network

NAMES = sorted(set(ACTIVATIONS) - {"swish"})


@st.composite
def networks(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_inputs = width = draw(st.integers(1, 6))
    layers = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["dense", "affine", "activate"]))
        activation = ACTIVATIONS[draw(st.sampled_from(NAMES))]
        if kind == "dense":
            n_out = draw(st.integers(1, 5))
            bias = rng.normal(size=n_out).astype("f4") if draw(st.booleans()) else None
            layers.append(Dense(rng.normal(size=(width, n_out)).astype("f4"), bias, activation))
            width = n_out
        elif kind == "affine":
            layers.append(Affine(rng.normal(size=width).astype("f4"), rng.normal(size=width).astype("f4")))
        else:
            layers.append(Activate(activation))
    return Network(n_inputs, (*layers, Dense(rng.normal(size=(width, 1)).astype("f4"))))


def inputs_of(network):
    return np.random.default_rng(0).normal(size=(20, network.n_inputs)).astype("f4")


@given(networks(), st.integers(1, 3))
@settings(max_examples=30)
def test_they_arrive_as_they_were_and_their_file_is_read_so(network, n_members):
    expected = Ensemble((network,) * n_members).forward(inputs_of(network))
    arrived = unpack_networks(pack_networks([network] * n_members))
    np.testing.assert_array_equal(arrived.forward(inputs_of(network)), expected)
    read = read_networks(keras_file_of([network] * n_members))
    np.testing.assert_array_equal(read.forward(inputs_of(network)), expected)


def test_equal_networks_are_written_as_equal_files():
    network = Network(2, (Dense(np.ones((2, 1), dtype="f4")),))
    assert keras_file_of([network]) == keras_file_of([network])
    with pytest.raises(ValueError, match="one number of inputs"):
        keras_file_of([])


def tampered(edit=lambda members: None, numbers=None):
    network = Network(
        2, (Dense(np.ones((2, 3), dtype="f4"), np.ones(3, dtype="f4")), Dense(np.ones((3, 1), dtype="f4")))
    )
    line, _, rest = pack_networks([network]).partition(b"\n")
    members = json.loads(line)
    edit(members)
    return json.dumps(members).encode() + b"\n" + (rest if numbers is None else numbers.tobytes())


def set_layer(*what):
    return lambda members: members[0][1].__setitem__(0, what)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"[]\n",
        b"[" * 100_000,
        b'{"a": 1}\n',
        tampered(set_layer("Dense", "linear", 4, True)),
        tampered(set_layer("Dense", "linear", -1, True)),
        tampered(set_layer("Dense", "linear", 10**9, True)),
        tampered(set_layer("Dense", "os.system", 3, True)),
        tampered(set_layer("Dense", ["linear"], 3, True)),
        tampered(set_layer("Dense", "linear", 3, "yes")),
        tampered(set_layer("Lambda")),
        tampered(lambda members: members.extend(members * 100)),
        tampered(lambda members: members[0][1].extend([["Activate", "relu"]] * 100)),
        tampered(lambda members: members[0][1].pop()),
        tampered(lambda members: members[0].__setitem__(1, "all")),
        tampered(lambda members: members[0].__setitem__(0, 4_000_000_000)),
        tampered(numbers=np.zeros(11, dtype="f4")),
        tampered(numbers=np.zeros(13, dtype="f4")),
        tampered(numbers=np.full(12, np.nan, dtype="f4")),
        tampered()[:-1],
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_was_tampered_with_is_refused(data):
    assert unpack_networks(tampered())
    with pytest.raises(ModelFileError, match="save the model anew"):
        unpack_networks(data)
