import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.families.scale import LogScale, is_skewed


@given(st.integers(0, 10**6), st.floats(0.01, 3), st.floats(-20, 20))
def test_outcomes_come_back_from_their_logarithms(seed, spread, middle):
    outcomes = np.exp(middle + spread * np.random.default_rng(seed).standard_normal(20))
    scale = LogScale.of(outcomes)
    known = scale.encode(outcomes)
    assert known.mean() == pytest.approx(0, abs=1e-6) and known.std() == pytest.approx(1)
    decoded, is_within = scale.decode(known)
    assert np.allclose(decoded, outcomes) and is_within.all()


def test_predictions_leave_the_recorded_outcomes_by_their_range_at_most():
    scale = LogScale.of(np.array([1.0, 10.0, 100.0]))
    decoded, is_within = scale.decode(np.array([-1e9, 0.0, 1e9, np.nan]))
    assert np.allclose(decoded[:3], [0.01, 10, 10_000])
    assert list(is_within) == [False, True, False, False] and np.isnan(decoded[3])


def test_even_a_range_of_all_numbers_does_not_overflow():
    scale = LogScale.of(np.array([1e-200, 1.0, 1e200]))
    assert np.isfinite(scale.decode(np.array([1e9]))[0] ** 2).all()


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (np.exp(np.linspace(-2, 2, 30)), True),
        (np.linspace(10, 11, 30), False),
        (-np.exp(np.linspace(-2, 2, 30)), False),
        (np.append(0.0, np.exp(np.linspace(-2, 2, 30))), False),
        (20 - np.exp(np.linspace(-2, 2, 30)), False),
        (np.full(5, 3.0), False),
    ],
)
def test_a_tail_upwards_is_told_from_none(outcomes, expected):
    assert is_skewed(outcomes) is expected
