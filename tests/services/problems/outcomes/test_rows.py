from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models import Dataset
from optimizer import SpaceError
from services.catalog.loading import ModelWithData
from services.problems.defaults import default_spec
from services.problems.estimate import estimate_rows
from services.problems.outcomes.rows import LEAST_POINTS, counted_run, rows_asked
from services.results.search import run_spec
from services.specs.outcomes import CurveSpec, ModelRef, OutcomeSpec
from services.specs.run import BudgetSpec, SumConstraintSpec
from services.studies.compare.methods import ComparisonSpec, run_comparison
from services.texts.tables import closing_sentence, left_over_words

FEATURES = ["dose", "water", "speed", "age"]
GAIN, WASTE, COLOUR = (ModelRef(kind="callable", name=name) for name in ("gain", "waste", "colour"))


def gain(X):
    return 50 - (X[:, 0] - 6) ** 2 - 0.5 * (X[:, 1] - 4) ** 2 + X[:, 2] + 5 * np.log1p(X[:, 3])


class Counted:
    """A function whose rows cost: it keeps the rows that it was asked."""

    def __init__(self, function):
        self.function, self.asked = function, []

    def __call__(self, X):
        self.asked += [row.tobytes() for row in X]
        return self.function(X)

    def check(self, budget):
        assert 0 < len(self.asked) <= budget
        assert len(set(self.asked)) == len(self.asked)


def table(sweep=None, parts=()):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.uniform(0, 10, (60, 4)).round(1), columns=FEATURES)
    frame["gain"] = gain(frame.to_numpy()) + rng.normal(0, 1, 60)
    frame["waste"], frame["colour"] = frame["dose"] * 2 + frame["speed"], frame["water"]
    others = ["waste", "colour"]
    return Dataset.from_frame(
        frame, name="mix", outcome="gain", features=FEATURES, other_outcomes=others, sweep=sweep, parts=parts
    )


@pytest.fixture
def function():
    return Counted(gain)


@pytest.fixture
def plain(function):
    return ModelWithData.of_callable(table().for_outcome("gain"), function)


@pytest.fixture
def swept(function):
    return ModelWithData.of_callable(table("age").for_outcome("gain"), function)


@pytest.fixture
def several():
    """Three outcomes with a function each, by name, and their models."""
    whole = table()
    functions = {
        "gain": Counted(gain),
        "waste": Counted(lambda X: X[:, 0] * 2 + X[:, 2]),
        "colour": Counted(lambda X: X[:, 1]),
    }
    measured = {name: ModelWithData.of_callable(whole.for_outcome(name), each) for name, each in functions.items()}
    return functions, replace(measured["gain"], table=whole, measured=measured)


def spec_of(model_data, budget, **changes):
    return default_spec(model_data, model_data.dataset, GAIN).revised(budget=BudgetSpec(evaluations=budget), **changes)


@pytest.mark.parametrize("budget", [12, 60, 200, 900])
def test_a_run_and_its_estimate_ask_no_more_rows_than_the_budget(plain, function, budget):
    spec = spec_of(plain, budget)
    estimate = estimate_rows(spec, plain)
    result = run_spec(spec, plain).result
    function.check(budget)
    assert len(result.results) > 0 and len(result.best_recorded) > 0
    assert result.statistics.n_rows_asked <= budget
    assert result.statistics.n_evaluations <= estimate.rows.n_candidates <= budget
    np.testing.assert_array_equal(result.results.outcomes, gain(np.array(result.results.X)))


@pytest.mark.parametrize(
    "name", ["niches", "lineages", "random_search", "cma_es", "differential_evolution", "bayesian"]
)
def test_every_method_keeps_to_the_budget(plain, function, name):
    run_spec(spec_of(plain, 160, method={"name": name}), plain)
    function.check(160)


@pytest.mark.parametrize("summary", ["area", "minimum", "point"])
@pytest.mark.parametrize("budget", [150, 1_500])
def test_a_point_of_a_curve_is_a_row(swept, function, budget, summary):
    curve = CurveSpec(feature="age", start=0, end=10, summary=summary, at=5.0)
    spec = spec_of(swept, budget, curve=curve)
    estimate = estimate_rows(spec, swept)
    result = run_spec(spec, swept).result
    function.check(budget)
    assert len(result.results) > 0 and len(result.best_recorded) > 0
    assert estimate.rows.n_each == (1 if summary == "point" else LEAST_POINTS)
    is_thinned = f"Curves were followed at {LEAST_POINTS} points instead of 100, as every point is a row that is asked."
    assert (is_thinned in result.notes) == (summary != "point")
    assert result.spec.curve.points == (100 if summary == "point" else LEAST_POINTS)


