import pytest
from hypothesis import given, strategies as st

from services.specs.digits import (
    clipped,
    common_decimals,
    number_words,
    outlook_words,
    sensible_decimals,
    step_decimals,
)


@pytest.mark.parametrize(
    ("std", "step", "decimals"),
    [
        (80, 0.1, 0),
        (80, None, 0),
        (6, 0.1, 1),
        (6, 1.0, 0),
        (0.3, None, 2),
        (0.3, 0.5, 1),
        (0.004, None, 4),
        (0, 0.1, 1),
    ],
)
def test_a_feature_is_read_with_the_digits_that_mean_something(std, step, decimals):
    assert sensible_decimals(std, step) == decimals


@pytest.mark.parametrize(("step", "decimals"), [(5, 0), (1, 0), (0.1, 1), (0.5, 1), (0.25, 2), (0.001, 3), (1 / 3, 6)])
def test_multiples_of_a_step_have_its_decimals(step, decimals):
    assert step_decimals(step) == decimals


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([10_579.36, 8_851.2], 0),
        ([1000.0], 0),
        ([-1000.0, 3.0], 0),
        ([999.9], 1),
        ([101.0], 1),
        ([99.1, -3.0], 1),
        ([10.0], 1),
        ([9.99], 2),
        ([0.5, float("nan")], 2),
        ([0.1], 2),
        ([0.099], 4),
        ([], 2),
    ],
)
def test_large_numbers_are_read_with_fewer_decimals(values, decimals):
    assert common_decimals(values) == decimals


def test_small_numbers_are_read_with_as_many_digits_as_others():
    assert number_words(0.0123, common_decimals([0.0123])) == "0.0123"
    assert number_words(0.000456, common_decimals([0.000456, 0.0])) == "0.000456"
    assert common_decimals([1e-30]) == 6


def test_numbers_are_grouped_and_zero_has_no_sign():
    assert number_words(10_579.36, 0) == "10,579"
    assert number_words(-0.004, 1) == "0.0"


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_a_number_in_words_is_the_number_rounded(value, decimals):
    assert float(number_words(value, decimals).replace(",", "")) == pytest.approx(round(value, decimals), abs=1e-9)


@pytest.mark.parametrize(
    ("low", "how", "words"),
    [
        (83.0, {}, "at least 83.0, expect 91.2, up to 99.4 MPa (95 %)"),
        (83.0, {"is_least_best": True}, "at most 99.4, expect 91.2, down to 83.0 MPa (95 %)"),
        (83.0, {"is_two_sided": True}, "expect 91.2, between 83.0 and 99.4 MPa (90 %)"),
        (83.0, {"level": 0.5, "unit": ""}, "at least 83.0, expect 91.2, up to 99.4 (75 %)"),
        (83.0, {"level": None}, "at least 83.0, expect 91.2, up to 99.4 MPa"),
        (float("nan"), {}, "expect 91.2 MPa"),
    ],
)
def test_an_interval_is_told_as_three_numbers(low, how, words):
    usual = {"level": 0.9, "is_least_best": False, "is_two_sided": False, "decimals": 1, "unit": "MPa"}
    assert outlook_words(91.2, low, 99.4, **(usual | how)) == words


def test_a_long_text_is_cut_off_and_says_so():
    assert clipped("abcdef", 4) == "abc…"
    assert clipped("ab \n cd", 5) == "ab cd"
