"""Recorded rows in units in which distances compare, and which of them are different."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_matrix
from optimizer.features.features import Categorical, Feature

_RESOLUTION = 1e-9  # rows nearer than this are the same but for rounding


@dataclass(frozen=True, eq=False)
class Scaling:
    """The columns that count, in recorded standard deviations; two different categories are 1 apart.

    Unlike `SearchSpace.scaled` it speaks of all recorded columns, those that a run freezes among them.

    Attributes:
        stds: (d,) recorded standard deviations; 0 for a column that does not count, such as the sweep feature of a
            curve or one that never varied. Not looked at for categorical columns.
        n_codes: (d,) how many codes a categorical column has, 0 for a numeric one or one that does not count.
    """

    stds: np.ndarray
    n_codes: np.ndarray

    @classmethod
    def of_rows(
        cls, rows: np.ndarray, features: Sequence[Feature], left_out: Sequence[int] = (), what: str = "distance penalty"
    ) -> "Scaling":
        """The scaling by recorded rows.

        Args:
            rows: (r, d) recorded rows, categories as codes.
            features: the d features; they tell which columns are categorical.
            left_out: columns that do not count. Those in which no two rows differ do not count either.
            what: needs it, for the error text.

        Raises:
            SpaceError: there are no rows or they have gaps, or no column counts.
        """
        check_rows(rows, len(features), what)
        counts = np.ones(len(features), dtype=bool)
        counts[list(left_out)] = False
        counts &= np.ptp(rows, axis=0) > 0
        codes = [len(f.frequencies) if isinstance(f, Categorical) else 0 for f in features]
        n_codes = np.where(counts, codes, 0)
        scaling = cls(np.where(counts & (n_codes == 0), rows.std(axis=0), 0.0), n_codes)
        scaling.check(what)
        return scaling

    def check(self, what: str) -> None:
        """Refuse a scaling by which all rows are one."""
        if not self.counts.any():
            raise SpaceError(f"The {what} needs a column in which the recorded rows differ: leave it out.")

    @property
    def counts(self) -> np.ndarray:
        """Which columns count, (d,)."""
        return (self.stds > 0) | (self.n_codes > 0)

    @property
    def numeric(self) -> np.ndarray:
        """Columns of the numbers that count: the first columns of `scaled`, in order."""
        return np.flatnonzero(self.stds)

    def different(self, rows: np.ndarray) -> np.ndarray:
        """Every row once (u, d), told apart by the columns that count; the others are 0."""
        return np.unique(np.where(self.counts, rows, 0.0) + 0.0, axis=0)

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """The columns (n, p) that count, in units in which Euclidean distances compare."""
        parts = [X[:, self.numeric] / self.stds[self.numeric]]
        parts += [
            (X[:, [j]] == np.arange(self.n_codes[j])) / np.sqrt(2)  # two different categories are 1 apart
            for j in np.flatnonzero(self.n_codes)
        ]
        return np.hstack(parts)

    def unscaled(self, scaled: np.ndarray) -> np.ndarray:
        """The rows (n, d) that `scaled` (n, p) belongs to; 0 for what does not count."""
        rows = np.zeros((len(scaled), len(self.stds)))
        rows[:, self.numeric] = scaled[:, : len(self.numeric)] * self.stds[self.numeric]
        start = len(self.numeric)
        for j in np.flatnonzero(self.n_codes):
            rows[:, j] = scaled[:, start : start + self.n_codes[j]].argmax(axis=1)
            start += self.n_codes[j]
        return rows

    def unscaled_gradient(self, slopes: np.ndarray) -> np.ndarray:
        """Gradients per unit of every feature, from those by the columns of `scaled` (n, p), (n, d).

        0 for categories and for what does not count.
        """
        gradient = np.zeros((len(slopes), len(self.stds)))
        gradient[:, self.numeric] = slopes[:, : len(self.numeric)] / self.stds[self.numeric]
        return gradient


def check_rows(rows: np.ndarray, n_features: int, what: str) -> None:
    """Refuse anything but recorded rows (r, n_features) without gaps."""
    check_matrix("The recorded rows", rows, n_features)
    if not len(rows) or not np.isfinite(rows).all():
        raise SpaceError(f"The {what} needs at least one recorded row, without missing values.")


def evenly(n: int, most: int) -> np.ndarray:
    """At most ``most`` of the numbers 0 to n - 1, evenly spaced, both ends among them."""
    return np.unique(np.linspace(0, n - 1, most).astype(int))


def distances_to(scaled: np.ndarray, row: int) -> np.ndarray:
    """How far every row of ``scaled`` (m, p) is from one of them, (m,)."""
    return np.linalg.norm(scaled - scaled[row], axis=1)


def pairwise_distances(scaled: np.ndarray) -> np.ndarray:
    """Distances between the rows of ``scaled`` (m, p), (m, m): for a few rows only."""
    return np.linalg.norm(scaled[:, None] - scaled[None], axis=2)


def least_distance(distinct: float) -> float:
    """The smallest distance at which two rows count as different: ``distinct`` but for rounding."""
    return max(distinct * (1 - _RESOLUTION), _RESOLUTION)  # one category apart is 1 but for rounding
