"""Which candidates are better than which, how far others are behind, and how much of the space of scores is dominated.

Dominance and hypervolume are those of the package moocore (M. López-Ibáñez et al.).
"""

from dataclasses import dataclass

import numpy as np

REFERENCE = 1.1
"""Where hypervolumes are counted from: a tenth of the front's width beyond its worst scores."""
_LEAST_WIDTH = 1e-12


def is_nondominated(scores: np.ndarray) -> np.ndarray:
    """Whether no other row of ``scores`` (n, m) is at least as good everywhere and better somewhere, (n,).

    Of equal rows the first counts. Rows that are not finite are always dominated.
    """
    from moocore import is_nondominated as of_package

    is_finite = np.isfinite(scores).all(axis=1)
    is_best = np.zeros(len(scores), dtype=bool)
    if is_finite.any():
        is_best[is_finite] = of_package(scores[is_finite])
    return is_best


def is_feasible_front(scores: np.ndarray, violations: np.ndarray) -> np.ndarray:
    """Whether no other candidate dominates each one, limits first, (n,).

    What keeps the limits dominates what breaks them; of two that break some, the one that breaks them by less.

    Args:
        scores: (n, m), infinite for what has none.
        violations: (n,) 0 where limits are kept.
    """
    is_known = np.isfinite(scores).all(axis=1)
    if not is_known.any():
        return is_known
    least = violations[is_known].min()
    is_least = is_known & (violations <= least)
    is_best = np.zeros(len(scores), dtype=bool)
    is_best[is_least] = is_nondominated(scores[is_least])
    return is_best


@dataclass(frozen=True, slots=True)
class Scaling:
    """The unit in which scores compare: 0 for the best of each objective on a front, 1 for the worst.

    Attributes:
        best: (m,) smallest scores on the front.
        width: (m,) largest less smallest.
    """

    best: np.ndarray
    width: np.ndarray

    @classmethod
    def of(cls, front: np.ndarray) -> "Scaling":
        """That of a front (f, m), which may have no width in an objective, and may be empty."""
        if not len(front):
            return cls(np.zeros(front.shape[1]), np.ones(front.shape[1]))
        best = front.min(axis=0)
        width = front.max(axis=0) - best
        return cls(best, np.where(width > _LEAST_WIDTH * np.maximum(np.abs(best), 1.0), width, 1.0))

    def scaled(self, scores: np.ndarray) -> np.ndarray:
        """Scores (n, m) in that unit, (n, m)."""
        return (scores - self.best) / self.width


def gaps(scaled: np.ndarray, front: np.ndarray) -> np.ndarray:
    """How far rows of ``scaled`` (n, m) are behind a front (f, m), (n,); 0 for what none of it dominates.

    The least amount by which all scores of a row would have to be better for no row of the front to dominate it: the
    additive epsilon indicator, and the Chebyshev distance along whatever direction suits the row best.
    """
    behind = np.zeros(len(scaled))
    columns = np.ascontiguousarray(scaled.T)  # one objective after the other: a minimum over few columns is slow
    for row in front:
        least = columns[0] - row[0]
        for column, value in zip(columns[1:], row[1:], strict=True):
            np.minimum(least, column - value, out=least)
        np.maximum(behind, least, out=behind)
    return behind


def leads(scaled: np.ndarray, front: np.ndarray) -> np.ndarray:
    """How far rows of ``scaled`` (n, m) are ahead of a front (f, m), (n,); below 0 for what is behind."""
    lead = np.full(len(scaled), np.inf)
    columns = np.ascontiguousarray(front.T)
    for k, row in enumerate(scaled):
        most = columns[0] - row[0]
        for column, value in zip(columns[1:], row[1:], strict=True):
            np.maximum(most, column - value, out=most)
        lead[k] = most.min(initial=np.inf)
    return lead


def hypervolume(scaled: np.ndarray) -> float:
    """How much of the space of scores below `REFERENCE` the rows (n, m) dominate."""
    from moocore import hypervolume as of_package

    inside = scaled[(scaled < REFERENCE).all(axis=1)]
    return float(of_package(inside, ref=np.full(scaled.shape[1], REFERENCE))) if len(inside) else 0.0


class GreedyHypervolume:
    """Rows chosen one after the other, each the one that adds most to the hypervolume.

    What a row adds never grows, so it is computed anew only for rows that look best (M. Minoux, "Accelerated greedy
    algorithms for maximizing submodular set functions", 1978).

    Args:
        scaled: (n, m) scores as of a `Scaling`.
    """

    def __init__(self, scaled: np.ndarray) -> None:
        self._scaled = scaled
        room = np.maximum(REFERENCE - scaled, 0.0)
        self._adds = np.where(np.isfinite(scaled).all(axis=1), room.prod(axis=1), 0.0)
        self._known_at = np.zeros(len(scaled), dtype=int)
        self.chosen: list[int] = []
        self.total = 0.0

    def best(self, is_open: np.ndarray) -> tuple[int, float]:
        """The open row, by a mask (n,), that adds most, and how much; -1 where none adds anything."""
        while True:
            adds = np.where(is_open, self._adds, 0.0)
            row = int(adds.argmax())
            if adds[row] <= 0:
                return -1, 0.0
            if self._known_at[row] == len(self.chosen):
                return row, float(adds[row])
            self._adds[row] = hypervolume(self._scaled[[*self.chosen, row]]) - self.total
            self._known_at[row] = len(self.chosen)

    def choose(self, row: int) -> None:
        """Take a row."""
        self.chosen.append(row)
        self.total = hypervolume(self._scaled[self.chosen])
        self._adds[row] = 0.0


def farthest_first(points: np.ndarray, n: int, chosen: np.ndarray) -> np.ndarray:
    """``chosen`` rows of ``points`` (k, p) and others far from them, ``n`` or more together, in order of choice.

    Gonzalez 1985, "Clustering to minimize the maximum intercluster distance". Equal points are chosen once.
    """
    rows = chosen.tolist()
    squares = np.full(len(points), np.inf)
    for row in rows:
        np.minimum(squares, _squares_to(points, row), out=squares)
    while len(rows) < n and len(points):
        row = int(squares.argmax())
        if squares[row] <= 0:
            break
        rows.append(row)
        np.minimum(squares, _squares_to(points, row), out=squares)
    return np.array(rows, dtype=int)


def _squares_to(points: np.ndarray, row: int) -> np.ndarray:
    away = points - points[row]
    return np.einsum("np,np->n", away, away)
