import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    CardinalityConstraint,
    Categorical,
    ForbiddenConstraint,
    Numeric,
    OrderConstraint,
    RatioConstraint,
    SearchSpace,
    SpaceError,
    SumConstraint,
)

BOUNDS = {"Cement": (100, 400), "Slag": (0, 300), "Water": (120, 200)}
PARTS = tuple(Numeric(name, low, high, 50.0) for name, (low, high) in BOUNDS.items())
STEPPED = tuple(Numeric(name, low, high, 50.0, step=1.0) for name, (low, high) in BOUNDS.items())
CHOICES = (Categorical("Resin", (0.5, 0.5)), Categorical("Line", (0.5, 0.5)))
INF = np.inf


@pytest.mark.parametrize(
    ("features", "constraints", "words"),
    [
        (
            PARTS,
            [SumConstraint.equal((0, 1, 2), 1000)],
            ["sum of Cement, Slag and Water is at most 900", "asks for 1,000"],
        ),
        (
            PARTS,
            [SumConstraint((0, 1, 2), -INF, 200)],
            ["sum of Cement, Slag and Water is at least 220", "asks for 200"],
        ),
        (PARTS, [SumConstraint((0,), 500, 600)], ["it is at most 400 by its bounds", "asks for 500"]),
        (STEPPED, [SumConstraint.equal((0, 2), 400.5)], ["no steps of Cement and Water add up to that", "220 to 600"]),
        (
            PARTS,
            [RatioConstraint((2,), (0,), 3, 4)],
            ["numerator lies between 120 and 200", "denominator", "100 and 400"],
        ),
        (
            PARTS,
            [CardinalityConstraint((0, 1, 2), 1)],
            ["at most 1 of", "Cement and Water cannot be 0 by their bounds"],
        ),
        (CHOICES, [ForbiddenConstraint(((0, (0, 1)),))], ["never Resin 0 or 1", "every allowed category is forbidden"]),
    ],
)
def test_one_rule_that_cannot_be_met_says_why_with_the_numbers(features, constraints, words):
    with pytest.raises(SpaceError) as refused:
        SearchSpace(features, tuple(constraints))
    assert [word for word in [*words, "cannot be met", "widen the bounds"] if word not in str(refused.value)] == []


@pytest.mark.parametrize(
    ("features", "constraints", "innocent", "words"),
    [
        (
            PARTS,
            [SumConstraint.equal((0, 1, 2), 700), SumConstraint((0, 1), -INF, 400)],
            [OrderConstraint(2, 0), SumConstraint((2,), 130, 180)],
            ["2 rules", "Cement, Slag and Water lies between 220 and 600", "asks for 700"],
        ),
        (
            PARTS,
            [RatioConstraint((1,), (0,), 2, 3), OrderConstraint(1, 0)],
            [SumConstraint.equal((0, 1), 400)],
            ["2 rules", "Slag / Cement is between 2 and 3", "Slag is at most Cement"],
        ),
        (
            PARTS,
            [CardinalityConstraint((0, 1), 1), SumConstraint.equal((0, 1), 450)],
            [RatioConstraint((2,), (0, 1), 0.1, 0.9)],
            ["at most 1 of Cement and Slag", "lies between 100 and 400", "asks for 450"],
        ),
        (
            CHOICES,
            [
                ForbiddenConstraint(((0, (0,)),)),
                ForbiddenConstraint(((0, (1,)), (1, (0,)))),
                ForbiddenConstraint(((1, (1,)),)),
            ],
            [ForbiddenConstraint(((0, (0,)), (1, (1,))))],
            ["3 rules", "never Resin 0", "never Resin 1 together with Line 0", "never Line 1"],
        ),
    ],
)
def test_rules_in_conflict_are_named_and_no_others(features, constraints, innocent, words):
    for order in (constraints + innocent, innocent + constraints[::-1]):
        with pytest.raises(SpaceError) as refused:
            SearchSpace(features, tuple(order))
        text, names = str(refused.value), [feature.name for feature in features]
        assert [word for word in [*words, "together", "Change or remove one"] if word not in text] == []
        assert [constraint for constraint in innocent if f"'{constraint.words(names)}'" in text] == []
    for left_out in constraints:  # irreducible: without any one of them the others can be met
        SearchSpace(
            features, tuple(constraint for constraint in (*constraints, *innocent[:1]) if constraint is not left_out)
        )


@settings(max_examples=15)
@given(data=st.data())
def test_a_demand_beyond_what_the_rules_allow_is_refused_before_the_search(constrained, data):
    features, constraints, _ = data.draw(constrained)
    total = sum(feature.high for feature in features if isinstance(feature, Numeric))
    numbers = tuple(j for j, feature in enumerate(features) if isinstance(feature, Numeric))
    too_much = SumConstraint((*numbers,), total + 1 + abs(total) * 0.01, np.inf)
    with pytest.raises(SpaceError, match=r"cannot be met: .* is at most"):
        SearchSpace(features, (*constraints, too_much))
    SearchSpace(features, constraints)


def test_a_ratio_whose_easiest_answer_is_nothing_at_all_is_met_by_something():
    features = Numeric("x0", -1.0, 1.5, 1.0, step=0.25), Numeric("x1", 0.0, 2.0, 2.0)
    ratio = -0.8375457882619746
    X = SearchSpace(features, (RatioConstraint((0,), (1,), ratio, ratio),)).sample(5, np.random.default_rng(0))
    np.testing.assert_allclose(X[:, 0] / X[:, 1], ratio)


def test_frozen_features_count_with_their_value():
    fixed = Numeric("Cement", 100, 400, 50.0, frozen=350.0)
    with pytest.raises(SpaceError, match=r"at most 650 by their bounds, the rule asks for 700"):
        SearchSpace((fixed, *PARTS[1:]), (SumConstraint.equal((0, 1), 700),))
    X = SearchSpace((fixed, *PARTS[1:]), (SumConstraint.equal((0, 1), 500),)).sample(5, np.random.default_rng(0))
    np.testing.assert_allclose(X[:, :2], [[350, 150]] * 5)
