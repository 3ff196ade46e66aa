"""From a raw table and its roles to a dataset; every row and column that is left behind is counted and shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd

from models.data.dataset import ColumnKind, Dataset, FilledGaps
from models.data.limits import NO_LIMITS, PhysicalLimits
from models.errors import DatasetError
from services.intake.tables.cells import is_number_column, parse_cells
from services.intake.tables.limits import MAX_CATEGORIES, MAX_NAME, TableError
from services.specs.digits import counted

MISSING_CATEGORY = "missing"
NOT_MARKED = "none"
_MARKS = frozenset(["x", "yes", "y", "ja", "j", "true", "wahr", "oui", "sí", "si", "✓", "✔", "●", "•", "+"])
_NONE = frozenset({"none"})  # among other words it is a choice: no ligand
_NOT_RECORDED = frozenset(
    {"na", "n/a", "<na>", "nan", "null", "-", "--", "?", ".", "k.a.", "n.a.", "n/d", "nd", "missing"}
)


class MissingPolicy(StrEnum):
    """What happens to rows with missing or infinite values; outcomes are never filled in."""

    DROP = "drop"
    FILL = "fill"
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


def with_kinds(frame: pd.DataFrame, kinds: Mapping[str, ColumnKind]) -> pd.DataFrame:
    """The table with some columns taken as numbers or as categories, whatever they look like.

    Numbers become texts, each a category; of a column of texts, cells that hold no number become missing.

    Raises:
        TableError: a column that shall be numeric holds no number.
    """
    changed = frame.copy(deep=False)
    for column, kind in kinds.items():
        is_number = is_number_column(frame[column])
        if kind is ColumnKind.CATEGORICAL and is_number:
            given = frame[column].to_numpy(dtype=float, na_value=np.nan)
            texts = [None if np.isnan(number) else f"{number:.10g}" for number in given]
            changed[column] = pd.Series(texts, index=frame.index, dtype="str")
        elif kind is ColumnKind.NUMERIC and not is_number:
            numbers = as_numbers(frame, column)
            if numbers.isna().all():
                raise TableError(f"Column '{column}' holds no numbers: leave it a category.")
            changed[column] = numbers
    return changed


def absent_words(values: pd.Series) -> tuple[str, ...]:
    """The words in a column of other words that may say that nothing was recorded, such as NA and none; sorted."""
    if is_number_column(values):
        return ()
    return tuple(
        sorted(str(word) for word in values.dropna().unique() if str(word).casefold() in _NONE | _NOT_RECORDED)
    )


def says_missing(word: str) -> bool:
    """Whether a word means "missing" among categories unless the user says otherwise: NA does, none does not."""
    return word.casefold() in _NOT_RECORDED


def mark_of(values: pd.Series) -> str | None:
    """The mark, such as x or yes, that some cells of a column hold while all others are empty; None if it is not so."""
    if is_number_column(values) or not values.isna().any():
        return None
    words = values.dropna().unique()
    return str(words[0]) if len(words) == 1 and str(words[0]).strip().casefold() in _MARKS else None


def clean(
    frame: pd.DataFrame,
    *,
    name: str,
    outcome: str,
    features: Sequence[str],
    sweep: str | None = None,
    parts: Sequence[str] = (),
    labels: Sequence[str] = (),
    group: str | None = None,
    order: str | None = None,
    units: Mapping[str, str] | None = None,
    limits: PhysicalLimits = NO_LIMITS,
    missing: MissingPolicy = MissingPolicy.DROP,
    kinds: Mapping[str, ColumnKind] | None = None,
    missing_words: Collection[str] | None = None,
    other_outcomes: Sequence[str] = (),
    other_limits: Mapping[str, PhysicalLimits] | None = None,
) -> CleanTable:
    """The dataset that these columns make, and everything that was left behind.

    Args:
        frame: as read; its index holds row numbers.
        labels: columns that say which row it is, kept beside the rows, gaps included.
        missing: what happens to rows with missing or infinite values. Filling takes the median of a feature's numbers,
            or a category of its own; rows with infinite values, or without outcome, are left out all the same.
        kinds: columns that are numbers or categories against the look of their cells.
        missing_words: what says that nothing was recorded in a column of categories; NA and its like, but not none, if
            None. In a column of numbers any word does.
        other_outcomes: columns that were measured beside the outcome. A row stays where any of them was measured.
        other_limits: that physics sets to these, by name.

    Raises:
        TableError: the columns or the values do not make a dataset; the text says why and how to mend it.
    """
    labels = list(dict.fromkeys([*labels, *(label for label in (group, order) if label is not None)]))
    outcomes = list(dict.fromkeys([outcome, *other_outcomes]))
    features = _checked_columns(frame, outcomes, features, labels)
    notices: list[str] = []
    used = with_kinds(frame, {column: kind for column, kind in (kinds or {}).items() if column in frame.columns})
    used = used[[*features, *outcomes]]
    for column in used.columns:
        _note_lost(frame[column], used[column], notices)
        if column not in outcomes and (mark := mark_of(used[column])):
            n_empty = int(used[column].isna().sum())
            used = used.assign(**{column: used[column].fillna(NOT_MARKED)})
            notices.append(f"Column '{column}' holds '{mark}' or nothing: empty cells ({n_empty:,}) count as 'none'.")
        elif not is_number_column(used[column]):
            words = absent_words(used[column])
            absent = [
                word for word in words if (says_missing(word) if missing_words is None else word in missing_words)
            ]
            if absent:
                used = used.assign(**{column: used[column].mask(used[column].isin(absent))})
                notices.append(f"Column '{column}': {', '.join(absent)} counts as missing.")
            _check_categories(used[column], is_outcome=column in outcomes)
    filled: tuple[FilledGaps, ...] = ()
    if missing is MissingPolicy.FILL:
        used, filled = _filled(used, features)
    reasons = _reasons(used, outcomes)
    is_dropped = reasons != ""
    kept = _complete(used, reasons, missing, notices)
    chosen = _varying(kept, features, notices)
    if sweep is not None and sweep not in chosen and sweep in features:
        notices.append(f"'{sweep}' is the same in every row, so there is no curve over it.")
        sweep = None
    parts = tuple(part for part in parts if part in chosen or part not in features)
    for column in outcomes:
        if kept[column].nunique() < 2:
            shown = "empty" if kept[column].isna().all() else f"{kept[column].dropna().iloc[0]:.10g}"
            raise TableError(f"The outcome '{column}' is {shown} in every complete row: choose a column that varies.")
    try:
        dataset = Dataset.from_frame(
            kept.assign(**{label: _as_label(frame.loc[~is_dropped, label]) for label in labels}),
            name=name,
            outcome=outcome,
            features=chosen,
            sweep=sweep,
            parts=parts,
            units=units,
            limits=limits,
            labels=labels,
            group=group,
            order=order,
            other_outcomes=outcomes[1:],
            other_limits=other_limits,
        )
        dataset = replace(dataset, filled=tuple(gaps for gaps in filled if gaps.feature in chosen))
    except DatasetError as error:
        raise TableError(str(error)) from None
    dropped = frame.loc[is_dropped, list(used.columns)].copy()
    dropped.insert(0, "reason", reasons[is_dropped], allow_duplicates=True)
    dropped.insert(0, "row", frame.index[is_dropped], allow_duplicates=True)
    return CleanTable(dataset, len(frame), dropped.reset_index(drop=True), tuple(notices))


def _checked_columns(
    frame: pd.DataFrame, outcomes: Sequence[str], features: Sequence[str], labels: Sequence[str]
) -> list[str]:
    """The features without repeats; every chosen column is there, and none serves twice."""
    if not features:
        raise TableError("No feature is chosen: choose at least one column besides the outcome.")
    absent = [column for column in (*outcomes, *features, *labels) if column not in frame.columns]
    if absent:
        raise TableError(f"The table has no column {absent}: it has {', '.join(map(str, frame.columns))}.")
    if both := [outcome for outcome in outcomes if outcome in features]:
        article = "the" if len(outcomes) == 1 else "an"
        raise TableError(f"'{both[0]}' is {article} outcome, so it cannot be a feature too: take it off the features.")
    if twice := [label for label in labels if label in outcomes or label in features]:
        raise TableError(f"'{twice[0]}' cannot label the rows and be a feature or the outcome: choose one of them.")
    return list(dict.fromkeys(features))


def _note_lost(before: pd.Series, after: pd.Series, notices: list[str]) -> None:
    """Say how many texts were lost in a column that was taken as numbers."""
    n_lost = int((before.notna() & after.isna()).sum()) if is_number_column(after) else 0
    if n_lost:
        first = before[before.notna() & after.isna()]
        notices.append(
            f"Column '{after.name}': text in {counted(n_lost, 'cell')} counts as missing, the first is "
            f"'{str(first.iloc[0])[:40]}' in row {first.index[0]}."
        )


def _as_label(values: pd.Series) -> pd.Series:
    """Labels as they are kept: numbers, or short texts; dates sort by time, as the reader has written them."""
    return values if is_number_column(values) else values.fillna("").astype(str).str[:MAX_NAME]


def _filled(used: pd.DataFrame, features: Sequence[str]) -> tuple[pd.DataFrame, tuple[FilledGaps, ...]]:
    """The table with the gaps of its features filled in, and a record for each feature that had some."""
    filled = []
    for feature in features:
        values = used[feature]
        n_missing = int(values.isna().sum())
        if not n_missing or n_missing == len(values):
            continue
        if is_number_column(values):
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            middle = float(np.median(numbers[np.isfinite(numbers)])) if np.isfinite(numbers).any() else 0.0
            used = used.assign(**{feature: np.where(np.isnan(numbers), middle, numbers)})
            words = f"its median, {middle:.6g}"
        else:
            used = used.assign(**{feature: values.fillna(MISSING_CATEGORY)})
            words = f"the category '{MISSING_CATEGORY}'"
        filled.append(FilledGaps(feature, n_missing, words))
    return used, tuple(filled)


def _check_categories(values: pd.Series, *, is_outcome: bool) -> None:
    column, n_distinct = values.name, values.nunique()
    if is_outcome:
        found = values.dropna()
        example = f" ('{str(found.iloc[0])[:40]}' in row {found.index[0]})" if len(found) else ""
        raise TableError(
            f"The outcome must be numeric, but '{column}' holds text{example}: choose another column, or take it as "
            "numbers under 'Details'."
        )
    if n_distinct > MAX_CATEGORIES:
        raise TableError(
            f"Column '{column}' has {n_distinct:,} different texts, at most {MAX_CATEGORIES} can be categories: "
            "group them in the table, or take the column off the features."
        )


def _reasons(used: pd.DataFrame, outcomes: Sequence[str]) -> np.ndarray:
    """Why each row is incomplete, (n,) texts, "" for the complete ones: of several outcomes one is enough."""
    has_none = used[list(outcomes)].isna().all(axis=1).to_numpy(dtype=bool)
    words: list[list[str]] = [[] for _ in range(len(used))]
    for column in used.columns:
        values = used[column]
        is_missing = values.isna().to_numpy(dtype=bool)
        is_infinite = np.isinf(values.to_numpy(dtype=float)) if is_number_column(values) else np.zeros_like(is_missing)
        if column in outcomes:
            is_missing = is_missing & has_none
        for row in np.flatnonzero(is_missing | is_infinite):
            words[row].append(f"{'infinite' if is_infinite[row] else 'missing'} {column}")
    return np.array([", ".join(row) for row in words], dtype=object)


def _complete(used: pd.DataFrame, reasons: np.ndarray, missing: MissingPolicy, notices: list[str]) -> pd.DataFrame:
    """The complete rows; incomplete ones are refused if the policy says so, or if no row is complete."""
    incomplete = np.flatnonzero(reasons != "")  # of filled tables: those without outcome, or with infinite values
    if not len(incomplete):
        return used
    first = incomplete[0]
    share = f"{len(incomplete):,} of {counted(len(used), 'row')}"
    if missing is MissingPolicy.REFUSE:
        raise TableError(
            f"Incomplete: {share}, the first is row {used.index[first]} ({reasons[first]}). "
            "Fill them in the table, or choose to leave such rows out."
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
