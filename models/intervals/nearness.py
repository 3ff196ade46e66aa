"""How far rows lie from the recorded ones, and whether a prediction lies outside of what was measured nearby."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.data.encoding import Encoding
from models.data.split import evenly

N_NEIGHBOURS = 3
MAX_ROWS = 5_000
"""Recorded rows, evenly spaced, that distances are measured to: enough for a table of any size."""


N_NEARBY = 20
_INSIDE = 0.25
"""With so large a share of the nearest outcomes on either side, a prediction lies wholly among them."""


@dataclass(frozen=True, eq=False)
class Nearness:
    """The mean distance to the three nearest recorded rows.

    Euclidean, in standard deviations of the features; two different categories are 1 apart. Features that are left
    out, such as the one that a curve runs over, and those that never varied, do not count; rows that differ in nothing
    else count once.

    Attributes:
        encoding: the features with their means and standard deviations.
        rows: (r, d) recorded rows.
        left_out: (k,) columns that do not count.
    """

    encoding: Encoding
    rows: np.ndarray
    left_out: tuple[int, ...] = ()

    def distance(self, X: np.ndarray) -> np.ndarray:
        """Distances (n,) of rows (n, d); NaN for a row with a missing value."""
        return self._asked(X)[0]

    @cached_property
    def usual(self) -> float:
        """The median distance of recorded rows to the others."""
        k = min(N_NEIGHBOURS + 1, len(self._known))
        return float(np.median(self._tree.query(self._known, k=list(range(1, k + 1)))[0][:, 1:].mean(axis=1)))

    def distance_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distances (n,) and their gradients (n, d) per unit of the features; 0 for categories."""
        distances, scaled, each, nearest = self._asked(X)
        away = scaled[:, None] - self._known[nearest]
        with np.errstate(all="ignore"):
            slopes = np.where(each[..., None] > 0, away / each[..., None], 0.0).mean(axis=1)
        gradient = np.zeros(X.shape)
        gradient[:, self._numbers] = slopes[:, : len(self._numbers)] / self.encoding.stds[self._numbers]
        gradient[np.isnan(distances)] = np.nan
        return distances, gradient

    def _asked(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Distances (n,), scaled rows (n, p), and the single distances and known rows (n, 3) they come from.

        The points of a curve follow each other and differ in nothing that counts: they are asked about once.
        """
        scaled = self._scaled(np.asarray(X, dtype=float))
        is_known = np.isfinite(scaled).all(axis=1)
        scaled = np.where(is_known[:, None], scaled, 0.0)
        is_new = np.ones(len(scaled), dtype=bool)
        is_new[1:] = (scaled[1:] != scaled[:-1]).any(axis=1)
        run = np.cumsum(is_new) - 1
        k = min(N_NEIGHBOURS, len(self._known))
        each, nearest = self._tree.query(scaled[is_new], k=list(range(1, k + 1)))
        distances = np.where(is_known, each.mean(axis=1)[run], np.nan)
        return distances, scaled, each[run], nearest[run]

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        """The inputs (n, p) that count: numbers in standard deviations first, then categories."""
        numbers = (X[:, self._numbers] - self.encoding.means[self._numbers]) / self.encoding.stds[self._numbers]
        parts = [numbers]
        for j in self._categories:
            codes = np.arange(len(self.encoding.features[j].categories))
            parts.append((X[:, [j]] == codes) / np.sqrt(2))
        return np.hstack(parts)

    @cached_property
    def _numbers(self) -> np.ndarray:
        features = self.encoding.features
        counts = [j for j in range(len(features)) if j not in self.left_out and self.encoding.stds[j] > 0]
        return np.array([j for j in counts if not features[j].is_categorical], dtype=int)

    @cached_property
    def _categories(self) -> list[int]:
        features = self.encoding.features
        return [j for j in range(len(features)) if j not in self.left_out and features[j].is_categorical]

    @cached_property
    def _known(self) -> np.ndarray:
        different = np.unique(self._scaled(self.rows), axis=0)
        return different[evenly(len(different), MAX_ROWS)]

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree  # 0.3 s that only those pay who ask for it

        return cKDTree(self._known)


@dataclass(frozen=True, eq=False)
class NearbyOutcomes:
    """The outcomes that were measured around a row.

    Attributes:
        encoding: scales the features; all of them count.
        rows: (r, d) recorded rows.
        outcomes: (r,) what was measured.
    """

    encoding: Encoding
    rows: np.ndarray
    outcomes: np.ndarray

    def outside(self, X: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """1 where predictions (n,) of rows (n, d) lie beyond all of the 20 nearest outcomes, 0 among them, (n,).

        Between the two it falls with the share of outcomes on the emptier side: 0 from a quarter on.
        """
        inputs = self.encoding.encode(X)
        is_known = np.isfinite(inputs).all(axis=1) & np.isfinite(predicted)
        k = min(N_NEARBY, len(self._sample))
        _, nearest = self._tree.query(np.where(is_known[:, None], inputs, 0.0), k=list(range(1, k + 1)))
        around = self.outcomes[self._sample][nearest]
        above = (around > predicted[:, None]).mean(axis=1)
        below = (around < predicted[:, None]).mean(axis=1)
        return np.where(is_known, np.clip(1 - np.minimum(above, below) / _INSIDE, 0, 1), np.nan)

    @cached_property
    def _sample(self) -> np.ndarray:
        return evenly(len(self.rows), MAX_ROWS)

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(self.encoding.encode(self.rows[self._sample]))
