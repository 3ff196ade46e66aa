"""What a search for several objectives found, and from it a few results: along the front, and different settings."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import check_at_least
from optimizer.features import least_distance
from optimizer.niches.front.directions import distances_along, nearest_directions
from optimizer.niches.front.dominance import (
    GreedyHypervolume,
    Scaling,
    farthest_first,
    hypervolume,
    is_nondominated,
)
from optimizer.problem.front import FrontCandidates
from optimizer.problem.space import SearchSpace
from optimizer.trace import Generation, StopReason

SPARE = 0.005
"""Share of the hypervolume: a place that adds less is spare, and goes to other settings of equal outcomes."""
MOST_LOST = 0.01
"""Share of the hypervolume that all spare places together may cost."""
ALIKE = 0.02
"""Shares of the front's width: outcomes that differ by no more are equal."""
_OTHER = 1.0  # recorded standard deviations: on one hill, settings that differ by less are variants of each other


@dataclass(frozen=True, slots=True)
class FrontOutcome:
    """What a search for several objectives found; all of it keeps limits and rules and may become results.

    Attributes:
        front: (f) candidates of which none is better than another in every objective.
        front_hills: (f,) number of the hill that each of these stands on.
        archive: (a) the best candidate of every cell, which is a direction and a hill, as far as it is as good as the
            front; with different hills of one direction these are different settings of equal outcomes.
        directions: (a,) number of the direction of each.
        hills: (a,) number of its hill.
        trace: every generation, in order.
        stop_reason: why it ended.
        seconds: wall time of the whole search.
        seconds_evaluating: of which in evaluations.
    """

    front: FrontCandidates
    front_hills: np.ndarray
    archive: FrontCandidates
    directions: np.ndarray
    hills: np.ndarray
    trace: tuple[Generation, ...]
    stop_reason: StopReason
    seconds: float
    seconds_evaluating: float

    @property
    def n_evaluations(self) -> int:
        """Candidates evaluated."""
        return self.trace[-1].evaluations if self.trace else 0

    @property
    def found(self) -> FrontCandidates:
        """The front, then what of the archive is not on it."""
        return FrontCandidates.concatenate([self.front, self.archive.take(self._is_beside)])

    @property
    def found_hills(self) -> np.ndarray:
        """The number of the hill of each candidate of `found`."""
        return np.concatenate([self.front_hills, self.hills[self._is_beside]])

    @property
    def _is_beside(self) -> np.ndarray:
        """Which of the archive are not on the front, (a,)."""
        known = {row.tobytes() for row in self.front.X}
        return np.array([row.tobytes() not in known for row in self.archive.X], dtype=bool)


def cells(scaled: np.ndarray, hills: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the best candidate of every cell, a direction and a hill, and the direction of each, (c,) each.

    Args:
        scaled: (n, m) scores in the front's unit.
        hills: (n,) the hill of each.
        directions: (k, m).
    """
    own = nearest_directions(scaled, directions)
    along = distances_along(scaled, directions)[np.arange(len(scaled)), own]
    order = np.lexsort((along, hills, own))
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (np.diff(own[order]) != 0) | (np.diff(hills[order]) != 0)
    rows = order[is_first]
    return rows, own[rows]


def most_hypervolume(candidates: FrontCandidates, n: int) -> FrontCandidates:
    """At most ``n`` of the candidates that nothing dominates, those that together dominate most, best first."""
    front = candidates.take(is_nondominated(candidates.scores))
    if len(front) <= n:
        return front
    scaled = Scaling.of(front.scores).scaled(front.scores)
    greedy = GreedyHypervolume(scaled)
    is_open = np.ones(len(front), dtype=bool)
    while len(greedy.chosen) < n and (row := greedy.best(is_open)[0]) >= 0:
        greedy.choose(row)
        is_open[row] = False
    return front.take(np.array(greedy.chosen, dtype=int))


def most_different(candidates: FrontCandidates, space: SearchSpace, n: int) -> FrontCandidates:
    """At most ``n`` of the candidates, those whose settings are farthest from one another."""
    scaled = space.scaled(candidates.X)
    return candidates.take(farthest_first(scaled, n, np.empty(0, dtype=int))[:n])


@dataclass(frozen=True, slots=True)
class FrontResults:
    """A few candidates of a front.

    Attributes:
        chosen: (r) the results: those along the front in the order of what they add, then other settings.
        like: (r,) for other settings of equal outcomes, the row of the result whose outcomes they have; -1 for those
            that were chosen for what they add.
        share: of the hypervolume of the whole front that the results have.
    """

    chosen: FrontCandidates
    like: np.ndarray
    share: float


def front_results(outcome: FrontOutcome, space: SearchSpace, n: int = 10, distinct: float = 1e-6) -> FrontResults:
    """At most ``n`` different candidates of a front, that together dominate most of what the whole front does.

    A place that would add less than `SPARE`, all such together at most `MOST_LOST`, goes to another setting of equal
    outcomes, where there is one on another hill or far away on the same: the one that is farthest from all chosen.
    Fewer than ``n`` come back when the others are too near to a chosen one.

    Args:
        outcome: what the search found.
        space: in which distances are taken.
        n: results wanted.
        distinct: two results are at least this far apart, in recorded standard deviations.

    Raises:
        SpaceError: ``n`` or ``distinct`` is out of range.
    """
    check_at_least("The number of results", n, 1)
    check_at_least("The least difference between results", distinct, 0.0)
    found, hills = outcome.found, outcome.found_hills
    scaling = Scaling.of(outcome.front.scores)
    scaled, places = scaling.scaled(found.scores), space.scaled(found.X)
    least = least_distance(distinct)
    total = hypervolume(scaled[: len(outcome.front)])
    greedy = GreedyHypervolume(scaled)
    lost = 0.0
    rows: list[int] = []
    like: list[int] = []
    is_open = np.ones(len(found), dtype=bool)
    apart = np.full(len(found), np.inf)

    def take(row: int, of: int) -> None:
        rows.append(row)
        like.append(of)
        np.minimum(apart, np.linalg.norm(places - places[row], axis=1), out=apart)
        is_open[:] = apart >= least

    while len(rows) < n and is_open.any():
        row, adds = greedy.best(is_open)
        if rows and adds < SPARE * total and lost + adds <= MOST_LOST * total:
            twin, of = _other_setting(scaled, hills, apart, is_open, rows)
            if twin >= 0:
                take(twin, of)
                lost += adds
                continue
        if row < 0:
            break
        take(row, -1)
        greedy.choose(row)
    chosen = np.array(rows, dtype=int)
    return FrontResults(found.take(chosen), np.array(like, dtype=int), greedy.total / total if total > 0 else 0.0)


def _other_setting(
    scaled: np.ndarray, hills: np.ndarray, apart: np.ndarray, is_open: np.ndarray, rows: list[int]
) -> tuple[int, int]:
    """The open row with the outcomes of a chosen one that is farthest from all chosen, and the place of that; or -1."""
    differences = np.abs(scaled[:, None] - scaled[rows]).max(axis=2)
    is_other = (hills[:, None] != hills[rows]) | (apart >= _OTHER)[:, None]
    differences = np.where(is_other & is_open[:, None], differences, np.inf)
    is_alike = differences.min(axis=1) <= ALIKE
    if not is_alike.any():
        return -1, -1
    row = int(np.where(is_alike, apart, -1.0).argmax())
    return row, int(differences[row].argmin())
