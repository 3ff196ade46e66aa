"""Results as they are printed: numbers that rules hold together are rounded together, so that what is dosed adds up."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from optimizer import Candidates, FrontProblem, Numeric, Problem, SearchSpace, SpaceError
from optimizer.constraints.constraint import LinearConstraint
from services.specs.digits import exact_decimals, sensible_decimals, step_decimals

_MORE_DECIMALS = range(8)  # where a rule cannot be met with those that matter


def printed_space(space: SearchSpace) -> SearchSpace:
    """The same space with steps, those of the last printed digit, for the numbers that rules on sums speak of.

    Where no numbers of so few digits meet the rules, more digits are printed; a space without such rules, or one that
    no digits help, comes back as it is.
    """
    continuous = {j for j in _ruled(space) if isinstance(f := space.features[j], Numeric) and f.is_free and not f.step}
    if not continuous:
        return space
    for more in _MORE_DECIMALS:
        features = list(space.features)
        try:
            for j in continuous:
                feature = features[j]
                assert isinstance(feature, Numeric)
                features[j] = replace(feature, step=10.0 ** -(sensible_decimals(feature.std) + more))
            return SearchSpace(tuple(features), space.constraints)
        except SpaceError:  # no multiple within the bounds, or none that meets the rules
            continue
    return space


def printed_decimals(space: SearchSpace) -> dict[int, int]:
    """How many decimals the numbers that rules on sums speak of are printed with, by column; frozen ones with all."""
    features = printed_space(space).features
    found = {}
    for j in _ruled(space):
        feature = features[j]
        if isinstance(feature, Numeric) and feature.frozen is not None:
            found[j] = exact_decimals(feature.frozen)
        elif isinstance(feature, Numeric) and feature.step:
            found[j] = step_decimals(feature.step)
    return found


def _ruled(space: SearchSpace) -> set[int]:
    """Columns that rules on sums speak of."""
    return {j for each in space.constraints if isinstance(each, LinearConstraint) for j in each.columns}


AnyProblem = TypeVar("AnyProblem", Problem, FrontProblem)


def searched_as_printed(problem: AnyProblem) -> AnyProblem:
    """The same problem in the space of what is printed, so that no candidate has to be predicted again when it is."""
    space = printed_space(problem.space)
    if space is problem.space:
        return problem
    begin_at = None if problem.begin_at is None else space.repair(problem.begin_at)
    return replace(problem, space=space, begin_at=begin_at)


def as_printed(problem: Problem, candidates: Candidates) -> Candidates:
    """Candidates with their numbers as they are printed, predicted again; the same where no rule asks for it.

    What is one setting when it is printed is there once.
    """
    space = printed_space(problem.space)
    if space is problem.space or not len(candidates):
        return candidates
    X = space.repair(candidates.X)
    return problem.evaluate(X[np.sort(np.unique(X, axis=0, return_index=True)[1])])
