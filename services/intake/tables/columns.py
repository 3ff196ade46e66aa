"""What each column holds, what hinders its use, and a first proposal of what it is for: the user has the last word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from models.data.split import MINIMUM_ROWS
from services.intake.tables.cells import is_number_column, parse_cells
from services.intake.tables.limits import MAX_CATEGORIES, TableError
from services.specs.digits import counted

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
        value = f"{distinct[0]:.10g}" if is_number else f"'{_short(str(distinct[0]))}'"
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
    )


def _incomplete(n_missing: int, n_infinite: int, n_rows: int) -> str:
    parts = [f"{what} in {n:,}" for what, n in (("missing", n_missing), ("infinite", n_infinite)) if n]
    return f"{' and '.join(parts)} of {counted(n_rows, 'row')}: such rows cannot be used" if parts else ""


def _counts_rows(name: str, finite: np.ndarray) -> bool:
    """Whether a column only numbers the rows: named so, and 1, 2, 3, ... or 0, 1, 2, ..."""
    if len(finite) < _MIN_ROWS_FOR_LABELS or not _IDENTIFIER.fullmatch(name):
        return False
    return bool((np.diff(finite) == 1).all())


def _row(label: object) -> int:
    return int(label) if isinstance(label, (int, np.integer)) else 0


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


# English, then German; earlier words are surer.
_SWEEP_WORDS = (
    *("age", "time", "day", "days", "hour", "hours", "hrs", "minute", "minutes", "week", "weeks", "month", "months"),
    *("alter", "tag", "tage", "zeit", "stunden", "wochen", "monate"),
)
_MIN_PARTS = 3
_EXACT_SPREAD = 0.002
_CLEAR_SPREAD = 0.05
_CLEAR_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column is for.

    Attributes:
        sweep: the feature that a curve runs over, or None.
        parts: the features that add up, often none.
    """

    outcome: str
    features: tuple[str, ...]
    sweep: str | None = None
    parts: tuple[str, ...] = ()


def propose_roles(frame: pd.DataFrame, summaries: Sequence[ColumnSummary]) -> Roles:
    """A proposal: the last numeric column as the outcome, the other usable ones as features.

    Raises:
        TableError: no column can be the outcome, or none is left as a feature.
    """
    numeric = [summary.name for summary in summaries if summary.is_usable and summary.kind is SummaryKind.NUMERIC]
    if not numeric:
        problems = "; ".join(f"{summary.name}: {summary.problem or 'text'}" for summary in summaries[:5])
        raise TableError(
            "No column holds numbers that vary, so there is nothing to predict: expected at least one numeric column "
            f"({problems}). If numbers were read as text, choose another decimal mark."
        )
    outcome = numeric[-1]
    features = tuple(summary.name for summary in summaries if summary.is_usable and summary.name != outcome)
    if not features:
        raise TableError(
            f"Only '{outcome}' can be used: expected at least one more column that varies, as a feature. "
            "If the file has more columns, choose another delimiter."
        )
    sweep = _guess_sweep(features, summaries)
    candidates = [name for name in numeric if name not in (outcome, sweep)]
    return Roles(outcome, features, sweep, _guess_parts(frame, candidates))


def _guess_sweep(features: Sequence[str], summaries: Sequence[ColumnSummary]) -> str | None:
    """The numeric feature that is named like a time and varies, None if there is none."""
    varying = {s.name for s in summaries if s.kind is SummaryKind.NUMERIC and s.n_distinct >= _MIN_PARTS}
    words = {name: re.findall("[a-z]+", name.lower()) for name in features if name in varying}
    return next((name for word in _SWEEP_WORDS for name in words if word in words[name]), None)


def _guess_parts(frame: pd.DataFrame, candidates: Sequence[str]) -> tuple[str, ...]:
    """The columns whose sum is nearly the same in every row although each of them varies; mostly none.

    The sum must vary by less than 5 % of its mean, and by less than half of what it would if the columns varied
    independently. Columns whose leaving makes the sum steadier are no parts.
    """
    if len(candidates) < _MIN_PARTS:
        return ()
    values = frame[list(candidates)].to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values).all(axis=1)]
    if len(values) < MINIMUM_ROWS:
        return ()
    chosen = [j for j in range(values.shape[1]) if (values[:, j] >= 0).all()]
    while len(chosen) >= _MIN_PARTS:
        total = values[:, chosen].sum(axis=1)
        spread = total.std() / max(total.mean(), 1e-12)
        share = total.std() / max(float(np.sqrt(values[:, chosen].var(axis=0).sum())), 1e-12)
        if spread < _EXACT_SPREAD or (spread < _CLEAR_SPREAD and share < _CLEAR_SHARE):
            return tuple(candidates[j] for j in chosen)
        without = [(total - values[:, j]).std() for j in chosen]
        best = int(np.argmin(without))
        if without[best] >= total.std():
            return ()
        del chosen[best]
    return ()
