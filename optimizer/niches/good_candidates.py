"""Good candidates that were evaluated on the way, thinned to one per cell: the stuff of different results."""

from collections.abc import Callable

import numpy as np

from optimizer.features.features import Numeric
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace

MARGIN = 1.0  # a candidate is good when its score is at most so many standard deviations from the best
CELL = 0.1  # in recorded standard deviations
MAX_KEPT = 5_000
COARSE_CELL = 1.0  # in recorded standard deviations: results that differ by so much are different to an expert
_MAX_WAITING = 2_000
_LINE = 0.3


class GoodCandidates:
    """Keeps the best good candidate of every cell of scaled features.

    Args:
        space: for scaled features.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._kept = Candidates.empty(space.n_features)
        self._diverse = self._kept
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

    def spread(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) new candidates between and beyond the best ones of wide cells, none where there are few.

        The mutation of V. Vassiliades, J.-B. Mouret, "Discovering the Elite Hypervolume by Leveraging Interspecies
        Correlation", GECCO 2018 (iso+line): a step along the line through two elites, and noise. With the best of each
        cell kept, this is MAP-Elites over the features themselves.
        """
        elites = self._diverse.X
        if len(elites) < 2 or not n:
            return np.empty((0, self._space.n_features))
        first, second = rng.integers(len(elites), size=(2, n))
        numeric = [j for j in self._space.free.tolist() if isinstance(self._space.features[j], Numeric)]
        X = elites[first].copy()
        along = _LINE * rng.standard_normal((n, 1))
        X[:, numeric] += along * (elites[second][:, numeric] - X[:, numeric])
        return self._space.mutate(self._space.repair(X), rng)

    def forget(self, is_dropped: Callable[[np.ndarray], np.ndarray], best: float) -> None:
        """Forget what is like a dropped lineage, told (n,) of (n, d) candidates; ``best`` is the best score left."""
        self._thin()
        self._kept = self._kept.take(~is_dropped(self._kept.X))
        self._diverse = self._diverse.take(~is_dropped(self._diverse.X))
        self._best = min(best, float(self._kept.scores.min(initial=np.inf)))

    def _thin(self) -> None:
        if not self._waiting:
            return
        everyone = Candidates.concatenate([self._kept, *self._waiting])
        self._waiting, self._n_waiting = [], 0
        everyone = everyone.take(everyone.scores <= self._best + MARGIN).by_score()
        if not len(everyone):
            return
        self._kept = everyone.take(self._best_of_cells(everyone, CELL)[:MAX_KEPT])
        self._diverse = self._kept.take(self._best_of_cells(self._kept, COARSE_CELL))

    def _best_of_cells(self, sorted_by_score: Candidates, cell: float) -> np.ndarray:
        """Return (k,) rows of the best candidate of every cell of scaled features, in order."""
        cells = np.floor(self._space.scaled(sorted_by_score.X) / cell).astype(np.int64)
        keys = np.ascontiguousarray(cells).view(np.dtype((np.void, cells.dtype.itemsize * cells.shape[1]))).ravel()
        return np.sort(np.unique(keys, return_index=True)[1])
