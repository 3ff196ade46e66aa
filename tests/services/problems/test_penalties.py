import numpy as np
import pytest

from models import DatasetError
from models.intervals.conformal import Direction
from optimizer import METHODS, DensityPenalty, DistancePenalty, PlausibilityPenalty, SpaceError
from services.problems.building import build_problem
from services.problems.estimate import plan_words, realism_parts, without_words
from services.problems.plausibility import build_plausibility, gate_notes
from services.results.search import run_spec, salvage


@pytest.fixture
def near(plain_spec):
    """The run for the outcome itself, near what was recorded."""
    return plain_spec.revised(distance={"weight": 3.0})


def test_the_distance_counts_every_feature_that_varies(near, mixed):
    (penalty,) = build_problem(near, mixed).penalties
    assert isinstance(penalty, DistancePenalty)
    np.testing.assert_allclose(penalty.scaling.stds, np.where(np.arange(6) == 4, 0, mixed.dataset.stds))
    assert penalty.scaling.n_codes.tolist() == [0, 0, 0, 0, 3, 0]
    assert penalty.weight == 3.0 and penalty.threshold > 0


def test_the_sweep_feature_and_what_is_left_out_do_not_count(mixed_spec, mixed):
    spec = mixed_spec.revised(density=None, distance={"left_out": ["temp"], "threshold": 0.25})
    (penalty,) = build_problem(spec, mixed).penalties
    assert isinstance(penalty, DistancePenalty)
    assert np.flatnonzero(penalty.scaling.stds).tolist() == [0, 1, 3]
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


def test_the_extrapolation_limit_bounds_the_standard_error_of_results(plain_spec, confident):
    spec = plain_spec.revised(plausibility={"extrapolation_limit": 0.6}, budget={"evaluations": 1500})
    problem = build_problem(spec, confident)
    assert problem.uncertainty_limit == 0.6 and problem.gate is None
    rows = run_spec(spec, confident).result.results
    _, errors = confident.confidence.toward(Direction.ABOVE).predict_with_uncertainty(np.array(rows.X))
    assert len(rows) and (errors <= 0.6 * problem.objective.scale).all()


def test_a_limit_that_no_candidate_meets_is_named(plain_spec, confident):
    problem = build_problem(plain_spec.revised(plausibility={"extrapolation_limit": 1e-9}), confident)
    # what is usual at recorded rows is never too uncertain
    assert 0 < problem.uncertainty_limit < 1 and len(problem.passing_starts) >= 0.4 * len(problem.starts)
    sampled = problem.evaluate(problem.space.sample(50, np.random.default_rng(0)))
    (note,) = gate_notes(problem, sampled.take(~problem.passes(sampled.X)))
    assert "certain enough" in note and "Recorded rows within the bounds do reach it" in note


def test_the_limit_asks_nothing_of_a_model_without_intervals(plain_spec, mixed):
    problem = build_problem(plain_spec.revised(plausibility={"extrapolation_limit": 1.0, "at_least": 20.0}), mixed)
    assert problem.uncertainty_limit == np.inf and problem.gate.at_least == 20


@pytest.fixture
def gated(mixed_spec):
    """The run over the small table, with results at least as plausible as every fourth recorded row."""
    return mixed_spec.revised(plausibility={"at_least": 25, "measure": "neighbours"}, is_compared=False)


def percents(result, mixed):
    space = build_problem(result.spec, mixed).space
    X = np.array(result.results.X).reshape(len(result.results), space.n_features)
    return build_plausibility(result.spec, mixed.dataset, space.features).percent(X)


@pytest.mark.parametrize("name", list(METHODS))
def test_no_method_gives_a_result_that_fails_the_gate(name, gated, mixed):
    budget = {"evaluations": 60 if name == "bayesian" else 600}
    result = run_spec(gated.revised(method={"name": name}, budget=budget), mixed).result
    assert (percents(result, mixed) >= 25 - 1e-9).all()
    assert len(result.results) or any("plausible enough" in note for note in result.notes)


def test_a_run_that_was_ended_by_force_has_no_result_either_that_fails_the_gate(gated, mixed):
    report = run_spec(gated, mixed)
    saved = salvage(gated, mixed, report.events, report.generations, 1.0)
    assert len(saved.results) == len(report.result.results) == 3
    assert (percents(saved, mixed) >= 25 - 1e-9).all()


def test_where_nothing_is_plausible_there_is_no_result_and_it_says_why_and_how_to_mend_it(gated, mixed, with_feature):
    corner = with_feature(gated, "sand", low=200.0, high=210.0)
    corner = with_feature(corner, "water", low=100.0, high=110.0)
    result = run_spec(corner, mixed).result
    assert len(result.results) == 0 and result.diversity is None
    assert "the most plausible reaches 0.0 %, and a plausibility of at least 25 % is asked for" in result.notes[0]
    assert "widen the bounds towards what was recorded" in result.notes[0]


def test_where_recorded_rows_would_pass_more_evaluations_are_advised(gated, mixed):
    problem = build_problem(gated, mixed)
    far = problem.space.sample(300, np.random.default_rng(0))
    far = far[~problem.gate.passes(far)]
    (note,) = gate_notes(problem, problem.evaluate(far))
    assert "give the search more evaluations" in note
    assert gate_notes(problem, problem.evaluate(np.vstack([far, problem.passing_starts[:1]]))) == ()
    assert gate_notes(problem.without_penalties(), problem.evaluate(far)) == ()


def test_what_a_comparison_leaves_out_is_said(mixed_spec, plain_spec):
    assert realism_parts(plain_spec) == () and without_words(plain_spec) == "without any penalty"
    assert without_words(mixed_spec) == "without the penalty"
    both = mixed_spec.revised(distance={}, plausibility={"weight": 1.0})
    assert without_words(both) == "without the penalties"
    whole = mixed_spec.revised(plausibility={"at_least": 20}, risk_aversion=0.5)
    assert without_words(whole) == (
        "without realism, that is without the penalty, the plausibility of at least 20 % and risk aversion"
    )
    assert "once more without realism, that is" in plan_words(whole, 3.0)
    assert "once more" not in plan_words(whole.revised(is_compared=False), 3.0)


def test_plausibility_gate_and_risk_aversion_count_as_realism(plain_spec):
    assert not plain_spec.is_penalised
    for changes in ({"plausibility": {"weight": 1}}, {"plausibility": {"at_least": 5}}, {"risk_aversion": 0.1}):
        assert plain_spec.revised(**changes).is_penalised
    assert not plain_spec.revised(plausibility={}).is_penalised


def test_the_comparison_without_realism_has_no_gate(gated, mixed):
    free = run_spec(gated.revised(is_compared=True, density=None), mixed).result
    assert free.unpenalised.outcomes[0] > free.results.outcomes[0]
    assert set(free.unpenalised.penalties) == {0.0}
