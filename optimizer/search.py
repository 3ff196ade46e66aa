"""A whole search by any method: the public door of the engine for a problem."""

from collections.abc import Callable

import numpy as np

from optimizer.checks import SpaceError
from optimizer.methods.method import Method, is_steerable
from optimizer.outcome import Budget, SearchOutcome, check_first_generation
from optimizer.problem import Problem
from optimizer.steering import Steering
from optimizer.trace import Generation


def search(
    problem: Problem,
    method: Method,
    budget: Budget,
    rng: np.random.Generator,
    *,
    on_generation: Callable[[Generation], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    steering: Steering | None = None,
) -> SearchOutcome:
    """Return what a method finds within the budget; a stop keeps everything found so far.

    Args:
        problem: what is searched.
        method: how, with its settings: one of `METHODS`, or your own.
        budget: when to end.
        rng: the same state gives the same outcome, trace included.
        on_generation: called with every generation, in order.
        should_stop: asked before candidates are evaluated; True ends the search.
        steering: asked after every generation what to do about lineages, or None.

    Raises:
        SpaceError: the budget does not reach for the first generation, the method cannot search such a space, or it
            shall be steered and cannot be.
    """
    check_first_generation(method.n_first(len(problem.space.free)), budget.evaluations)
    if steering is None:
        return method.run(problem, budget, rng, on_generation=on_generation, should_stop=should_stop)
    if not is_steerable(method):
        raise SpaceError(
            f"The method '{method.name}' cannot be steered while it runs, for its lineages are not its own: "
            "search by 'niches' or 'lineages', or leave the decisions out."
        )
    return method.run_steered(problem, budget, rng, steering, on_generation=on_generation, should_stop=should_stop)
