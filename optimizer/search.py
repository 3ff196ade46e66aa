"""A whole search by any method: the public door of the engine for a problem."""

from collections.abc import Callable

import numpy as np

from optimizer.methods.method import Method
from optimizer.outcome import Budget, SearchOutcome, check_first_generation
from optimizer.problem import Problem
from optimizer.trace import Generation


def search(
    problem: Problem,
    method: Method,
    budget: Budget,
    rng: np.random.Generator,
    *,
    on_generation: Callable[[Generation], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> SearchOutcome:
    """Return what a method finds within the budget; a stop keeps everything found so far.

    Args:
        problem: what is searched.
        method: how, with its settings: one of `METHODS`, or your own.
        budget: when to end.
        rng: the same state gives the same outcome, trace included.
        on_generation: called with every generation, in order.
        should_stop: asked before candidates are evaluated; True ends the search.

    Raises:
        SpaceError: the budget does not reach for the first generation, or the method cannot search such a space.
    """
    check_first_generation(method.n_first(len(problem.space.free)), budget.evaluations)
    return method.run(problem, budget, rng, on_generation=on_generation, should_stop=should_stop)
