"""How far rows lie from recorded ones, and whether predictions lie among what was measured nearby."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import Dataset, Encoding
from models.intervals.nearness import N_NEIGHBOURS, NearbyOutcomes, Nearness


@pytest.fixture
def nearness(mixed: Dataset, encoding: Encoding) -> Nearness:
    return Nearness(encoding, mixed.X, (3,))


def by_hand(mixed: Dataset, encoding: Encoding, row: np.ndarray) -> float:
    known = np.unique(mixed.X[:, :3], axis=0)
    squares = ((known[:, :2] - row[:2]) / encoding.stds[:2]) ** 2
    away = np.sqrt(squares.sum(axis=1) + (known[:, 2] != row[2]))
    return float(np.sort(away)[:N_NEIGHBOURS].mean())


def test_is_the_mean_distance_to_the_three_nearest_different_rows(
    mixed: Dataset, encoding: Encoding, nearness: Nearness
) -> None:
    X = np.array([[5.0, 0.3, 1.0, 7.0], [20.0, 0.0, 0.0, 1.0], mixed.X[4]])
    expected = [by_hand(mixed, encoding, row) for row in X]
    assert nearness.distance(X) == pytest.approx(expected, rel=1e-9)


@given(age=st.floats(-100, 100))
def test_what_is_left_out_does_not_count(mixed: Dataset, encoding: Encoding, age: float) -> None:
    nearness = Nearness(encoding, mixed.X, (3,))
    X = np.array([[5.0, 0.3, 1.0, 7.0], [5.0, 0.3, 1.0, age]])
    first, second = nearness.distance(X)
    assert first == second


def test_a_missing_value_has_no_distance(nearness: Nearness) -> None:
    X = np.array([[np.nan, 0.3, 1.0, 7.0], [5.0, 0.3, 1.0, 7.0]])
    distances, gradient = nearness.distance_with_gradient(X)
    assert np.isnan(distances).tolist() == [True, False]
    assert np.isnan(gradient[0]).all() and np.isfinite(gradient[1]).all()


def test_gradient_is_the_slope_of_the_distance(nearness: Nearness) -> None:
    X = np.array([[5.1, 0.33, 1.0, 7.0], [14.0, 2.0, 0.0, 1.0]])
    distances, gradient = nearness.distance_with_gradient(X)
    assert distances == pytest.approx(nearness.distance(X))
    for j, step in ((0, 1e-5), (1, 1e-6)):
        moved = X.copy()
        moved[:, j] += step
        assert gradient[:, j] == pytest.approx((nearness.distance(moved) - distances) / step, rel=1e-3, abs=1e-4)
    assert not gradient[:, 2:].any()


def test_usual_distance_lies_between_recorded_rows(nearness: Nearness, mixed: Dataset) -> None:
    assert 0 < nearness.usual < nearness.distance(np.array([[30.0, 0.0, 0.0, 1.0]]))[0]


def test_a_table_of_two_settings_is_enough(encoding: Encoding, mixed: Dataset) -> None:
    nearness = Nearness(encoding, mixed.X[:6], (3,))
    assert np.isfinite(nearness.distance(mixed.X)).all()


def test_beyond_all_nearby_outcomes_is_wholly_outside(mixed: Dataset, encoding: Encoding) -> None:
    around = NearbyOutcomes(encoding, mixed.X, mixed.y)
    X = mixed.X[:4]
    assert around.outside(X, np.full(4, mixed.y.max() + 1)).tolist() == [1.0] * 4
    assert around.outside(X, np.full(4, mixed.y.min() - 1)).tolist() == [1.0] * 4


def test_in_the_middle_of_nearby_outcomes_is_inside(mixed: Dataset, encoding: Encoding) -> None:
    around = NearbyOutcomes(encoding, mixed.X, mixed.y)
    inputs = encoding.encode(mixed.X)
    away = np.square(inputs - inputs[10]).sum(axis=1)
    middle = np.median(mixed.y[np.argsort(away)[:N_NEIGHBOURS]])
    assert around.outside(mixed.X[10:11], np.array([middle])).tolist() == [0.0]


def test_lies_between_0_and_1_and_knows_no_answer_for_gaps(mixed: Dataset, encoding: Encoding) -> None:
    around = NearbyOutcomes(encoding, mixed.X, mixed.y)
    outside = around.outside(mixed.X, mixed.y)
    assert ((outside >= 0) & (outside <= 1)).all()
    assert np.isnan(around.outside(mixed.X[:1], np.array([np.nan]))).all()
