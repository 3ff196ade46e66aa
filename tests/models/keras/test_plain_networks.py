"""Networks handed on as a line and numbers: the same on the other side, and nothing that was tampered with."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models import ModelFileError, Network, read_network
from models.keras.plain_networks import pack_networks, unpack_networks
from models.keras.writer import keras_file_of
from models.networks.activations import ACTIVATIONS
from models.networks.network import Activate, Affine, Dense

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
@settings(max_examples=30, deadline=None)
def test_they_arrive_as_they_were(network, n_members):
    arrived = unpack_networks(pack_networks([network] * n_members))
    assert len(arrived) == n_members
    for again in arrived:
        np.testing.assert_array_equal(again.forward(inputs_of(network)), network.forward(inputs_of(network)))


@given(networks())
@settings(max_examples=30, deadline=None)
def test_the_written_file_is_read_as_the_same_network(network):
    again = read_network(keras_file_of([network]))
    np.testing.assert_array_equal(again.forward(inputs_of(network)), network.forward(inputs_of(network)))


def test_equal_networks_are_written_as_equal_files():
    network = Network(2, (Dense(np.ones((2, 1), dtype="f4")),))
    assert keras_file_of([network]) == keras_file_of([network])
    with pytest.raises(ValueError, match="one number of inputs"):
        keras_file_of([])


def tampered(edit=lambda members: None, numbers=None, **saved):
    network = Network(
        2, (Dense(np.ones((2, 3), dtype="f4"), np.ones(3, dtype="f4")), Dense(np.ones((3, 1), dtype="f4")))
    )
    line, _, array = pack_networks([network]).partition(b"\n")
    members = json.loads(line)
    edit(members)
    if numbers is not None:
        buffer = io.BytesIO()
        np.save(buffer, numbers, **saved)
        array = buffer.getvalue()
    return json.dumps(members).encode() + b"\n" + array


def set_layer(**what):
    return lambda members: members[0]["layers"][0].update(what)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"[]\n",
        b"[" * 100_000,
        b'{"a": 1}\n',
        tampered(set_layer(n_out=4)),
        tampered(set_layer(n_out=-1)),
        tampered(set_layer(n_out=10**9)),
        tampered(set_layer(kind="Lambda")),
        tampered(set_layer(activation="os.system")),
        tampered(set_layer(activation=["relu"])),
        tampered(lambda members: members.extend(members * 100)),
        tampered(lambda members: members[0]["layers"].extend(members[0]["layers"] * 100)),
        tampered(lambda members: members[0]["layers"].pop()),
        tampered(lambda members: members[0].update(layers="all")),
        tampered(numbers=np.zeros(12)),
        tampered(numbers=np.zeros(11, dtype="f4")),
        tampered(numbers=np.full(12, np.nan, dtype="f4")),
        tampered(numbers=np.array([print] * 12, dtype=object), allow_pickle=True),
        tampered()[:-1],
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_was_tampered_with_is_refused(data):
    assert unpack_networks(tampered())
    with pytest.raises(ModelFileError, match="save the model anew"):
        unpack_networks(data)


def test_declared_numbers_are_not_allocated():
    header = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000000,), }"
    data = tampered().partition(b"\n")[0] + b"\n" + header + text.ljust(117) + b"\n"
    with pytest.raises(ModelFileError):
        unpack_networks(data)
