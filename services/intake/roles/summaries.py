"""What each column holds, and what hinders its use."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from services.intake.tables.cells import is_number_column
from services.intake.tables.cleaning import NOT_MARKED, mark_of
from services.intake.tables.limits import MAX_CATEGORIES
from services.specs.digits import clipped, counted

_SMALLER = 2.0**20  # so that no sum of large numbers is out of range; a power of two changes no digit
_SAMPLE = 1_000  # rows that tell what columns have to do with each other

MIN_DIFFERENT = 10
"""From so many rows on, a column with another text in each of them only labels the rows."""


class SummaryKind(StrEnum):
    """What a column can serve as."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """What one column of a table holds.

    Attributes:
        kind: numeric, categorical (few distinct texts), or text (no use as it is).
        n_missing: how many cells are empty or say so.
        n_distinct: how many different values there are, missing ones not counted.
        low: the least finite number, None without numbers.
        high: the greatest finite number, None without numbers.
        mean: of the finite numbers, None without numbers.
        is_usable: it can be a feature (or, if numeric, the outcome) as it is.
        problem: what hinders its use and how to mend it; "" if nothing does.
    """

    name: str
    kind: SummaryKind
    n_rows: int
    n_missing: int
    n_infinite: int
    n_distinct: int
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    is_constant: bool = False
    is_usable: bool = True
    problem: str = ""

    @property
    def is_mostly_empty(self) -> bool:
        """Whether more than half of the cells are missing."""
        return self.n_missing > self.n_rows / 2

    @property
    def is_number(self) -> bool:
        """Whether it can be used as numbers."""
        return self.is_usable and self.kind is SummaryKind.NUMERIC

    @property
    def distinct_share(self) -> float:
        """Different values for each recorded one: 1 where no value comes twice, 0 without values."""
        return self.n_distinct / max(self.n_rows - self.n_missing - self.n_infinite, 1)


def summarise(frame: pd.DataFrame) -> tuple[ColumnSummary, ...]:
    """The summary of every column, in the frame's order."""
    return tuple(_summary(str(name), frame[name]) for name in frame.columns)


def _summary(name: str, values: pd.Series) -> ColumnSummary:
    if mark_of(values):
        values = values.fillna(NOT_MARKED)
    is_number = is_number_column(values)
    numbers = values.to_numpy(dtype=float, na_value=np.nan) if is_number else np.empty(0)
    finite = numbers[np.isfinite(numbers)]
    n_infinite, n_missing = int(np.isinf(numbers).sum()), int(values.isna().sum())
    distinct = pd.unique(finite) if is_number else values.dropna().unique()
    kind, hindrance = SummaryKind.NUMERIC if is_number else SummaryKind.CATEGORICAL, ""
    if not len(distinct):
        hindrance = "no values: leave it out"
    elif len(distinct) == 1:
        value = f"{distinct[0]:.10g}" if is_number else f"'{clipped(str(distinct[0]), 40)}'"
        hindrance = f"constant ({value} in every row): it cannot help a model"
    elif not is_number and len(distinct) == len(values) - n_missing >= MIN_DIFFERENT:
        kind, hindrance = SummaryKind.TEXT, "another text in every row: it only labels the rows"
    elif not is_number and len(distinct) > MAX_CATEGORIES:
        kind = SummaryKind.TEXT
        different = f"{len(distinct):,} different texts, at most {MAX_CATEGORIES} can be categories"
        hindrance = f"{different}: group them, or leave it out"
    return ColumnSummary(
        name,
        kind,
        len(values),
        n_missing,
        n_infinite,
        len(distinct),
        low=float(finite.min()) if len(finite) else None,
        high=float(finite.max()) if len(finite) else None,
        mean=float((finite / _SMALLER).mean() * _SMALLER) if len(finite) else None,
        is_constant=len(distinct) == 1,
        is_usable=not hindrance,
        problem=hindrance or _incomplete(n_missing, n_infinite, len(values)),
    )


def _incomplete(n_missing: int, n_infinite: int, n_rows: int) -> str:
    parts = [f"{what} in {n:,}" for what, n in (("missing", n_missing), ("infinite", n_infinite)) if n]
    return f"{' and '.join(parts)} of {counted(n_rows, 'row')}" if parts else ""


def sampled(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """At most a thousand rows of some columns of numbers, evenly spaced, (n, d) with NaN for missing values."""
    rows = np.unique(np.linspace(0, len(frame) - 1, min(len(frame), _SAMPLE)).astype(int))
    return np.asarray(frame.iloc[rows][list(names)].to_numpy(dtype=float, na_value=np.nan))


def scaled(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """A sample of some columns (n, d), each divided by its largest number, so that no square is out of range."""
    values = sampled(frame, names)
    largest = np.abs(np.where(np.isfinite(values), values, 0)).max(axis=0, initial=0)
    return np.asarray(values / np.where(largest > 0, largest, 1))
