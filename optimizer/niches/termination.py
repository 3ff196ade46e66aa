"""How lineages end: settled on a hill of their own, which gives the archive an optimum, or merged into a known one.

A climbing lineage is *settled* when it has no more to gain. It then waits for the hill-valley test of R. K. Ursem,
"Multinational Evolutionary Algorithms", CEC 1999, as S. C. Maree et al. use it in "Benchmarking the Hill-Valley
Evolutionary Algorithm", arXiv:1907.10988, 2019: where some point of the segment between two candidates is worse than
both, a valley parts them. Without a valley the lineage merges into the optimum, else it becomes one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from optimizer.methods.asktell import MORE_PATIENCE
from optimizer.niches.archive import Optima
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.gaussians import Strategy
from optimizer.niches.initialisation import Initialiser
from optimizer.niches.population import Population

_LEAST_REACH = 1e-13  # of the bounds' width
_LEAST_SPREAD = 1e-13  # of scores
_LEAST_GAIN = 1e-10  # what counts as an improvement
_PATIENCE = 10
_FAR = 1e-3  # from the best score: a hill that far below need not be climbed to the last digit
_COARSE, _COARSE_HOP = 1e-2, 0.3  # spread of the parents' scores, as a share of what is missing
_COARSE_AGE, _COARSE_HOP_AGE = 10, 4
_PAIRED_AGE = 8
_N_NEIGHBOURS = 4
_SAME = 1e-6  # distance, in widths of the bounds, within which two optima are one without a test
_ROUNDING = 1e-9  # of a score: what single precision may add between two candidates of one flat top
_POINTS_CLIMBING, _POINTS_SETTLED = 3, 4
_OPTIMA_CLIMBING, _OPTIMA_SETTLED = 4, 2
_GENERATIONS_BETWEEN = 8


def settled(
    lineages: Population,
    strategy: Strategy,
    best: float,
    heads: np.ndarray,
    is_exact: np.ndarray,
    is_favoured: np.ndarray,
) -> Population:
    """The lineages with those marked that have come to their end, and generations without improvement counted.

    Args:
        best: score so far.
        heads: (k,) score of the optimum that a lineage hopped from, minus infinity for the others.
        is_exact: (k,) whether a surrogate that fits well has no more to gain.
        is_favoured: (k,) whether the user wants more of a lineage: it may stall for longer, and is never given up for
            being poor.
    """
    scores, spreads, ages = lineages.scores, lineages.spreads, lineages.ages
    with np.errstate(invalid="ignore"):  # a lineage without a finite score waits for one
        has_improved = scores < lineages.anchors - _LEAST_GAIN
        gaps = np.nan_to_num(scores - best, nan=0.0, posinf=0.0)
        missing = scores - heads
    stalled = np.where(has_improved, 0, lineages.stalled + 1)
    has_shrunk = (lineages.gaussians.reaches < _LEAST_REACH) | ((spreads < _LEAST_SPREAD) & (ages > 5))
    patience = (_PATIENCE + 30 * strategy.n / strategy.n_children) * np.where(is_favoured, MORE_PATIENCE, 1)
    # children so alike cannot reach the best hill, or that from which the lineage hopped: not worth more evaluations
    is_poor = (gaps > _FAR) & (spreads < _COARSE * gaps) & (ages > _COARSE_AGE)
    is_lost = np.isfinite(heads) & (spreads < _COARSE_HOP * missing) & (ages > _COARSE_HOP_AGE)
    is_given_up = (is_poor | is_lost) & ~is_favoured
    return replace(
        lineages,
        anchors=np.where(has_improved, scores, lineages.anchors),
        stalled=stalled,
        is_settled=has_shrunk | (stalled > patience) | is_given_up | is_exact,
    )


def duplicates(lineages: Population, coordinates: Coordinates) -> dict[int, int]:
    """By its number, every lineage that has come to lie within the Gaussian of a better one, and that one's number."""
    rows = np.flatnonzero(lineages.ages > _PAIRED_AGE)
    if len(rows) < 2:
        return {}
    X, scores, ids = lineages.bests.X[rows], lineages.scores[rows], lineages.ids[rows]
    bests = coordinates.coordinates(X)
    k = min(_N_NEIGHBOURS + 1, len(rows))
    _, near = cKDTree(bests).query(bests, k=k)
    moves = bests[near] - bests[:, None]
    lengths = np.linalg.norm(lineages.gaussians.whitened(moves, rows), axis=2)
    rank = np.empty(len(rows), dtype=int)
    rank[np.lexsort((ids, scores))] = np.arange(len(rows))
    # near for both: a wide Gaussian reaches many a hill beside its own
    is_near = (lengths < 1) & (np.linalg.norm(moves, axis=2) < 3 * lineages.gaussians.reaches[rows][near])
    is_near &= (rank[near] < rank[:, None]) & coordinates.is_alike(X[near], X[:, None])
    return {int(ids[i]): int(ids[near[i, is_near[i].argmax()]]) for i in np.flatnonzero(is_near.any(axis=1))}


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


