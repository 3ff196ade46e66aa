"""Networks computed together give what each gives alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models import Ensemble
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Network

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


def one_by_one(networks: Ensemble) -> list[Ensemble]:
    return [Ensemble((each,)) for each in networks.members]


def test_by_hand():
    dense = Dense(np.array([[1.0], [-2.0]], np.float32), np.array([0.5], np.float32), RELU)
    network = Ensemble((Network(2, (dense,)),))
    inputs = np.array([[3, 1], [1, 3]], np.float32)
    assert network.forward(inputs).tolist() == [[1.5, 0.0]] and network.mean(inputs).tolist() == [1.5, 0.0]
    assert network.n_parameters == 3


@settings(max_examples=40)
@given(
    kind=st.sampled_from(KINDS),
    n_members=st.integers(1, 6),
    n_rows=st.sampled_from([0, 1, 3, 255, 256, 700, 2049]),
    seed=st.integers(0, 9),
)
def test_every_member_gives_what_it_gives_alone(kind, n_members, n_rows, seed):
    rng = np.random.default_rng(seed)
    networks = Ensemble(tuple(member(rng, kind) for _ in range(n_members)))
    inputs = rng.normal(size=(n_rows, 5)).astype(np.float32)
    got = networks.forward(inputs)
    expected = np.concatenate([alone.forward(inputs) for alone in one_by_one(networks)])
    assert (got.shape, got.dtype) == ((n_members, n_rows), np.float32)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_a_network_without_hidden_layers():
    rng = np.random.default_rng(0)
    networks = Ensemble(tuple(member(rng, widths=(3, 1)) for _ in range(4)))
    inputs = rng.normal(size=(9, 3)).astype(np.float32)
    expected = np.concatenate([alone.forward(inputs) for alone in one_by_one(networks)])
    np.testing.assert_allclose(networks.forward(inputs), expected, rtol=1e-5)


def test_wide_members_are_computed_in_smaller_blocks():
    rng = np.random.default_rng(0)
    narrow, wide = (Ensemble((member(rng, widths=(2, width, 1)),) * 3) for width in (4, 200))
    assert (narrow.block_rows, wide.block_rows) == (2048, 256)


def test_rows_without_an_answer_stay_so():
    rng = np.random.default_rng(0)
    networks = Ensemble(tuple(member(rng, "normalised first") for _ in range(3)))
    inputs = rng.normal(size=(4, 5)).astype(np.float32)
    inputs[2, 1] = np.nan
    np.testing.assert_array_equal(np.isnan(networks.forward(inputs)), np.tile([False, False, True, False], (3, 1)))


def test_none_is_refused():
    with pytest.raises(ValueError, match="at least one member"):
        Ensemble(())


@pytest.mark.parametrize(
    "other", [{"widths": (5, 8, 4, 1)}, {"widths": (4, 7, 4, 1)}, {"kind": "tanh"}, {"kind": "normalised within"}]
)
def test_members_of_other_shapes_are_refused(other):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"of one shape .* first one is 5 > 7 relu > 4 relu > 1 linear, number 3 is"):
        Ensemble((member(rng), member(rng), member(rng, **other)))
