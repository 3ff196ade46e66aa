import numpy as np
import pytest
from hypothesis import given, strategies as st

from ui.charts.style import nice_ticks, small_ticks, tick_texts


@pytest.mark.parametrize(
    ("low", "high", "is_integer", "values", "texts"),
    [
        (0, 359.4, False, [0, 200], ["0", "200"]),
        (2, 82, False, [25, 50, 75], ["25", "50", "75"]),
        (1.5, 9.5, True, [3, 6, 9], ["3", "6", "9"]),
        (0.5, 3.5, True, [1, 2, 3], ["1", "2", "3"]),
        (540_000, 1_470_000, False, [1_000_000], ["1M"]),
        (0, 430_000, False, [0, 200_000, 400_000], ["0", "200k", "400k"]),
        (-7.5, 1.4, False, [-5, 0], ["−5", "0"]),
    ],
)
def test_ticks_of_a_small_axis_are_round_and_short(low, high, is_integer, values, texts):
    found, words = small_ticks(low, high, 3, is_integer=is_integer)
    np.testing.assert_allclose(found, values, atol=1e-9)
    assert words == texts


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 6), st.booleans())
def test_ticks_are_few_and_lie_on_the_axis(low, span, n_max, is_integer):
    high = low + span
    values = nice_ticks(low, high, n_max, is_integer=is_integer)
    assert 1 <= len(values) <= n_max
    room = 1e-6 * (high - low) + 1e-9 + 1e-15 * max(abs(low), abs(high)) + (1 if is_integer else 0)
    assert (values >= low - room).all()
    assert (values <= high + room).all()
    if is_integer:
        np.testing.assert_allclose(values, np.round(values))


def test_near_ticks_have_the_digits_that_tell_them_apart():
    assert tick_texts(np.array([7.000001, 7.000002])) == ["7.000001", "7.000002"]
