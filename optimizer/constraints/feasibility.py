"""Whether rules can be met at all, and which of them are in conflict."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.categories import CategoryConstraints
from optimizer.constraints.choice import CardinalityConstraint, ForbiddenConstraint
from optimizer.constraints.linear import OrderConstraint, RatioConstraint, SumConstraint
from optimizer.constraints.program import Program
from optimizer.constraints.repair import ConstraintRepair
from optimizer.constraints.rule import Constraint
from optimizer.constraints.system import System
from optimizer.constraints.wording import listed, number
from optimizer.features.features import Feature, Numeric


class ConstrainedSpace(Protocol):
    """What has features and rules."""

    @property
    def features(self) -> Sequence[Feature]:
        """The features of a candidate."""

    @property
    def constraints(self) -> Sequence[Constraint]:
        """The rules that candidates meet."""


def check_feasible(space: ConstrainedSpace) -> None:
    """Raise SpaceError naming the rules in conflict unless some candidate of the space meets all of them.

    The conflict named is irreducible: without any one of its rules the others could be met (deletion filter,
    Chinneck and Dravnieks 1991, ORSA Journal on Computing 3).
    """
    features = space.features
    forbidden = [rule for rule in space.constraints if isinstance(rule, ForbiddenConstraint)]
    if not _can_combine(features, forbidden):
        raise SpaceError(_conflict_text(features, _irreducible(features, forbidden, _can_combine)))
    on_numbers = [rule for rule in space.constraints if not isinstance(rule, ForbiddenConstraint)]
    if ConstraintRepair(System.of(features, on_numbers)).anchor is None:
        raise SpaceError(_conflict_text(features, _irreducible(features, on_numbers, _can_be_met)))


def _can_combine(features: Sequence[Feature], constraints: Sequence[Constraint]) -> bool:
    """Return whether some categories hold no forbidden combination."""
    return CategoryConstraints.of(features, constraints).is_possible


def _can_be_met(features: Sequence[Feature], constraints: Sequence[Constraint]) -> bool:
    """Return whether some numbers meet the rules."""
    return ConstraintRepair(System.of(features, constraints)).anchor is not None


def _irreducible(
    features: Sequence[Feature],
    constraints: Sequence[Constraint],
    can_be_met: Callable[[Sequence[Feature], Sequence[Constraint]], bool],
) -> list[Constraint]:
    """Return rules that cannot be met together, none of which can be left out."""
    kept = list(constraints)
    for rule in constraints:
        rest = [other for other in kept if other is not rule]
        if not can_be_met(features, rest):
            kept = rest
    return kept


def _conflict_text(features: Sequence[Feature], conflict: Sequence[Constraint]) -> str:
    """Return which rules are in conflict, with the numbers, and how to mend it."""
    names = [feature.name for feature in features]
    words = [f"'{rule.words(names)}'" for rule in conflict]
    if len(conflict) == 1:
        return (
            f"The rule {words[0]} cannot be met: {_alone(features, conflict[0])}. Change the rule, or widen the bounds "
            "of its features."
        )
    text = f"These {len(conflict)} rules cannot be met together: {'; '.join(words)}."
    between = _between_others(features, conflict)
    return f"{text} {between}Change or remove one of them, or widen the bounds of their features."


def _range(features: Sequence[Feature], columns: Sequence[int]) -> tuple[float, float]:
    """Return the smallest and the largest sum of features by their bounds."""
    numbers = [f for j in columns if isinstance(f := features[j], Numeric)]
    lows = [f.low if f.frozen is None else f.frozen for f in numbers]
    highs = [f.high if f.frozen is None else f.frozen for f in numbers]
    return sum(lows), sum(highs)


def _alone(features: Sequence[Feature], rule: Constraint) -> str:
    """Return why a rule cannot be met by the bounds alone."""
    names = [features[j].name for j in rule.columns]
    if isinstance(rule, SumConstraint):
        least, most = _range(features, rule.columns)
        what = "it" if len(names) == 1 else f"the sum of {listed(names)}"
        whose = "its" if len(names) == 1 else "their"
        if most < rule.low:
            return f"{what} is at most {number(most)} by {whose} bounds, the rule asks for {number(rule.low)}"
        if least > rule.high:
            return f"{what} is at least {number(least)} by {whose} bounds, the rule asks for {number(rule.high)}"
        return f"no steps of {listed(names)} add up to that (their bounds allow {number(least)} to {number(most)})"
    if isinstance(rule, OrderConstraint):
        least, most = _range(features, [rule.smaller])[0], _range(features, [rule.larger])[1]
        return f"{names[0]} is at least {number(least)} and {names[1]} at most {number(most)} by their bounds"
    if isinstance(rule, RatioConstraint):
        above, below = _range(features, rule.numerator), _range(features, rule.denominator)
        return (
            f"by their bounds the numerator lies between {number(above[0])} and {number(above[1])}, the denominator "
            f"between {number(below[0])} and {number(below[1])}"
        )
    if isinstance(rule, CardinalityConstraint):
        forced = [features[j].name for j in rule.columns if _range(features, [j])[0] > rule.threshold]
        return f"{listed(forced) if forced else 'more of them'} cannot be 0 by their bounds"
    return "every allowed category is forbidden by it"


def _between_others(features: Sequence[Feature], conflict: Sequence[Constraint]) -> str:
    """Return how far the longest sum in conflict can go while the others are met, or "" where none is a sum."""
    sums = [rule for rule in conflict if isinstance(rule, SumConstraint)]
    if not sums:
        return ""
    rule = max(sums, key=lambda rule: len(rule.columns))
    # what bounds allow anyway keeps the sum's own columns in the program
    always = SumConstraint(rule.columns, *_range(features, rule.columns))
    system = System.of(features, [always if other is rule else other for other in conflict])
    coefficients = np.isin(system.index, rule.columns).astype(float)
    held = _range(features, [j for j in rule.columns if not features[j].is_free])[0]
    program = Program.of(system)
    least, most = (program.extreme(coefficients, sign) + held for sign in (1.0, -1.0))
    if np.isnan(least) or np.isnan(most):
        return ""
    names = listed([features[j].name for j in rule.columns])
    what = names if len(rule.columns) == 1 else f"the sum of {names}"
    asked = rule.low if most < rule.low else rule.high
    return (
        f"While the others are met, {what} lies between {number(least)} and {number(most)}, and its own rule asks for "
        f"{number(asked)}. "
    )
