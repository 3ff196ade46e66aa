"""What a search by niches keeps: its optima, each hill once, and good candidates of every cell on the way."""

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from optimizer.features import Numeric
from optimizer.niches.coordinates import Coordinates
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace

LEVEL = 1e-6
"""Optima whose scores differ by no more, in standard deviations of the objective, are equally good."""
MARGIN = 1.0  # a candidate is good when its score is at most so many standard deviations from the best
CELL = 0.1  # in recorded standard deviations
MAX_KEPT = 5_000
COARSE_CELL = 1.0  # in recorded standard deviations: results that differ by so much are different to an expert
_MAX_WAITING = 2_000
_LINE = 0.3


class Optima:
    """The optima found so far.

    Attributes:
        ids: (a,) the lineage that came to its end there first.
        candidates: (a) the best candidate of each.
        U: (a, m) their coordinates.
        keys: (a, p) coordinates and categories, by which neighbours are found (`Coordinates.keys`).
    """

    def __init__(self, coordinates: Coordinates) -> None:
        self._coordinates = coordinates
        self._hold(np.empty(0, dtype=int), Candidates.empty(coordinates.space.n_features))

    def _hold(self, ids: np.ndarray, candidates: Candidates) -> None:
        self.ids, self.candidates = ids, candidates
        self.keys = self._coordinates.keys(candidates.X)
        self.U = self.keys[:, : self._coordinates.n]
        self._tree: cKDTree | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def scores(self) -> np.ndarray:
        """(a,) score of each optimum."""
        return self.candidates.scores

    @property
    def best(self) -> float:
        """Score of the best optimum, infinite where there is none."""
        return float(self.scores.min(initial=np.inf))

    @property
    def is_elite(self) -> np.ndarray:
        """(a,) whether each is as good as the best one."""
        return self.scores <= self.best + LEVEL

    def add(self, lineage: int, candidate: Candidates) -> int:
        """Add one more optimum, one candidate; its row."""
        self._hold(np.append(self.ids, lineage), Candidates.concatenate([self.candidates, candidate]))
        return len(self.ids) - 1

    def improve(self, row: int, candidate: Candidates) -> None:
        """Put a candidate on the same hill in the place of the optimum at ``row`` if it is better."""
        if candidate.scores[0] < self.scores[row]:
            self._hold(self.ids, self.candidates.with_rows(np.array([row]), candidate))

    def keep(self, is_kept: np.ndarray) -> None:
        """Forget all but these optima, a mask (a,); their rows change."""
        self._hold(self.ids[is_kept], self.candidates.take(is_kept))

    def nearest(self, keys: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(n, k) rows of the optima nearest to ``keys`` (n, p) and (n, k) how far they are, fewer where a < k.

        Those of the same categories come first, and any of other ones is farther than the widths of all bounds.
        """
        k = min(k, len(self))
        n = len(keys)
        if not k or not n:
            return np.empty((n, 0), dtype=int), np.empty((n, 0))
        if self._tree is None:
            self._tree = cKDTree(self.keys)
        distances, rows = self._tree.query(keys, k=k)
        return rows.reshape(n, k), distances.reshape(n, k)


class GoodCandidates:
    """Keeps the best good candidate of every cell of scaled features."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._kept = Candidates.empty(space.n_features)
        self._diverse = self._kept
        self._waiting: list[Candidates] = []
        self._n_waiting = 0
        self._best = np.inf

    def add(self, evaluated: Candidates) -> None:
        """Add what a generation evaluated."""
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
        """(n, d) new candidates between and beyond the best ones of wide cells, none where there are few.

        The mutation of V. Vassiliades, J.-B. Mouret, "Discovering the Elite Hypervolume by Leveraging Interspecies
        Correlation", GECCO 2018 (iso+line): a step along the line through two elites, and noise. With the best of each
        cell kept, this is MAP-Elites over the features themselves.
        """
        elites = self._diverse.X
        if len(elites) < 2 or not n:
            return np.empty((0, self._space.n_features))
        first, second = rng.integers(len(elites), size=(2, n))
        numeric = [j for j in self._space.free.tolist() if self._moves(j)]
        X = elites[first].copy()
        along = _LINE * rng.standard_normal((n, 1))
        X[:, numeric] += along * (elites[second][:, numeric] - X[:, numeric])
        return self._space.mutate(self._space.repair(X), rng)

    def _moves(self, column: int) -> bool:
        feature = self._space.features[column]
        return isinstance(feature, Numeric) and not feature.is_kept

    def forget(self, is_dropped: Callable[[np.ndarray], np.ndarray], best: float) -> None:
        """Forget what `is_dropped` says, (n,) of (n, d) candidates, is dropped; ``best`` is the best score left."""
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
        """(k,) rows of the best candidate of every cell of scaled features, in order."""
        cells = np.floor(self._space.scaled(sorted_by_score.X) / cell).astype(np.int64)
        keys = np.ascontiguousarray(cells).view(np.dtype((np.void, cells.dtype.itemsize * cells.shape[1]))).ravel()
        return np.sort(np.unique(keys, return_index=True)[1])
