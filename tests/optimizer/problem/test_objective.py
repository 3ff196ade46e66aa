import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import Curve, Goal, Objective, SpaceError, Summary

GRID = np.linspace(2.0, 5.0, 301)
numbers = st.floats(-100, 100)


class Counted:
    """A predict that counts its calls and keeps its rows."""

    def __init__(self, function):
        self.function = function
        self.n_calls = 0
        self.rows = np.empty((0, 0))

    def __call__(self, X):
        self.n_calls += 1
        self.rows = X.copy()
        return self.function(X)


def linear(X):
    """Intercept in column 0, slope in column 1, sweep in column 2."""
    return X[:, 0] + X[:, 1] * X[:, 2]


def quadratic(X):
    """(t - a)^2 + b."""
    return (X[:, 2] - X[:, 0]) ** 2 + X[:, 1]


def summarised(summary, X, function, grid=GRID, at=None):
    return Curve(2, grid, summary, at).summarise(X, function)


X = np.array([[1.0, 2.0, 99.0], [10.0, -3.0, -99.0]])


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (Summary.AREA, [3 + 2 * 10.5, 30 - 3 * 10.5]),  # the integral of a + b t from 2 to 5
        (Summary.MEAN, [1 + 2 * 3.5, 10 - 3 * 3.5]),
        (Summary.MINIMUM, [5.0, -5.0]),
        (Summary.MAXIMUM, [11.0, 4.0]),
    ],
)
def test_summaries_of_a_straight_line(summary, expected):
    np.testing.assert_allclose(summarised(summary, X, linear), expected, rtol=1e-12)
    np.testing.assert_allclose(summarised(summary, X, linear, grid=np.array([2.0, 5.0])), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (Summary.AREA, [64 / 3 - 1 / 3 + 6, -125 / 3 + 512 / 3 - 9]),  # ((5-a)^3 - (2-a)^3) / 3 + 3 b
        (Summary.MEAN, [7 + 2, 43 - 3]),
        (Summary.MINIMUM, [1 + 2, 25 - 3]),
        (Summary.MAXIMUM, [16 + 2, 64 - 3]),
    ],
)
def test_summaries_of_a_parabola(summary, expected):
    np.testing.assert_allclose(summarised(summary, X, quadratic), expected, rtol=1e-4)


def test_the_minimum_of_a_parabola_may_lie_within():
    np.testing.assert_allclose(summarised(Summary.MINIMUM, np.array([[3.0, 7.0, 0.0]]), quadratic), [7.0], atol=1e-9)


@given(a=numbers, b=numbers, t=st.floats(2, 5))
def test_the_point_of_a_curve_is_the_prediction_there(a, b, t):
    np.testing.assert_allclose(summarised(Summary.POINT, np.array([[a, b, 0.0]]), linear, at=t), [a + b * t], atol=1e-9)


def test_mean_and_area_weigh_an_uneven_grid_by_its_spacing():
    grid = np.array([0.0, 1.0, 10.0])
    rows = np.array([[0.0, 1.0, 0.0]])
    np.testing.assert_allclose(summarised(Summary.AREA, rows, linear, grid), [50.0])
    np.testing.assert_allclose(summarised(Summary.MEAN, rows, linear, grid), [5.0])


@pytest.mark.parametrize("summary", list(Summary))
def test_a_curve_is_one_call_of_predict_and_sets_the_sweep_feature_alone(summary):
    predict = Counted(linear)
    kept = X.copy()
    objective = Objective(curve=Curve(2, GRID, summary, at=3.0))
    assert objective.outcomes(X, predict).shape == (2,)
    assert predict.n_calls == 1
    np.testing.assert_array_equal(np.unique(predict.rows[:, :2], axis=0), X[:, :2])
    assert set(predict.rows[:, 2]) == ({3.0} if summary is Summary.POINT else set(GRID))
    np.testing.assert_array_equal(X, kept)


def test_values_gives_the_whole_curve_of_each_candidate():
    curve = Curve(2, np.array([0.0, 1.0, 2.0]))
    np.testing.assert_array_equal(curve.values(X, linear), [[1, 3, 5], [10, 7, 4]])


@pytest.mark.parametrize("summary", list(Summary))
def test_a_curve_with_a_prediction_that_is_no_number_has_no_finite_summary_or_a_true_one(summary):
    def predict(rows):
        values = linear(rows)
        values[[0, 1]] = np.inf, -np.inf
        values[-2:] = np.nan
        return values

    outcomes = Objective(curve=Curve(2, np.array([2.0, 3.0, 4.0]), summary, at=4.0)).outcomes(X, predict)
    assert not np.isfinite(outcomes).any()


def test_no_candidates_have_no_outcomes():
    assert Objective(curve=Curve(2, GRID)).outcomes(np.empty((0, 3)), linear).shape == (0,)


def test_a_function_that_works_in_place_leaves_the_candidates_alone():
    def in_place(rows):
        rows -= 100
        return rows[:, 0]

    kept = X.copy()
    Objective().outcomes(X, in_place)
    np.testing.assert_array_equal(X, kept)


@given(outcomes=st.lists(numbers, min_size=2, max_size=8), scale=st.floats(0.01, 100), value=numbers)
def test_scores_are_smaller_for_better_in_units_of_the_scale(outcomes, scale, value):
    y = np.array(outcomes)
    np.testing.assert_allclose(Objective(Goal.MAXIMUM, scale).scores(y), -y / scale)
    np.testing.assert_allclose(Objective(Goal.MINIMUM, scale).scores(y), y / scale)
    to_value = Objective(Goal.VALUE, scale, value).scores(y)
    np.testing.assert_allclose(to_value, np.abs(y - value) / scale)
    assert (to_value >= 0).all()


