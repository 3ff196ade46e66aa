"""The points of a curve in groups: one bound serves all points of a group, for the sweep feature is bounded over it."""

from dataclasses import dataclass

import numpy as np

from optimizer.proof.faces import Join, Target


@dataclass(frozen=True, slots=True)
class Groups:
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
    def of(cls, cuts: np.ndarray, target: Target) -> "Groups":
        """Return the groups that ``cuts`` (n, m - 1) make: whether each point but the last ends a group."""
        always = np.ones((len(cuts), 1), dtype=bool)
        owners, first = np.nonzero(np.hstack([always, cuts]))
        last = np.nonzero(np.hstack([cuts, always]))[1]
        starts = np.searchsorted(owners, np.arange(len(cuts)))
        masses = _summed(target.masses, first, last)
        low, high = target.grid[first], target.grid[last]
        at = np.clip(_summed(target.masses * target.grid, first, last) / masses, low, high)
        return cls(owners, starts, first, last, low, high, masses, at)

    def refined(self, cuts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Return ``cuts`` (n, m - 1) with the groups halved that are ``wanted`` (q,) and have more than one point."""
        halved = wanted & (self.last > self.first)
        finer = cuts.copy()
        finer[self.owners[halved], (self.first[halved] + self.last[halved]) // 2] = True
        return finer

    def ends(self, slopes: np.ndarray, join: Join) -> np.ndarray:
        """Return (q,) the sweep values where lines of these slopes (q,) over the groups are joined."""
        if join is Join.SUM:
            return self.at
        return np.where((slopes > 0) == (join is Join.LARGEST), self.high, self.low)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Return (n, ...) the sums over each box's groups of ``values`` (q, ...)."""
        return np.add.reduceat(values, self.starts, axis=0)

    def deciding(self, values: np.ndarray, join: Join) -> np.ndarray:
        """Return (n,) the group of each box whose value (q,) is the one that a join takes."""
        extreme = np.minimum.reduceat(values, self.starts)
        if join is Join.LARGEST:
            extreme = np.maximum.reduceat(values, self.starts)
        numbers = np.where(values == extreme[self.owners], np.arange(len(values)), len(values))
        return np.minimum.reduceat(numbers, self.starts)


def _summed(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return (q,) the sums of ``values[first : last + 1]``."""
    totals = np.concatenate([[0.0], np.cumsum(values)])
    return totals[last + 1] - totals[first]
