"""What the distance to the nearest recorded row costs at least in a box, together with a linear function.

The nearest row is one of those that come near enough to beat the cutoff; the least of their bounds is the box's. Boxes
are cut down to what lies near such rows, and left out where there is none.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.problem.penalties import DistancePenalty
from optimizer.proof.bands import Lowest
from optimizer.proof.domain import Domain
from optimizer.proof.row_lines import RowLines

_VALUES_AT_ONCE = 2_000_000
_ROWS_LOOKED_AT = 48
"""So many of the nearest rows get lines of their own; of the others, the distance of the nearest alone counts."""


@dataclass(frozen=True, slots=True)
class Near:
    """What the distance adds to the bounds of n boxes.

    Attributes:
        lines: the linear functions with their lowest values, both with the distance.
        looseness: (n, d) how much of the bound's error each column's width makes.
        low: (n, d) lower corners of the boxes, cut down; above the upper ones where nothing is left.
        high: (n, d) upper corners.
        slopes: (n, d) of the line below the cost that decides.
    """

    lines: Lowest
    looseness: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slopes: np.ndarray

    def better(self, other: "Near") -> "Near":
        """Return for each box the one with the higher value, cut down by both."""
        is_first = self.lines.values >= other.lines.values
        rows = is_first[:, None]
        return Near(
            self.lines.where(is_first, other.lines),
            np.where(rows, self.looseness, other.looseness),
            np.maximum(self.low, other.low),
            np.minimum(self.high, other.high),
            np.where(rows, self.slopes, other.slopes),
        )

    @classmethod
    def joined(cls, parts: list["Near"]) -> "Near":
        """Return several, one after the other."""
        lines = [np.concatenate([getattr(p.lines, name) for p in parts]) for name in Lowest.__slots__]
        rest = [np.concatenate([getattr(p, name) for p in parts]) for name in ("looseness", "low", "high", "slopes")]
        return cls(Lowest(*lines), *rest)


@dataclass(frozen=True, eq=False)
class Nearness:
    """The distance penalty of a problem, as boxes see it.

    Attributes:
        domain: of the boxes.
        penalty: recorded rows, threshold and weight.
    """

    domain: Domain
    penalty: DistancePenalty

    def add(self, lines: Lowest, low: np.ndarray, high: np.ndarray, cutoff: float) -> Near:
        """Return linear functions plus the cost of the distance over boxes (n, d).

        Args:
            lines: the functions, with their lowest values without the distance.
            low: lower corners.
            high: upper corners.
            cutoff: a box that cannot have a value below it gets this value.
        """
        n_parts = -(-len(low) * len(self._rows) // _VALUES_AT_ONCE)
        parts = np.array_split(np.arange(len(low)), min(n_parts, len(low)))
        return Near.joined([self._add(lines.take(part), low[part], high[part], cutoff) for part in parts])

    @cached_property
    def _numeric(self) -> np.ndarray:
        return np.flatnonzero(self.penalty.stds)

    @cached_property
    def _stds(self) -> np.ndarray:
        return self.penalty.stds[self._numeric]

    @cached_property
    def _rows(self) -> np.ndarray:
        """(r, m) the recorded numbers that count, in standard deviations."""
        return self.penalty.rows[:, self._numeric] / self._stds

    def _add(self, lines: Lowest, low: np.ndarray, high: np.ndarray, cutoff: float) -> Near:
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
        return Near(Lowest(values, points, lines.weights, lines.constants + costs), looseness, first, last, slopes)

    def _distances(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, r) the least distance of any point of each box to each row, and how many categories differ."""
        first, last = low[:, self._numeric] / self._stds, high[:, self._numeric] / self._stds
        squares = np.zeros((len(low), len(self._rows)))
        for i, rows in enumerate(self._rows.T):
            out = np.maximum(first[:, [i]] - rows, rows - last[:, [i]])
            np.maximum(out, 0.0, out=out)
            squares += np.square(out, out=out)
        apart = np.zeros_like(squares)
        for j in map(int, np.flatnonzero(self.penalty.n_codes)):
            numbers = np.arange(len(self.domain.codes[j]))
            is_allowed = (low[:, [j]] <= numbers) & (numbers <= high[:, [j]])
            is_recorded = self.penalty.rows[:, j] == self.domain.codes[j][:, None]
            apart += (is_allowed.astype(float) @ is_recorded) == 0
        return np.sqrt(squares + apart) * (1 - 1e-12), apart

    def _pairs(
        self, lines: Lowest, low: np.ndarray, high: np.ndarray, boxes: np.ndarray, rows: np.ndarray, apart: np.ndarray
    ) -> RowLines:
        """Return boxes (q,) and rows (q,) as pairs; the columns that do not count are at their lowest."""
        numeric, stds = self._numeric, self._stds
        weights = lines.weights[:, numeric] * stds
        first, last = low[:, numeric] / stds, high[:, numeric] / stds
        least = np.einsum("nm,nm->n", weights, np.where(weights > 0, first, last))
        return RowLines(
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
        pairs: RowLines,
        boxes: np.ndarray,
        starts: np.ndarray,
        reach: np.ndarray,
        matters: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the boxes cut down to what is within reach of a row that matters; empty without one."""
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
    """Return for every group that begins at ``starts`` the number of its first chosen member."""
    if not len(starts):
        return starts
    return np.minimum.reduceat(np.where(is_chosen, np.arange(len(is_chosen)), len(is_chosen)), starts)
