import numpy as np
import pytest

from models import DatasetError
from optimizer import DensityPenalty, DistancePenalty, SpaceError
from services.problems import build_problem


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


def test_what_does_not_fit_is_refused(near, mixed):
    with pytest.raises(DatasetError, match="no feature 'wind'"):
        build_problem(near.revised(distance={"left_out": ["wind"]}), mixed)
    everything = list(mixed.dataset.feature_names)
    with pytest.raises(SpaceError, match="a column in which the recorded rows differ"):
        build_problem(near.revised(distance={"left_out": everything}), mixed)


def test_a_formula_has_no_gradient_and_a_network_has(plain_spec, mixed, bumps_spec, shelves):
    assert not build_problem(plain_spec, mixed).has_gradient
    bumps = build_problem(bumps_spec, shelves.material(bumps_spec))
    X = bumps.space.sample(9, np.random.default_rng(0))
    assert bumps.has_gradient
    np.testing.assert_array_equal(bumps.evaluate_with_gradient(X)[0].scores, bumps.evaluate(X).scores)
