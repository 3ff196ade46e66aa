"""What a result says of its rows, checked against the model itself."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models import Dataset
from models.intervals.conformal import Direction
from optimizer import Goal, SumConstraint, Summary
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.problems.measured import DEFAULT_TOLERANCE, tolerances
from services.results.assessment import (
    MAX_IN_WORDS,
    N_DRAWS,
    disturbed,
    nearest_rows,
    robust_band,
    worst_cases,
)
from services.results.search import run_spec
from services.specs.outcomes import CurveSpec
from services.specs.results import RunResult
from services.specs.run import NumericSpec, SumConstraintSpec


@pytest.fixture(scope="module")
def result(mixed_spec, confident):
    return run_spec(mixed_spec, confident).result


def test_everything_is_said_of_every_row(result):
    for rows in (result.results, result.best_recorded, result.baseline_random):
        for name in ("lows", "highs", "robust_low", "robust_high", "plausibility", "second_check", "disagrees"):
            assert len(getattr(rows, name)) == len(rows) > 0, name
    assert len(result.results.nearest) == len(result.results)
    assert result.best_recorded.nearest is None  # they are their own
    assert result.unpenalised.plausibility is not None


def test_documents_load_with_and_without_it(result):
    document = result.model_dump(mode="json")
    new = ("lows", "highs", "robust_low", "robust_high", "plausibility", "second_check", "disagrees", "nearest")
    for rows in (document["results"], document["best_recorded"], document["unpenalised"]):
        for name in new:
            del rows[name]
    del document["baseline_random"], document["notes"]
    old = RunResult.model_validate(document)
    assert old.results.outcomes == result.results.outcomes
    assert old.results.lows is None and old.baseline_random is None and old.notes == ()
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_the_interval_of_an_outcome_is_that_of_its_row(plain_spec, confident):
    sought = confident.confidence.toward(Direction.ABOVE)
    for level in (0.9, 0.5):
        rows = run_spec(plain_spec.revised(level=level), confident).result.results
        own = sought.predict_interval(np.array(rows.X), level)
        np.testing.assert_allclose(rows.lows, own.low)
        np.testing.assert_allclose(rows.highs, own.high)
    recorded = run_spec(plain_spec, confident).result.best_recorded
    X = np.array(recorded.X)
    np.testing.assert_allclose(recorded.lows, sought.predict_interval(X, 0.9).low)


def test_the_interval_of_a_curve_takes_errors_as_going_together(mixed_spec, confident, result):
    sought = confident.confidence.toward(Direction.ABOVE)
    curve = build_problem(mixed_spec, confident).objective.curve
    X = np.array(result.results.X)
    for ends, name in ((result.results.lows, "low"), (result.results.highs, "high")):

        def along(rows, name=name):
            return getattr(sought.predict_interval(rows, 0.9), name)

        np.testing.assert_allclose(ends, curve.summarise(X, along))


def test_a_model_without_intervals_gives_none(mixed_spec, mixed):
    rows = run_spec(mixed_spec, mixed).result.results
    assert rows.lows is None and rows.highs is None
    assert len(rows.robust_low) == len(rows)


ENDS = ("lows", "highs", "robust_low", "robust_high")


@pytest.mark.parametrize("goal", ["maximum", "minimum"])
def test_nothing_that_is_shown_leaves_what_the_outcome_can_be(plain_spec, confident, limited, goal):
    spec, limits = plain_spec.revised(goal=goal), limited.dataset.limits
    free, own = (run_spec(spec, model_data).result for model_data in (confident, limited))
    for rows, others in ((own.results, free.results), (own.best_recorded, free.best_recorded)):
        assert (rows.X, rows.scores) == (others.X, others.scores)  # the search knows no limits
        for name in ("outcomes", *ENDS):
            np.testing.assert_allclose(getattr(rows, name), limits.clip(np.array(getattr(others, name))), err_msg=name)
            assert limits.holds(np.array(getattr(rows, name))), name
        assert limits.holds(np.array(rows.curves))
    assert any(getattr(own.results, name) != getattr(free.results, name) for name in ("outcomes", *ENDS))
    assert limits.holds(worst_cases(own, own.results))


@pytest.mark.parametrize("summary", list(Summary))
def test_along_a_curve_no_point_leaves_it(mixed_spec, confident, limited, summary):
    curve = CurveSpec(feature="age", start=1, end=28, summary=summary, at=9 if summary == "point" else None)
    free, own = (run_spec(mixed_spec.revised(curve=curve), one).result.results for one in (confident, limited))
    assert (own.X, own.scores) == (free.X, free.scores)
    length = 27 if summary is Summary.AREA else 1
    limits = limited.dataset.limits.scaled(length)
    for name in ("outcomes", *ENDS):
        assert limits.holds(np.array(getattr(own, name))), name
    for low, high in ((own.lows, own.highs), (own.robust_low, own.robust_high)):
        assert (np.array(low) <= own.outcomes).all() and (own.outcomes <= np.array(high)).all()
    assert limited.dataset.limits.holds(np.array(own.curves))
    X, grid = np.array(own.X), build_problem(mixed_spec.revised(curve=curve), limited).objective.curve
    shown = grid.summarise(X, lambda rows: limited.dataset.limits.clip(limited.predictor.predict(rows)))
    np.testing.assert_allclose(own.outcomes, shown)


def test_the_value_shown_is_predicted_for_the_row_that_is_shown(plain_spec, mixed, with_feature):
    spec = with_feature(plain_spec, "sand", step=5.0)
    spec = with_feature(spec, "water", step=2.5)
    total = SumConstraintSpec(features=("sand", "water"), low=90.0, high=95.0)
    result = run_spec(spec.revised(constraints=(total,)), mixed).result
    for rows in (result.results, result.baseline_random):
        X = np.array(rows.X)
        np.testing.assert_array_equal(X[:, 0] % 5, 0)
        np.testing.assert_array_equal(X[:, 1] % 2.5, 0)
        assert SumConstraint((0, 1), 90.0, 95.0).holds(X).all() and all(all(met) for met in rows.constraints_met)
        np.testing.assert_array_equal(rows.outcomes, mixed.predictor.predict(X))
        assert (np.array(rows.robust_low) < rows.outcomes).all()


@pytest.fixture(scope="module")
def find(mixed):
    """Return a function that finds the nearest rows of candidates for a run over the small table, or another one."""

    def nearest(spec, X, dataset=mixed.dataset):
        problem = build_problem(spec, ModelWithData(dataset, mixed.predictor))
        return nearest_rows(spec, dataset, problem.space.features, np.atleast_2d(X))

    return nearest


def test_a_recorded_row_is_nearest_to_itself_and_called_as_its_file_calls_it(find, plain_spec, mixed):
    for row, found in enumerate(find(plain_spec, mixed.dataset.X[:20])):
        assert (found.row, found.measured) == (row + 1, mixed.dataset.y[row])
        assert found.distance == 0
        assert (found.differences, found.words) == ((), "the same settings")
    renumbered = replace(mixed.dataset, row_numbers=np.arange(80) * 2 + 2)
    assert find(plain_spec, mixed.dataset.X[3], renumbered)[0].row == 8


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_it_is_the_nearest_in_recorded_standard_deviations(find, plain_spec, mixed, seed):
    dataset = mixed.dataset
    x = build_problem(plain_spec, mixed).space.sample(1, np.random.default_rng(seed))[0]
    gaps = (dataset.X - x) / dataset.stds
    gaps[:, 4] = dataset.X[:, 4] != x[4]
    distances = np.sqrt((gaps**2).sum(axis=1))
    (found,) = find(plain_spec, x)
    assert found.distance == pytest.approx(distances.min())
    assert distances[found.row - 1] == pytest.approx(found.distance)
    assert dict(found.differences).keys() <= set(dataset.feature_names)


def test_differences_are_told_biggest_first_with_sensible_digits(find, plain_spec, mixed):
    x = mixed.dataset.X[7].copy()
    sizes = np.array([0.1, -0.3, 0.0, 0.0, 0.0, 0.0]) * mixed.dataset.stds
    (found,) = find(plain_spec, x + sizes)
    assert found.row == 8
    assert [name for name, _ in found.differences] == ["water", "sand"]
    assert re.fullmatch(r"-\d\.\d water, \+0\.\d sand \(kg\)", found.words)
    assert dict(found.differences)["water"] == pytest.approx(sizes[1], abs=0.05)


def test_what_rounds_to_nothing_is_not_told_and_units_stand_where_they_differ(find, plain_spec, mixed):
    (found,) = find(plain_spec, mixed.dataset.X[7] + 1e-4 * mixed.dataset.stds * (np.arange(6) < 4))
    assert found.distance > 0
    assert found.differences == ()
    (found,) = find(plain_spec, mixed.dataset.X[7] + np.array([0.3, 0, 0.2, 0, 0, 0]) * mixed.dataset.stds)
    assert re.fullmatch(r"\+\d\.\d kg sand, \+\d\.\d temp", found.words)


def test_a_category_is_told_by_its_name(find, plain_spec, mixed):
    two = np.array([[50.0, 20, 10, 1, 0, 1], [70.0, 40, 40, 8, 1, 28]])
    dataset = replace(mixed.dataset, X=two, y=np.array([1.0, 2.0]))
    (found,) = find(plain_spec, [50.0, 20, 10, 1, 2, 1], dataset)
    assert (found.row, found.distance) == (1, pytest.approx(1.0))
    assert found.words == "resin: C instead of A"
    assert found.differences == (("resin", "C"),)


def test_the_sweep_feature_of_a_curve_does_not_count(find, mixed_spec, plain_spec, mixed):
    x = mixed.dataset.X[7].copy()
    x[5] = 1000.0
    (found,) = find(mixed_spec, x)
    assert (found.row, found.distance, found.words) == (8, 0.0, "the same settings")
    assert found.at == mixed.dataset.X[7, 5]
    (counted,) = find(plain_spec, x)
    assert counted.distance > 1
    assert counted.at is None


@pytest.mark.parametrize(("summary", "at", "age"), [(Summary.AREA, None, 28.0), (Summary.POINT, 6.0, 7.0)])
def test_of_one_mix_the_row_that_says_most_of_the_curve_is_named(find, mixed_spec, mixed, summary, at, age):
    X = np.repeat(mixed.dataset.X[:20], 3, axis=0)
    X[:, 5] = np.tile([1.0, 7.0, 28.0], 20)
    swept = replace(mixed.dataset, X=X, y=np.arange(60.0))
    curve = CurveSpec(feature="age", start=1, end=28, summary=summary, at=at)
    (found,) = find(mixed_spec.revised(curve=curve), X[0], swept)
    assert found.at == age
    assert found.measured == found.row - 1 == {7.0: 1, 28.0: 2}[age]


def test_of_many_differences_the_smaller_ones_are_counted(mixed_spec):
    from services.problems.defaults import default_spec
    from services.specs.outcomes import ModelRef

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(0, 100, (30, 9)), columns=[f"part {j}" for j in range(9)])
    frame["y"] = frame.sum(axis=1)
    dataset = Dataset.from_frame(frame, name="wide", outcome="y", features=list(frame.columns[:9]))
    model_data = ModelWithData.of_callable(dataset, lambda X: X.sum(axis=1))
    spec = default_spec(model_data, dataset, ModelRef(kind="function", name="sum"))
    features = build_problem(spec, model_data).space.features
    (found,) = nearest_rows(spec, dataset, features, dataset.X[:1] + 5)
    assert len(found.differences) == 9
    assert found.words.count("part") == MAX_IN_WORDS
    assert found.words.endswith(", and 3 smaller differences")


SLOPES = np.array([2.0, 3.0, 0.0, 1.0, 0.0, 0.0])  # of the linear part of the formula


@pytest.fixture(scope="module")
def linear(mixed):
    """The small table with a linear model, so that the band is known."""
    return ModelWithData.of_callable(mixed.dataset, lambda X: X @ SLOPES)


@pytest.fixture(scope="module")
def exact(plain_spec):
    """Return a function that sets the tolerance of every numeric feature."""

    def change(value, spec=plain_spec, **others):
        features = tuple(
            f.model_copy(update={"tolerance": others.get(f.name, value)}) if isinstance(f, NumericSpec) else f
            for f in spec.features
        )
        return spec.revised(features=features)

    return change


def band(spec, model_data, X):
    return robust_band(spec, model_data, build_problem(spec, model_data), X)


def middle(model_data):
    return model_data.dataset.X.mean(axis=0, keepdims=True).round()


def test_the_band_of_a_linear_model_is_that_of_the_summed_errors(linear, exact, with_feature):
    X = middle(linear)
    low, high = band(exact(0.0, sand=0.3, water=0.4), linear, X)
    half = 1.645 * np.hypot(2 * 0.3, 3 * 0.4)
    outcome = X @ SLOPES
    assert low == pytest.approx(outcome - half, abs=0.2 * half)
    assert high == pytest.approx(outcome + half, abs=0.2 * half)
    X = middle(linear)
    spec = with_feature(exact(0.0, water=1.0), "water", is_free=False, value=30.0)
    low, high = band(spec, linear, X)
    assert (high - low)[0] > 2 * 3 * 1.645 * 0.8


def test_without_errors_or_candidates_there_is_no_band(linear, exact, plain_spec):
    X = linear.dataset.X[:3]
    low, high = band(exact(0.0), linear, X)
    np.testing.assert_allclose(low, X @ SLOPES)
    np.testing.assert_allclose(high, X @ SLOPES)
    assert [len(end) for end in band(plain_spec, linear, np.empty((0, 6)))] == [0, 0]


def test_the_same_run_gives_the_same_band_and_all_candidates_the_same_draws(linear, plain_spec):
    X = np.repeat(middle(linear), 2, axis=0)
    low, high = band(plain_spec, linear, X)
    assert low[0] == low[1] and high[0] == high[1]
    np.testing.assert_array_equal(band(plain_spec, linear, X), (low, high))
    assert band(plain_spec.revised(seed=1), linear, X)[0][0] != low[0]


def test_tolerances_are_two_percent_of_the_recorded_range_unless_given(mixed_spec, plain_spec, mixed, exact):
    usual = DEFAULT_TOLERANCE * np.ptp(mixed.dataset.X, axis=0)
    own = tolerances(plain_spec, mixed.dataset)
    np.testing.assert_allclose(own[:4], usual[:4])
    assert list(own[4:]) == [0, 0]  # a category, and the sweep feature
    assert tolerances(mixed_spec, mixed.dataset)[5] == 0
    given = tolerances(exact(None, water=5.0, age=2.0), mixed.dataset)
    assert (given[1], given[5]) == (5.0, 2.0)
    assert tolerances(exact(None, spec=mixed_spec, age=2.0), mixed.dataset)[5] == 0  # the curve runs over it


def test_draws_stay_physical(mixed, plain_spec):
    dataset = replace(mixed.dataset, X=mixed.dataset.X - np.array([50.0, 20, 25, 0, 0, 0]))
    assert dataset.X[:, 2].min() < 0
    X = np.array([[0.01, 0.0, 0.0, 1.0, 1.0, 1.0]])
    errors = np.random.default_rng(0).standard_normal((500, 6))
    rows = disturbed(plain_spec, dataset, X, errors)[0]
    np.testing.assert_array_equal(rows[0], X[0])
    assert rows[:, 0].min() == 0 < rows[:, 0].max()  # an amount
    assert (rows[:, 1] == 0).all()  # a part of which there is nothing
    assert rows[:, 2].min() < 0  # was recorded below 0
    assert (rows[:, 4:] == 1).all()


def test_uncertainty_widens_the_band(confident, mixed, exact):
    X = mixed.dataset.X[:3]
    spec = exact(0.0)
    low, high = band(spec, confident, X)
    outcomes, uncertainty = confident.confidence.predict_with_uncertainty(X)
    # one luck for all; at recorded rows single precision leaves two digits of the little uncertainty there
    assert np.std((high - low) / uncertainty) == pytest.approx(0, abs=0.05)
    assert (high - low) / uncertainty == pytest.approx(2 * 1.645, rel=0.15)
    np.testing.assert_array_less(low, outcomes)


def test_errors_go_together_along_a_curve(confident, mixed_spec, mixed, exact):
    spec = exact(0.0, spec=mixed_spec.revised(density=None))
    X = mixed.dataset.X[:2]
    low, high = band(spec, confident, X)
    curve = build_problem(spec, confident).objective.curve
    _, uncertainty = curve.summarise_with_uncertainty(X, confident.confidence.predict_with_uncertainty)
    assert (high - low) / uncertainty == pytest.approx(2 * 1.645, rel=0.15)


def test_one_call_of_the_model_judges_all_draws(mixed, plain_spec):
    sizes = []

    def predict(X):
        sizes.append(len(X))
        return X @ SLOPES

    model_data = ModelWithData.of_callable(mixed.dataset, predict, is_fast=True)
    problem = build_problem(plain_spec, model_data)
    sizes.clear()
    robust_band(plain_spec, model_data, problem, mixed.dataset.X[:4])
    assert sizes == [4, 4 * (N_DRAWS + 1)]  # the candidates themselves, then their draws


def test_a_long_curve_is_thinned_and_its_band_still_lies_around_its_summary(mixed_spec, mixed):
    curve = CurveSpec(feature="age", start=1, end=28, points=28, summary=Summary.MEAN)
    spec = mixed_spec.revised(curve=curve, density=None)
    problem = build_problem(spec, mixed)
    thin = problem.objective.curve.thinned(20)
    assert len(problem.objective.curve.grid) == 28 and len(thin.grid) == 20
    assert (thin.grid[0], thin.grid[-1]) == (1, 28)
    X = mixed.dataset.X[:3]
    low, high = robust_band(spec, mixed, problem, X)
    outcomes = problem.objective.outcomes(X, problem.predict)
    assert (low < outcomes).all() and (outcomes < high).all()


@pytest.fixture(scope="module")
def banded(plain_spec, mixed):
    """Three results with made-up bands."""
    found = run_spec(plain_spec, mixed).result
    rows = found.results.model_copy(update={"robust_low": (1.0, 3.0, 2.0), "robust_high": (9.0, 5.0, 12.0)})
    return found.model_copy(update={"results": rows})


@pytest.mark.parametrize(
    ("goal", "value", "worst"),
    [("maximum", None, [1, 3, 2]), ("minimum", None, [9, 5, 12]), ("value", 6.0, [1, 3, 12])],
)
def test_the_worst_case_is_the_worse_end_of_the_band(banded, goal, value, worst):
    changed = banded.model_copy(update={"goal": Goal(goal), "spec": banded.spec.revised(goal=goal, value=value)})
    np.testing.assert_array_equal(worst_cases(changed, changed.results), worst)


def test_documents_of_before_know_no_worst_case(banded):
    old = banded.results.model_copy(update={"robust_low": None, "robust_high": None})
    assert worst_cases(banded, old) is None
