"""What each column holds and what hinders its use, in plain words."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from services.intake.tables.cells import is_number_column, parse_cells
from services.intake.tables.limits import MAX_CATEGORIES, counted

_SHOWN = 3
_TEXT_CELLS_SHOWN = 20
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
        kind: numeric, categorical (few distinct texts), or text (no use as it is).
        n_missing: how many cells are empty or say so.
        n_distinct: how many different values there are, missing ones not counted.
        n_text: in a column that is mostly numbers, how many cells hold text; else 0.
        low: the least finite number, None without numbers.
        high: the greatest finite number, None without numbers.
        mean: of the finite numbers, None without numbers.
        is_usable: it can be a feature (or, if numeric, the outcome) as it is.
        problem: what hinders its use and how to mend it; "" if nothing does.
        examples: the first distinct values as text.
        text_cells: row number and text of the first cells that keep a column of numbers from being one.
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
    text_cells: tuple[tuple[int, str], ...] = ()


def summarise(frame: pd.DataFrame) -> tuple[ColumnSummary, ...]:
    """The summary of every column, in the frame's order."""
    return tuple(_summary(str(name), frame[name]) for name in frame.columns)


def _summary(name: str, values: pd.Series) -> ColumnSummary:
    is_number, cells = is_number_column(values), parse_cells(values)
    is_numeric = is_number or cells.is_mostly_numeric
    finite = cells.numbers[np.isfinite(cells.numbers)] if is_numeric else np.empty(0)
    n_infinite = int(np.isinf(cells.numbers).sum()) if is_numeric else 0
    # Among categories "None" and its like are names, so only cells without text are missing there.
    n_missing = int(cells.is_missing.sum() if is_numeric else values.isna().sum())
    distinct = pd.unique(finite) if is_number else values.dropna().unique()
    if is_number:
        shown = [f"{number:.10g}" for number in distinct[:_SHOWN]]
    else:
        shown = [_short(str(text)) for text in distinct[:_SHOWN]]
    text_cells = values[cells.is_text] if is_numeric else values[:0]
    kind, hindrance = SummaryKind.NUMERIC if is_numeric else SummaryKind.CATEGORICAL, ""
    if not len(distinct):
        hindrance = "no values: leave it out"
    elif len(text_cells):
        kind = SummaryKind.TEXT
        hindrance = (
            f"text in {len(text_cells):,} of {counted(len(values), 'cell')}, first in row {_row(text_cells.index[0])}: "
            f"'{_short(str(text_cells.iloc[0]))}'. Mend the table, or let such cells count as missing"
        )
    elif len(distinct) == 1:
        value = shown[0] if is_number else f"'{shown[0]}'"
        hindrance = f"constant ({value} in every row): it cannot help a model"
    elif is_number and _counts_rows(name, finite):
        hindrance = "numbers the rows: leave it out, it is no property of what was recorded"
    elif not is_numeric and len(distinct) == len(values) - n_missing >= _MIN_ROWS_FOR_LABELS:
        kind, hindrance = SummaryKind.TEXT, "another text in every row: leave it out, it only labels the rows"
    elif not is_numeric and len(distinct) > MAX_CATEGORIES:
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
        n_text=len(text_cells),
        low=float(finite.min()) if len(finite) else None,
        high=float(finite.max()) if len(finite) else None,
        mean=float(finite.mean()) if len(finite) else None,
        is_constant=len(distinct) == 1,
        is_usable=not hindrance,
        problem=hindrance or _incomplete(n_missing, n_infinite, len(values)),
        examples=tuple(shown),
        text_cells=tuple((_row(row), str(text)) for row, text in text_cells.head(_TEXT_CELLS_SHOWN).items()),
    )


def _incomplete(n_missing: int, n_infinite: int, n_rows: int) -> str:
    """The sentence about missing and infinite cells, "" if there are none."""
    parts = []
    if n_missing:
        parts.append(f"missing in {n_missing:,}")
    if n_infinite:
        parts.append(f"infinite in {n_infinite:,}")
    return f"{' and '.join(parts)} of {counted(n_rows, 'row')}: such rows cannot be used" if parts else ""


def _counts_rows(name: str, finite: np.ndarray) -> bool:
    """Whether a column only numbers the rows: named so, and 1, 2, 3, ... or 0, 1, 2, ..."""
    if len(finite) < _MIN_ROWS_FOR_LABELS or not _IDENTIFIER.fullmatch(name):
        return False
    return bool((np.diff(finite) == 1).all())


def _row(label: object) -> int:
    """A frame's index label as a row number."""
    return int(label) if isinstance(label, (int, np.integer)) else 0


def _short(text: str) -> str:
    """Text cut to what fits a table cell."""
    return text if len(text) <= 40 else text[:39] + "…"
