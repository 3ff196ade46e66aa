"""Unusual is what lies far from its nearest recorded rows."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from optimizer.features import evenly

N_NEIGHBOURS = 3  # one alone may be an error of the table
MAX_ROWS = 20_000  # recorded rows kept, evenly spaced: among fewer rows, all are farther off, candidates as rows
MAX_JUDGED_ROWS = 2_000  # of these, evenly spaced, each judged by the others
_GRAIN = 0.1  # of the median distance between recorded rows


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The mean distance to the nearest recorded rows, in recorded standard deviations.

    Of a large table 20,000 rows are kept, so that a candidate costs the same however many were recorded.

    Attributes:
        rows: (r, p) scaled recorded rows, each once.
        recorded: (m,) mean distance of recorded rows to the nearest others.
        n_neighbours: how many are near; fewer where there are not so many others.
    """

    rows: np.ndarray = field(repr=False)
    recorded: np.ndarray = field(repr=False)
    n_neighbours: int

    @classmethod
    def of_rows(cls, scaled: np.ndarray) -> "Neighbours":
        """The measure of different scaled rows (r, p), two at least."""
        kept = cls.unjudged(scaled)
        judged = kept.rows[evenly(len(kept.rows), MAX_JUDGED_ROWS)]
        distances, _ = kept._nearest(judged, kept.n_neighbours + 1)
        object.__setattr__(kept, "recorded", distances[:, 1:].mean(axis=1))  # its search tree is built already
        return kept

    @classmethod
    def unjudged(cls, scaled: np.ndarray) -> "Neighbours":
        """The measure without `recorded`: enough for the unusualness of other rows."""
        return cls(scaled[evenly(len(scaled), MAX_ROWS)], np.empty(0), min(N_NEIGHBOURS, len(scaled) - 1))

    @property
    def grain(self) -> float:
        """A tenth of the usual distance between recorded rows."""
        return _GRAIN * float(np.median(self.recorded))

    def unusualness(self, scaled: np.ndarray) -> np.ndarray:
        """The mean distance of scaled rows (n, p) to the nearest recorded ones, (n,)."""
        return self._nearest(scaled, self.n_neighbours)[0].mean(axis=1)

    def unusualness_with_gradient(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The mean distance (n,) and its gradient (n, p): away from the nearest rows, 0 from one that is met."""
        distances, nearest = self._nearest(scaled, self.n_neighbours)
        away = scaled[:, None] - self.rows[nearest]
        unit = away / np.where(distances > 0, distances, 1.0)[:, :, None]
        return distances.mean(axis=1), unit.mean(axis=1)

    def _nearest(self, scaled: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Distances to the nearest rows, and their numbers, (n, k)."""
        distances, nearest = self._tree.query(scaled, k=np.arange(1, k + 1))
        return distances, nearest

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree  # 0.3 s that only those pay who ask for it

        return cKDTree(self.rows)
