"""Networks computed together give what each gives alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import Network, StackedNetworks
from models.networks.activations import ACTIVATIONS
from models.networks.network import Activate, Affine, Dense

RELU, TANH = ACTIVATIONS["relu"], ACTIVATIONS["tanh"]


def member(rng: np.random.Generator, kind: str = "relu", widths: tuple[int, ...] = (5, 7, 4, 1)) -> Network:
    def numbers(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    def dense(n_in: int, n_out: int, name: str = "linear") -> Dense:
        return Dense(numbers(n_in, n_out), numbers(n_out), ACTIVATIONS[name])

    hidden = [dense(a, b, "tanh" if kind == "tanh" else "relu") for a, b in pairwise(widths[:-1])]
    match kind:
        case "normalised first":
            hidden.insert(0, Affine(numbers(widths[0]), numbers(widths[0])))
        case "normalised within":
            hidden[1:1] = [Affine(numbers(widths[1]), numbers(widths[1])), Activate(TANH)]
        case "without bias":
            hidden[0] = Dense(hidden[0].kernel, None, RELU)
    return Network(widths[0], (*hidden, dense(widths[-2], 1)))


KINDS = ["relu", "tanh", "normalised first", "normalised within", "without bias"]


@given(
    kind=st.sampled_from(KINDS),
    n_members=st.integers(1, 6),
    n_rows=st.sampled_from([0, 1, 3, 255, 256, 700, 2049]),
    seed=st.integers(0, 9),
)
def test_every_member_gives_what_it_gives_alone(kind, n_members, n_rows, seed):
    rng = np.random.default_rng(seed)
    networks = StackedNetworks(tuple(member(rng, kind) for _ in range(n_members)))
    inputs = rng.normal(size=(n_rows, 5)).astype(np.float32)
    got = networks.forward(inputs)
    expected = np.array([each.forward(inputs) for each in networks.members])
    assert (got.shape, got.dtype) == ((n_members, n_rows), np.float32)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_a_network_without_hidden_layers():
    rng = np.random.default_rng(0)
    networks = StackedNetworks(tuple(member(rng, widths=(3, 1)) for _ in range(4)))
    inputs = rng.normal(size=(9, 3)).astype(np.float32)
    np.testing.assert_allclose(networks.forward(inputs), [each.forward(inputs) for each in networks.members], rtol=1e-5)


def test_wide_members_are_computed_in_smaller_blocks():
    rng = np.random.default_rng(0)
    narrow, wide = (StackedNetworks((member(rng, widths=(2, width, 1)),) * 3) for width in (4, 200))
    assert (narrow.block_rows, wide.block_rows) == (2048, 256)


def test_rows_without_an_answer_stay_so():
    rng = np.random.default_rng(0)
    networks = StackedNetworks(tuple(member(rng, "normalised first") for _ in range(3)))
    inputs = rng.normal(size=(4, 5)).astype(np.float32)
    inputs[2, 1] = np.nan
    np.testing.assert_array_equal(np.isnan(networks.forward(inputs)), np.tile([False, False, True, False], (3, 1)))


def test_some_members_can_be_taken():
    rng = np.random.default_rng(0)
    networks = StackedNetworks(tuple(member(rng) for _ in range(5)))
    taken = networks.take([3, 1])
    assert taken.members == (networks.members[3], networks.members[1])
    assert networks.n_parameters == 5 * networks.members[0].n_parameters


def test_none_is_refused():
    with pytest.raises(ValueError, match="at least one member"):
        StackedNetworks(())


@pytest.mark.parametrize(
    "other", [{"widths": (5, 8, 4, 1)}, {"widths": (4, 7, 4, 1)}, {"kind": "tanh"}, {"kind": "normalised within"}]
)
def test_members_of_other_shapes_are_refused(other):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"of one shape .* first one is 5 > 7 relu > 4 relu > 1 linear, number 3 is"):
        StackedNetworks((member(rng), member(rng), member(rng, **other)))
