"""Whether constraints can be met at all, and which of them are in conflict."""

from collections.abc import Sequence

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.categories import CategoryConstraints, ForbiddenConstraint
from optimizer.constraints.constraint import (
    CardinalityConstraint,
    ConditionalConstraint,
    Constraint,
    OrderConstraint,
    RatioConstraint,
    SumConstraint,
    listed,
    number,
)
from optimizer.constraints.handler import ConstraintHandler
from optimizer.constraints.repair import ConstraintRepair, Program
from optimizer.constraints.system import System
from optimizer.features import Feature, Numeric


def check_feasible(features: Sequence[Feature], constraints: Sequence[Constraint]) -> None:
    """Raise SpaceError naming the constraints in conflict unless some candidate meets all of them.

    The conflict named is irreducible: without any one of its constraints the others could be met (deletion filter,
    Chinneck and Dravnieks 1991, ORSA Journal on Computing 3). Categories and numbers share no constraint, so each kind
    is looked at by itself, and then what if-then rules make of both.
    """
    kinds: dict[bool, list[Constraint]] = {True: [], False: []}
    for constraint in constraints:
        kinds[isinstance(constraint, ForbiddenConstraint)].append(constraint)
    for conflict in (kinds[True], kinds[False]):
        if _can_be_met(features, conflict):
            continue
        for constraint in tuple(conflict):
            rest = [other for other in conflict if other is not constraint]
            if not _can_be_met(features, rest):
                conflict = rest
        raise SpaceError(_conflict_text(features, conflict))
    has_conditions = any(isinstance(each, ConditionalConstraint) for each in constraints)
    if has_conditions and not ConstraintHandler(features, constraints).categories.is_possible:
        names = [feature.name for feature in features]
        words = "; ".join(f"'{each.words(names)}'" for each in constraints)
        raise SpaceError(
            f"No categories and numbers meet these rules together: {words}. Change or remove one of them, or widen "
            "the bounds of their features."
        )


def _can_be_met(features: Sequence[Feature], constraints: Sequence[Constraint]) -> bool:
    is_possible = CategoryConstraints.of(features, constraints).is_possible
    return is_possible and ConstraintRepair(System.of(features, constraints)).feasible_row is not None


def _conflict_text(features: Sequence[Feature], conflict: Sequence[Constraint]) -> str:
    names = [feature.name for feature in features]
    words = [f"'{constraint.words(names)}'" for constraint in conflict]
    if len(conflict) == 1:
        why = _why_infeasible(features, conflict[0])
        return f"The rule {words[0]} cannot be met: {why}. Change the rule, or widen the bounds of its features."
    text = f"These {len(conflict)} rules cannot be met together: {'; '.join(words)}."
    between = _range_given_others(features, conflict)
    return f"{text} {between}Change or remove one of them, or widen the bounds of their features."


def _range(features: Sequence[Feature], columns: Sequence[int], weights: Sequence[float] = ()) -> tuple[float, float]:
    """The smallest and the largest weighted sum of features by their bounds."""
    least = most = 0.0
    for j, weight in zip(columns, weights or [1.0] * len(columns), strict=True):
        if isinstance(feature := features[j], Numeric):
            low, high = (feature.low, feature.high) if feature.frozen is None else (feature.frozen, feature.frozen)
            least, most = least + min(weight * low, weight * high), most + max(weight * low, weight * high)
    return least, most


def _why_infeasible(features: Sequence[Feature], constraint: Constraint) -> str:
    names = [features[j].name for j in constraint.columns]
    if isinstance(constraint, SumConstraint):
        least, most = _range(features, constraint.columns, constraint.weights)
        what = "it" if len(names) == 1 else f"the {constraint.kind} of {listed(names)}"
        whose = "its" if len(names) == 1 else "their"
        if most < constraint.low:
            return f"{what} is at most {number(most)} by {whose} bounds, the rule asks for {number(constraint.low)}"
        if least > constraint.high:
            return f"{what} is at least {number(least)} by {whose} bounds, the rule asks for {number(constraint.high)}"
        return f"no steps of {listed(names)} add up to that (their bounds allow {number(least)} to {number(most)})"
    if isinstance(constraint, OrderConstraint):
        least, most = _range(features, [constraint.smaller])[0], _range(features, [constraint.larger])[1]
        return f"{names[0]} is at least {number(least)} and {names[1]} at most {number(most)} by their bounds"
    if isinstance(constraint, RatioConstraint):
        above, below = _range(features, constraint.numerator), _range(features, constraint.denominator)
        return (
            f"by their bounds the numerator lies between {number(above[0])} and {number(above[1])}, the denominator "
            f"between {number(below[0])} and {number(below[1])}"
        )
    if isinstance(constraint, CardinalityConstraint):
        if constraint.least:
            return "by their bounds some are neither 0 nor enough, or too many cannot be 0"
        forced = [features[j].name for j in constraint.columns if _range(features, [j])[0] > constraint.threshold]
        return f"{listed(forced) if forced else 'more of them'} cannot be 0 by their bounds"
    return "every allowed category is forbidden by it"


def _range_given_others(features: Sequence[Feature], conflict: Sequence[Constraint]) -> str:
    """How far the longest sum in conflict can go while the others are met, or "" where none is a sum."""
    sums = [constraint for constraint in conflict if isinstance(constraint, SumConstraint)]
    if not sums:
        return ""
    constraint = max(sums, key=lambda constraint: len(constraint.columns))
    # with the limits that its bounds set anyway, the sum keeps its columns in the program and limits nothing
    weights = dict(zip(constraint.columns, constraint.coefficients, strict=True))
    ends = _range(features, constraint.columns, constraint.weights)
    always = SumConstraint(constraint.columns, *ends, constraint.weights)
    system = System.of(features, [always if other is constraint else other for other in conflict])
    coefficients = np.array([weights.get(j, 0.0) for j in system.index.tolist()])
    frozen = [j for j in constraint.columns if not features[j].is_free]
    fixed = _range(features, frozen, [weights[j] for j in frozen])[0]
    program = Program.of(system)
    least, most = (program.extreme(coefficients, sign) + fixed for sign in (1.0, -1.0))
    if np.isnan(least) or np.isnan(most):
        return ""
    names = listed([features[j].name for j in constraint.columns])
    what = names if len(constraint.columns) == 1 else f"the {constraint.kind} of {names}"
    asked = constraint.low if most < constraint.low else constraint.high
    return (
        f"While the others are met, {what} lies between {number(least)} and {number(most)}, and its own rule asks for "
        f"{number(asked)}. "
    )
