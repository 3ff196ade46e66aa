"""What every constraint can do and how exactly it is met; constraints on numbers: sum, ratio, order, cardinality."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from optimizer.checks import SpaceError, check_at_least
from optimizer.features import Categorical, Feature, Numeric

TOLERANCE = 1e-9  # a constraint is met to this share of the numbers that it adds up and compares
_CANCELS = 1e-12  # a feature on both sides of a ratio near 1 cancels; what floating point leaves of it is noise


class Constraint(Protocol):
    """Something that every candidate meets; columns are those of ``X``."""

    @property
    def columns(self) -> tuple[int, ...]:
        """Every column that the constraint speaks of, once."""

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless the constraint can be asked of these features."""

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people, with the names of all features."""

    def violation(self, X: np.ndarray) -> np.ndarray:
        """How far each row of ``X`` (n, d) is from meeting it, (n,) in its own unit; 0 where it does."""

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row of ``X`` (n, d) meets it to ``TOLERANCE``, (n,)."""


def number(value: float) -> str:
    """A number as people read it: 1,000 or 0.35; "no limit" for an infinite one."""
    return f"{value + 0.0:,.10g}" if np.isfinite(value) else "no limit"


def listed(words: Sequence[str]) -> str:
    """The words as "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def limits(low: float, high: float) -> str:
    """The limits as "is 3", "is between 1 and 3", "is at most 3" or "is at least 1"."""
    if low == high:
        return f"is {number(low)}"
    if np.isfinite(low) and np.isfinite(high):
        return f"is between {number(low)} and {number(high)}"
    return f"is at least {number(low)}" if np.isfinite(low) else f"is at most {number(high)}"


def check_limits(what: str, low: float, high: float) -> None:
    """Refuse limits that are no numbers, stand in the wrong order or limit nothing."""
    if np.isnan(low) or np.isnan(high) or low == np.inf or high == -np.inf:
        raise SpaceError(f"{what} needs numbers as its limits, got {low} and {high}.")
    if low > high:
        raise SpaceError(
            f"{what} lies between {number(low)} and {number(high)}: the minimum is above the maximum, swap them."
        )
    if not (np.isfinite(low) or np.isfinite(high)):
        raise SpaceError(f"{what} has no limit: give a minimum, a maximum or both.")


def check_columns(what: str, columns: Sequence[int]) -> None:
    """Refuse no column, one given twice, or one that is not a column."""
    if not columns:
        raise SpaceError(f"{what} needs features: name at least one.")
    if len(set(columns)) < len(columns):
        raise SpaceError(f"{what} names a feature twice (columns {tuple(columns)}): name each once.")
    if min(columns) < 0:
        raise SpaceError(f"{what} needs columns counted from 0, got {tuple(columns)}.")


def check_kind(what: str, columns: Sequence[int], features: Sequence[Feature], *, is_categorical: bool) -> None:
    """Refuse columns that do not exist, or features of the other kind."""
    absent = [column for column in columns if column >= len(features)]
    if absent:
        raise SpaceError(f"{what} speaks of the columns {absent}, but there are {len(features)} features (0 first).")
    wrong = [features[j].name for j in columns if isinstance(features[j], Categorical) is not is_categorical]
    if wrong:
        needed, got = ("categorical", "numeric") if is_categorical else ("numeric", "categorical")
        verb, whom = ("is", "it") if len(wrong) == 1 else ("are", "them")
        raise SpaceError(f"{what} is for {needed} features, and {listed(wrong)} {verb} {got}: leave {whom} out.")


@dataclass(frozen=True, slots=True)
class LinearRow:
    """One pair of limits on a weighted sum: ``low <= sum(coefficients * X[:, columns]) <= high``."""

    columns: tuple[int, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float

    def excess(self, X: np.ndarray) -> np.ndarray:
        """How far the sum is outside its limits, (n,); 0 inside."""
        sums = X[:, list(self.columns)] @ np.array(self.coefficients)
        return np.maximum(np.maximum(self.low - sums, sums - self.high), 0.0)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether the sum is inside its limits, (n,), to ``TOLERANCE`` of the numbers added and compared."""
        size = np.abs(X[:, list(self.columns)]) @ np.abs(self.coefficients) + self.limit_size
        return self.excess(X) <= TOLERANCE * size

    @property
    def limit_size(self) -> float:
        """The larger finite limit, without its sign."""
        return max((abs(limit) for limit in (self.low, self.high) if np.isfinite(limit)), default=0.0)


