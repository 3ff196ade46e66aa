"""The search space: what may move, how far, and how a candidate is drawn and mutated.

A mixed space is a float matrix ``(n, d)``: numbers as they are, categories as codes 0, 1, 2 ...
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import (
    SpaceError,
    check_at_least,
    check_bounds,
    check_matrix,
    check_positive,
    check_unique,
    check_varies,
    check_within,
)

DEFAULT_WEIGHT = 0.2
_DECIMALS = 12  # a multiple of a step such as 0.1 is rounded to this many decimals
_STEP_DECIMALS = 9  # a bound this near to a multiple of the step, in steps, is one: 300.1 / 0.1 is not quite 3001


@dataclass(frozen=True, slots=True)
class Numeric:
    """A numeric feature: free between two bounds, or frozen.

    Attributes:
        name: unique within the space.
        low: smallest value a candidate may have.
        high: largest value a candidate may have.
        std: standard deviation over the recorded rows, the unit of mutations and distances.
        weight: a mutation adds Gaussian noise of ``weight * std``.
        step: candidates are multiples of it (1 for integers), or None for any value.
        frozen: the value it is held at, or None when it is free.

    Raises:
        SpaceError: bounds, step, weight or frozen value do not fit together.
    """

    name: str
    low: float
    high: float
    std: float
    weight: float = DEFAULT_WEIGHT
    step: float | None = None
    frozen: float | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be searched."""
        check_bounds(self.name, self.low, self.high)
        check_at_least(f"The mutation weight of '{self.name}'", self.weight, 0.0)
        if self.frozen is not None:
            check_within(self.name, self.frozen, self.low, self.high)
            return
        check_varies(self.name, self.std)
        if self.step is not None:
            check_positive(f"The step of '{self.name}'", self.step)
            if self.first_step > self.last_step:
                raise SpaceError(
                    f"'{self.name}' has no multiple of its step {self.step:g} between {self.low:g} and {self.high:g}: "
                    "widen the bounds or choose a smaller step."
                )

    @property
    def is_free(self) -> bool:
        """Whether the search may move it."""
        return self.frozen is None

    @property
    def first_step(self) -> float:
        """The smallest multiple of the step within the bounds, in steps."""
        return float(np.ceil(np.round(self.low / self.step, _STEP_DECIMALS))) if self.step else 0.0

    @property
    def last_step(self) -> float:
        """The largest multiple of the step within the bounds, in steps."""
        return float(np.floor(np.round(self.high / self.step, _STEP_DECIMALS))) if self.step else 0.0


@dataclass(frozen=True, slots=True)
class Categorical:
    """A categorical feature: free among its allowed categories, or frozen.

    Attributes:
        name: unique within the space.
        frequencies: share of each category in the recorded rows, one per code.
        allowed: codes that a candidate may have; empty means all.
        weight: probability that a mutation draws a new category.
        frozen: the code it is held at, or None when it is free.

    Raises:
        SpaceError: there is no category to choose from, or a code that does not exist.
    """

    name: str
    frequencies: tuple[float, ...]
    allowed: tuple[int, ...] = ()
    weight: float = DEFAULT_WEIGHT
    frozen: int | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be searched."""
        if not self.frequencies:
            raise SpaceError(f"'{self.name}' has no categories, got none where at least one is needed: leave it out.")
        unknown = [code for code in self.codes if not 0 <= code < len(self.frequencies)]
        if unknown:
            raise SpaceError(
                f"'{self.name}' has codes 0 to {len(self.frequencies) - 1}, got {unknown}: allow only those."
            )
        if not 0 <= self.weight <= 1:
            raise SpaceError(
                f"The mutation weight of the categorical feature '{self.name}' is a probability "
                f"between 0 and 1, got {self.weight}."
            )
        if self.frozen is not None and self.frozen not in self.codes:
            raise SpaceError(f"'{self.name}' is frozen at code {self.frozen}, expected one of {list(self.codes)}.")

    @property
    def is_free(self) -> bool:
        """Whether the search may move it."""
        return self.frozen is None

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes that a candidate may have."""
        return tuple(dict.fromkeys(self.allowed)) or tuple(range(len(self.frequencies)))

    @property
    def probabilities(self) -> np.ndarray:
        """(n_allowed,) recorded frequencies of the allowed codes, uniform where none was recorded."""
        shares = np.array([self.frequencies[code] for code in self.codes], dtype=float)
        total = shares.sum()
        return shares / total if total > 0 else np.full(len(shares), 1 / len(shares))


Feature = Numeric | Categorical


