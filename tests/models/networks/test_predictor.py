"""What networks predict, alone and as an ensemble, how unsure they are, and the slopes of both."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, ndtr

from models import Column, ColumnKind, Encoding, Ensemble, EnsemblePredictor, UncertainPredictor
from models.networks.network import ACTIVATIONS, Activate, Affine, Dense, Network
from models.networks.predictor import GradientPredictor, UncertainGradientPredictor
from tests.models.networks.test_ensemble import KINDS, member

EXACT = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": expit,
    "silu": lambda z: z * expit(z),
    "swish": lambda z: z * expit(z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * ndtr(z),
    "softplus": lambda z: np.logaddexp(0, z),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
}
"""The activations in double precision, written down a second time."""

CHAIN_ENCODING = Encoding(
    (Column("a"), Column("kind", ColumnKind.CATEGORICAL, categories=("x", "y", "z")), Column("b"), Column("constant")),
    np.array([1.0, 0.0, 3000.0, 7.0]),
    np.array([0.5, 1.0, 400.0, 0.0]),
    40.0,
    8.0,
)


def matrix(rng, *shape):
    return rng.normal(0, 0.6, shape).astype(np.float32)


def layers(name):
    rng, act = np.random.default_rng(5), ACTIVATIONS[name]
    return (
        Affine(matrix(rng, 6), matrix(rng, 6)),
        Dense(matrix(rng, 6, 12), matrix(rng, 12), act),
        Dense(matrix(rng, 12, 9), matrix(rng, 9), act),
        Affine(matrix(rng, 9), matrix(rng, 9)),
        Dense(matrix(rng, 9, 7)),
        Activate(act),
        Dense(matrix(rng, 7, 1), matrix(rng, 1)),
    )


def chain_predictor(name="relu"):
    return EnsemblePredictor(CHAIN_ENCODING, Ensemble((Network(6, layers(name)),)))


def chain_rows(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(1, 1, n), rng.integers(0, 3, n), rng.normal(3000, 500, n), np.full(n, 7.0)])


def predict_in_double(name, X):
    """The predictions of `predictor`, in double precision throughout."""
    z = np.column_stack([(X[:, 0] - 1) / 0.5, X[:, [1]] == np.arange(3), (X[:, 2] - 3000) / 400, np.zeros(len(X))])
    for layer in layers(name):
        match layer:
            case Dense(kernel, bias, activation):
                z = z @ kernel.astype(float) + (0 if bias is None else bias.astype(float))
                z = EXACT[name](z) if activation is ACTIVATIONS[name] else z
            case Affine(scale, shift):
                z = z * scale.astype(float) + shift.astype(float)
            case Activate():
                z = EXACT[name](z)
    return z[:, 0] * 8 + 40


@pytest.mark.parametrize("name", sorted(EXACT))
def test_gradients_are_those_of_the_network_in_double_precision(name):
    X = chain_rows(300)
    outcomes, gradients = chain_predictor(name).predict_with_gradient(X)
    np.testing.assert_allclose(outcomes, predict_in_double(name, X), rtol=1e-5, atol=1e-4)
    assert (gradients.shape, gradients.dtype) == ((300, 4), np.float64)
    for j, h in ((0, 1e-6), (2, 1e-3)):
        step = np.zeros(4)
        step[j] = h
        expected = (predict_in_double(name, X + step) - predict_in_double(name, X - step)) / (2 * h)
        np.testing.assert_allclose(gradients[:, j], expected, rtol=2e-3, atol=2e-4 * np.abs(expected).max())
    assert (gradients[:, [1, 3]] == 0).all()


@pytest.mark.parametrize("name", ["relu", "tanh"])
@pytest.mark.parametrize("n", [0, 1, 2047, 2048, 2049, 5000])
def test_the_outcomes_are_those_of_predict_to_the_bit_and_blocks_do_not_show(name, n):
    model, X = chain_predictor(name), chain_rows(n)
    outcomes, gradients = model.predict_with_gradient(X)
    assert np.array_equal(outcomes, model.predict(X))
    assert gradients.shape == (n, 4)
    some = np.arange(0, n, 97)
    one_by_one = [model.predict_with_gradient(X[i : i + 1])[1][0] for i in some]
    np.testing.assert_allclose(gradients[some], np.reshape(one_by_one, (-1, 4)), rtol=1e-4, atol=1e-6)


def test_a_row_without_an_answer_has_no_gradient_and_the_others_keep_theirs():
    model, X = chain_predictor(), chain_rows(50)
    expected = model.predict_with_gradient(X)[1]
    X[7, 0], X[20, 1] = np.nan, 9.0
    outcomes, gradients = model.predict_with_gradient(X)
    spoilt = np.isin(np.arange(50), [7, 20])
    assert np.isnan(outcomes[spoilt]).all() and np.isnan(gradients[spoilt]).all()
    assert np.array_equal(gradients[~spoilt], expected[~spoilt])


def test_a_second_call_gives_the_same_and_leaves_the_first_answer_alone():
    model, X = chain_predictor(), chain_rows(3000)
    first = model.predict_with_gradient(X)[1]
    kept = first.copy()
    other = model.predict_with_gradient(chain_rows(3000, seed=1))[1]
    assert np.array_equal(first, kept) and not np.array_equal(first, other)
    assert np.array_equal(model.predict_with_gradient(X)[1], kept)


@settings(max_examples=25)
@given(  # but for the exponential, which grows beyond all numbers
    st.sampled_from(sorted(set(ACTIVATIONS) - {"exponential"})),
    st.sets(st.integers(0, 599), min_size=1, max_size=20),
    st.sampled_from([0, 2]),
)
def test_nan_in_nan_out_and_nowhere_else(activation, spoilt, column):
    model = chain_predictor(activation)
    X = chain_rows(600)
    X[sorted(spoilt), column] = np.nan
    assert set(np.flatnonzero(np.isnan(model.predict(X)))) == spoilt


@given(arrays(float, (9, 4), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_whatever_comes_nothing_raises(X):
    assert chain_predictor().predict(X).shape == (9,)


def test_orders_of_memory_and_integers_are_accepted_and_rows_and_weights_left_alone():
    model = chain_predictor()
    X = np.round(chain_rows(400))
    before, expected = X.copy(), model.predict(X)
    assert np.array_equal(X, before)
    assert np.array_equal(model.predict(X), expected)
    assert np.array_equal(model.predict(np.asfortranarray(X)), expected)
    assert np.array_equal(model.predict(X.astype(int)), expected)


COLUMNS = (
    Column("a", ColumnKind.NUMERIC),
    Column("kind", ColumnKind.CATEGORICAL, categories=("x", "y", "z")),
    Column("b", ColumnKind.NUMERIC),
)
ENCODING = Encoding(COLUMNS, np.array([10.0, 0.0, 4.0]), np.array([2.0, 1.0, 0.5]), outcome_mean=7.0, outcome_std=3.0)


def ensemble(kind: str = "tanh", n_members: int = 4, seed: int = 0) -> EnsemblePredictor:
    rng = np.random.default_rng(seed)
    return EnsemblePredictor(ENCODING, Ensemble(tuple(member(rng, kind) for _ in range(n_members))))


def rows(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(10, 2, n), rng.integers(0, 3, n), rng.normal(4, 0.5, n)])


def alone(predictor: EnsemblePredictor) -> list[EnsemblePredictor]:
    return [EnsemblePredictor(ENCODING, Ensemble((each,))) for each in predictor.networks.members]


@settings(max_examples=25)
@given(
    kind=st.sampled_from(KINDS),
    n_members=st.integers(2, 6),
    n_rows=st.sampled_from([0, 1, 40, 300, 1500]),
    seed=st.integers(0, 9),
)
def test_mean_spread_and_slopes_are_those_of_the_members(kind, n_members, n_rows, seed):
    predictor, X = ensemble(kind, n_members, seed), rows(n_rows, seed)
    each = [one.predict_with_gradient(X) for one in alone(predictor)]
    outcomes, slopes = np.array([one[0] for one in each]), np.array([one[1] for one in each])
    mean, spread, mean_slope, spread_slope = predictor.predict_with_spread_and_gradient(X)
    np.testing.assert_allclose(mean, outcomes.mean(axis=0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(spread, outcomes.std(axis=0, ddof=1), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(mean_slope, slopes.mean(axis=0), rtol=1e-3, atol=1e-3)
    distances = (outcomes - outcomes.mean(axis=0))[:, :, None]
    expected = (distances * (slopes - slopes.mean(axis=0))).sum(axis=0) / ((n_members - 1) * spread[:, None])
    certain = spread > 0.05
    np.testing.assert_allclose(spread_slope[certain], expected[certain], rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_all_ways_of_asking_agree_to_the_bit(kind):
    predictor, X = ensemble(kind), rows(600)
    mean, spread, slope, _ = predictor.predict_with_spread_and_gradient(X)
    for got in (predictor.predict(X), predictor.predict_with_spread(X)[0], predictor.predict_with_gradient(X)[0]):
        np.testing.assert_array_equal(got, mean)
    np.testing.assert_array_equal(predictor.predict_with_spread(X)[1], spread)
    np.testing.assert_array_equal(predictor.predict_with_gradient(X)[1], slope)


def test_slopes_are_those_of_small_steps():
    predictor, X = ensemble(), rows(50)
    _, spread, mean_slope, spread_slope = predictor.predict_with_spread_and_gradient(X)
    assert (mean_slope[:, 1] == 0).all()
    for j, step in ((0, 0.02), (2, 0.005)):
        ahead, behind = X.copy(), X.copy()
        ahead[:, j] += step
        behind[:, j] -= step
        forth, back = predictor.predict_with_spread(ahead), predictor.predict_with_spread(behind)
        smooth = spread > 0.2
        for slope, a, b in zip((mean_slope, spread_slope), forth, back, strict=True):
            measured = (a - b) / (2 * step)
            np.testing.assert_allclose(slope[smooth, j], measured[smooth], rtol=0.02, atol=0.02)


@pytest.mark.parametrize("n_members", [1, 3])
def test_members_that_agree_or_one_alone_have_no_spread_and_no_slope_of_it(n_members):
    predictor = EnsemblePredictor(ENCODING, Ensemble((member(np.random.default_rng(0)),) * n_members))
    mean, spread, mean_slope, spread_slope = predictor.predict_with_spread_and_gradient(rows(20))
    np.testing.assert_allclose(mean, alone(predictor)[0].predict(rows(20)), rtol=1e-6)
    assert (spread == 0).all()
    assert (spread_slope == 0).all()
    assert (mean_slope[:, 0] != 0).any()


def test_rows_without_an_answer_are_nan_in_all():
    X = rows(5)
    X[1, 0], X[3, 1] = np.nan, 7
    for part in ensemble().predict_with_spread_and_gradient(X):
        np.testing.assert_array_equal(np.isnan(part).reshape(5, -1).all(axis=1), [False, True, False, True, False])
        assert np.isfinite(part[[0, 2, 4]]).all()


def test_an_ensemble_offers_all_that_a_search_can_ask_for():
    predictor = ensemble()
    for protocol in (GradientPredictor, UncertainPredictor, UncertainGradientPredictor):
        assert isinstance(predictor, protocol)
    assert predictor.feature_names == ("a", "kind", "b")


def test_what_does_not_fit_is_refused():
    narrow = Network(2, (Dense(np.ones((2, 1), np.float32)),))
    with pytest.raises(ValueError, match="make 5 network inputs, the networks take 2"):
        EnsemblePredictor(ENCODING, Ensemble((narrow, narrow)))
    with pytest.raises(ValueError, match=r"shape \(n, 3\); got \(4, 2\)"):
        ensemble().predict(np.zeros((4, 2)))