def tests_of_climbing(
    lineages: Population, coordinates: Coordinates, optima: Optima
) -> tuple[Population, list[HillTest]]:
    """The lineages with the age of their last test, and the tests of those that may be on their way up a known hill.

    Every few generations, against the optimum that is nearest in the metric of the lineage's own Gaussian, if that is
    near enough to be reached and as good as the lineage.
    """
    due = np.flatnonzero(lineages.ages - lineages.tested >= _GENERATIONS_BETWEEN)
    if not len(due) or not len(optima):
        return lineages, []
    X = lineages.bests.X[due]
    bests = coordinates.coordinates(X)
    rows, _ = optima.nearest(coordinates.keys(X), _OPTIMA_CLIMBING)
    lengths = np.linalg.norm(lineages.gaussians.whitened(optima.U[rows] - bests[:, None], due), axis=2)
    lengths[optima.scores[rows] > lineages.scores[due, None]] = np.inf
    lengths[~coordinates.is_alike(optima.candidates.X[rows], X[:, None])] = np.inf
    nearest = lengths.argmin(axis=1)
    is_tested = lengths.min(axis=1) < 2.5 * np.sqrt(coordinates.n) + 1
    tests = [
        _between(lineages, int(due[i]), int(rows[i, nearest[i]]), coordinates, optima, _POINTS_CLIMBING)
        for i in np.flatnonzero(is_tested)
    ]
    tested = lineages.tested.copy()
    tested[due[is_tested]] = lineages.ages[due[is_tested]]
    return replace(lineages, tested=tested), tests


def tests_of_settled(lineages: Population, coordinates: Coordinates, optima: Optima) -> list[HillTest]:
    """The tests of whether lineages settled on hills already known, against the nearest optima."""
    rows, _ = optima.nearest(coordinates.keys(lineages.bests.X), _OPTIMA_SETTLED)
    is_alike = coordinates.is_alike(optima.candidates.X[rows], lineages.bests.X[:, None])
    return [
        _between(lineages, k, int(rows[k, i]), coordinates, optima, _POINTS_SETTLED) for k, i in np.argwhere(is_alike)
    ]


def _between(lineages: Population, k: int, row: int, coordinates: Coordinates, optima: Optima, n: int) -> HillTest:
    best = coordinates.coordinates(lineages.bests.X[[k]])
    parts = (np.arange(1, n + 1) / (n + 1))[:, None]
    U = best + parts * (optima.U[row] - best)
    X = coordinates.candidates(U, np.repeat(lineages.bests.X[[k]], n, axis=0))
    return HillTest(int(lineages.ids[k]), row, X)


def on_known_hills(
    tests: Sequence[HillTest], scores: np.ndarray, bests: dict[int, float], optima: Optima
) -> dict[int, int]:
    """By number, the lineages that stand on a known hill, with the row of its optimum.

    Args:
        scores: (n,) of all their candidates, in order.
    """
    known: dict[int, int] = {}
    ends = np.cumsum([len(test.X) for test in tests])
    for test, between in zip(tests, np.split(scores, ends)[:-1], strict=True):
        is_one = is_one_hill(between, (bests[test.lineage], float(optima.scores[test.optimum])))
        if is_one and test.lineage not in known:
            known[test.lineage] = test.optimum
    return known


def not_bettered(known: dict[int, int], climbing: Population, optima: Optima) -> dict[int, int]:
    """``known`` without lineages whose children are better than the optimum: they may be on another hill."""
    scores = climbing.scores_by_id
    return {k: row for k, row in known.items() if scores.get(k, np.inf) >= optima.scores[row]}


