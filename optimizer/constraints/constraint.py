"""What every constraint can do, how exactly it is met, and the checks and words that constraints share."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from optimizer.checks import SpaceError
from optimizer.features.features import Categorical, Feature

TOLERANCE = 1e-9  # a constraint is met to this share of the numbers that it adds up and compares


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
