"""What a run says of candidates and of recorded rows in all of its outcomes, and what it keeps."""

import numpy as np
import pytest

from models import DatasetError, FormulaError
from optimizer import SpaceError
from services.problems.building import build_problem, build_space
from services.problems.outcomes.run_outcomes import RunOutcomes

YIELD, IMPURITY, ENERGY = "yield", "impurity", "energy consumption"
PER_ENERGY = ("per energy", {"formula": f"yield / [{ENERGY}]", "unit": "% kg/kWh"})


@pytest.fixture(scope="module")
def spec(reactor):
    return reactor.run(
        (YIELD, {"goal": "maximum"}),
        (IMPURITY, {"at_most": 12.0}),
        (ENERGY, {"at_most": 2.5, "confidence": None}),
        PER_ENERGY,
    )


@pytest.fixture(scope="module")
def outcomes(reactor, spec):
    return RunOutcomes.of(spec, reactor.model_data(spec))


@pytest.fixture(scope="module")
def candidates(reactor, spec):
    space = build_space(spec, reactor.model_data(spec).dataset)
    return space.sample(40, np.random.default_rng(1))


def test_outcomes_come_in_the_order_of_the_run_with_their_units(outcomes, reactor):
    assert outcomes.names == (YIELD, IMPURITY, ENERGY, "per energy")
    assert [column.unit for column in outcomes.columns] == ["%", "%", "kWh/kg", "% kg/kWh"]


def test_predictions_are_those_of_each_model_and_formulas_follow_from_them(outcomes, reactor, candidates):
    X = candidates
    predicted = outcomes.predict(X)
    for j, name in enumerate((YIELD, IMPURITY, ENERGY)):
        model = reactor.catalog.pair(reactor.dataset, reactor.models[name]).predictor
        assert predicted[:, j] == pytest.approx(model.predict(X))
    assert predicted[:, 3] == pytest.approx(predicted[:, 0] / predicted[:, 2])


def test_a_recorded_row_has_what_was_measured_and_gaps_stay_gaps(outcomes, reactor):
    dataset = reactor.dataset
    assert outcomes.recorded[:, 1] == pytest.approx(dataset.measured(IMPURITY), nan_ok=True)
    ratio = dataset.measured(YIELD) / dataset.measured(ENERGY)
    assert outcomes.recorded[:, 3] == pytest.approx(ratio, nan_ok=True)
    assert np.isnan(outcomes.recorded[:, 1]).sum() == 30


def test_a_limit_with_confidence_holds_by_the_end_of_the_interval(outcomes, candidates):
    X = candidates
    assert [(each.outcome.name, each.bound, each.is_low) for each in outcomes.limited] == [
        (IMPURITY, 12.0, False),
        (ENERGY, 2.5, False),
    ]
    kept = outcomes.kept_values(X)
    assert (kept[:, 0] >= outcomes.expected(IMPURITY, X, 0.9).mean).all()
    assert kept[:, 0] == pytest.approx(outcomes.expected(IMPURITY, X, 0.9).high, abs=1e-9)  # 95 % on one side
    assert kept[:, 1] == pytest.approx(outcomes.predict(X)[:, 2])
    assert (outcomes.keeps(X) == (kept <= [12.0, 2.5])).all()


def test_more_confidence_leaves_less(reactor, candidates):
    X = candidates

    def kept_by(confidence):
        spec = reactor.run((YIELD, {"goal": "maximum"}), (IMPURITY, {"at_most": 3.0, "confidence": confidence}))
        return RunOutcomes.of(spec, reactor.model_data(spec)).keeps(X)[:, 0]

    sure, likely, plain = kept_by(0.99), kept_by(0.8), kept_by(None)
    assert sure.sum() < likely.sum() < plain.sum()
    assert (likely | ~sure).all() and (plain | ~likely).all()