def is_one_hill(scores: np.ndarray, ends: tuple[float, float]) -> bool:
    """Whether candidates between two others, with these scores, show no valley."""
    worse = max(ends)
    return bool((scores <= worse + _ROUNDING * max(1.0, abs(worse))).all())


class Ending(NamedTuple):
    """What a generation left of its lineages.

    Attributes:
        climbing: lineages that climb on.
        waiting: settled ones that are to be told apart from the optima near them.
        ended: those that are gone.
        merged_into: by the number of a merged lineage, the one whose hill it climbed.
    """

    climbing: Population
    waiting: Population
    ended: Population
    merged_into: dict[int, int]


class Termination:
    """Ends lineages, and lets archive and origins know.

    Args:
        initialiser: which learns what origins are worth.
        n_children: of a lineage per generation.
    """

    def __init__(self, coordinates: Coordinates, optima: Optima, initialiser: Initialiser, n_children: int) -> None:
        self._coordinates = coordinates
        self._optima = optima
        self._initialiser = initialiser
        self._n_children = n_children

    def end(self, climbing: Population, waiting: Population, known: dict[int, int], tested: frozenset[int]) -> Ending:
        """What goes on, waits and ended.

        Args:
            climbing: lineages that may have climbed a known hill or settled.
            waiting: lineages that settled before.
            known: rows of the optima on whose hills lineages stand, by their numbers.
            tested: the waiting lineages that were tested against the optima near them.
        """
        merged_into: dict[int, int] = {}
        for lineages in (climbing, waiting):
            for k, lineage in enumerate(lineages.ids.tolist()):
                if lineage in known:
                    merged_into[lineage] = self._merge(lineages, k, known[lineage])
        n_known = len(self._optima)
        must_wait = np.zeros(len(waiting), dtype=bool)
        for k in np.argsort(waiting.scores, kind="stable").tolist():  # of several on one hill, the best is its optimum
            lineage = int(waiting.ids[k])
            if lineage in known:
                continue
            if lineage not in tested or self._has_new_neighbour(waiting, k, n_known):
                must_wait[k] = True
                continue
            into = self._finish(waiting, k)
            if into is not None:
                merged_into[lineage] = into
        merged_into = duplicates(climbing, self._coordinates) | merged_into
        is_merged = np.isin(climbing.ids, list(merged_into))
        going = climbing.take(~is_merged)
        return Ending(
            climbing=going.take(~going.is_settled),
            waiting=waiting.take(must_wait).joined(going.take(going.is_settled)),
            ended=waiting.take(~must_wait).joined(climbing.take(is_merged)),
            merged_into=merged_into,
        )

    def _has_new_neighbour(self, lineages: Population, k: int, n_known: int) -> bool:
        """Whether an optimum that was not among the first ``n_known`` has to be told apart from a lineage."""
        if len(self._optima) == n_known:
            return False
        X = lineages.bests.X[[k]]
        rows, distances = self._optima.nearest(self._coordinates.keys(X), _OPTIMA_SETTLED)
        is_new = (rows[0] >= n_known) & (distances[0] >= _SAME)
        return bool((is_new & self._coordinates.is_alike(self._optima.candidates.X[rows[0]], X)).any())

    def _merge(self, lineages: Population, k: int, row: int) -> int:
        """End a lineage on a hill that is known; the number of the lineage that was there first."""
        self._optima.improve(row, lineages.bests.take(np.array([k])))
        self._credit(lineages, k, row, is_new=False)
        return int(self._optima.ids[row])

    def _finish(self, lineages: Population, k: int) -> int | None:
        """End a lineage on its own hill; the number of the lineage that was there before, if there was one."""
        best = lineages.bests.take(np.array([k]))
        rows, distances = self._optima.nearest(self._coordinates.keys(best.X), 1)
        is_same = distances.size and distances[0, 0] < _SAME
        if is_same and self._coordinates.is_alike(self._optima.candidates.X[rows[0]], best.X)[0]:
            return self._merge(lineages, k, int(rows[0, 0]))
        self._credit(lineages, k, self._optima.add(int(lineages.ids[k]), best), is_new=True)
        return None

    def _credit(self, lineages: Population, k: int, row: int, *, is_new: bool) -> None:
        n_evaluations = int(lineages.ages[k]) * self._n_children
        self._initialiser.learn(int(lineages.origins[k]), int(lineages.chains[k]), n_evaluations, row, is_new=is_new)
