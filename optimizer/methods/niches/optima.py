"""The archive of optima: where lineages came to their end, each hill once."""

import numpy as np
from scipy.spatial import cKDTree

from optimizer.candidates import Candidates

LEVEL = 1e-6
"""Optima whose scores differ by no more, in standard deviations of the objective, are equally good."""


class Optima:
    """The optima found so far.

    Args:
        n_features: of a candidate.
        n_coordinates: of the frame they are compared in.

    Attributes:
        ids: (a,) the lineage that came to its end there first.
        candidates: (a) the best candidate of each.
        U: (a, m) their coordinates.
    """

    def __init__(self, n_features: int, n_coordinates: int) -> None:
        self.ids = np.empty(0, dtype=int)
        self.candidates = Candidates.empty(n_features)
        self.U = np.empty((0, n_coordinates))
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

    def add(self, lineage: int, candidate: Candidates, u: np.ndarray) -> int:
        """Take in one more optimum, one candidate at coordinates ``u`` (m,), and return its row."""
        self.ids = np.append(self.ids, lineage)
        self.candidates = Candidates.concatenate([self.candidates, candidate])
        self.U = np.vstack([self.U, u])
        self._tree = None
        return len(self.ids) - 1

    def improve(self, row: int, candidate: Candidates, u: np.ndarray) -> None:
        """Put a candidate on the same hill in the place of the optimum at ``row`` if it is better."""
        if candidate.scores[0] < self.scores[row]:
            self.candidates = self.candidates.with_rows(np.array([row]), candidate)
            self.U[row] = u
            self._tree = None

    def nearest(self, U: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, k) rows of the optima nearest to ``U`` (n, m) and (n, k) how far they are, fewer where a < k."""
        k = min(k, len(self))
        if not k or not len(U):
            return np.empty((len(U), 0), dtype=int), np.empty((len(U), 0))
        if self._tree is None:
            self._tree = cKDTree(self.U)
        distances, rows = self._tree.query(U, k=k)
        return rows.reshape(len(U), k), distances.reshape(len(U), k)
