"""The engine in one call, for any function of arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.candidates import Candidates
from optimizer.features import Numeric
from optimizer.methods import DEFAULT_METHOD, method_of
from optimizer.methods.method import Method
from optimizer.methods.niches import LEVEL, NicheSettings
from optimizer.objective import Goal, Objective
from optimizer.outcome import Budget, SearchOutcome
from optimizer.problem import Problem
from optimizer.representatives import QualityFloor, representatives
from optimizer.search import search
from optimizer.space import SearchSpace
from optimizer.trace import Generation

N_SCALE_SAMPLES = 256  # candidates that tell the unit of scores
_SAME_HILL = 0.005  # distance, in widths of the bounds, within which two equally good candidates are taken for one


@dataclass(frozen=True, slots=True)
class Optimum:
    """What `optimize` found.

    Attributes:
        representatives: different good candidates, best first.
        archive: the optima found, with their values, best first. By niches, each hill once and only those as good as
            the best one; by the other methods, the best candidate of every lineage, several of which may be one hill's.
        search: the whole search, trace included.
    """

    representatives: Candidates
    archive: Candidates
    search: SearchOutcome


def optimize(
    function: Callable[[np.ndarray], np.ndarray],
    bounds: Sequence[tuple[float, float]],
    *,
    budget: int = 20_000,
    seed: int = 0,
    method: Method | str = DEFAULT_METHOD,
    n_results: int = 5,
    maximize: bool = False,
    floor: QualityFloor | None = None,
    distinct: float = 0.3,
    on_generation: Callable[[Generation], None] | None = None,
) -> Optimum:
    """Return several different good optima of a function.

    Args:
        function: maps (n, d) to (n,); called once per generation.
        bounds: (low, high) of each of the d variables.
        budget: evaluations at most, 256 of which tell the scale of the function.
        seed: the same seed gives the same result.
        method: how to search: a name out of `METHODS`, or a method with settings of your own.
        n_results: representatives wanted; fewer come back when fewer differ.
        maximize: search for the maximum instead of the minimum.
        floor: which candidates may become representatives; by default a percentage of the best.
        distinct: two representatives are at least this far apart, in standard deviations of a uniform draw.
        on_generation: called with every generation.

    Raises:
        SpaceError: bounds or budget are out of range, there is no such method, or the function gives something else
            than (n,) numbers.
    """
    chosen_method = method_of(method)
    rng = np.random.default_rng(seed)
    space = SearchSpace.from_bounds(bounds)
    n_samples = min(N_SCALE_SAMPLES, max(budget // 20, 2))
    values = np.asarray(function(space.sample(n_samples, rng)), dtype=float)
    spread = float(np.std(values[np.isfinite(values)])) if np.isfinite(values).any() else 0.0
    objective = Objective(Goal.MAXIMUM if maximize else Goal.MINIMUM, scale=spread or 1.0)
    found = search(
        Problem(space, function, objective),
        chosen_method,
        Budget(max(budget - n_samples, 1)),
        rng,
        on_generation=on_generation,
    )
    chosen = representatives(found.found, space, n_results, floor or QualityFloor(), rng, distinct)
    return Optimum(chosen, _optima(found, space, chosen_method), found)


def _optima(found: SearchOutcome, space: SearchSpace, method: Method) -> Candidates:
    """Return the optima that a search came to."""
    everyone = Candidates.concatenate([found.archive, found.living]).by_score()
    if not isinstance(method, NicheSettings) or not len(everyone):
        return everyone
    elites = found.archive.take(found.archive.scores <= everyone.scores[0] + LEVEL)
    living = found.living.take(found.living.scores <= everyone.scores[0] + LEVEL)
    widths = np.array([(f.high - f.low) or 1.0 for f in space.features if isinstance(f, Numeric)])
    for k in range(len(living)):  # one that the budget kept from its last test may be on a hill already known
        one = living.take(np.array([k]))
        if (np.linalg.norm((elites.X - one.X) / widths, axis=1) > _SAME_HILL).all():
            elites = Candidates.concatenate([elites, one])
    return elites.by_score()
