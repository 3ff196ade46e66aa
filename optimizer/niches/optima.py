"""The archive of optima: where lineages came to their end, each hill once."""

import numpy as np
from scipy.spatial import cKDTree

from optimizer.niches.coordinates import Coordinates
from optimizer.problem.candidates import Candidates

LEVEL = 1e-6
"""Optima whose scores differ by no more, in standard deviations of the objective, are equally good."""


class Optima:
    """The optima found so far.

    Args:
        coordinates: the coordinates that they are compared in.

    Attributes:
        ids: (a,) the lineage that came to its end there first.
        candidates: (a) the best candidate of each.
        U: (a, m) their coordinates.
        places: (a, p) these with their categories, as `Coordinates.places` has them.
    """

    def __init__(self, coordinates: Coordinates) -> None:
        self._coordinates = coordinates
        self.ids = np.empty(0, dtype=int)
        self.candidates = Candidates.empty(coordinates.space.n_features)
        self.U = coordinates.coordinates(self.candidates.X)
        self.places = coordinates.places(self.candidates.X)
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
        """Take in one more optimum, one candidate, and return its row."""
        self.ids = np.append(self.ids, lineage)
        self.candidates = Candidates.concatenate([self.candidates, candidate])
        self.U = np.vstack([self.U, self._coordinates.coordinates(candidate.X)])
        self.places = np.vstack([self.places, self._coordinates.places(candidate.X)])
        self._tree = None
        return len(self.ids) - 1

    def improve(self, row: int, candidate: Candidates) -> None:
        """Put a candidate on the same hill in the place of the optimum at ``row`` if it is better."""
        if candidate.scores[0] < self.scores[row]:
            self.candidates = self.candidates.with_rows(np.array([row]), candidate)
            self.U[row] = self._coordinates.coordinates(candidate.X)[0]
            self.places[row] = self._coordinates.places(candidate.X)[0]
            self._tree = None

    def keep(self, is_kept: np.ndarray) -> None:
        """Forget all but these optima, a mask (a,); their rows change."""
        self.ids, self.candidates = self.ids[is_kept], self.candidates.take(is_kept)
        self.U, self.places = self.U[is_kept], self.places[is_kept]
        self._tree = None

    def nearest(self, places: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, k) rows of the optima nearest to ``places`` (n, p) and (n, k) how far they are, fewer where a < k.

        Those of the same categories come first, and any of other ones is farther than the widths of all bounds.
        """
        k = min(k, len(self))
        n = len(places)
        if not k or not n:
            return np.empty((n, 0), dtype=int), np.empty((n, 0))
        if self._tree is None:
            self._tree = cKDTree(self.places)
        distances, rows = self._tree.query(places, k=k)
        return rows.reshape(n, k), distances.reshape(n, k)
