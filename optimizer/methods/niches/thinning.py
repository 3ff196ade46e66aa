"""Good candidates that were evaluated on the way, thinned to one per cell: the stuff of different results."""

import numpy as np

from optimizer.candidates import Candidates
from optimizer.space import SearchSpace

MARGIN = 1.0  # a candidate is good when its score is at most so many standard deviations from the best
CELL = 0.1  # in recorded standard deviations
MAX_KEPT = 5_000
_MAX_WAITING = 20_000


class Thinned:
    """Keeps the best good candidate of every cell of scaled features.

    Args:
        space: for scaled features.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._kept = Candidates.empty(space.n_features)
        self._waiting: list[Candidates] = []
        self._n_waiting = 0
        self._best = np.inf

    def add(self, evaluated: Candidates) -> None:
        """Take in what a generation evaluated."""
        self._best = min(self._best, float(evaluated.scores.min(initial=np.inf)))
        if not np.isfinite(self._best):
            return
        good = evaluated.take(evaluated.scores <= self._best + MARGIN)
        self._waiting.append(good)
        self._n_waiting += len(good)
        if self._n_waiting > _MAX_WAITING:
            self._thin()

    @property
    def kept(self) -> Candidates:
        """The good candidates, best first, at most `MAX_KEPT`."""
        self._thin()
        return self._kept

    def _thin(self) -> None:
        everyone = Candidates.concatenate([self._kept, *self._waiting])
        self._waiting, self._n_waiting = [], 0
        everyone = everyone.take(everyone.scores <= self._best + MARGIN).by_score()
        if not len(everyone):
            return
        cells = np.floor(self._space.scaled(everyone.X) / CELL).astype(np.int64)
        keys = np.ascontiguousarray(cells).view(np.dtype((np.void, cells.dtype.itemsize * cells.shape[1]))).ravel()
        first = np.unique(keys, return_index=True)[1]  # sorted by score, so the first of a cell is its best
        self._kept = everyone.take(np.sort(first)[:MAX_KEPT])
