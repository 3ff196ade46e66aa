import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import Categorical, DistancePenalty, Numeric, SearchSpace, SpaceError
from optimizer.features import Scaling
from optimizer.problem.penalties import distance

FEATURES = (
    Numeric("a", 0.0, 10.0, std=3.0),
    Categorical("kind", (0.5, 0.3, 0.2)),
    Numeric("b", 0.0, 1000.0, std=300.0),
    Numeric("constant", 0.0, 9.0, std=1.0),
    Numeric("sweep", 0.0, 100.0, std=30.0),
)
SPACE = SearchSpace(FEATURES)


def table(n, seed=0):
    rows = SPACE.sample(n, np.random.default_rng(seed))
    rows[:, 3] = 5.0
    return rows


def distances_by_hand(rows, X):
    """(n, r) every distance, feature by feature, without the sweep."""
    squares = (X[:, None, 1] != rows[:, 1]).astype(float)
    for j in (0, 2):
        squares += ((X[:, None, j] - rows[:, j]) / rows[:, j].std()) ** 2
    return np.sqrt(squares)


@settings(max_examples=25)
@given(n=st.integers(2, 60), seed=st.integers(0, 10_000), threshold=st.floats(0, 3))
def test_the_cost_is_the_distance_to_the_nearest_row_beyond_the_threshold(n, seed, threshold):
    rows, X = table(n, seed), SPACE.sample(50, np.random.default_rng(seed + 1))
    rows[0, 1], rows[1, 1] = 0.0, 1.0  # the categories differ, so that they count
    penalty = DistancePenalty.from_rows(rows, FEATURES, left_out=(4,), threshold=threshold)
    nearest = distances_by_hand(rows, X).min(axis=1)
    np.testing.assert_allclose(penalty.distance(X), nearest, atol=1e-9)
    np.testing.assert_allclose(penalty.cost(X), np.maximum(nearest - threshold, 0), atol=1e-9)
    np.testing.assert_allclose(penalty.cost(rows), 0, atol=1e-9)


def test_the_threshold_is_what_95_percent_of_the_rows_keep_to_their_nearest_other():
    rows = table(200)
    between = distances_by_hand(rows, rows)
    np.fill_diagonal(between, np.inf)
    penalty = DistancePenalty.from_rows(rows, FEATURES, left_out=(4,))
    assert penalty.threshold == pytest.approx(np.quantile(between.min(axis=1), 0.95))
    assert penalty.threshold > 0.1


def test_rows_that_repeat_count_once_and_what_is_left_out_does_not_tell_them_apart():
    rows = table(100)
    once = DistancePenalty.from_rows(rows, FEATURES, left_out=(4,))
    again = np.concatenate([rows, rows, rows])
    again[:, 4] = np.arange(300)
    assert len(DistancePenalty.from_rows(again, FEATURES, left_out=(4,)).rows) == 100
    assert DistancePenalty.from_rows(again, FEATURES, left_out=(4,)).threshold == pytest.approx(once.threshold)


def test_many_rows_are_judged_by_a_sample(monkeypatch):
    rows = table(3000)
    exact = DistancePenalty.from_rows(rows, FEATURES).threshold
    monkeypatch.setattr(distance, "MAX_JUDGED_ROWS", 600)
    assert DistancePenalty.from_rows(rows, FEATURES).threshold == pytest.approx(exact, rel=0.1)


def test_two_categories_are_one_apart_as_in_the_scaled_space():
    rows = np.array([[1.0, 0, 10.0, 5.0, 1.0], [2.0, 1, 20.0, 5.0, 2.0], [3.0, 0, 35.0, 5.0, 3.0]])
    penalty = DistancePenalty.from_rows(rows, FEATURES, left_out=(4,), threshold=0.0)
    assert penalty.cost(np.array([[1.0, 2, 10.0, 8.0, 50.0]])) == pytest.approx(1.0)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), threshold=st.floats(0, 1))
def test_the_gradient_is_what_differences_say_and_nothing_else_has_one(seed, threshold):
    penalty = DistancePenalty.from_rows(table(30, seed), FEATURES, left_out=(4,), threshold=threshold)
    X = SPACE.sample(40, np.random.default_rng(seed + 1))
    costs, gradient = penalty.cost_with_gradient(X)
    np.testing.assert_array_equal(costs, penalty.cost(X))
    assert (gradient[:, [1, 3, 4]] == 0).all()
    for j in (0, 2):
        step = 1e-5 * FEATURES[j].std * np.eye(5)[j]
        up, down = penalty.cost(X + step), penalty.cost(X - step)
        one_sided = np.sort([(up - costs) / step[j], (costs - down) / step[j]], axis=0)
        slack = 1e-3 / FEATURES[j].std  # at a kink the gradient is between those of both sides, or one of them
        assert ((one_sided[0] - slack <= gradient[:, j]) & (gradient[:, j] <= one_sided[1] + slack)).all()


def test_a_single_row_has_nothing_usual_about_it():
    rows = np.array([[1.0, 0, 10.0, 5.0, 1.0]])
    given = DistancePenalty(rows, Scaling(np.array([1.0, 0, 2.0, 0, 0]), np.zeros(5, int)), 0.0)
    assert given.usual_distance() == 0.0
    assert given.cost(np.array([[4.0, 0, 10.0, 0.0, 0.0]])) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("rows", "changes", "words"),
    [
        (table(0), {}, "at least one recorded row"),
        (np.repeat(table(1), 3, axis=0), {}, "a column in which the recorded rows differ"),
        (table(9), {"left_out": (0, 1, 2, 3, 4)}, "a column in which the recorded rows differ"),
        (table(9), {"weight": -1.0}, "weight of the distance penalty must be at least 0, got -1"),
        (table(9), {"threshold": -1.0}, "threshold of the distance must be at least 0, got -1"),
        (table(9)[:, :3], {}, r"must have shape \(n, 5\), got \(9, 3\)"),
        (np.where(np.arange(5) == 0, np.nan, table(9)), {"threshold": 1.0}, "without missing values"),
    ],
)
def test_a_distance_that_cannot_be_computed_says_why(rows, changes, words):
    with pytest.raises(SpaceError, match=words):
        DistancePenalty.from_rows(rows, FEATURES, **changes)
