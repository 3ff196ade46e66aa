"""Whether two candidates stand on one hill, told by a few candidates between them.

The hill-valley test of R. K. Ursem, "Multinational Evolutionary Algorithms", CEC 1999, as S. C. Maree et al. use it in
"Benchmarking the Hill-Valley Evolutionary Algorithm", arXiv:1907.10988, 2019: where some point of the segment between
two candidates is worse than both, a valley parts them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.niches.coordinates import Coordinates
from optimizer.niches.optima import Optima
from optimizer.niches.population import Population

_ROUNDING = 1e-9  # of a score: what single precision may add between two candidates of one flat top
_POINTS_CLIMBING, _POINTS_SETTLED = 3, 4
_OPTIMA_CLIMBING, OPTIMA_SETTLED = 4, 2
_GENERATIONS_BETWEEN = 8


@dataclass(frozen=True, slots=True)
class HillTest:
    """One segment between a lineage's best candidate and an optimum.

    Attributes:
        lineage: id of the lineage.
        optimum: row of the optimum in the archive.
        X: (n, d) candidates between the two.
    """

    lineage: int
    optimum: int
    X: np.ndarray


def tests_of_climbing(population: Population, coordinates: Coordinates, optima: Optima) -> list[HillTest]:
    """Return the tests of lineages that may be on their way up a known hill, and note that they were tested.

    Every few generations, against the optimum that is nearest in the metric of the lineage's own Gaussian, if that is
    near enough to be reached and as good as the lineage.
    """
    due = np.flatnonzero(population.ages - population.tested >= _GENERATIONS_BETWEEN)
    if not len(due) or not len(optima):
        return []
    bests = coordinates.coordinates(population.bests.X[due])
    rows, _ = optima.nearest(coordinates.places(population.bests.X[due]), _OPTIMA_CLIMBING)
    lengths = np.linalg.norm(population.whitened(optima.U[rows] - bests[:, None], due), axis=2)
    lengths[optima.scores[rows] > population.bests.scores[due, None]] = np.inf
    lengths[~coordinates.is_alike(optima.candidates.X[rows], population.bests.X[due][:, None])] = np.inf
    nearest = lengths.argmin(axis=1)
    tests = []
    for i, k in enumerate(due.tolist()):
        if lengths[i, nearest[i]] < 2.5 * np.sqrt(coordinates.n) + 1:
            population.tested[k] = population.ages[k]
            tests.append(_between(population, k, bests[i], rows[i, nearest[i]], coordinates, optima, _POINTS_CLIMBING))
    return tests


def tests_of_settled(population: Population, coordinates: Coordinates, optima: Optima) -> list[HillTest]:
    """Return the tests that tell whether lineages that came to their end did so on hills already known."""
    bests = coordinates.coordinates(population.bests.X)
    rows, _ = optima.nearest(coordinates.places(population.bests.X), OPTIMA_SETTLED)
    is_alike = coordinates.is_alike(optima.candidates.X[rows], population.bests.X[:, None])
    return [
        _between(population, k, bests[k], row, coordinates, optima, _POINTS_SETTLED)
        for k in range(len(population))
        for row, can_be_reached in zip(rows[k].tolist(), is_alike[k].tolist(), strict=True)
        if can_be_reached
    ]


def on_known_hills(
    tests: Sequence[HillTest], scores: np.ndarray, lineages: Sequence[Population], optima: Optima
) -> dict[int, int]:
    """Return the lineages that stand on a known hill, with the row of its optimum.

    Args:
        tests: that were made.
        scores: (n,) of all their candidates, in order.
        lineages: in which the tested ones are.
        optima: the archive.
    """
    known: dict[int, int] = {}
    start = 0
    for test in tests:
        between = scores[start : start + len(test.X)]
        start += len(test.X)
        for population in lineages:
            for k in np.flatnonzero(population.ids == test.lineage).tolist():
                ends = float(population.bests.scores[k]), float(optima.scores[test.optimum])
                if test.lineage not in known and is_one_hill(between, ends):
                    known[test.lineage] = test.optimum  # a better candidate between may be of a third hill
    return known


def not_bettered(known: dict[int, int], climbing: Population, optima: Optima) -> dict[int, int]:
    """Return ``known`` without lineages whose children are better than the optimum: they may be on another hill."""
    scores = dict(zip(climbing.ids.tolist(), climbing.bests.scores.tolist(), strict=True))
    return {k: row for k, row in known.items() if scores.get(k, np.inf) >= optima.scores[row]}


def is_one_hill(scores: np.ndarray, ends: tuple[float, float]) -> bool:
    """Return whether candidates between two others, with these scores, show no valley."""
    worse = max(ends)
    return bool((scores <= worse + _ROUNDING * max(1.0, abs(worse))).all())


def _between(
    population: Population, k: int, best: np.ndarray, row: int, coordinates: Coordinates, optima: Optima, n: int
) -> HillTest:
    parts = (np.arange(1, n + 1) / (n + 1))[:, None]
    U = best + parts * (optima.U[row] - best)
    return HillTest(
        int(population.ids[k]), int(row), coordinates.candidates(U, np.repeat(population.bests.X[[k]], n, axis=0))
    )