@settings(max_examples=12)
@given(
    budget=st.integers(16, 150),
    points=st.integers(2, 12),
    summary=st.sampled_from(["area", "point"]),
    n_results=st.integers(1, 9),
    seed=st.integers(0, 9),
)
def test_no_run_asks_more_than_its_budget_whatever_is_asked_of_it(budget, points, summary, n_results, seed):
    function = Counted(gain)
    model_data = ModelWithData.of_callable(table("age").for_outcome("gain"), function)
    curve = CurveSpec(feature="age", start=0, end=10, points=points, summary=summary, at=5.0)
    reference = {"values": (5.0, 5.0, 5.0, 5.0)}
    spec = spec_of(model_data, budget, curve=curve, n_results=n_results, seed=seed, reference=reference)
    estimate_rows(spec, model_data)
    result = run_spec(spec, model_data).result
    function.check(budget)
    assert len(result.results) <= n_results


def test_curves_get_more_points_where_the_budget_reaches_for_them(swept):
    points = [counted_run(spec_of(swept, n), swept)[0].curve.points for n in (200, 10_000, 100_000)]
    assert points[0] == LEAST_POINTS < points[1] < points[2] == 100
    spec, counted = counted_run(spec_of(swept, 10_000), swept)
    assert counted_run(spec, swept)[0] == spec
    assert counted.rows.n_each == points[1]


@pytest.mark.parametrize("combine", ["front", "desirability"])
@pytest.mark.parametrize("budget", [150, 900])
def test_several_outcomes_share_the_budget(several, budget, combine):
    functions, model_data = several
    outcomes = (
        OutcomeSpec(name="gain", model=GAIN, goal="maximum"),
        OutcomeSpec(name="waste", model=WASTE, goal="minimum"),
        OutcomeSpec(name="colour", model=COLOUR),
    )
    spec = spec_of(model_data, budget, outcomes=outcomes, combine=combine)
    estimate = estimate_rows(spec, model_data)
    assert estimate.rows.n_each == 3
    result = run_spec(spec, model_data).result
    assert sum(len(each.asked) for each in functions.values()) <= budget
    for each in functions.values():
        each.check(budget)
    assert len(result.results) > 0 and result.results.others is not None


def test_limits_and_formulas_ask_no_more_than_the_budget(several):
    functions, model_data = several
    outcomes = (
        OutcomeSpec(name="gain", model=GAIN, goal="maximum"),
        OutcomeSpec(name="waste", model=WASTE, at_most=14.0, confidence=None),
        OutcomeSpec(name="load", formula="waste * dose", at_most=90.0),
    )
    result = run_spec(spec_of(model_data, 600, outcomes=outcomes), model_data).result
    assert sum(len(each.asked) for each in functions.values()) <= 600
    assert not functions["colour"].asked
    assert len(result.results) > 0
    assert max(result.results.others[1].values) <= 14
    assert any(note.startswith("What other limits would cost was not searched for") for note in result.notes)


def test_rules_are_met_without_asking_again_for_what_is_printed(plain, function):
    rule = SumConstraintSpec(features=("dose", "water"), low=9.0, high=9.0)
    result = run_spec(spec_of(plain, 300, constraints=(rule,)), plain).result
    function.check(300)
    X = np.array(result.results.X)
    np.testing.assert_allclose(X[:, 0] + X[:, 1], 9.0)
    np.testing.assert_array_equal(result.results.outcomes, gain(X))


def test_a_corrected_function_keeps_to_the_budget(plain, function):
    corrected = plain.corrected()
    n_before = len(function.asked)
    spec = spec_of(corrected, 300)
    assert spec.risk_aversion > 0
    result = run_spec(spec, corrected).result
    assert len(function.asked) - n_before <= 300
    assert len(set(function.asked)) == len(function.asked)
    assert len(result.results) > 0 and result.results.lows is not None


@pytest.mark.parametrize("combine", ["front", "desirability"])
def test_several_corrected_functions_share_the_budget(several, combine):
    functions, model_data = several
    measured = {name: model_data.measured[name].corrected() for name in ("gain", "waste")}
    corrected = replace(measured["gain"], table=model_data.table, measured=measured)
    n_before = sum(len(each.asked) for each in functions.values())
    outcomes = (
        OutcomeSpec(name="gain", model=GAIN, goal="maximum", at_least=20.0),
        OutcomeSpec(name="waste", model=WASTE, goal="minimum"),
    )
    spec = spec_of(corrected, 500, outcomes=outcomes, combine=combine)
    assert spec.plausibility.extrapolation_limit is not None
    result = run_spec(spec, corrected).result
    asked = [row for each in functions.values() for row in each.asked]
    assert 0 < len(asked) - n_before <= 500
    assert all(len(set(each.asked)) == len(each.asked) for each in functions.values())
    assert len(result.results) > 0 and result.results.others[0].lows is not None


