from dataclasses import replace

import numpy as np
import pytest

from optimizer import Goal, Summary
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.results.robustness import (
    DEFAULT_TOLERANCE,
    N_DRAWS,
    disturbed,
    robust_band,
    thinned,
    tolerances,
    worst_cases,
)
from services.results.search import run_spec
from services.specs.run import CurveSpec, NumericSpec

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


def test_the_band_of_a_linear_model_is_that_of_the_summed_errors(linear, exact):
    X = middle(linear)
    low, high = band(exact(0.0, sand=0.3, water=0.4), linear, X)
    half = 1.645 * np.hypot(2 * 0.3, 3 * 0.4)
    outcome = X @ SLOPES
    assert low == pytest.approx(outcome - half, abs=0.2 * half)
    assert high == pytest.approx(outcome + half, abs=0.2 * half)


def test_without_errors_there_is_no_band(linear, exact):
    X = linear.dataset.X[:3]
    low, high = band(exact(0.0), linear, X)
    np.testing.assert_allclose(low, X @ SLOPES)
    np.testing.assert_allclose(high, X @ SLOPES)


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


def test_frozen_features_are_dosed_too(linear, exact, with_feature):
    X = middle(linear)
    spec = with_feature(exact(0.0, water=1.0), "water", is_free=False, value=30.0)
    low, high = band(spec, linear, X)
    assert (high - low)[0] > 2 * 3 * 1.645 * 0.8


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
    assert np.std((high - low) / uncertainty) == pytest.approx(0, abs=1e-9)  # one luck for all
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

    model_data = ModelWithData.of_callable(mixed.dataset, predict)
    problem = build_problem(plain_spec, model_data)
    sizes.clear()
    robust_band(plain_spec, model_data, problem, mixed.dataset.X[:4])
    assert sizes == [4, 4 * (N_DRAWS + 1)]  # the candidates themselves, then their draws


def test_a_long_curve_is_thinned_and_its_band_still_lies_around_its_summary(mixed_spec, mixed):
    curve = CurveSpec(feature="age", start=1, end=28, points=28, summary=Summary.MEAN)
    spec = mixed_spec.revised(curve=curve, density=None)
    problem = build_problem(spec, mixed)
    thin = thinned(problem.objective.curve)
    assert len(problem.objective.curve.grid) == 28 and len(thin.grid) == 20
    assert (thin.grid[0], thin.grid[-1]) == (1, 28)
    X = mixed.dataset.X[:3]
    low, high = robust_band(spec, mixed, problem, X)
    outcomes = problem.objective.outcomes(X, problem.predict)
    assert (low < outcomes).all() and (outcomes < high).all()


def test_nothing_to_judge_gives_nothing(linear, plain_spec):
    assert [len(end) for end in band(plain_spec, linear, np.empty((0, 6)))] == [0, 0]


@pytest.fixture(scope="module")
def result(plain_spec, mixed):
    """Three results with made-up bands."""
    found = run_spec(plain_spec, mixed).result
    rows = found.results.model_copy(update={"robust_low": (1.0, 3.0, 2.0), "robust_high": (9.0, 5.0, 12.0)})
    return found.model_copy(update={"results": rows})


@pytest.mark.parametrize(
    ("goal", "value", "worst"),
    [("maximum", None, [1, 3, 2]), ("minimum", None, [9, 5, 12]), ("value", 6.0, [1, 3, 12])],
)
def test_the_worst_case_is_the_worse_end_of_the_band(result, goal, value, worst):
    changed = result.model_copy(update={"goal": Goal(goal), "spec": result.spec.revised(goal=goal, value=value)})
    np.testing.assert_array_equal(worst_cases(changed, changed.results), worst)


def test_documents_of_before_know_no_worst_case(result):
    old = result.results.model_copy(update={"robust_low": None, "robust_high": None})
    assert worst_cases(result, old) is None
