import numpy as np
import pytest

from optimizer import (
    CardinalityConstraint,
    Categorical,
    ConditionalConstraint,
    ForbiddenConstraint,
    Numeric,
    OrderConstraint,
    RatioConstraint,
    SpaceError,
    SumConstraint,
)
from optimizer.constraints.constraint import TOLERANCE
from optimizer.constraints.system import System

X = np.array([[100.0, 50.0, 25.0], [200.0, 0.0, 50.0], [0.0, 0.0, 10.0]])
NAMES = ("Cement", "Slag", "Water")


@pytest.mark.parametrize(
    ("constraint", "violation", "words"),
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
        (
            SumConstraint((1, 0), -np.inf, 12, (0.6, 0.4)),
            [58, 68, 0],
            "0.6 Slag + 0.4 Cement is at most 12",
        ),
        (SumConstraint((0, 1), 0, 0, (-1.0, 2.0)), [0, 200, 0], "2 Slag - Cement is 0"),
        (CardinalityConstraint((1,), 1, least=60), [1, 0, 0], "Slag is 0 or at least 60"),
        (CardinalityConstraint((1, 2), 2, 10, 30), [1, 0, 0], "each of Slag and Water is at most 10 or at least 30"),
        (
            CardinalityConstraint((0, 1, 2), 1, least=30),
            [3, 1, 1],
            "at most 1 of Cement, Slag and Water is above 0, and then at least 30",
        ),
    ],
)
def test_a_rule_says_how_far_rows_are_off_in_its_own_unit_and_in_words(constraint, violation, words):
    np.testing.assert_allclose(constraint.violation(X), violation)
    np.testing.assert_array_equal(constraint.holds(X), np.array(violation) == 0)
    assert constraint.words(NAMES) == words


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_rules_are_met_to_a_billionth_of_the_numbers_compared(size):
    constraint = SumConstraint.equal((0, 1), size)
    # the sizes of both parts and of the limit count: about 2 * size in all
    off = np.array([0.0, 1.9, 2.1, -1.9, -2.1]) * TOLERANCE
    rows = np.column_stack([np.full(5, 0.25), 0.75 + off]) * size
    np.testing.assert_array_equal(constraint.holds(rows), [True, True, False, True, False])


def test_an_if_then_rule_speaks_of_the_rows_that_have_the_category():
    constraint = ConditionalConstraint(0, (1, 2), 1, 0.0, 0.0, ("none", "air"))
    rows = np.array([[0, 3.0], [1, 3.0], [2, 0.0], [1, -2.0]])
    np.testing.assert_array_equal(constraint.violation(rows), [0, 3, 0, 2])
    np.testing.assert_array_equal(constraint.holds(rows), [True, False, True, False])
    assert constraint.words(("catalyst", "dose")) == "if catalyst is none or air then dose is 0"
    assert ConditionalConstraint(0, (1,), 1, 2.0, np.inf).words(("a", "b")) == "if a is 1 then b is at least 2"


def test_a_ratio_needs_a_denominator_above_zero():
    constraint = RatioConstraint((0,), (1,), 0.0, 2.0)
    rows = np.array([[0.0, 0.0], [-1.0, -1.0], [1.0, 1.0]])
    np.testing.assert_array_equal(constraint.holds(rows), [False, False, True])
    np.testing.assert_array_equal(constraint.violation(rows), [np.inf, np.inf, 0.0])


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
        (lambda: CardinalityConstraint((), 0), ["at most so many", "name at least one"]),
        (lambda: CardinalityConstraint((0, 1), 2), ["2 features", "from 0 to 1", "got 2"]),
        (lambda: CardinalityConstraint((0, 1), -1), ["from 0 to 1", "got -1"]),
        (lambda: CardinalityConstraint((0, 1), 0.5), ["whole number", "0.5"]),
        (lambda: CardinalityConstraint((0, 1), 1, threshold=-1.0), ["threshold", "at least 0", "-1"]),
        (lambda: ForbiddenConstraint(()), ["forbidden combination", "name at least one"]),
        (lambda: ForbiddenConstraint(((0, ()),)), ["a category of every feature", "[0]"]),
        (lambda: ForbiddenConstraint(((0, (1,)), (0, (2,)))), ["twice", "once"]),
        (lambda: ForbiddenConstraint(((0, (1,)),), labels=(("A", "B"),)), ["a label per code", "('A', 'B')"]),
    ],
)
def test_a_rule_that_says_nothing_is_refused(make, words):
    with pytest.raises(SpaceError) as refused:
        make()
    assert [word for word in words if word not in str(refused.value)] == []


@pytest.mark.parametrize(
    "constraint", [SumConstraint((0, 1), 1, 2), RatioConstraint((0,), (1,), 1, 2), OrderConstraint(0, 1)]
)
def test_rules_on_numbers_refuse_categories_and_absent_columns_by_name(constraint):
    number, category = Numeric("Cement", 0, 1, 1.0), Categorical("Resin", (0.5, 0.5))
    with pytest.raises(SpaceError, match=r"for numeric features, and Resin is categorical: leave it out"):
        constraint.check((number, category))
    with pytest.raises(SpaceError, match=r"columns \[1\], but there are 1 features"):
        constraint.check((number,))
    constraint.check((number, number))


AMOUNTS = tuple(Numeric(name, 0.0, 9.0, 1.0) for name in ("Slag", "Ash", "Filler"))
CHOICES = (Categorical("Resin", (0.5, 0.5)), Categorical("Line", (0.4, 0.3, 0.3)))


