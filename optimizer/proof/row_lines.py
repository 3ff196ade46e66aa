"""Lines below the cost of a distance to one recorded row, added to a linear function over a box."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.proof.relu_network import FLOAT64_ROUNDOFF

_ROUNDS = 4
_SAFE = 1 - 1e-12  # a unit vector is kept shorter than 1


@dataclass(frozen=True, eq=False)
class RowLines:
    """Pairs of a box and a recorded row, in standard deviations of the m numbers that count.

    Attributes:
        weights: (q, m) of the linear function.
        rests: (q,) the least of what else belongs to the function: its constant and the other columns.
        low: (q, m) lower corners.
        high: (q, m) upper corners.
        rows: (q, m) the recorded rows.
        apart: (q,) in how many categories box and row differ at least; each adds 1 to the squared distance.
        threshold: distances up to it cost nothing.
        price: of one standard deviation beyond it.
    """

    weights: np.ndarray
    rests: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    apart: np.ndarray
    threshold: float
    price: float

    @cached_property
    def gaps(self) -> np.ndarray:
        """(q, m) squared distances between box and row in each column."""
        return np.square(np.maximum(np.maximum(self.low - self.rows, self.rows - self.high), 0.0))

    @property
    def values(self) -> np.ndarray:
        """(q,) at most the least of linear function and cost over the box, were this row the nearest."""
        return self._best[0]

    @property
    def slopes(self) -> np.ndarray:
        """(q, m) of the line below the cost that gives this, 0 where a constant does."""
        return self._best[1]

    @cached_property
    def _best(self) -> tuple[np.ndarray, np.ndarray]:
        """Values (q,) and slopes (q, m) of the highest lines found.

        ``distance(x, row) >= v @ (x - row)`` for every unit vector v, and ``max(0, s) >= t * s`` for every share t
        between 0 and 1: the vector is sought by turning it towards where the last line was lowest, the share is exact.
        """
        distances = np.sqrt(self.gaps.sum(axis=1) + self.apart) * _SAFE
        best = self._least(self.weights) + self.price * np.maximum(distances - self.threshold, 0.0)
        best_slopes = np.zeros_like(self.low)
        points = 0.5 * (self.low + self.high)
        for played in range(1, _ROUNDS + 1):
            away = points - self.rows
            norms = np.sqrt(np.square(away).sum(axis=1) + self.apart)
            lengths = np.maximum(norms, 1e-12)
            slopes = self.price * _SAFE * away / lengths[:, None]
            fixed = self.price * (_SAFE * self.apart / lengths - self.threshold)
            fixed -= np.einsum("qm,qm->q", slopes, self.rows)
            shares, heights = self._best_shares(slopes, fixed)
            best_slopes = np.where((heights > best)[:, None], shares[:, None] * slopes, best_slopes)
            best = np.maximum(best, heights)
            lowest = np.where(self.weights + shares[:, None] * slopes > 0, self.low, self.high)
            points = points + (lowest - points) / (played + 1)
        sizes = np.maximum(np.abs(self.low), np.abs(self.high)) + np.abs(self.rows)
        sums = np.einsum("qm,qm->q", np.abs(self.weights) + self.price, sizes)
        slack = sums + np.abs(self.rests) + self.price * (self.threshold + self.apart)
        return best + self.rests - 64 * self.low.shape[1] * FLOAT64_ROUNDOFF * slack, best_slopes

    @cached_property
    def targets(self) -> np.ndarray:
        """(q, m) where in the box the function is low and the row is near."""
        lengths = np.sqrt(np.square(self.weights).sum(axis=1, keepdims=True))
        downhill = np.divide(self.weights, lengths, out=np.zeros_like(self.weights), where=lengths > 0)
        reach = np.sqrt(np.maximum(self.threshold**2 - self.apart, 0.0))
        return np.clip(self.rows - reach[:, None] * downhill, self.low, self.high)

    def heights(self) -> np.ndarray:
        """Return (q,) function and cost at the targets, were this row the nearest."""
        away = np.square(self.targets - self.rows).sum(axis=1) + self.apart
        costs = self.price * np.maximum(np.sqrt(away) - self.threshold, 0.0)
        return self.rests + np.einsum("qm,qm->q", self.weights, self.targets) + costs

    def within(self, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return corners (q, m) of the boxes cut down to what lies within ``reach`` (q,) of the row."""
        others = self.gaps.sum(axis=1, keepdims=True) - self.gaps + self.apart[:, None]
        half = np.sqrt(np.maximum(np.square(reach)[:, None] - others, 0.0)) * (1 + 1e-9) + 1e-9
        return np.maximum(self.low, self.rows - half), np.minimum(self.high, self.rows + half)

    def _least(self, weights: np.ndarray) -> np.ndarray:
        """Return (q,) the least of a linear function over the boxes."""
        return np.einsum("qm,qm->q", weights, np.where(weights > 0, self.low, self.high))

    def _best_shares(self, slopes: np.ndarray, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the shares t (q,) whose functions ``weights + t * slopes``, ``t * fixed`` are highest at their lowest.

        As a function of t that is concave with kinks where a coefficient vanishes, so its maximum is at one of them,
        or at an end.
        """
        with np.errstate(all="ignore"):
            kinks = np.where(slopes != 0, -self.weights / slopes, 1.0)
        tried = np.column_stack([np.clip(np.nan_to_num(kinks, nan=1.0), 0.0, 1.0), np.ones(len(kinks))])
        heights = tried * fixed[:, None]
        for j in range(slopes.shape[1]):
            lines = self.weights[:, [j]] + tried * slopes[:, [j]]
            heights += np.minimum(lines * self.low[:, [j]], lines * self.high[:, [j]])
        best = heights.argmax(axis=1)
        numbers = np.arange(len(best))
        return tried[numbers, best], heights[numbers, best]