class LinearConstraint:
    """A constraint that is one or two limits on weighted sums of numbers."""

    __slots__ = ()
    NAME: ClassVar[str]

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The constraint as weighted sums of the same columns."""
        raise NotImplementedError

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are numeric."""
        check_kind(self.NAME, self.rows[0].columns, features, is_categorical=False)

    def violation(self, X: np.ndarray) -> np.ndarray:
        """How far the sum is outside, (n,) in the features' unit."""
        return self.rows[0].excess(X)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row meets the constraint, (n,)."""
        return np.logical_and.reduce([row.holds(X) for row in self.rows])


@dataclass(frozen=True, slots=True)
class SumConstraint(LinearConstraint):
    """The sum of some features, each times its weight, is a value, or lies between two.

    Attributes:
        columns: numeric features that add up.
        low: smallest sum, or minus infinity.
        high: largest sum, or infinity; the same as ``low`` for one value.
        weights: what each feature counts, also below 0; empty where each counts 1.

    Raises:
        SpaceError: there is no feature, one is named twice, a weight is 0 or no number, or the limits limit nothing.
    """

    NAME = "A sum rule"
    columns: tuple[int, ...]
    low: float
    high: float
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        check_columns(self.NAME, self.columns)
        check_limits(self.NAME, self.low, self.high)
        if self.weights and len(self.weights) != len(self.columns):
            raise SpaceError(
                f"{self.NAME} has one weight for each of its {len(self.columns)} features, got {len(self.weights)}."
            )
        if not all(np.isfinite(weight) and weight for weight in self.weights):
            raise SpaceError(f"{self.NAME} needs numbers other than 0 as weights, got {self.weights}.")

    @property
    def coefficients(self) -> tuple[float, ...]:
        """What each feature counts."""
        return self.weights or (1.0,) * len(self.columns)

    @property
    def kind(self) -> str:
        """What it is called: a sum or a weighted sum."""
        return "weighted sum" if any(weight != 1 for weight in self.weights) else "sum"

    @classmethod
    def equal(cls, columns: Sequence[int], value: float) -> "SumConstraint":
        """The constraint that these features add up to ``value``."""
        return cls(tuple(columns), value, value)

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The constraint as a weighted sum."""
        return (LinearRow(self.columns, self.coefficients, self.low, self.high),)

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""
        if self.kind == "weighted sum":
            return f"{self._weighted(names)} {limits(self.low, self.high)}"
        summed = [names[j] for j in self.columns]
        return f"{summed[0] if len(summed) == 1 else f'the sum of {listed(summed)}'} {limits(self.low, self.high)}"

    def _weighted(self, names: Sequence[str]) -> str:
        """The weighted sum, such as "0.4 a - 0.6 b"; what is taken off comes last."""
        order = sorted(range(len(self.columns)), key=lambda i: self.weights[i] < 0)
        text = ""
        for i in order:
            size, name = abs(self.weights[i]), names[self.columns[i]]
            sign = " - " if self.weights[i] < 0 else " + " if text else ""
            text += sign + (name if size == 1 else f"{number(size)} {name}")
        return text.lstrip(" ")