def test_after_a_failure_what_was_answered_is_not_asked_again(function):
    class Failing(Counted):
        is_broken = True

        def __call__(self, X):
            if self.is_broken and len(self.asked) > 80:
                raise RuntimeError("the plant is off")
            return super().__call__(X)

    failing = Failing(gain)
    model_data = ModelWithData.of_callable(table().for_outcome("gain"), failing)
    spec = spec_of(model_data, 200)
    with pytest.raises(RuntimeError, match="the plant is off"):
        run_spec(spec, model_data)
    failing.is_broken = False
    report = run_spec(spec, model_data)
    failing.check(200)
    whole = run_spec(spec, ModelWithData.of_callable(table().for_outcome("gain"), function))
    assert report.result.results == whole.result.results


def test_the_result_says_what_was_left_out_and_a_larger_budget_leaves_out_less(plain, function):
    notes = {}
    for budget in (100, 2_000):
        result = run_spec(spec_of(plain, budget, n_results=3), plain).result
        notes[budget] = [note.partition(":")[0] for note in result.notes if "would have asked" in note]
        assert result.baseline_random is None and result.unpenalised is None
        assert (result.results.robust_low is not None) == (budget == 2_000)
    assert "No random candidates were drawn to compare with" in notes[2_000]
    assert "The same search without realism was not done" in notes[2_000]
    assert "Dosing errors were not checked everywhere" in notes[100]
    assert len(notes[2_000]) < len(notes[100])


def test_a_result_says_how_many_rows_were_asked(plain, function):
    result = run_spec(spec_of(plain, 100), plain).result
    n, n_rows = result.statistics.n_evaluations, result.statistics.n_rows_asked
    assert n_rows == len(function.asked) <= 99  # one is kept for an estimate
    assert f"The budget was used up after {n} evaluations and {n_rows} of 100 rows in " in closing_sentence(result)
    assert left_over_words(result) == ""


def test_equal_runs_give_equal_results_although_the_second_one_asks_nothing(plain, function):
    spec = spec_of(plain, 200)
    first, n = run_spec(spec, plain).result, len(function.asked)
    second = run_spec(first.spec, plain).result
    assert len(function.asked) == n
    untimed = {"seconds": 0.0, "overhead_share": 0.0}
    first, second = (
        each.model_copy(update={"statistics": each.statistics.model_copy(update=untimed)}) for each in (first, second)
    )
    assert first == second


def test_a_fast_function_is_checked_as_a_saved_model_is():
    model_data = ModelWithData.of_callable(table().for_outcome("gain"), gain, is_fast=True)
    spec = spec_of(model_data, 300)
    assert counted_run(spec, model_data) == (spec, model_data) and rows_asked(spec, model_data) == []
    assert estimate_rows(spec, model_data) is None
    result = run_spec(spec, model_data).result
    assert result.baseline_random is not None and result.results.robust_low is not None
    assert result.statistics.n_rows_asked is None
    assert not [note for note in result.notes if "would have asked" in note]


@pytest.mark.parametrize("is_curve", [False, True])
def test_compared_methods_ask_no_more_rows_than_the_budget_each(plain, swept, function, is_curve):
    model_data, methods = (swept if is_curve else plain), ("niches", "lineages", "random_search")
    spec = ComparisonSpec(run=spec_of(model_data, 250), methods=methods)
    comparison = run_comparison(spec, model_data)
    function.check(3 * 250)
    assert sorted(entry.method for entry in comparison.entries) == sorted(methods)
    assert all(entry.n_evaluations * (5 if is_curve else 1) <= 250 for entry in comparison.entries)


def test_a_budget_that_is_too_small_says_how_many_rows_are_enough(plain, function):
    spec = spec_of(plain, 20, method={"name": "lineages"})
    with pytest.raises(SpaceError, match=r"needs 30 candidates of 1 row each, and a budget of 20 rows has 16") as error:
        run_spec(spec, plain)
    assert function.asked == []
    enough = int(str(error.value).rpartition("at least ")[2].rstrip("."))
    assert len(run_spec(spec_of(plain, enough, method={"name": "lineages"}), plain).result.results) > 0


def test_an_estimate_says_rows_and_time(swept, function):
    words = estimate_rows(spec_of(swept, 200), swept).words
    assert words.startswith("At most 200 rows are asked: the search evaluates 33 candidates of 5 rows each")
    assert len(function.asked) == 5
    estimate_rows(spec_of(swept, 400), swept)
    assert len(function.asked) == 5  # times are known by now
