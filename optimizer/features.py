"""The features of a search space, and recorded rows in units in which distances compare."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_matrix, check_positive

DEFAULT_STRENGTH = 0.2
"""Mutation strength of plain lineages where none is set: of numbers in standard deviations, of categories a chance."""
MAX_STRENGTH = 3.0
"""What forms offer at most: mirrored at the bounds, farther draws are all but uniform."""
_STEP_DECIMALS = 9  # a bound this near to a multiple of the step, in steps, is one: 300.1 / 0.1 is not quite 3001
_RESOLUTION = 1e-9  # rows nearer than this are the same but for rounding


class _Setting:
    """What a feature of either kind says of how the search moves it."""

    __slots__ = ()
    mutation_strength: float | None
    frozen: float | None

    @property
    def is_free(self) -> bool:
        """Whether the search may move it."""
        return self.frozen is None

    @property
    def is_kept(self) -> bool:
        """Whether a lineage keeps the value at which it began."""
        return self.mutation_strength == 0

    def strength(self, usual: float = DEFAULT_STRENGTH) -> float:
        """Its mutation strength, ``usual`` where none is set; a positive one is at least what rounding lets see."""
        if self.mutation_strength is None:
            return usual
        return max(self.mutation_strength, _RESOLUTION) if self.mutation_strength > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Numeric(_Setting):
    """A numeric feature: free between two bounds, or frozen.

    Attributes:
        name: unique within the space.
        low: smallest value a candidate may have.
        high: largest value a candidate may have.
        std: standard deviation over the recorded rows, the unit of mutations and distances.
        mutation_strength: how far children are drawn at first, in recorded standard deviations. 0 keeps the value that
            a lineage found; None leaves it to the method.
        step: candidates are multiples of it (1 for integers), or None for any value.
        frozen: the value it is held at, or None when it is free.

    Raises:
        SpaceError: bounds, step, strength or frozen value do not fit together.
    """

    name: str
    low: float
    high: float
    std: float
    mutation_strength: float | None = None
    step: float | None = None
    frozen: float | None = None

    def __post_init__(self) -> None:
        name, low, high = self.name, self.low, self.high
        if not (np.isfinite(low) and np.isfinite(high)):
            raise SpaceError(f"'{name}' needs finite bounds, got {low} and {high}: give two numbers.")
        if low > high:
            raise SpaceError(
                f"'{name}' lies between {low:g} and {high:g}: the minimum is above the maximum, swap them."
            )
        if self.mutation_strength is not None:
            check_at_least(f"The mutation strength of '{self.name}'", self.mutation_strength, 0.0)
        if self.frozen is not None:
            if not low <= self.frozen <= high:
                raise SpaceError(
                    f"'{name}' is frozen at {self.frozen:g}, outside its range {low:g} to {high:g}: "
                    "choose a value within the range, or widen the range."
                )
            return
        if not (np.isfinite(self.std) and self.std > 0):
            raise SpaceError(
                f"'{name}' needs a standard deviation above 0 over the recorded rows to be moved, got {self.std}: "
                "freeze it."
            )
        if self.step is not None:
            check_positive(f"The step of '{self.name}'", self.step)
            if self.first_step > self.last_step:
                raise SpaceError(
                    f"'{name}' has no multiple of its step {self.step:g} between {low:g} and {high:g}: "
                    "widen the bounds or choose a smaller step."
                )

    @property
    def first_step(self) -> float:
        """The smallest multiple of the step within the bounds, in steps."""
        return float(np.ceil(np.round(self.low / self.step, _STEP_DECIMALS))) if self.step else 0.0

    @property
    def last_step(self) -> float:
        """The largest multiple of the step within the bounds, in steps."""
        return float(np.floor(np.round(self.high / self.step, _STEP_DECIMALS))) if self.step else 0.0


@dataclass(frozen=True, slots=True)
class Categorical(_Setting):
    """A categorical feature: free among its allowed categories, or frozen.

    Attributes:
        name: unique within the space.
        frequencies: share of each category in the recorded rows, one per code.
        allowed: codes that a candidate may have; empty means all.
        mutation_strength: probability that a child draws a category anew; None leaves it to the method.
        frozen: the code it is held at, or None when it is free.

    Raises:
        SpaceError: there is no category to choose from, or a code that does not exist.
    """

    name: str
    frequencies: tuple[float, ...]
    allowed: tuple[int, ...] = ()
    mutation_strength: float | None = None
    frozen: int | None = None

    def __post_init__(self) -> None:
        if not self.frequencies:
            raise SpaceError(f"'{self.name}' has no categories, got none where at least one is needed: leave it out.")
        unknown = [code for code in self.codes if not 0 <= code < len(self.frequencies)]
        if unknown:
            raise SpaceError(
                f"'{self.name}' has codes 0 to {len(self.frequencies) - 1}, got {unknown}: allow only those."
            )
        if self.mutation_strength is not None and not 0 <= self.mutation_strength <= 1:
            raise SpaceError(
                f"The mutation strength of the categorical feature '{self.name}' is a probability "
                f"between 0 and 1, got {self.mutation_strength}."
            )
        if self.frozen is not None and self.frozen not in self.codes:
            raise SpaceError(f"'{self.name}' is frozen at code {self.frozen}, expected one of {list(self.codes)}.")

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes that a candidate may have."""
        return tuple(dict.fromkeys(self.allowed)) or tuple(range(len(self.frequencies)))

    @property
    def probabilities(self) -> np.ndarray:
        """Recorded frequencies of the allowed codes, uniform where none was recorded, (n_allowed,)."""
        shares = np.array([self.frequencies[code] for code in self.codes], dtype=float)
        total = shares.sum()
        return shares / total if total > 0 else np.full(len(shares), 1 / len(shares))


Feature = Numeric | Categorical


def reflect(X: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """``X`` folded back into ``[low, high]`` as by mirrors at both bounds."""
    width = high - low
    period = np.where(width > 0, 2 * width, 1.0)
    folded = np.mod(X - low, period)
    return np.clip(low + np.minimum(folded, period - folded), low, high)


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
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))


def distances_to(scaled: np.ndarray, row: int) -> np.ndarray:
    """How far every row of ``scaled`` (m, p) is from one of them, (m,)."""
    return np.linalg.norm(scaled - scaled[row], axis=1)


def pairwise_distances(scaled: np.ndarray) -> np.ndarray:
    """Distances between the rows of ``scaled`` (m, p), (m, m): for a few rows only."""
    return np.linalg.norm(scaled[:, None] - scaled[None], axis=2)


def least_distance(distinct: float) -> float:
    """The smallest distance at which two rows count as different: ``distinct`` but for rounding."""
    return max(distinct * (1 - _RESOLUTION), _RESOLUTION)  # one category apart is 1 but for rounding