def test_at_most_so_many_counts_what_is_above_the_threshold():
    X = np.array([[1.0, 2.0, 3.0], [1.0, 0.0, 3.0], [0.5, 0.5, 9.0], [0.0, 0.0, 0.0]])
    np.testing.assert_array_equal(CardinalityConstraint((0, 1, 2), 1).violation(X), [2, 1, 2, 0])
    np.testing.assert_array_equal(CardinalityConstraint((0, 1, 2), 1, threshold=0.5).violation(X), [2, 1, 0, 0])
    np.testing.assert_array_equal(CardinalityConstraint((0, 1), 1).holds(X), [False, True, False, True])
    names = [feature.name for feature in AMOUNTS]
    assert CardinalityConstraint((0, 1, 2), 1).words(names) == "at most 1 of Slag, Ash and Filler is above 0"
    assert CardinalityConstraint((0, 1, 2), 2, 0.5).words(names) == "at most 2 of Slag, Ash and Filler are above 0.5"


def test_a_forbidden_combination_is_broken_only_as_a_whole():
    constraint = ForbiddenConstraint(((0, (1,)), (1, (0, 2))))
    X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [0.0, 2.0]])
    np.testing.assert_array_equal(constraint.holds(X), [False, True, False, True])
    np.testing.assert_array_equal(constraint.violation(X), [1, 0, 1, 0])
    assert constraint.words(("Resin", "Line")) == "never Resin 1 together with Line 0 or 2"
    named = ForbiddenConstraint(constraint.combination, labels=(("B",), ("north", "south")))
    assert named.words(("Resin", "Line")) == "never Resin B together with Line north or south"


def test_rules_refuse_features_that_they_are_not_for():
    with pytest.raises(SpaceError, match="for categorical features, and Slag is numeric: leave it out"):
        ForbiddenConstraint(((0, (1,)),)).check(AMOUNTS)
    with pytest.raises(SpaceError, match=r"codes \[3\] of 'Line', which has 0 to 2"):
        ForbiddenConstraint(((1, (0, 3)),)).check(CHOICES)
    with pytest.raises(SpaceError, match="for numeric features, and Resin and Line are categorical: leave them out"):
        CardinalityConstraint((0, 1), 1).check(CHOICES)
    below = (*AMOUNTS, Numeric("Shift", -2.0, 2.0, 1.0))
    with pytest.raises(SpaceError, match=r"for amounts, and 'Shift' may be -2: raise its minimum to 0"):
        CardinalityConstraint((0, 3), 1).check(below)
    CardinalityConstraint((0, 1, 2), 1).check(below)


FEATURES = (
    Categorical("resin", (0.5, 0.5)),
    Numeric("a", 0.05, 0.52, 0.1, step=0.1),
    Numeric("b", 0, 9, 2.0, frozen=4.0),
    Numeric("c", 0, 9, 2.0),
    Numeric("unruled", 0, 9, 2.0),
)


def test_frozen_features_move_to_the_limits_and_steps_to_the_bounds():
    system = System.of(FEATURES, [SumConstraint((1, 2, 3), 5, 8), OrderConstraint(2, 3)])
    np.testing.assert_array_equal(system.index, [1, 3])
    np.testing.assert_array_equal(system.A, [[1, 1], [0, -1]])
    np.testing.assert_array_equal(system.low, [1, -np.inf])
    np.testing.assert_array_equal(system.high, [4, -4])
    np.testing.assert_allclose(system.lower, [0.1, 0])
    np.testing.assert_allclose(system.upper, [0.5, 9])
    np.testing.assert_array_equal(system.is_equality, [False, False])
    V = np.array([[0.1, 4.0], [0.1, 3.9], [0.5, 4.0], [0.5, 3.5]])  # a + c in 1 to 4, c at least 4
    np.testing.assert_array_equal(system.holds(V), [False, False, False, False])
    np.testing.assert_allclose(system.excess(V), [[0.1, 0], [0, 0.1], [0.5, 0], [0, 0.5]])


def test_a_ratio_keeps_its_denominator_clear_of_zero():
    system = System.of(FEATURES, [RatioConstraint((1,), (3,), 0.0, 2.0)])
    assert not system.holds(np.array([[0.0, 0.0]]))[0]
    assert system.holds(np.array([[0.1, 0.1]]))[0]


def test_groups_count_frozen_features_and_know_what_off_is():
    (group,) = System.of(FEATURES, [CardinalityConstraint((1, 2, 3), 1, threshold=0.25)]).groups
    assert group.most == 0  # b is frozen on
    np.testing.assert_allclose(group.off, [0.2, 0.25])
    np.testing.assert_array_equal(group.is_forced, [False, False])
    assert System.of(FEATURES, [CardinalityConstraint((2, 3), 1)]).groups[0].most == 0
    assert System.of(FEATURES, [CardinalityConstraint((1, 3, 2), 2, threshold=5.0)]).groups == ()  # never exceeded


def test_a_bound_a_hair_beside_a_step_stays_the_limit():
    system = System.of([Numeric("a", 0, 1.999999999999993, 1.0, step=1.0)], [SumConstraint((0,), 0, 2)])
    assert system.upper[0] == 1.999999999999993
    assert system.on_steps(np.array([[1.7]]))[0, 0] == 1.999999999999993
