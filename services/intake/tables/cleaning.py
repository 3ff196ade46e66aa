"""From a raw table and its roles to a dataset; every row and column that is left behind is counted and shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from models.data.dataset import Dataset
from models.data.limits import NO_LIMITS, PhysicalLimits
from models.errors import DatasetError
from services.intake.tables.cells import ParsedCells, is_number_column, parse_cells
from services.intake.tables.limits import MAX_CATEGORIES, TableError
from services.specs.digits import counted


class MissingPolicy(StrEnum):
    """What happens to rows with missing or infinite values."""

    DROP = "drop"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class CleanTable:
    """A dataset and what was left behind on the way to it.

    Attributes:
        dataset: complete rows only.
        dropped: the rows left behind: `row` (as a spreadsheet counts), `reason`, then the columns used.
        notices: everything that was changed, one plain sentence each.
    """

    dataset: Dataset
    n_rows_read: int
    dropped: pd.DataFrame
    notices: tuple[str, ...]


def as_numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column as float64 numbers, with NaN for every cell that holds none.

    Raises:
        TableError: there is no such column.
    """
    if column not in frame.columns:
        raise TableError(f"The table has no column '{column}': it has {', '.join(map(str, frame.columns))}.")
    return pd.Series(parse_cells(frame[column]).numbers, index=frame.index, name=column)


def clean(
    frame: pd.DataFrame,
    *,
    name: str,
    outcome: str,
    features: Sequence[str],
    sweep: str | None = None,
    parts: Sequence[str] = (),
    units: Mapping[str, str] | None = None,
    limits: PhysicalLimits = NO_LIMITS,
    missing: MissingPolicy = MissingPolicy.DROP,
    text_as_missing: bool = False,
) -> CleanTable:
    """The dataset that these columns make, and everything that was left behind.

    Args:
        frame: as read; its index holds row numbers.
        missing: what happens to rows with missing or infinite values.
        text_as_missing: texts in columns that are mostly numbers count as missing.

    Raises:
        TableError: the columns or the values do not make a dataset; the text says why and how to mend it.
    """
    features = _checked_columns(frame, outcome, features)
    notices: list[str] = []
    used = frame[[*features, outcome]].copy()
    text_cells: dict[str, np.ndarray] = {}
    for column in used.columns:
        cells = parse_cells(used[column])
        if not cells.is_mostly_numeric or (cells.n_text and not text_as_missing):
            _check_categories(used[column], cells, is_outcome=column == outcome)
            continue
        used[column] = cells.numbers
        if cells.n_text:
            text_cells[column] = cells.is_text
            notices.append(f"Column '{column}': text in {counted(cells.n_text, 'cell')} counts as missing.")
    reasons = _reasons(used, text_cells)
    is_dropped = reasons != ""
    kept = _complete(used, reasons, missing, notices)
    chosen = _varying(kept, features, notices)
    if sweep is not None and sweep not in chosen and sweep in features:
        notices.append(f"'{sweep}' is the same in every row, so there is no curve over it.")
        sweep = None
    parts = tuple(part for part in parts if part in chosen or part not in features)
    if kept[outcome].nunique() < 2:
        raise TableError(
            f"The outcome '{outcome}' is {kept[outcome].iloc[0]:.10g} in every complete row: choose a column that "
            "varies."
        )
    try:
        dataset = Dataset.from_frame(
            kept, name=name, outcome=outcome, features=chosen, sweep=sweep, parts=parts, units=units, limits=limits
        )
    except DatasetError as error:
        raise TableError(str(error)) from None
    dropped = frame.loc[is_dropped, list(used.columns)].copy()
    dropped.insert(0, "reason", reasons[is_dropped], allow_duplicates=True)
    dropped.insert(0, "row", frame.index[is_dropped], allow_duplicates=True)
    return CleanTable(dataset, len(frame), dropped.reset_index(drop=True), tuple(notices))