@dataclass(frozen=True)
class SearchSpace:
    """All features of a candidate, in the order of the columns of ``X``.

    Raises:
        SpaceError: names occur twice, or no feature is free.
    """

    features: tuple[Feature, ...]

    def __post_init__(self) -> None:
        """Refuse a space in which nothing can be searched."""
        check_unique("feature", self.names)
        if not any(feature.is_free for feature in self.features):
            raise SpaceError("All features are frozen, so there is nothing to search: set at least one free.")

    @classmethod
    def from_bounds(cls, bounds: Sequence[tuple[float, float]], weight: float = DEFAULT_WEIGHT) -> "SearchSpace":
        """Return a continuous space; the unit of mutations is the standard deviation of a uniform draw."""
        return cls(
            tuple(
                Numeric(f"x{j + 1}", float(low), float(high), std=(high - low) / np.sqrt(12) or 1.0, weight=weight)
                for j, (low, high) in enumerate(bounds)
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(feature.name for feature in self.features)

    @property
    def n_features(self) -> int:
        """How many columns a candidate has."""
        return len(self.features)

    @cached_property
    def free(self) -> np.ndarray:
        """(n_free,) columns that the search may move."""
        return np.array([j for j, feature in enumerate(self.features) if feature.is_free])

    @cached_property
    def _numeric(self) -> "_NumericColumns":
        return _NumericColumns.of(self.features)

    @cached_property
    def _categorical(self) -> list[tuple[int, Categorical]]:
        return [(j, f) for j, f in enumerate(self.features) if isinstance(f, Categorical) and f.is_free]

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) candidates, uniform within the bounds and over the allowed categories."""
        columns = self._numeric
        X = np.empty((n, self.n_features))
        # half a step beyond the outer steps, so that these are as likely as the others
        low = np.where(columns.is_stepped, (columns.first_step - 0.5) * columns.step, columns.low)
        high = np.where(columns.is_stepped, (columns.last_step + 0.5) * columns.step, columns.high)
        X[:, columns.index] = rng.uniform(low, high, size=(n, len(columns.index)))
        for j, feature in self._categorical:
            X[:, j] = rng.choice(feature.codes, size=n)
        return self.repair(X)

    def mutate(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) mutants, one of each row of ``X`` (n, d).

        Every free numeric feature gets Gaussian noise of ``weight * std`` and is reflected at its bounds; every free
        categorical one is drawn anew with probability ``weight``, from the recorded frequencies. Stepped features go
        up or down to a step at random, the nearer one more often, so that noise far below a step moves them too.
        """
        check_matrix("X", X, self.n_features)
        columns = self._numeric
        mutants = X.copy()
        noise = rng.standard_normal((len(X), len(columns.index)))
        moved = X[:, columns.index] + columns.sigma * noise
        rounding = np.where(columns.is_stepped, columns.step, 0.0) * (rng.random(noise.shape) - 0.5)
        mutants[:, columns.index] = reflect(moved, columns.low, columns.high) + rounding
        for j, feature in self._categorical:
            changes = rng.random(len(X)) < feature.weight
            drawn = rng.choice(feature.codes, size=len(X), p=feature.probabilities)
            mutants[:, j] = np.where(changes, drawn, X[:, j])
        return self.repair(mutants)

    def repair(self, X: np.ndarray) -> np.ndarray:
        """Return (n, d) the nearest candidates within bounds, on steps and with frozen features held.

        Categorical codes that are not allowed become the first allowed one.
        """
        check_matrix("X", X, self.n_features)
        columns = self._numeric
        repaired = X.astype(float)
        inside = np.clip(repaired[:, columns.index], columns.low, columns.high)
        steps = np.clip(np.rint(inside / columns.step), columns.first_step, columns.last_step)
        inside = np.where(columns.is_stepped, np.round(steps * columns.step, _DECIMALS), inside)
        repaired[:, columns.index] = np.clip(inside, columns.low, columns.high) + 0.0  # no -0.0
        for j, feature in self._categorical:
            repaired[~np.isin(repaired[:, j], feature.codes), j] = feature.codes[0]
        for j, held in enumerate(self.features):
            if held.frozen is not None:
                repaired[:, j] = held.frozen
        return repaired

    def contains(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row is a candidate of this space."""
        check_matrix("X", X, self.n_features)
        return np.isclose(X, self.repair(X), rtol=1e-9, atol=1e-9).all(axis=1)

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Return (n, p) the free features in units in which distances compare.

        Numbers are divided by their recorded standard deviation; a category becomes one-hot columns scaled so that two
        different categories are 1 apart.
        """
        check_matrix("X", X, self.n_features)
        columns = [np.empty((len(X), 0))]
        for j in self.free:
            feature = self.features[j]
            if isinstance(feature, Numeric):
                columns.append(X[:, [j]] / feature.std)
            else:
                columns.append((X[:, [j]] == np.arange(len(feature.frequencies))) / np.sqrt(2))
        return np.hstack(columns)


@dataclass(frozen=True, slots=True)
class _NumericColumns:
    """The free numeric features as arrays, each (n_numeric,)."""

    index: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray
    step: np.ndarray
    first_step: np.ndarray
    last_step: np.ndarray
    is_stepped: np.ndarray

    @classmethod
    def of(cls, features: Sequence[Feature]) -> "_NumericColumns":
        """Return the arrays of the free numeric features."""
        free = [(j, f) for j, f in enumerate(features) if isinstance(f, Numeric) and f.is_free]
        return cls(
            index=np.array([j for j, _ in free], dtype=int),
            low=np.array([f.low for _, f in free]),
            high=np.array([f.high for _, f in free]),
            sigma=np.array([f.weight * f.std for _, f in free]),
            step=np.array([f.step or 1.0 for _, f in free]),
            first_step=np.array([f.first_step for _, f in free]),
            last_step=np.array([f.last_step for _, f in free]),
            is_stepped=np.array([f.step is not None for _, f in free], dtype=bool),
        )


def reflect(X: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return ``X`` folded back into ``[low, high]`` as by mirrors at both bounds."""
    width = high - low
    period = np.where(width > 0, 2 * width, 1.0)
    folded = np.mod(X - low, period)
    return np.clip(low + np.minimum(folded, period - folded), low, high)