@dataclass(frozen=True, slots=True)
class RatioConstraint(LinearConstraint):
    """The ratio of two sums of features lies between two numbers; the denominator is always above 0.

    Attributes:
        numerator: numeric features that add up above the line.
        denominator: numeric features that add up below it.
        low: smallest ratio, or minus infinity.
        high: largest ratio, or infinity.

    Raises:
        SpaceError: there is no feature, one is named twice in a sum, or the limits limit nothing.
    """

    NAME = "A ratio rule"
    numerator: tuple[int, ...]
    denominator: tuple[int, ...]
    low: float
    high: float

    def __post_init__(self) -> None:
        check_columns("The numerator of a ratio rule", self.numerator)
        check_columns("The denominator of a ratio rule", self.denominator)
        check_limits(self.NAME, self.low, self.high)

    @property
    def columns(self) -> tuple[int, ...]:
        """Every column of numerator and denominator, once."""
        return tuple(dict.fromkeys(self.numerator + self.denominator))

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The constraint as weighted sums: for a denominator above 0, ``numerator - limit * denominator``."""
        rows = []
        for limit, low, high in ((self.low, 0.0, np.inf), (self.high, -np.inf, 0.0)):
            if np.isfinite(limit):
                parts = np.isin(self.columns, self.numerator) - limit * np.isin(self.columns, self.denominator)
                parts = np.where(np.abs(parts) > _CANCELS * (1 + abs(limit)), parts, 0.0)
                rows.append(LinearRow(self.columns, tuple(parts.tolist()), low, high))
        if self.low == self.high:  # one equality instead of two inequalities, so that repair moves along it
            return (LinearRow(rows[0].columns, rows[0].coefficients, 0.0, 0.0),)
        return tuple(rows)

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""

        def side(columns: tuple[int, ...]) -> str:
            joined = " + ".join(names[j] for j in columns)
            return f"({joined})" if len(columns) > 1 else joined

        return f"{side(self.numerator)} / {side(self.denominator)} {limits(self.low, self.high)}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """How far the ratio is outside, (n,); infinity where the denominator is not above 0."""
        numerator = X[:, list(self.numerator)].sum(axis=1)
        denominator = X[:, list(self.denominator)].sum(axis=1)
        ratio = numerator / np.where(denominator > 0, denominator, 1.0)
        outside = np.maximum(np.maximum(self.low - ratio, ratio - self.high), 0.0)
        return np.where(denominator > 0, outside, np.inf)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row meets the constraint, with a denominator above 0, (n,)."""
        is_positive = X[:, list(self.denominator)].sum(axis=1) > 0
        return is_positive & np.logical_and.reduce([row.holds(X) for row in self.rows])


@dataclass(frozen=True, slots=True)
class OrderConstraint(LinearConstraint):
    """One feature is at most another.

    Attributes:
        smaller: numeric feature that is at most the other.
        larger: the other.

    Raises:
        SpaceError: both are the same feature.
    """

    NAME = "An order rule"
    smaller: int
    larger: int

    def __post_init__(self) -> None:
        if self.smaller == self.larger:
            raise SpaceError(f"An order rule compares two features, got column {self.smaller} twice: name two.")
        check_columns(self.NAME, self.columns)

    @property
    def columns(self) -> tuple[int, ...]:
        """Both columns."""
        return (self.smaller, self.larger)

    @property
    def rows(self) -> tuple[LinearRow, ...]:
        """The constraint as a weighted sum."""
        return (LinearRow(self.columns, (1.0, -1.0), -np.inf, 0.0),)

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""
        return f"{names[self.smaller]} is at most {names[self.larger]}"


