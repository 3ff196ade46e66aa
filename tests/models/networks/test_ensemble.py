"""What an ensemble predicts, how unsure it is, and the slopes of both."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models import (
    Column,
    ColumnKind,
    Encoding,
    EnsemblePredictor,
    GradientPredictor,
    MlpPredictor,
    Network,
    StackedNetworks,
    UncertainGradientPredictor,
    UncertainPredictor,
    predictor_of,
)
from models.networks.network import Dense
from tests.models.networks.test_stacked import KINDS, member

COLUMNS = (
    Column("a", ColumnKind.NUMERIC),
    Column("kind", ColumnKind.CATEGORICAL, categories=("x", "y", "z")),
    Column("b", ColumnKind.NUMERIC),
)
ENCODING = Encoding(COLUMNS, np.array([10.0, 0.0, 4.0]), np.array([2.0, 1.0, 0.5]), outcome_mean=7.0, outcome_std=3.0)


def ensemble(kind: str = "tanh", n_members: int = 4, seed: int = 0) -> EnsemblePredictor:
    rng = np.random.default_rng(seed)
    return EnsemblePredictor(ENCODING, StackedNetworks(tuple(member(rng, kind) for _ in range(n_members))))


def rows(n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.normal(10, 2, n), rng.integers(0, 3, n), rng.normal(4, 0.5, n)])


def alone(predictor: EnsemblePredictor) -> list[MlpPredictor]:
    return [MlpPredictor(ENCODING, each) for each in predictor.networks.members]


@settings(max_examples=40)
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
    np.testing.assert_allclose(predictor.predict_members(X), outcomes, rtol=1e-4, atol=1e-4)
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


def test_members_that_agree_have_no_spread_and_no_slope_of_it():
    one = member(np.random.default_rng(0))
    predictor = EnsemblePredictor(ENCODING, StackedNetworks((one,) * 3))
    _, spread, mean_slope, spread_slope = predictor.predict_with_spread_and_gradient(rows(20))
    assert (spread == 0).all()
    assert (spread_slope == 0).all()
    assert (mean_slope[:, 0] != 0).any()


def test_one_member_alone_has_no_spread():
    predictor = ensemble(n_members=1)
    mean, spread, _, spread_slope = predictor.predict_with_spread_and_gradient(rows(20))
    np.testing.assert_allclose(mean, alone(predictor)[0].predict(rows(20)), rtol=1e-6)
    assert (spread == 0).all()
    assert (spread_slope == 0).all()


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
    assert not isinstance(alone(predictor)[0], UncertainPredictor)
    assert predictor.feature_names == ("a", "kind", "b")


def test_one_network_needs_no_ensemble():
    networks = ensemble(n_members=2).networks
    assert isinstance(predictor_of(ENCODING, networks), EnsemblePredictor)
    assert isinstance(predictor_of(ENCODING, networks.take([0])), MlpPredictor)


def test_what_does_not_fit_is_refused():
    narrow = Network(2, (Dense(np.ones((2, 1), np.float32)),))
    with pytest.raises(ValueError, match="make 5 network inputs, the networks take 2"):
        EnsemblePredictor(ENCODING, StackedNetworks((narrow, narrow)))
    with pytest.raises(ValueError, match=r"shape \(n, 3\); got \(4, 2\)"):
        ensemble().predict(np.zeros((4, 2)))
