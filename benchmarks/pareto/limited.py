"""One objective with limits, by niches: how many results break a limit, and what limits cost in time."""

import time
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.pareto.functions import four_bar_truss
from optimizer import (
    Budget,
    FrontProblem,
    Goal,
    Limit,
    Limits,
    NicheSettings,
    Objective,
    Problem,
    QualityFloor,
    SearchSpace,
    front_results,
    representatives,
    search,
    search_front,
)

N_EVALUATIONS = 10_000
LARGEST_DISPLACEMENT = 0.01


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of limits.

    Attributes:
        n_broken: results that break one, of searches for one objective and for several.
        times: the processor's seconds of a search with a limit over those of one without, in total.
    """

    n_broken: int
    times: float


def limited(seeds: range) -> Kept:
    """The lightest truss that keeps a limit of displacement, and the front of both within limits."""
    bounds = ((1, 3), (2**0.5, 3), (2**0.5, 3), (1, 3))
    space = SearchSpace.from_bounds(bounds)
    limit = Limit(1, at_most=LARGEST_DISPLACEMENT, scale=0.01)
    free = Problem(space, lambda X: four_bar_truss(X)[:, 0], Objective(Goal.MINIMUM, scale=300.0))
    bound = replace(free, limits=Limits(four_bar_truss, (limit,)))
    both = {0: Objective(Goal.MINIMUM, scale=300.0), 1: Objective(Goal.MINIMUM, scale=0.01)}
    front = FrontProblem(space, four_bar_truss, both, limits=(limit, Limit(0, at_most=2_500.0, scale=300.0)))
    n_broken, totals = 0, [0.0, 0.0]
    for seed in seeds:
        for i, problem in enumerate((free, bound)):
            started = time.process_time()
            found = search(problem, NicheSettings(), Budget(N_EVALUATIONS), np.random.default_rng(seed))
            totals[i] += time.process_time() - started
        passing = bound.passing(found.found)
        chosen = representatives(passing, space, 10, QualityFloor(), np.random.default_rng(seed), 0.3)
        outcome = search_front(front, Budget(N_EVALUATIONS), np.random.default_rng(seed))
        rows = np.concatenate([chosen.X, front_results(outcome, space, 10, 0.3).chosen.X, outcome.front.X])
        n_broken += int((four_bar_truss(rows)[:, 1] > LARGEST_DISPLACEMENT).sum())
    return Kept(n_broken, totals[1] / totals[0])
