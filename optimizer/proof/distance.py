"""Lower bounds of a linear function plus the cost of the distance to the nearest recorded row, over boxes.

The nearest row is one of those that come near enough to beat the cutoff; the least of their bounds is the box's. Boxes
are cut down to what lies near such rows, and left out where there is none. The cost of one row is convex, so a tangent
of it is a line below it: ``distance(x, row) >= v @ (x - row)`` for every unit vector v.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimizer.problem.penalties import DistancePenalty
from optimizer.proof.bands import BoxMinima
from optimizer.proof.domain import Domain
from optimizer.proof.relu_network import FLOAT64_ROUNDOFF

_ROUNDS = 4
_SAFE = 1 - 1e-12  # a unit vector is kept shorter than 1


@dataclass(frozen=True, eq=False)
class RowBounds:
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
        """Squared distances between box and row in each column, (q, m)."""
        return np.square(np.maximum(np.maximum(self.low - self.rows, self.rows - self.high), 0.0))

    @property
    def values(self) -> np.ndarray:
        """At most the least of linear function and cost over the box, were this row the nearest, (q,)."""
        return self._best[0]

    @property
    def slopes(self) -> np.ndarray:
        """Of the line below the cost that gives this, (q, m); 0 where a constant does."""
        return self._best[1]

    @cached_property
    def _best(self) -> tuple[np.ndarray, np.ndarray]:
        """Values (q,) and slopes (q, m) of the highest lines found.

        ``distance(x, row) >= v @ (x - row)`` for every unit vector v, and ``max(0, s) >= t * s`` for every share t
        between 0 and 1. The vector is sought by turning it towards where the last line was lowest (Frank and Wolfe 1956
        with steps 1 / (k + 1)), the share is exact.
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
        """Where in the box the function is low and the row is near, (q, m)."""
        lengths = np.sqrt(np.square(self.weights).sum(axis=1, keepdims=True))
        downhill = np.divide(self.weights, lengths, out=np.zeros_like(self.weights), where=lengths > 0)
        reach = np.sqrt(np.maximum(self.threshold**2 - self.apart, 0.0))
        return np.clip(self.rows - reach[:, None] * downhill, self.low, self.high)

    def heights(self) -> np.ndarray:
        """Function and cost at the targets, were this row the nearest, (q,)."""
        away = np.square(self.targets - self.rows).sum(axis=1) + self.apart
        costs = self.price * np.maximum(np.sqrt(away) - self.threshold, 0.0)
        return self.rests + np.einsum("qm,qm->q", self.weights, self.targets) + costs

    def within(self, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Corners (q, m) of the boxes cut down to what lies within ``reach`` (q,) of the row."""
        others = self.gaps.sum(axis=1, keepdims=True) - self.gaps + self.apart[:, None]
        half = np.sqrt(np.maximum(np.square(reach)[:, None] - others, 0.0)) * (1 + 1e-9) + 1e-9
        return np.maximum(self.low, self.rows - half), np.minimum(self.high, self.rows + half)

    def _least(self, weights: np.ndarray) -> np.ndarray:
        return np.einsum("qm,qm->q", weights, np.where(weights > 0, self.low, self.high))

    def _best_shares(self, slopes: np.ndarray, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The shares t (q,) whose functions ``weights + t * slopes``, ``t * fixed`` are highest at their lowest.

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


_VALUES_AT_ONCE = 2_000_000
_ROWS_LOOKED_AT = 48
"""So many of the nearest rows get lines of their own; of the others, the distance of the nearest alone counts."""


@dataclass(frozen=True, slots=True)
class DistanceBound(BoxMinima):
    """The lowest values of linear functions over n boxes, with the cost of the distance.

    Attributes:
        looseness: (n, d) how much of the bound's error each column's width makes.
        low: (n, d) lower corners of the boxes, cut down; above the upper ones where nothing is left.
        high: (n, d) upper corners.
        slopes: (n, d) of the line below the cost that decides.
    """

    looseness: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slopes: np.ndarray

    def better(self, other: "DistanceBound") -> "DistanceBound":
        """For each box the one with the higher value, cut down by both."""
        better = self.where(self.values >= other.values, other)
        return replace(better, low=np.maximum(self.low, other.low), high=np.minimum(self.high, other.high))


@dataclass(frozen=True, eq=False)
class DistanceBounder:
    """The distance penalty of a problem, as boxes see it.

    Attributes:
        domain: of the boxes.
        penalty: recorded rows, threshold and weight.
    """

    domain: Domain
    penalty: DistancePenalty

    def add(self, lines: BoxMinima, low: np.ndarray, high: np.ndarray, cutoff: float) -> DistanceBound:
        """Linear functions plus the cost of the distance over boxes (n, d).

        Args:
            lines: the functions, with their lowest values without the distance.
            low: lower corners.
            high: upper corners.
            cutoff: a box that cannot have a value below it gets this value.
        """
        n_parts = -(-len(low) * len(self._rows) // _VALUES_AT_ONCE)
        parts = np.array_split(np.arange(len(low)), min(n_parts, len(low)))
        return DistanceBound.concatenate([self._add(lines.take(part), low[part], high[part], cutoff) for part in parts])

    @cached_property
    def _numeric(self) -> np.ndarray:
        return self.penalty.scaling.numeric

    @cached_property
    def _stds(self) -> np.ndarray:
        return self.penalty.scaling.stds[self._numeric]

    @cached_property
    def _rows(self) -> np.ndarray:
        """The recorded numbers that count, in standard deviations, (r, m)."""
        return self.penalty.rows[:, self._numeric] / self._stds

    def _add(self, lines: BoxMinima, low: np.ndarray, high: np.ndarray, cutoff: float) -> DistanceBound:
        distances, apart = self._distances(low, high)
        costs = self.penalty.weight * np.maximum(distances.min(axis=1) - self.penalty.threshold, 0.0)
        reach = (cutoff - lines.values) / self.penalty.weight + self.penalty.threshold
        others = np.full(len(low), np.inf)  # distance of the nearest row that is not looked at closely
        if distances.shape[1] > _ROWS_LOOKED_AT:
            order = np.argpartition(distances, _ROWS_LOOKED_AT, axis=1)
            others = distances[np.arange(len(low)), order[:, _ROWS_LOOKED_AT]]
            np.put_along_axis(distances, order[:, _ROWS_LOOKED_AT:], np.inf, axis=1)
        boxes, rows = np.nonzero(distances < reach[:, None])
        pairs = self._pairs(lines, low, high, boxes, rows, apart[boxes, rows])
        starts = np.flatnonzero(np.diff(boxes, prepend=-1))
        owners = boxes[starts]
        values = np.full(len(low), cutoff)
        values[owners] = np.minimum.reduceat(pairs.values, starts) if len(starts) else ()
        far = lines.values + self.penalty.weight * np.maximum(others - self.penalty.threshold, 0.0)
        points, looseness = lines.points.copy(), np.zeros_like(low)
        best = _first(pairs.values == values[boxes], starts)
        points[np.ix_(owners, self._numeric)] = pairs.targets[best] * self._stds
        loose = np.maximum(pairs.heights()[best] - values[owners], 0.0)
        widths = np.square(pairs.high[best] - pairs.low[best])
        shares = widths / np.maximum(widths.sum(axis=1, keepdims=True), 1e-300)
        looseness[np.ix_(owners, self._numeric)] = loose[:, None] * shares
        first, last = self._cut_down(low, high, pairs, boxes, starts, reach, pairs.values < cutoff)
        is_near = (others < reach)[:, None]  # rows that were not looked at matter too
        first, last = np.where(is_near, low, first), np.where(is_near, high, last)
        values = np.minimum(values, far)
        slopes = np.zeros_like(low)
        slopes[np.ix_(owners, self._numeric)] = pairs.slopes[best] / self._stds
        return DistanceBound(values, points, lines.weights, lines.constants + costs, looseness, first, last, slopes)

    def _distances(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least distance (n, r) of any point of each box to each row, and how many categories differ."""
        first, last = low[:, self._numeric] / self._stds, high[:, self._numeric] / self._stds
        squares = np.zeros((len(low), len(self._rows)))
        for i, rows in enumerate(self._rows.T):
            out = np.maximum(first[:, [i]] - rows, rows - last[:, [i]])
            np.maximum(out, 0.0, out=out)
            squares += np.square(out, out=out)
        apart = np.zeros_like(squares)
        for j in map(int, np.flatnonzero(self.penalty.scaling.n_codes)):
            numbers = np.arange(len(self.domain.codes[j]))
            is_allowed = (low[:, [j]] <= numbers) & (numbers <= high[:, [j]])
            is_recorded = self.penalty.rows[:, j] == self.domain.codes[j][:, None]
            apart += (is_allowed.astype(float) @ is_recorded) == 0
        return np.sqrt(squares + apart) * (1 - 1e-12), apart

    def _pairs(
        self,
        lines: BoxMinima,
        low: np.ndarray,
        high: np.ndarray,
        boxes: np.ndarray,
        rows: np.ndarray,
        apart: np.ndarray,
    ) -> RowBounds:
        """Boxes (q,) and rows (q,) as pairs; the columns that do not count are at their lowest."""
        numeric, stds = self._numeric, self._stds
        weights = lines.weights[:, numeric] * stds
        first, last = low[:, numeric] / stds, high[:, numeric] / stds
        least = np.einsum("nm,nm->n", weights, np.where(weights > 0, first, last))
        return RowBounds(
            weights=weights[boxes],
            rests=(lines.values - least)[boxes],
            low=first[boxes],
            high=last[boxes],
            rows=self._rows[rows],
            apart=apart,
            threshold=self.penalty.threshold,
            price=self.penalty.weight,
        )

    def _cut_down(
        self,
        low: np.ndarray,
        high: np.ndarray,
        pairs: RowBounds,
        boxes: np.ndarray,
        starts: np.ndarray,
        reach: np.ndarray,
        matters: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """The boxes cut down to what is within reach of a row that matters; empty without one."""
        first, last = low.copy(), high.copy()
        first[:, self._numeric[0]], last[:, self._numeric[0]] = np.inf, -np.inf
        if len(starts):
            lower, upper = pairs.within(reach[boxes])
            lower, upper = np.where(matters[:, None], lower, np.inf), np.where(matters[:, None], upper, -np.inf)
            places = np.ix_(boxes[starts], self._numeric)
            first[places] = np.minimum.reduceat(lower, starts) * self._stds
            last[places] = np.maximum.reduceat(upper, starts) * self._stds
        slack = 1e-12 * np.maximum(np.abs(low), np.abs(high))
        return np.maximum(first - slack, low), np.minimum(last + slack, high)


def _first(is_chosen: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """For every group that begins at ``starts`` the number of its first chosen member."""
    if not len(starts):
        return starts
    return np.minimum.reduceat(np.where(is_chosen, np.arange(len(is_chosen)), len(is_chosen)), starts)