def _checked_columns(frame: pd.DataFrame, outcome: str, features: Sequence[str]) -> list[str]:
    """The features without repeats; every chosen column is there, and none serves twice."""
    if not features:
        raise TableError("No feature is chosen: choose at least one column besides the outcome.")
    absent = [column for column in (outcome, *features) if column not in frame.columns]
    if absent:
        raise TableError(f"The table has no column {absent}: it has {', '.join(map(str, frame.columns))}.")
    if outcome in features:
        raise TableError(f"'{outcome}' is the outcome, so it cannot be a feature too: take it off the features.")
    return list(dict.fromkeys(features))


def _check_categories(values: pd.Series, cells: ParsedCells, *, is_outcome: bool) -> None:
    column, n_distinct = values.name, values.nunique()
    if not is_outcome and n_distinct <= MAX_CATEGORIES:
        return
    first = int(np.flatnonzero(cells.is_text)[0])
    found = f"'{str(values.iloc[first])[:40]}' in row {values.index[first]}"
    if cells.is_mostly_numeric:
        raise TableError(
            f"Column '{column}' holds text in {counted(cells.n_text, 'cell')}, the first is {found}: "
            "mend the table, or let such cells count as missing."
        )
    if is_outcome:
        raise TableError(f"The outcome must be numeric, but '{column}' holds text ({found}): choose another column.")
    raise TableError(
        f"Column '{column}' has {n_distinct:,} different texts, at most {MAX_CATEGORIES} can be categories: "
        "group them in the table, or take the column off the features."
    )


def _reasons(used: pd.DataFrame, text_cells: Mapping[str, np.ndarray]) -> np.ndarray:
    """Why each row is incomplete, (n,) texts, "" for the complete ones."""
    words: list[list[str]] = [[] for _ in range(len(used))]
    for column in used.columns:
        values = used[column]
        is_missing = values.isna().to_numpy(dtype=bool)
        is_infinite = np.isinf(values.to_numpy(dtype=float)) if is_number_column(values) else np.zeros_like(is_missing)
        is_text = text_cells.get(column, np.zeros_like(is_missing))
        for row in np.flatnonzero(is_missing | is_infinite):
            what = "text in" if is_text[row] else "infinite" if is_infinite[row] else "missing"
            words[row].append(f"{what} {column}")
    return np.array([", ".join(row) for row in words], dtype=object)


def _complete(used: pd.DataFrame, reasons: np.ndarray, missing: MissingPolicy, notices: list[str]) -> pd.DataFrame:
    """The complete rows; incomplete ones are refused if the policy says so, or if no row is complete."""
    incomplete = np.flatnonzero(reasons != "")
    if not len(incomplete):
        return used
    first = incomplete[0]
    share = f"{len(incomplete):,} of {counted(len(used), 'row')}"
    if missing is MissingPolicy.REFUSE:
        raise TableError(
            f"Incomplete: {share}, the first is row {used.index[first]} ({reasons[first]}). "
            "Fill them in the table, or choose to drop them."
        )
    if len(incomplete) == len(used):
        raise TableError(
            f"No row is complete in all {used.shape[1]} chosen columns (row {used.index[first]}: {reasons[first]}): "
            "leave out the columns with many missing values."
        )
    notices.append(f"Dropped: {share}, because values are missing or infinite.")
    return used[reasons == ""]


def _varying(kept: pd.DataFrame, features: Sequence[str], notices: list[str]) -> list[str]:
    """The features that vary over the kept rows, with a notice for each that does not."""
    chosen = [feature for feature in features if kept[feature].nunique() > 1]
    for feature in features:
        if feature not in chosen:
            value = kept[feature].iloc[0]
            shown = f"{value:.10g}" if isinstance(value, (int, float, np.number)) else f"'{value}'"
            notices.append(f"'{feature}' was taken off the features: it is {shown} in every row.")
    if not chosen:
        raise TableError(
            f"Every chosen feature is the same in all {len(kept):,} rows: choose at least one column that varies."
        )
    return chosen
