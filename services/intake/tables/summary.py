"""What each column holds and what hinders its use, in plain words."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from services.intake.tables.cells import ParsedCells, parse_cells
from services.intake.tables.limits import MAX_CATEGORIES, counted

_SHOWN = 3
_HINDERING_SHOWN = 20
_MIN_ROWS_FOR_LABELS = 10
_IDENTIFIER = re.compile(
    r"\W*(?:id|ids|no|nr|number|index|row|sample|specimen|batch|unnamed.*|column 1)\W*", re.IGNORECASE
)


class SummaryKind(StrEnum):
    """What a column can serve as."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """What one column of a table holds.

    Attributes:
        name: of the column.
        kind: numeric, categorical (few distinct texts), or text (no use as it is).
        n_rows: how many rows the table has.
        n_missing: how many cells are empty or say so.
        n_infinite: how many cells are infinite numbers.
        n_distinct: how many different values there are, missing ones not counted.
        n_text: in a column that is mostly numbers, how many cells hold text; else 0.
        low: the least finite number, None without numbers.
        high: the greatest finite number, None without numbers.
        mean: of the finite numbers, None without numbers.
        is_constant: all values are the same.
        is_usable: it can be a feature (or, if numeric, the outcome) as it is.
        problem: what hinders its use and how to mend it; "" if nothing does.
        examples: the first distinct values as text.
        hinders: row number and text of the first cells that keep a column of numbers from being one.
    """

    name: str
    kind: SummaryKind
    n_rows: int
    n_missing: int
    n_infinite: int
    n_distinct: int
    n_text: int = 0
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    is_constant: bool = False
    is_usable: bool = True
    problem: str = ""
    examples: tuple[str, ...] = ()
    hinders: tuple[tuple[int, str], ...] = ()


def summarise(frame: pd.DataFrame) -> tuple[ColumnSummary, ...]:
    """Return the summary of every column, in the frame's order."""
    return tuple(_summary(str(name), frame[name]) for name in frame.columns)


def is_number_column(values: pd.Series) -> bool:
    """Return whether a series holds numbers (or yes and no), not texts."""
    return bool(pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values))


def _summary(name: str, values: pd.Series) -> ColumnSummary:
    """Return the summary of one column."""
    if is_number_column(values):
        return _of_numbers(name, values)
    cells = parse_cells(values.astype("str"))
    return _of_mixed(name, values, cells) if cells.is_mostly_numeric else _of_texts(name, values)


def _of_numbers(name: str, values: pd.Series) -> ColumnSummary:
    """Return the summary of a column of numbers."""
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    finite = numbers[np.isfinite(numbers)]
    n_missing, n_infinite = int(np.isnan(numbers).sum()), int(np.isinf(numbers).sum())
    distinct = pd.unique(finite)
    low, high, mean = _spread(finite)
    is_constant = len(distinct) == 1
    is_counter = _counts_rows(name, finite)
    if not len(finite):
        problem = "no values: leave it out"
    elif is_constant:
        problem = f"constant ({distinct[0]:.10g} in every row): it cannot help a model"
    elif is_counter:
        problem = "numbers the rows: leave it out, it is no property of what was recorded"
    else:
        problem = _incomplete(n_missing, n_infinite, len(numbers))
    return ColumnSummary(
        name,
        SummaryKind.NUMERIC,
        len(numbers),
        n_missing,
        n_infinite,
        len(distinct),
        low=low,
        high=high,
        mean=mean,
        is_constant=is_constant,
        is_usable=len(distinct) > 1 and not is_counter,
        problem=problem,
        examples=tuple(f"{number:.10g}" for number in distinct[:_SHOWN]),
    )


def _of_mixed(name: str, values: pd.Series, cells: ParsedCells) -> ColumnSummary:
    """Return the summary of a column that would be numeric but for some texts."""
    finite = cells.numbers[np.isfinite(cells.numbers)]
    low, high, mean = _spread(finite)
    texts = values[cells.is_text]
    hinders = tuple((_row(row), str(text)) for row, text in texts.head(_HINDERING_SHOWN).items())
    problem = ""
    if hinders:
        row, text = hinders[0]
        problem = (
            f"text in {len(texts):,} of {counted(len(values), 'cell')}, first in row {row}: '{_short(text)}'. "
            "Mend the table, or let such cells count as missing"
        )
    return ColumnSummary(
        name,
        SummaryKind.TEXT if hinders else SummaryKind.NUMERIC,
        len(values),
        int(cells.is_missing.sum()),
        int(np.isinf(cells.numbers).sum()),
        int(values.nunique()),
        n_text=len(texts),
        low=low,
        high=high,
        mean=mean,
        is_constant=values.nunique() == 1,
        is_usable=not hinders,
        problem=problem,
        examples=tuple(_short(str(text)) for text in values.dropna().unique()[:_SHOWN]),
        hinders=hinders,
    )


def _of_texts(name: str, values: pd.Series) -> ColumnSummary:
    """Return the summary of a column of categories or of free text."""
    n_rows, n_missing = len(values), int(values.isna().sum())
    distinct = values.dropna().unique()
    n_distinct = len(distinct)
    is_label = n_distinct == n_rows - n_missing >= _MIN_ROWS_FOR_LABELS
    kind = SummaryKind.CATEGORICAL
    if not n_distinct:
        problem = "no values: leave it out"
    elif n_distinct == 1:
        problem = f"constant ('{_short(str(distinct[0]))}' in every row): it cannot help a model"
    elif is_label:
        kind, problem = SummaryKind.TEXT, "another text in every row: leave it out, it only labels the rows"
    elif n_distinct > MAX_CATEGORIES:
        kind = SummaryKind.TEXT
        problem = (
            f"{n_distinct:,} different texts, at most {MAX_CATEGORIES} can be categories: group them, or leave it out"
        )
    else:
        problem = _incomplete(n_missing, 0, n_rows)
    return ColumnSummary(
        name,
        kind,
        n_rows,
        n_missing,
        0,
        n_distinct,
        is_constant=n_distinct == 1,
        is_usable=n_distinct > 1 and kind is SummaryKind.CATEGORICAL,
        problem=problem,
        examples=tuple(_short(str(text)) for text in distinct[:_SHOWN]),
    )


def _spread(finite: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """Return low, high and mean of the finite numbers, None without any."""
    if not len(finite):
        return None, None, None
    return float(finite.min()), float(finite.max()), float(finite.mean())


def _incomplete(n_missing: int, n_infinite: int, n_rows: int) -> str:
    """Return the sentence about missing and infinite cells, "" if there are none."""
    parts = []
    if n_missing:
        parts.append(f"missing in {n_missing:,}")
    if n_infinite:
        parts.append(f"infinite in {n_infinite:,}")
    return f"{' and '.join(parts)} of {counted(n_rows, 'row')}: such rows cannot be used" if parts else ""


def _counts_rows(name: str, finite: np.ndarray) -> bool:
    """Return whether a column only numbers the rows: named so, and 1, 2, 3, ... or 0, 1, 2, ..."""
    if len(finite) < _MIN_ROWS_FOR_LABELS or not _IDENTIFIER.fullmatch(name):
        return False
    return bool((np.diff(finite) == 1).all())


def _row(label: object) -> int:
    """Return a frame's index label as a row number."""
    return int(label) if isinstance(label, (int, np.integer)) else 0


def _short(text: str) -> str:
    """Return text cut to what fits a table cell."""
    return text if len(text) <= 40 else text[:39] + "…"
