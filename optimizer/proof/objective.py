"""The score as a bound sees it: outcomes at the points of a curve, aggregated, and these points in groups.

One bound of the network serves all points of a group, for the sweep feature is bounded over it.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.problem.objective import Curve, Goal, Objective, Summary


class Aggregate(StrEnum):
    """How the outcomes along a curve become one number."""

    SUM = "sum"
    MINIMUM = "least"
    MAXIMUM = "largest"


@dataclass(frozen=True, slots=True)
class ScoreTerm:
    """One term of a score: ``aggregate(factor * outcome at each point) + shift``.

    Attributes:
        factor: of the outcome, in scores per unit.
        shift: added at the end.
        aggregate: over the points.
    """

    factor: float
    shift: float
    aggregate: Aggregate


@dataclass(frozen=True, eq=False)
class PointwiseObjective:
    """The score of an objective: the largest of its terms, and of its floor.

    Attributes:
        terms: one, or two for a value to come near to.
        floor: no score is below it.
        sweep: the column of the curve, or None.
        grid: (m,) its points; one without a curve.
        masses: (m,) weight of each point in a sum.
    """

    terms: tuple[ScoreTerm, ...]
    floor: float
    sweep: int | None
    grid: np.ndarray
    masses: np.ndarray

    @classmethod
    def of(cls, objective: Objective) -> "PointwiseObjective":
        """What an objective asks for."""
        grid, masses = _points(objective.curve)
        signs = {Goal.MAXIMUM: (-1,), Goal.MINIMUM: (1,), Goal.VALUE: (1, -1)}[objective.goal]
        value = objective.value or 0.0
        shift = value if objective.goal is Goal.VALUE else 0.0
        return cls(
            terms=tuple(
                ScoreTerm(sign / objective.scale, -sign * shift / objective.scale, _aggregate(objective.curve, sign))
                for sign in signs
            ),
            floor=0.0 if objective.goal is Goal.VALUE else -np.inf,
            sweep=objective.curve.feature if objective.curve else None,
            grid=grid,
            masses=masses,
        )


def _points(curve: Curve | None) -> tuple[np.ndarray, np.ndarray]:
    if curve is None:
        return np.zeros(1), np.ones(1)
    if curve.summary is Summary.POINT:
        return np.array([curve.at], dtype=float), np.ones(1)
    if curve.summary in (Summary.MINIMUM, Summary.MAXIMUM):
        return curve.grid, np.ones(len(curve.grid))
    steps = np.diff(curve.grid)  # the trapezoidal rule
    masses = 0.5 * (np.append(steps, 0.0) + np.insert(steps, 0, 0.0))
    return curve.grid, masses if curve.summary is Summary.AREA else masses / (curve.grid[-1] - curve.grid[0])


def _aggregate(curve: Curve | None, sign: int) -> Aggregate:
    """How ``sign`` times the points' outcomes come together."""
    if curve is None or curve.summary not in (Summary.MINIMUM, Summary.MAXIMUM):
        return Aggregate.SUM
    return Aggregate.MINIMUM if (curve.summary is Summary.MINIMUM) == (sign > 0) else Aggregate.MAXIMUM


@dataclass(frozen=True, slots=True)
class PointGroups:
    """The groups of n boxes' curves, q in all, box after box.

    Attributes:
        owners: (q,) which box.
        starts: (n,) number of each box's first group.
        first: (q,) number of the group's first point.
        last: (q,) and of its last.
        low: (q,) sweep value of the first point.
        high: (q,) of the last.
        masses: (q,) weight of the group in a sum.
        at: (q,) mean sweep value, weighted like the sum: a line over the group sums up to its value there.
    """

    owners: np.ndarray
    starts: np.ndarray
    first: np.ndarray
    last: np.ndarray
    low: np.ndarray
    high: np.ndarray
    masses: np.ndarray
    at: np.ndarray

    @classmethod
    def of(cls, cuts: np.ndarray, objective: PointwiseObjective) -> "PointGroups":
        """The groups that ``cuts`` (n, m - 1) make: whether each point but the last ends a group."""
        always = np.ones((len(cuts), 1), dtype=bool)
        owners, first = np.nonzero(np.hstack([always, cuts]))
        last = np.nonzero(np.hstack([cuts, always]))[1]
        starts = np.searchsorted(owners, np.arange(len(cuts)))
        masses = _summed(objective.masses, first, last)
        low, high = objective.grid[first], objective.grid[last]
        at = np.clip(_summed(objective.masses * objective.grid, first, last) / masses, low, high)
        return cls(owners, starts, first, last, low, high, masses, at)

    def refined(self, cuts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """``cuts`` (n, m - 1) with the groups halved that are ``wanted`` (q,) and have more than one point."""
        halved = wanted & (self.last > self.first)
        finer = cuts.copy()
        finer[self.owners[halved], (self.first[halved] + self.last[halved]) // 2] = True
        return finer

    def ends(self, slopes: np.ndarray, aggregate: Aggregate) -> np.ndarray:
        """The sweep values where lines of these slopes (q,) over the groups meet the aggregate, (q,)."""
        if aggregate is Aggregate.SUM:
            return self.at
        return np.where((slopes > 0) == (aggregate is Aggregate.MAXIMUM), self.high, self.low)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """The sums over each box's groups of ``values`` (q, ...), (n, ...)."""
        return np.add.reduceat(values, self.starts, axis=0)

    def deciding(self, values: np.ndarray, aggregate: Aggregate) -> np.ndarray:
        """The group of each box whose value (q,) is the one that an aggregate takes, (n,)."""
        extreme = np.minimum.reduceat(values, self.starts)
        if aggregate is Aggregate.MAXIMUM:
            extreme = np.maximum.reduceat(values, self.starts)
        numbers = np.where(values == extreme[self.owners], np.arange(len(values)), len(values))
        return np.minimum.reduceat(numbers, self.starts)


def _summed(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    totals = np.concatenate([[0.0], np.cumsum(values)])
    return totals[last + 1] - totals[first]
