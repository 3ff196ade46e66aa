import numpy as np
import pytest

from optimizer import Categorical, Numeric, OrderConstraint, RatioConstraint, SpaceError, SumConstraint
from optimizer.constraints import TOLERANCE

X = np.array([[100.0, 50.0, 25.0], [200.0, 0.0, 50.0], [0.0, 0.0, 10.0]])
NAMES = ("Cement", "Slag", "Water")


@pytest.mark.parametrize(
    ("rule", "violation", "words"),
    [
        (SumConstraint.equal((0, 1), 160), [10, 40, 160], "the sum of Cement and Slag is 160"),
        (SumConstraint((0, 1, 2), 20, 200), [0, 50, 10], "the sum of Cement, Slag and Water is between 20 and 200"),
        (SumConstraint((0,), -np.inf, 99.5), [0.5, 100.5, 0], "Cement is at most 99.5"),
        (SumConstraint((1, 2), 1000, np.inf), [925, 950, 990], "the sum of Slag and Water is at least 1,000"),
        (
            RatioConstraint((2,), (0, 1), 0.2, 0.3),
            [0.2 - 1 / 6, 0, np.inf],
            "Water / (Cement + Slag) is between 0.2 and 0.3",
        ),
        (RatioConstraint((1,), (1, 0), 0.25, np.inf), [0, 0.25, np.inf], "Slag / (Slag + Cement) is at least 0.25"),
        (RatioConstraint((0, 1), (2,), 5.0, 5.0), [1, 1, 5], "(Cement + Slag) / Water is 5"),
        (OrderConstraint(1, 2), [25, 0, 0], "Slag is at most Water"),
    ],
)
def test_a_rule_says_how_far_rows_are_off_in_its_own_unit_and_in_words(rule, violation, words):
    np.testing.assert_allclose(rule.violation(X), violation)
    np.testing.assert_array_equal(rule.holds(X), np.array(violation) == 0)
    assert rule.words(NAMES) == words


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_rules_are_met_to_a_billionth_of_the_numbers_compared(size):
    rule = SumConstraint.equal((0, 1), size)
    # the sizes of both parts and of the limit count: about 2 * size in all
    off = np.array([0.0, 1.9, 2.1, -1.9, -2.1]) * TOLERANCE
    rows = np.column_stack([np.full(5, 0.25), 0.75 + off]) * size
    np.testing.assert_array_equal(rule.holds(rows), [True, True, False, True, False])


def test_a_ratio_needs_a_denominator_above_zero():
    rule = RatioConstraint((0,), (1,), 0.0, 2.0)
    rows = np.array([[0.0, 0.0], [-1.0, -1.0], [1.0, 1.0]])
    np.testing.assert_array_equal(rule.holds(rows), [False, False, True])
    np.testing.assert_array_equal(rule.violation(rows), [np.inf, np.inf, 0.0])


def test_what_stands_on_both_sides_of_a_ratio_near_one_cancels():
    almost = np.nextafter(1.0, 0.0)
    (row,) = RatioConstraint((0, 1), (1, 0), almost, almost).rows
    assert row.coefficients == (0.0, 0.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SumConstraint((), 1, 2), ["sum rule", "name at least one"]),
        (lambda: SumConstraint((0, 0), 1, 2), ["sum rule", "twice", "(0, 0)", "once"]),
        (lambda: SumConstraint((-1,), 1, 2), ["counted from 0", "(-1,)"]),
        (lambda: SumConstraint((0,), 3, 2), ["between 3 and 2", "swap"]),
        (lambda: SumConstraint((0,), -np.inf, np.inf), ["no limit", "a minimum, a maximum or both"]),
        (lambda: SumConstraint((0,), np.nan, 1), ["numbers as its limits", "nan"]),
        (lambda: SumConstraint((0,), np.inf, np.inf), ["numbers as its limits", "inf"]),
        (lambda: RatioConstraint((), (1,), 1, 2), ["numerator", "name at least one"]),
        (lambda: RatioConstraint((0,), (), 1, 2), ["denominator", "name at least one"]),
        (lambda: RatioConstraint((0,), (1,), 2, 1), ["ratio rule", "between 2 and 1", "swap"]),
        (lambda: OrderConstraint(1, 1), ["compares two features", "column 1 twice", "name two"]),
    ],
)
def test_a_rule_that_says_nothing_is_refused(make, words):
    with pytest.raises(SpaceError) as refused:
        make()
    assert [word for word in words if word not in str(refused.value)] == []


@pytest.mark.parametrize(
    "rule", [SumConstraint((0, 1), 1, 2), RatioConstraint((0,), (1,), 1, 2), OrderConstraint(0, 1)]
)
def test_rules_on_numbers_refuse_categories_and_absent_columns_by_name(rule):
    number, category = Numeric("Cement", 0, 1, 1.0), Categorical("Resin", (0.5, 0.5))
    with pytest.raises(SpaceError, match=r"for numeric features, and Resin is categorical: leave it out"):
        rule.check((number, category))
    with pytest.raises(SpaceError, match=r"columns \[1\], but there are 1 features"):
        rule.check((number,))
    rule.check((number, number))
