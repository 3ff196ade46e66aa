"""Hard rules on what goes together: at most some ingredients, and forbidden combinations of categories."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_at_least
from optimizer.constraints.wording import check_columns, check_kind, listed, number
from optimizer.features.features import Categorical, Feature, Numeric


@dataclass(frozen=True, slots=True)
class CardinalityConstraint:
    """At most so many of some features are non-zero.

    Attributes:
        columns: numeric features, none of them below 0.
        most: how many may be non-zero.
        threshold: values up to it count as zero.

    Raises:
        SpaceError: there is no feature, one is named twice, or a number is out of range.
    """

    columns: tuple[int, ...]
    most: int
    threshold: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what could not be met."""
        check_columns("A rule of at most so many", self.columns)
        check_at_least("The threshold of what counts as zero", self.threshold, 0.0)
        if self.most != int(self.most) or not 0 <= self.most < len(self.columns):
            raise SpaceError(
                f"At most so many of {len(self.columns)} features: expected a whole number from 0 to "
                f"{len(self.columns) - 1}, got {self.most}."
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
        """Return the rule as one line for people."""
        who = listed([names[j] for j in self.columns])
        return f"at most {self.most} of {who} {'is' if self.most == 1 else 'are'} above {number(self.threshold)}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) how many too many are non-zero."""
        counts = (X[:, list(self.columns)] > self.threshold).sum(axis=1)
        return np.maximum(counts - self.most, 0).astype(float)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row meets the rule, exactly."""
        return self.violation(X) == 0


@dataclass(frozen=True, slots=True)
class ForbiddenConstraint:
    """Some categories never go together: a row breaks the rule when every feature has one of its categories.

    Attributes:
        combination: (column, codes) of each categorical feature.
        labels: what the codes of each feature are called in texts; codes are shown where none are given.

    Raises:
        SpaceError: there is no feature, one is named twice, or one is named without a category.
    """

    combination: tuple[tuple[int, tuple[int, ...]], ...]
    labels: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what says nothing."""
        check_columns("A forbidden combination", self.columns)
        empty = [column for column, codes in self.combination if not codes]
        if self.labels and [len(label) for label in self.labels] != [len(codes) for _, codes in self.combination]:
            raise SpaceError(
                f"A forbidden combination needs a label per code of {self.combination}, got {self.labels}."
            )
        if empty:
            raise SpaceError(f"A forbidden combination needs a category of every feature, got none for column {empty}.")

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns of the combination."""
        return tuple(column for column, _ in self.combination)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are categorical and have these categories."""
        check_kind("A forbidden combination", self.columns, features, is_categorical=True)
        for column, codes in self.combination:
            feature = features[column]
            assert isinstance(feature, Categorical)
            unknown = [code for code in codes if not 0 <= code < len(feature.frequencies)]
            if unknown:
                raise SpaceError(
                    f"A forbidden combination speaks of the codes {unknown} of '{feature.name}', which has 0 to "
                    f"{len(feature.frequencies) - 1}."
                )

    def words(self, names: Sequence[str]) -> str:
        """Return the rule as one line for people."""
        labels = self.labels or [tuple(str(code) for code in codes) for _, codes in self.combination]
        parts = [f"{names[column]} {' or '.join(label)}" for column, label in zip(self.columns, labels, strict=True)]
        return f"never {' together with '.join(parts)}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) 1 where the combination occurs, else 0."""
        return (~self.holds(X)).astype(float)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row meets the rule, exactly."""
        occurs = np.ones(len(X), dtype=bool)
        for column, codes in self.combination:
            occurs &= np.isin(X[:, column], codes)
        return ~occurs