def test_slopes_are_those_of_small_steps(outcomes, candidates):
    X = candidates
    values, slopes = outcomes.kept_values_with_gradients(X)
    assert values == pytest.approx(outcomes.kept_values(X))
    for j in range(4):  # the numbers
        step = 1e-2 * np.ptp(X[:, j])
        up, down = X.copy(), X.copy()
        up[:, j] += step
        down[:, j] -= step
        rise = (outcomes.kept_values(up) - outcomes.kept_values(down)) / (2 * step)
        assert slopes[:, :, j] == pytest.approx(rise, rel=2e-2, abs=2e-2 * np.abs(rise).max())


def test_what_physics_keeps_anyway_is_no_limit(reactor):
    spec = reactor.run((YIELD, {"goal": "maximum"}), (IMPURITY, {"at_least": 0.0}))
    has_limits = not reactor.dataset.for_outcome(IMPURITY).limits.is_open
    assert len(RunOutcomes.of(spec, reactor.model_data(spec)).limited) == (0 if has_limits else 1)


def test_a_recorded_row_keeps_limits_as_it_was_measured_and_one_that_was_not_does_not(outcomes, reactor):
    keeps = outcomes.recorded_keep()
    with np.errstate(invalid="ignore"):
        assert (keeps[:, 0] == (reactor.dataset.measured(IMPURITY) <= 12.0)).all()


def test_a_limit_that_no_recorded_row_meets_is_told_with_how_many_come_near(reactor):
    most = float(np.nanmax(reactor.dataset.measured(YIELD)))
    spec = reactor.run((ENERGY, {"goal": "minimum"}), (YIELD, {"at_least": most + 0.1}))
    (note,) = RunOutcomes.of(spec, reactor.model_data(spec)).limit_notes()
    assert f"No recorded row has yield at least {most + 0.1:,.6g} %" in note
    assert "near it (within half a standard deviation)" in note


def test_a_limit_that_rows_meet_needs_no_words(outcomes):
    assert outcomes.limit_notes() == ()


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("2 * yeild", "no feature or outcome 'yeild'.*did you mean yield"),
        ("yield / (temperature - temperature)", "divides by zero"),
        ("2 * [the cost]", "refers to itself"),
        ("catalyst * 2", "holds categories"),
    ],
)
def test_a_formula_that_does_not_fit_the_table_is_refused(reactor, formula, words):
    spec = reactor.run((YIELD, {"goal": "maximum"}), ("the cost", {"formula": formula}))
    with pytest.raises(FormulaError, match=words):
        RunOutcomes.of(spec, reactor.model_data(spec))


def test_a_model_of_another_outcome_is_refused(reactor):
    spec = reactor.run((YIELD, {"goal": "maximum"}), (ENERGY, {}))
    wrong = spec.outcomes[1].model_copy(update={"model": reactor.models[IMPURITY]})
    with pytest.raises(DatasetError, match="predicts 'impurity', and the run has it for 'energy consumption'"):
        reactor.model_data(spec.revised(outcomes=(spec.outcomes[0], wrong)))


def test_a_search_for_one_goal_keeps_limits_first(reactor, spec, outcomes, candidates):
    X = candidates
    problem = build_problem(spec, reactor.model_data(spec))
    evaluated, keeps = problem.evaluate(X), outcomes.keeps(X).all(axis=1)
    assert 0 < keeps.sum() < len(X)
    assert evaluated.scores[keeps].max() < evaluated.scores[~keeps].min()
    assert (problem.limits.violations(X) == 0).tolist() == keeps.tolist()


def test_one_outcome_may_have_a_goal_and_a_limit(reactor, candidates):
    X = candidates
    spec = reactor.run((YIELD, {"goal": "maximum", "at_least": 60.0, "confidence": None}))
    problem = build_problem(spec, reactor.model_data(spec))
    assert ((problem.limits.violations(X) == 0) == (problem.predict(X) >= 60.0)).all()


def test_a_run_without_limits_has_none(reactor):
    spec = reactor.run((YIELD, {"goal": "maximum"}))
    assert build_problem(spec, reactor.model_data(spec)).limits is None


def test_risk_aversion_still_needs_a_model_that_knows_its_error(reactor, mixed, mixed_spec):
    with pytest.raises(SpaceError, match="has no uncertainty"):
        build_problem(mixed_spec.revised(risk_aversion=1.0), mixed)