def test_the_best_score_is_the_goal():
    y = np.array([3.0, 9.0, -2.0, 5.0])
    assert y[Objective(Goal.MAXIMUM).scores(y).argmin()] == 9
    assert y[Objective(Goal.MINIMUM).scores(y).argmin()] == -2
    assert y[Objective(Goal.VALUE, value=4.6).scores(y).argmin()] == 5


def test_names_of_goals_and_summaries_are_as_good_as_their_members():
    assert Objective("minimum", value=2.0).scores(np.array([7.0])) == 7
    assert Curve(2, GRID, "area").summarise(X, linear)[0] == pytest.approx(24)
    with pytest.raises(ValueError, match="lowest"):
        Objective("lowest")
    with pytest.raises(ValueError, match="median"):
        Curve(0, GRID, "median")


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_scale_that_is_no_unit_is_refused(scale):
    with pytest.raises(SpaceError, match=f"scale of the objective must be a number above 0, got {scale}"):
        Objective(scale=scale)


@pytest.mark.parametrize("value", [None, np.nan, np.inf])
def test_a_value_goal_needs_its_value(value):
    with pytest.raises(SpaceError, match=f"Searching for a value needs that value as a number, got {value}"):
        Objective(Goal.VALUE, value=value)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ([5.0, 3.0], ["increasing", "5 to 3", "end above its start"]),
        ([5.0, 5.0], ["increasing", "5 to 5", "end above its start"]),
        ([5.0], ["at least two", "got 1"]),
        ([], ["at least two", "got 0"]),
        ([0.0, np.nan], ["increasing", "nan"]),
        ([0.0, np.inf], ["increasing", "inf"]),
        ([[0.0, 1.0]], ["increasing"]),
    ],
)
def test_a_curve_without_a_way_to_go_is_refused(grid, words):
    with pytest.raises(SpaceError) as refused:
        Curve(0, np.array(grid))
    assert [word for word in words if word not in str(refused.value)] == []


@pytest.mark.parametrize("at", [None, 1.9, 5.1, np.nan])
def test_a_point_outside_the_curve_is_refused(at):
    with pytest.raises(SpaceError, match=f"between 2 and 5, got {at}"):
        Curve(0, GRID, Summary.POINT, at)


@pytest.mark.parametrize("curve", [None, Curve(0, np.array([0.0, 1.0])), Curve(0, GRID, Summary.POINT, 3.0)])
@pytest.mark.parametrize(
    "predict",
    [lambda X: np.zeros((len(X), 1)), lambda X: np.zeros(len(X) - 1), lambda X: 0.0, lambda X: [[1.0, 2.0]]],
)
def test_a_predict_of_the_wrong_shape_is_refused_with_both_shapes(predict, curve):
    rows = len(X) * (1 if curve is None or curve.summary is Summary.POINT else 2)
    with pytest.raises(SpaceError) as refused:
        Objective(curve=curve).outcomes(X, predict)
    got = np.shape(predict(np.zeros((rows, 3))))
    assert "one number per row" in str(refused.value)
    assert f"({rows},)" in str(refused.value) and f"got {got}" in str(refused.value)


def test_a_predict_may_return_a_list():
    np.testing.assert_array_equal(Objective().outcomes(X, lambda rows: [1, 2]), [1.0, 2.0])


def spreading(rows):
    """A straight line, with an uncertainty that grows along it."""
    return linear(rows), 1 + rows[:, 2]


@pytest.mark.parametrize(
    ("summary", "outcomes", "uncertainties"),
    [
        (Summary.AREA, [3 + 2 * 10.5, 30 - 3 * 10.5], [3 + 10.5] * 2),
        (Summary.MEAN, [1 + 2 * 3.5, 10 - 3 * 3.5], [1 + 3.5] * 2),
        (Summary.MINIMUM, [5.0, -5.0], [3.0, 6.0]),  # where the curve attains it: at 2 and at 5
        (Summary.MAXIMUM, [11.0, 4.0], [6.0, 3.0]),
        (Summary.POINT, [7.0, 1.0], [4.0, 4.0]),
        (None, [1 + 2 * 99.0, 10 + 3 * 99.0], [100.0, np.nan]),  # minus 98 is no uncertainty
    ],
)
def test_a_curve_is_as_uncertain_as_errors_that_go_together_make_it(summary, outcomes, uncertainties):
    curve = Curve(2, GRID, summary, 3.0) if summary else None
    counted = Counted(spreading)
    found, uncertainty = Objective(curve=curve).outcomes_with_uncertainty(X, counted)
    np.testing.assert_allclose(found, outcomes, rtol=1e-12)
    np.testing.assert_allclose(uncertainty, uncertainties, rtol=1e-12)
    assert counted.n_calls == 1


@given(at=st.lists(numbers, min_size=3, max_size=3), summary=st.sampled_from([None, *Summary]))
def test_with_or_without_uncertainty_the_objective_is_the_same(at, summary):
    objective = Objective(curve=Curve(2, GRID, summary, 3.0) if summary else None)
    rows = np.array([at])
    expected = objective.outcomes(rows, quadratic)
    found, uncertainty = objective.outcomes_with_uncertainty(rows, lambda X: (quadratic(X), np.ones(len(X))))
    np.testing.assert_allclose(found, expected)
    assert uncertainty[0] == pytest.approx(3.0 if summary is Summary.AREA else 1.0)
