"""The engine in one call, for any function of arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.candidates import Candidates
from optimizer.lineages import LineageSettings
from optimizer.objective import Goal, Objective
from optimizer.problem import Problem
from optimizer.representatives import QualityFloor, representatives
from optimizer.search import Budget, SearchOutcome, search
from optimizer.space import SearchSpace
from optimizer.trace import Generation

N_SCALE_SAMPLES = 256  # candidates that tell the unit of scores


@dataclass(frozen=True, slots=True)
class Optimum:
    """What `optimize` found.

    Attributes:
        representatives: different good candidates, best first.
        archive: best candidate of every lineage, best first.
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
    n_results: int = 5,
    maximize: bool = False,
    settings: LineageSettings | None = None,
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
        n_results: representatives wanted; fewer come back when fewer differ.
        maximize: search for the maximum instead of the minimum.
        settings: knobs of the lineages.
        floor: which candidates may become representatives; by default the best half.
        distinct: two representatives are at least this far apart, in standard deviations of a uniform draw.
        on_generation: called with every generation.

    Raises:
        SpaceError: bounds, budget or settings are out of range, or the function gives something else than (n,) numbers.
    """
    rng = np.random.default_rng(seed)
    space = SearchSpace.from_bounds(bounds)
    n_samples = min(N_SCALE_SAMPLES, max(budget // 10, 2))
    values = np.asarray(function(space.sample(n_samples, rng)), dtype=float)
    spread = float(np.std(values[np.isfinite(values)])) if np.isfinite(values).any() else 0.0
    objective = Objective(Goal.MAXIMUM if maximize else Goal.MINIMUM, scale=spread or 1.0)
    found = search(
        Problem(space, function, objective),
        settings or LineageSettings(),
        Budget(max(budget - n_samples, 1)),
        rng,
        on_generation=on_generation,
    )
    chosen = representatives(found.found, space, n_results, floor or QualityFloor(), rng, distinct)
    return Optimum(chosen, found.found, found)
