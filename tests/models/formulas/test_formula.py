"""Values and slopes of formulas: exact, vectorised, and honest where there is no answer."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from models import FormulaError
from models.formulas.formula import number_text
from models.formulas.operations import FUNCTIONS
from models.formulas.parser import parse
from tests.models.formulas.conftest import NAMES, formulas

rows = st.lists(st.tuples(*[st.floats(0.3, 3.0)] * 3), min_size=1, max_size=4)


def columns_of(values):
    return dict(zip(NAMES, np.array(values, dtype=float).T, strict=True))


@settings(max_examples=300)
@given(text=formulas, values=rows)
def test_slopes_are_those_of_finite_differences(text, values):
    try:
        formula = parse(text)
    except FormulaError:
        assume(False)
    columns = columns_of(values)
    results, slopes = formula.evaluate_with_slopes(columns)
    np.testing.assert_array_equal(results, formula.evaluate(columns))
    assert set(slopes) == set(formula.names)
    for name in formula.names:
        assert slopes[name].shape == results.shape
        steps = [1e-4, 0.5e-4]
        moved = [
            [formula.evaluate(columns | {name: columns[name] + sign * step}) for sign in (1, -1)] for step in steps
        ]
        with np.errstate(all="ignore"):
            wide, narrow = ((up - down) / (2 * step) for (up, down), step in zip(moved, steps, strict=True))
            # where both agree the function is smooth there; kinks, jumps and poles have no difference to compare with
            size = np.abs(wide) + np.abs(results) + 1
            is_smooth = np.isfinite(size) & (np.abs(wide - narrow) < 1e-6 * size) & (size < 1e6)
            one_sided = (results - moved[0][1]) / steps[0]
            is_smooth &= np.abs(one_sided - wide) < 1e-2 * size
            is_smooth &= ~np.isnan(slopes[name])  # a root of what is 0 everywhere, such as x - x, has no slope
        assert (np.abs(slopes[name] - narrow)[is_smooth] < 1e-5 * size[is_smooth]).all()


@given(text=formulas, values=rows)
def test_rows_do_not_know_of_each_other(text, values):
    try:
        formula = parse(text)
    except FormulaError:
        assume(False)
    columns = columns_of(values)
    together = formula.evaluate_with_slopes(columns)
    for row in range(len(values)):
        alone = formula.evaluate_with_slopes({name: column[row : row + 1] for name, column in columns.items()})
        if formula.names:
            np.testing.assert_allclose(together[0][row], alone[0][0], rtol=1e-12)
            for name in formula.names:
                np.testing.assert_allclose(together[1][name][row], alone[1][name][0], rtol=1e-12)


def test_what_has_no_answer_is_nan_and_poles_are_infinite():
    x = np.array([0.0, -1.0, np.nan, np.inf])
    np.testing.assert_array_equal(parse("1 / x").evaluate({"x": x}), [np.inf, -1, np.nan, 0])
    np.testing.assert_array_equal(parse("x / x").evaluate({"x": x}), [np.nan, 1, np.nan, np.nan])
    np.testing.assert_array_equal(parse("log(x)").evaluate({"x": x}), [-np.inf, np.nan, np.nan, np.inf])
    np.testing.assert_array_equal(parse("sqrt(x)").evaluate({"x": x}), [0, np.nan, np.nan, np.inf])
    np.testing.assert_array_equal(parse("max(x, 1)").evaluate({"x": x}), [1, 1, np.nan, np.inf])
    np.testing.assert_array_equal(parse("x < 1").evaluate({"x": x}), [1, 1, np.nan, 0])
    np.testing.assert_array_equal(parse("x^0.5").evaluate({"x": x}), [0, np.nan, np.nan, np.inf])


def test_a_row_without_a_result_has_no_slope():
    result, slopes = parse("sqrt(x) + y").evaluate_with_slopes({"x": np.array([-1.0, 4.0]), "y": np.ones(2)})
    np.testing.assert_array_equal(result, [np.nan, 3])
    np.testing.assert_array_equal(slopes["x"], [np.nan, 0.25])
    np.testing.assert_array_equal(slopes["y"], [np.nan, 1])


def test_what_was_not_chosen_has_no_slope_even_at_its_pole():
    _, slopes = parse("max(sqrt(x), 1) + 0 * sqrt(y)").evaluate_with_slopes({"x": np.zeros(1), "y": np.zeros(1)})
    assert (slopes["x"], slopes["y"]) == (0, 0)


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [("x^0", 0.0, 0), ("x^1", 0.0, 1), ("x^2", 0.0, 0), ("2^x", 0.0, np.log(2)), ("abs(x)", 0.0, 0), ("x^2", -3.0, -6)],
)
def test_slopes_at_zero_and_of_negative_bases(text, x, slope):
    np.testing.assert_allclose(parse(text).evaluate_with_slopes({"x": np.array([x])})[1]["x"], [slope])


def test_of_equal_ones_the_first_is_chosen():
    _, slopes = parse("min(x, y)").evaluate_with_slopes({"x": np.ones(2), "y": np.ones(2)})
    np.testing.assert_array_equal([slopes["x"], slopes["y"]], [[1, 1], [0, 0]])


def test_a_missing_column_is_named():
    with pytest.raises(FormulaError, match="needs a column 'y'") as caught:
        parse("x + y").evaluate({"x": np.ones(2)})
    assert caught.value.position == 4


def test_a_formula_without_names_is_one_number():
    assert parse("2 * 3").evaluate({}) == 6
    assert parse("2 * 3").names == ()


def test_what_comes_out_may_be_changed_without_harm():
    x = np.ones(3)
    parse("x").evaluate({"x": x})[0] = 5
    np.testing.assert_array_equal(x, 1)


@given(value=st.floats(0, 1e100))
def test_numbers_are_written_exactly(value):
    assert float(number_text(value)) == value


def test_every_function_says_what_it_does():
    assert all(operation.help for operation in FUNCTIONS.values())


def test_an_operand_that_does_not_count_has_no_slope_whatever_follows():
    _, slopes = parse("sqrt(min(a, 0))").evaluate_with_slopes({"a": np.array([1.0, 2.0])})
    # the root of 0 has an infinite slope, but a is not the least
    np.testing.assert_array_equal(slopes["a"], [0.0, 0.0])
