import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import score

numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


@given(numbers)
def test_exact_predictions_are_perfect(values):
    measured = np.array(values)
    metrics = score(measured, measured)
    assert (metrics.r2, metrics.rmse, metrics.mae) == (1.0, 0.0, 0.0)


def test_known_numbers():
    metrics = score(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 3.0, 6.0]))
    assert metrics.r2 == pytest.approx(1 - 4 / 5)
    assert metrics.rmse == pytest.approx(1.0)
    assert metrics.mae == pytest.approx(0.5)


@given(numbers.filter(lambda values: np.ptp(values) > 1))
def test_the_mean_explains_nothing(values):
    measured = np.array(values)
    assert score(measured, np.full(len(values), measured.mean())).r2 == pytest.approx(0, abs=1e-9)


def test_equal_measurements_do_not_divide_by_zero():
    assert score(np.ones(3), np.array([1.0, 1.0, 2.0])).r2 == 0


@pytest.mark.parametrize(("measured", "predicted"), [(np.empty(0), np.empty(0)), (np.ones(3), np.ones(2))])
def test_lengths_that_do_not_fit(measured, predicted):
    with pytest.raises(ValueError, match="as many predictions as measurements"):
        score(measured, predicted)
