import numpy as np
import pytest

from models import DatasetError
from models.intervals.conformal import Direction
from optimizer import DensityPenalty, DistancePenalty, PlausibilityPenalty, SpaceError
from services.problems.building import build_problem


@pytest.fixture
def near(plain_spec):
    """The run for the outcome itself, near what was recorded."""
    return plain_spec.revised(distance={"weight": 3.0})


def test_the_distance_counts_every_feature_that_varies(near, mixed):
    (penalty,) = build_problem(near, mixed).penalties
    assert isinstance(penalty, DistancePenalty)
    np.testing.assert_allclose(penalty.stds, np.where(np.arange(6) == 4, 0, mixed.dataset.stds))
    assert penalty.n_codes.tolist() == [0, 0, 0, 0, 3, 0]
    assert penalty.weight == 3.0 and penalty.threshold > 0


def test_the_sweep_feature_and_what_is_left_out_do_not_count(mixed_spec, mixed):
    spec = mixed_spec.revised(density=None, distance={"left_out": ["temp"], "threshold": 0.25})
    (penalty,) = build_problem(spec, mixed).penalties
    assert isinstance(penalty, DistancePenalty)
    assert np.flatnonzero(penalty.stds).tolist() == [0, 1, 3]
    assert (penalty.weight, penalty.threshold) == (2.0, 0.25)


def test_recorded_rows_pay_nothing_and_far_ones_do(near, mixed):
    problem = build_problem(near, mixed)
    assert problem.evaluate(mixed.dataset.X).penalties.max() == pytest.approx(0, abs=1e-9)
    corner = np.array([[50.0, 40.0, 10.0, 90.0, 2.0, 28.0]])
    (penalty,) = problem.penalties
    assert problem.evaluate(corner).penalties == pytest.approx(3 * penalty.cost(corner))
    assert penalty.cost(corner)[0] > 0.5


def test_both_penalties_add_up_and_one_that_is_off_is_left_out(mixed_spec, mixed):
    both = build_problem(mixed_spec.revised(distance={}), mixed).penalties
    assert [type(penalty) for penalty in both] == [DensityPenalty, DistancePenalty]
    assert len(build_problem(mixed_spec.revised(distance={"weight": 0}), mixed).penalties) == 1
    assert mixed_spec.revised(density=None, distance={}).is_penalised
    assert not mixed_spec.revised(density=None, distance={"weight": 0}).is_penalised


def test_plausibility_leaves_out_the_sweep_and_what_is_named_but_not_what_is_frozen(mixed_spec, mixed, with_feature):
    frozen = with_feature(mixed_spec, "water", is_free=False)
    frozen = frozen.revised(plausibility={"weight": 2.0, "at_least": 20, "left_out": ["temp"]}, density=None)
    problem = build_problem(frozen, mixed)
    (penalty,) = problem.penalties
    assert isinstance(penalty, PlausibilityPenalty) and penalty.weight == 2.0
    counted = penalty.plausibility.scaling.counts
    assert [mixed.dataset.feature_names[j] for j in np.flatnonzero(counted)] == ["sand", "water", "speed", "resin"]
    assert problem.gate.plausibility is penalty.plausibility and problem.gate.at_least == 20


def test_plausibility_that_asks_nothing_is_not_built(mixed_spec, mixed):
    problem = build_problem(mixed_spec.revised(plausibility={}), mixed)
    assert problem.gate is None and len(problem.penalties) == 1


def test_risk_aversion_needs_a_model_with_uncertainty(plain_spec, mixed):
    with pytest.raises(SpaceError, match="this model has no uncertainty: set risk aversion to 0"):
        build_problem(plain_spec.revised(risk_aversion=1.0), mixed)


def test_what_does_not_fit_is_refused(near, mixed):
    with pytest.raises(DatasetError, match="no feature 'wind'"):
        build_problem(near.revised(distance={"left_out": ["wind"]}), mixed)
    everything = list(mixed.dataset.feature_names)
    with pytest.raises(SpaceError, match="a column in which the recorded rows differ"):
        build_problem(near.revised(distance={"left_out": everything}), mixed)


def test_a_formula_has_no_gradient_and_a_network_has(plain_spec, mixed, bumps_spec, catalog):
    assert not build_problem(plain_spec, mixed).has_gradient
    bumps = build_problem(bumps_spec, catalog.model_data(bumps_spec))
    X = bumps.space.sample(9, np.random.default_rng(0))
    assert bumps.has_gradient
    np.testing.assert_array_equal(bumps.evaluate_with_gradient(X)[0].scores, bumps.evaluate(X).scores)


def test_reach_bounds_the_distance_by_what_the_model_bears(plain_spec, confident):
    near, far = (
        build_problem(
            plain_spec.revised(plausibility={"at_least": 1.0, "extrapolation_limit": extrapolation_limit}), confident
        ).gate
        for extrapolation_limit in (0.3, 3.0)
    )
    assert near.farthest < far.farthest
    assert near.farthest == confident.confidence.toward(Direction.ABOVE).extrapolation_limit(0.3)


def test_reach_asks_nothing_of_a_model_without_intervals(plain_spec, mixed):
    assert build_problem(plain_spec.revised(plausibility={"extrapolation_limit": 1.0}), mixed).gate is None
    gate = build_problem(plain_spec.revised(plausibility={"extrapolation_limit": 1.0, "at_least": 20.0}), mixed).gate
    assert gate.farthest == np.inf and gate.at_least == 20


def test_reach_needs_a_measure_that_is_a_distance(plain_spec, confident):
    with pytest.raises(SpaceError, match="choose 'regions' or 'neighbours'"):
        build_problem(plain_spec.revised(plausibility={"extrapolation_limit": 1.0, "measure": "mixture"}), confident)
