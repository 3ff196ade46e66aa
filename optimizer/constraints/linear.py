"""Hard rules on weighted sums of numbers: a sum, a ratio, an order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.rule import TOLERANCE
from optimizer.constraints.wording import check_columns, check_kind, check_limits, limits, listed
from optimizer.features.features import Feature

_CANCELS = 1e-12  # a feature on both sides of a ratio near 1 cancels; what floating point leaves of it is noise


@dataclass(frozen=True, slots=True)
class LinearRow:
    """One pair of limits on a weighted sum: ``low <= sum(coefficients * X[:, columns]) <= high``."""

    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float

    def sums(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) the weighted sum of each row."""
        return X[:, list(self.columns)] @ np.array(self.coefficients)

    def excess(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) how far the sum is outside its limits, 0 inside."""
        sums = self.sums(X)
        return np.maximum(np.maximum(self.low - sums, sums - self.high), 0.0)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether the sum is inside its limits, to ``TOLERANCE`` of the numbers added and compared."""
        size = np.abs(X[:, list(self.columns)]) @ np.abs(self.coefficients) + self.limit_size
        return self.excess(X) <= TOLERANCE * size

    @property
    def limit_size(self) -> float:
        """The larger finite limit, without its sign."""
        return max((abs(limit) for limit in (self.low, self.high) if np.isfinite(limit)), default=0.0)


@dataclass(frozen=True, slots=True)
class SumConstraint:
    """The sum of some features is a value, or lies between two.

    Attributes:
        columns: numeric features that add up.
        low: smallest sum, or minus infinity.
        high: largest sum, or infinity; the same as ``low`` for one value.

    Raises:
        SpaceError: there is no feature, one is named twice, or the limits limit nothing.
    """

    columns: tuple[int, ...]
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what could not be met."""
        check_columns("A sum rule", self.columns)
        check_limits("A sum rule", self.low, self.high)

    @classmethod
    def equal(cls, columns: Sequence[int], value: float) -> "SumConstraint":
        """Return the rule that these features add up to ``value``."""
        return cls(tuple(columns), value, value)

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The rule as weighted sums."""
        return (LinearRow(self.columns, (1.0,) * len(self.columns), self.low, self.high),)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are numeric."""
        check_kind("A sum rule", self.columns, features, is_categorical=False)

    def words(self, names: Sequence[str]) -> str:
        """Return the rule as one line for people."""
        who = [names[j] for j in self.columns]
        return f"{who[0] if len(who) == 1 else f'the sum of {listed(who)}'} {limits(self.low, self.high)}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) how far the sum is outside, in the features' unit."""
        return self.rows[0].excess(X)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row meets the rule."""
        return self.rows[0].holds(X)


@dataclass(frozen=True, slots=True)
class RatioConstraint:
    """The ratio of two sums of features lies between two numbers; the denominator is always above 0.

    Attributes:
        numerator: numeric features that add up above the line.
        denominator: numeric features that add up below it.
        low: smallest ratio, or minus infinity.
        high: largest ratio, or infinity.

    Raises:
        SpaceError: there is no feature, one is named twice in a sum, or the limits limit nothing.
    """

    numerator: tuple[int, ...]
    denominator: tuple[int, ...]
    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what could not be met."""
        check_columns("The numerator of a ratio rule", self.numerator)
        check_columns("The denominator of a ratio rule", self.denominator)
        check_limits("A ratio rule", self.low, self.high)

    @property
    def columns(self) -> tuple[int, ...]:
        """Every column of numerator and denominator, once."""
        return tuple(dict.fromkeys(self.numerator + self.denominator))

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The rule as weighted sums, for a denominator above 0: numerator - limit * denominator."""
        rows = []
        for limit, low, high in ((self.low, 0.0, np.inf), (self.high, -np.inf, 0.0)):
            if np.isfinite(limit):
                parts = np.isin(self.columns, self.numerator) - limit * np.isin(self.columns, self.denominator)
                parts = np.where(np.abs(parts) > _CANCELS * (1 + abs(limit)), parts, 0.0)
                rows.append(LinearRow(self.columns, tuple(parts.tolist()), low, high))
        if self.low == self.high:
            return (LinearRow(rows[0].columns, rows[0].coefficients, 0.0, 0.0),)
        return tuple(rows)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are numeric."""
        check_kind("A ratio rule", self.columns, features, is_categorical=False)

    def words(self, names: Sequence[str]) -> str:
        """Return the rule as one line for people."""

        def side(columns: tuple[int, ...]) -> str:
            joined = " + ".join(names[j] for j in columns)
            return f"({joined})" if len(columns) > 1 else joined

        return f"{side(self.numerator)} / {side(self.denominator)} {limits(self.low, self.high)}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) how far the ratio is outside; infinity where the denominator is not above 0."""
        numerator = X[:, list(self.numerator)].sum(axis=1)
        denominator = X[:, list(self.denominator)].sum(axis=1)
        ratio = numerator / np.where(denominator > 0, denominator, 1.0)
        outside = np.maximum(np.maximum(self.low - ratio, ratio - self.high), 0.0)
        return np.where(denominator > 0, outside, np.inf)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row meets the rule."""
        is_met = X[:, list(self.denominator)].sum(axis=1) > 0
        for row in self.rows:
            is_met &= row.holds(X)
        return is_met


@dataclass(frozen=True, slots=True)
class OrderConstraint:
    """One feature is at most another.

    Attributes:
        smaller: numeric feature that is at most the other.
        larger: the other.

    Raises:
        SpaceError: both are the same feature.
    """

    smaller: int
    larger: int

    def __post_init__(self) -> None:
        """Refuse what says nothing."""
        if self.smaller == self.larger:
            raise SpaceError(f"An order rule compares two features, got column {self.smaller} twice: name two.")
        check_columns("An order rule", self.columns)

    @property
    def columns(self) -> tuple[int, ...]:
        """Both columns."""
        return (self.smaller, self.larger)

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The rule as a weighted sum."""
        return (LinearRow(self.columns, (1.0, -1.0), -np.inf, 0.0),)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless both features are numeric."""
        check_kind("An order rule", self.columns, features, is_categorical=False)

    def words(self, names: Sequence[str]) -> str:
        """Return the rule as one line for people."""
        return f"{names[self.smaller]} is at most {names[self.larger]}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) by how much the smaller exceeds the larger."""
        return self.rows[0].excess(X)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row meets the rule."""
        return self.rows[0].holds(X)


LinearRule = SumConstraint | RatioConstraint | OrderConstraint
