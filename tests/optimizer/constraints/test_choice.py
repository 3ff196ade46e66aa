import numpy as np
import pytest

from optimizer import CardinalityConstraint, Categorical, ForbiddenConstraint, Numeric, SpaceError

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
    rule = ForbiddenConstraint(((0, (1,)), (1, (0, 2))))
    X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [0.0, 2.0]])
    np.testing.assert_array_equal(rule.holds(X), [False, True, False, True])
    np.testing.assert_array_equal(rule.violation(X), [1, 0, 1, 0])
    assert rule.words(("Resin", "Line")) == "never Resin 1 together with Line 0 or 2"
    named = ForbiddenConstraint(rule.combination, labels=(("B",), ("north", "south")))
    assert named.words(("Resin", "Line")) == "never Resin B together with Line north or south"


@pytest.mark.parametrize(
    ("make", "words"),
    [
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