@dataclass(frozen=True, slots=True)
class CardinalityConstraint:
    """At most so many of some features are non-zero, and those are not too small to be dosed.

    Attributes:
        columns: numeric features, none of them below 0.
        most: how many may be non-zero.
        threshold: values up to it count as zero.
        least: what is above the threshold is at least this ("0, or at least 5 %"); 0 for any amount.

    Raises:
        SpaceError: there is no feature, one is named twice, or a number is out of range.
    """

    columns: tuple[int, ...]
    most: int
    threshold: float = 0.0
    least: float = 0.0

    def __post_init__(self) -> None:
        check_columns("A rule of at most so many", self.columns)
        check_at_least("The threshold of what counts as zero", self.threshold, 0.0)
        if self.least and not (np.isfinite(self.least) and self.least > self.threshold):
            raise SpaceError(
                f"Amounts are zero or at least so much: expected more than {number(self.threshold)}, which counts as "
                f"zero, got {number(self.least)}."
            )
        most = len(self.columns) - (not self.least)
        if self.most != int(self.most) or not 0 <= self.most <= most:
            raise SpaceError(
                f"At most so many of {len(self.columns)} features: expected a whole number from 0 to {most}, got "
                f"{self.most}."
            )

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are numeric and none can be negative."""
        check_kind("A rule of at most so many", self.columns, features, is_categorical=False)
        for j in self.columns:
            feature = features[j]
            if isinstance(feature, Numeric) and (feature.low if feature.is_free else feature.frozen or 0.0) < 0:
                raise SpaceError(
                    f"A rule of at most so many non-zero is for amounts, and '{feature.name}' may be "
                    f"{number(feature.low)}: raise its minimum to 0, or leave it out."
                )

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""
        counted = listed([names[j] for j in self.columns])
        zero = "0" if self.threshold == 0 else f"at most {number(self.threshold)}"
        if self.most == len(self.columns):
            whose = counted if self.most == 1 else f"each of {counted}"
            return f"{whose} is {zero} or at least {number(self.least)}"
        words = f"at most {self.most} of {counted} {'is' if self.most == 1 else 'are'} above {number(self.threshold)}"
        return f"{words}, and then at least {number(self.least)}" if self.least else words

    def violation(self, X: np.ndarray) -> np.ndarray:
        """How many too many are non-zero, and how many are neither zero nor enough, (n,)."""
        values = X[:, list(self.columns)]
        is_on = values > self.threshold
        too_many = np.maximum(is_on.sum(axis=1) - self.most, 0)
        return (too_many + (is_on & (values < self.least * (1 - TOLERANCE))).sum(axis=1)).astype(float)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row meets the constraint exactly, (n,)."""
        return self.violation(X) == 0


@dataclass(frozen=True, slots=True)
class ConditionalConstraint:
    """Where a feature has one of some categories, a number lies between two.

    Attributes:
        column: categorical feature.
        codes: of the categories.
        target: numeric feature.
        low: its smallest value then, or minus infinity.
        high: its largest value then, or infinity.
        labels: what the codes are called in texts; codes are shown where none are given.

    Raises:
        SpaceError: there is no category, or the limits limit nothing.
    """

    NAME: ClassVar[str] = "An if-then rule"
    column: int
    codes: tuple[int, ...]
    target: int
    low: float
    high: float
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_columns(self.NAME, self.columns)
        check_limits(self.NAME, self.low, self.high)
        if not self.codes:
            raise SpaceError(f"{self.NAME} needs a category: choose one.")

    @property
    def columns(self) -> tuple[int, ...]:
        """Both columns."""
        return (self.column, self.target)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless the one feature is categorical and the other numeric."""
        check_kind(f"The condition of {self.NAME.lower()}", (self.column,), features, is_categorical=True)
        check_kind(f"What {self.NAME.lower()} holds", (self.target,), features, is_categorical=False)

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""
        labels = " or ".join(self.labels or map(str, self.codes))
        return f"if {names[self.column]} is {labels} then {names[self.target]} {limits(self.low, self.high)}"

    def allows(self, features: Sequence[Feature]) -> bool:
        """Whether the number, if it is frozen, may go with the categories."""
        feature = features[self.target]
        frozen = feature.frozen if isinstance(feature, Numeric) else None
        return frozen is None or self.low <= frozen <= self.high

    def applies(self, X: np.ndarray) -> np.ndarray:
        """Whether each row has one of the categories, (n,)."""
        return np.isin(X[:, self.column], self.codes)

    @property
    def _then(self) -> LinearRow:
        return LinearRow((self.target,), (1.0,), self.low, self.high)

    def violation(self, X: np.ndarray) -> np.ndarray:
        """How far the number is outside where the condition holds, (n,) in its unit."""
        return np.where(self.applies(X), self._then.excess(X), 0.0)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row meets the constraint, (n,)."""
        return ~self.applies(X) | self._then.holds(X)
