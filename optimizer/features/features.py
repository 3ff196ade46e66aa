"""The features of a search space: numeric or categorical, free or frozen."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_bounds, check_positive, check_varies, check_within

DEFAULT_WEIGHT = 0.2
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
