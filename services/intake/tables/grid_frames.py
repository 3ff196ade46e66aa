"""The cells of a file as a frame: columns of numbers, dates and words, without empty rows and rows that sum up."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.intake.tables.cells import parse_cells
from services.intake.tables.csv_text import DECIMALS, Dialect, Grid
from services.intake.tables.layout.ending import rows_of_the_table
from services.intake.tables.layout.summary_rows import kind_by_label, subtotal_rows, summary_rows, words_of
from services.intake.tables.limits import TableError, check_shape, clean_names, printable
from services.intake.tables.notation.dates import has_doubt, is_date, is_day_first, iso_date
from services.intake.tables.notation.numbers import EMPTY_WORDS, ERROR_WORDS, is_missing_word
from services.intake.tables.notation.units import is_same_unit, split_units
from services.intake.tables.number_columns import LimitPolicy, NumberColumn, more_cells, read_numbers
from services.specs.digits import counted

MISSING_AS = "missing"
"""What is said in "taken as" of a cell that counts as missing."""

_SAMPLE = 200
_DATE_SHARE = 0.8
_UNPRINTABLE = "[\x01-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
_UNREAD = ("row", "column", "text", "taken as")
_NAMED_ROWS = 3


@dataclass(frozen=True, slots=True, eq=False)
class ReadFrame:
    """A frame and what was found while it was made; see `RawTable` for the attributes."""

    frame: pd.DataFrame
    units: Mapping[str, str]
    unread: pd.DataFrame
    dates: tuple[str, ...]
    summary_rows: str
    header_row: int

    @staticmethod
    def no_unread() -> pd.DataFrame:
        """The list of unread cells of a table that has none."""
        return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in _UNREAD})


def sample_of(grid: Grid) -> list[list[str]]:
    """The first texts of every column."""
    return [[cell for cell in column.head(_SAMPLE) if cell] for column in grid.columns]


def frame_of_grid(
    grid: Grid,
    dialect: Dialect,
    notices: list[str],
    limits: LimitPolicy,
    *,
    keep_summary_rows: bool = False,
    is_csv: bool = True,
) -> ReadFrame:
    """The grid as a frame of numbers and texts; what was changed is added to the notices.

    Raises:
        TableError: there are no columns, no rows or no values, or too many of them.
    """
    check_shape(len(grid.rows), len(grid.columns))
    if not grid.columns:
        raise TableError("The table is empty: expected a header row and at least one row of values.")
    positions, remarks = rows_of_the_table(_texts(grid), grid.rows, grid.number_columns)
    notices.extend(remarks)
    if not len(positions):
        shown = ", ".join(f"'{name}'" for name in grid.header[:5])
        raise TableError(f"The table has a header ({shown}) but no rows: add at least one row of values.")
    if repeats := _repeated_headers(grid):
        notices.append(
            f"Left out: {counted(len(repeats), 'row')} with the header again, first row {grid.rows[repeats[0]]:,}."
        )
        positions = np.setdiff1d(positions, repeats)
    if len(positions) < len(grid.rows):
        grid = _rows(grid, positions)
    columns = _columns(grid, dialect, limits)
    summary_words = ""
    if found := _summary_rows(grid, columns):
        summary_words = _summary_words(grid, found)
        if not keep_summary_rows:
            kept = np.setdiff1d(np.arange(len(grid.rows)), [place for place, _, _ in found])
            grid = _rows(grid, kept)
            columns = _columns(grid, dialect, limits)
            notices.append(f"Left out: {summary_words}.")
    return _built(grid, columns, dialect, notices, summary_words, is_csv=is_csv)


def _texts(grid: Grid) -> list[pd.Series]:
    """Every column as texts, numbers of the file included: what stands in a cell, and whether it is empty."""
    found = []
    for column, known in zip(grid.columns, grid.known, strict=True):
        if known is not None and (is_known := ~np.isnan(known)).any():
            column = column.mask(is_known, "0")
        found.append(column)
    return found


def _repeated_headers(grid: Grid) -> list[int]:
    """Positions of the rows that hold the header once more, as files have that were put together from several."""
    is_equal = np.ones(len(grid.rows), dtype=bool)
    for name, column in zip(grid.header, grid.columns, strict=True):
        is_equal &= (column.str.strip() == name.strip()).to_numpy(dtype=bool)
        if not is_equal.any():
            return []
    return np.flatnonzero(is_equal).tolist() if any(grid.header) else []


def _rows(grid: Grid, positions: np.ndarray) -> Grid:
    columns = [column.iloc[positions].reset_index(drop=True) for column in grid.columns]
    known = [None if one is None else one[positions] for one in grid.known]
    return Grid(
        grid.header, columns, grid.rows[positions], known, grid.units, grid.number_columns, header_row=grid.header_row
    )


def _columns(grid: Grid, dialect: Dialect, limits: LimitPolicy) -> list[NumberColumn | None]:
    """The columns of numbers, None for those of words."""
    units = [row or header for row, header in zip(grid.units, split_units(grid.header)[1], strict=True)]
    return [
        read_numbers(column.set_axis(grid.rows), dialect.decimal, dialect.thousands, limits, known, unit)
        for column, known, unit in zip(grid.columns, grid.known, units, strict=True)
    ]


def _summary_rows(grid: Grid, columns: list[NumberColumn | None]) -> list[tuple[int, str, str]]:
    """Positions, kinds and labels of the rows that sum up the table at its end, or blocks of it inside."""
    n = len(grid.rows)
    texts = _texts(grid)
    is_blank = np.logical_and.reduce([(column == "").to_numpy(dtype=bool) for column in texts])
    start = max(n - 20, 0)
    numbers = [column.numbers for column in columns if column is not None]
    for j in grid.number_columns:  # a short column whose labels outweigh its numbers
        if columns[j] is None:
            cells, given = parse_cells(grid.columns[j]), grid.known[j]
            numbers.append(cells.numbers if given is None else np.where(np.isnan(given), cells.numbers, given))
    tail: dict[int, list[str]] = {}
    known: set[str] = set()
    for column in grid.columns:
        last = zip(range(start, n), column.iloc[start:].tolist(), strict=True)
        words = [(place, text) for place, text in last if _is_word(text)]
        for place, text in words:
            tail.setdefault(place, []).append(text)
        if words:
            above = column.iloc[:start]
            known.update(above[above.isin([text for _, text in words])].unique())
    # A row with words of which rows above have all is judged by them, so that its numbers do not count.
    fresh = {place: [w for w in words if w not in known] or words[:1] for place, words in tail.items()}
    fresh = {place: ["-" if kind_by_label(w) and w in known else w for w in words] for place, words in fresh.items()}
    is_named = np.zeros(n, dtype=bool)
    for column, read in zip(grid.columns, columns, strict=True):
        if read is None:
            is_named |= (column != "").to_numpy(dtype=bool)
    if inside := subtotal_rows(_summary_labels(grid, columns), numbers, n):
        return inside
    summing = summary_rows(numbers, fresh, is_blank, is_named)
    places = {place for place, _, _ in summing}
    others = (word for place, words in tail.items() if place not in places for word in words)
    return [] if any(map(kind_by_label, others)) else summing  # "max", "min" and "mean" may be names of settings


def _summary_labels(grid: Grid, columns: list[NumberColumn | None]) -> dict[int, str]:
    """By the position of its row, each label such as "Mean" or "Total"."""
    found: dict[int, str] = {}
    for column, read in zip(grid.columns, columns, strict=True):
        texts = column if read is None else column.iloc[list(read.unread)]
        labels = [text for text in texts.unique() if _is_word(text) and kind_by_label(text)]
        if labels:
            texts = texts[texts.isin(labels)]
            found.update(zip(texts.index.tolist(), texts.tolist(), strict=True))
    return found


def _is_word(text: str) -> bool:
    return bool(text.strip()) and not is_missing_word(text) and not any(map(str.isdigit, text))


def _summary_words(grid: Grid, found: list[tuple[int, str, str]]) -> str:
    """What the rows hold that sum up the table, in words with their numbers."""
    named = []
    for place, kind, label in found[:_NAMED_ROWS]:
        what = f"'{label}'" if label else words_of(kind)
        named.append(f"row {grid.rows[place]:,} ({what})")
    more = f" and {len(found) - _NAMED_ROWS:,} more" if len(found) > _NAMED_ROWS else ""
    what = "which sums up the rows above" if len(found) == 1 else "which sum up the rows above"
    return f"{', '.join(named)}{more}, {what}"


def _built(
    grid: Grid,
    columns: list[NumberColumn | None],
    dialect: Dialect,
    notices: list[str],
    summary_words: str,
    *,
    is_csv: bool,
) -> ReadFrame:
    bare, header_units = split_units(grid.header)
    names, renamed = clean_names(bare)
    found: dict[str, pd.Series] = {}
    units: dict[str, str] = {}
    unread: list[pd.DataFrame] = []
    dates: list[str] = []
    empty: list[str] = []
    remarks: list[tuple[str, str]] = []
    for j, (name, column) in enumerate(zip(names, columns, strict=True)):
        if column is None:
            values, is_dates, listed = _words_or_dates(name, grid, j, dialect, remarks)
            unread.append(listed)
            dates.extend([name] * is_dates)
        else:
            values = _whole_if_whole(column.numbers)
            remarks.extend((name, remark) for remark in column.remarks)
            unread.append(_unread(name, grid, j, column.unread))
            if not is_csv and (words := _stored_as_text(grid, j, column, dialect)):
                remarks.append((name, words))
        if values.isna().all() and not _was_filled(unread[-1]):
            empty.append(name)
            unread.pop()
            continue
        found[name] = values
        row_unit = grid.units[j] if j < len(grid.units) else ""
        if unit := printable(row_unit or header_units[j] or (column.unit if column is not None else "")):
            units[name] = unit
        if column is not None and column.unit and not is_same_unit(unit, column.unit):
            remarks.append((name, f"the header says {unit}, the cells say {column.unit}: check which is meant."))
    notices[:0] = [notice for name, notice in renamed.items() if name in found]
    notices.extend(_column_words(name, words) for name, words in remarks if name in found)
    _note_empty(names, grid, empty, notices)
    if not found:
        raise TableError("Every cell below the header is empty: add at least one row of values.")
    frame = pd.DataFrame(found)
    frame.index = grid.rows
    filled = frame.notna().any(axis=1)
    if filled.any() and not filled.all():
        notices.append(f"Left out: {counted(int((~filled).sum()), 'row')} without any value.")
        frame = frame[filled]
    all_unread = [one for one in unread if len(one)]
    table = pd.concat(all_unread, ignore_index=True) if all_unread else ReadFrame.no_unread()
    return ReadFrame(frame, units, table, tuple(dates), summary_words, grid.header_row)


def _column_words(name: str, words: str) -> str:
    return f"Column '{name}'{words if words.startswith(' ') else f': {words}'}"


def _was_filled(unread: pd.DataFrame) -> bool:
    """Whether a cell of a column without numbers says more than that there is none, such as "<0.05"."""
    return not all(map(is_missing_word, unread["text"]))


def _note_empty(names: list[str], grid: Grid, empty: list[str], notices: list[str]) -> None:
    named = [name for name, raw in zip(names, grid.header, strict=True) if name in empty and raw.strip()]
    if named:
        notices.append(f"Left out because every cell is empty: {', '.join(named)}.")
    if n_nameless := len(empty) - len(named):
        notices.append(f"Left out: {counted(n_nameless, 'column')} without name and values.")


def _unread(name: str, grid: Grid, j: int, taken: Mapping[int, str]) -> pd.DataFrame:
    places = list(taken)
    texts = grid.columns[j].iloc[places].str.strip()
    cells = {
        "row": grid.rows[places],
        "column": [name] * len(places),
        "text": texts.tolist(),
        "taken as": list(taken.values()),
    }
    return pd.DataFrame(cells, columns=list(_UNREAD))


def _stored_as_text(grid: Grid, j: int, column: NumberColumn, dialect: Dialect) -> str:
    """What is said of a column whose numbers are texts in the file, "" for any other."""
    known = grid.known[j]
    is_read = ~np.isnan(column.numbers) & (np.ones(len(grid.rows), dtype=bool) if known is None else np.isnan(known))
    if not is_read.any():
        return ""
    first = int(np.flatnonzero(is_read)[0])
    text, number = str(grid.columns[j].iloc[first]).strip(), f"{column.numbers[first]:.10g}"
    shown = f", such as '{text[:30]}' as {number}" if dialect.decimal != "." and "," in text else ""
    return f" holds numbers stored as text: they were read as numbers{shown}."


def _words_or_dates(
    name: str, grid: Grid, j: int, dialect: Dialect, remarks: list[tuple[str, str]]
) -> tuple[pd.Series, bool, pd.DataFrame]:
    """A column as ISO dates where it is one of dates, else as texts without control characters."""
    texts = grid.columns[j].str.replace(_UNPRINTABLE, " ", regex=True).str.strip()
    known = grid.known[j]
    if known is not None and (is_known := ~np.isnan(known)).any():
        texts = texts.mask(is_known, pd.Series([f"{number:.15g}" for number in known], dtype="str"))
    texts = texts.mask(texts.str.casefold().isin(EMPTY_WORDS | ERROR_WORDS))
    filled = texts.dropna()
    uniques = [str(text) for text in filled.unique()]
    if uniques and sum(map(is_date, uniques[:_SAMPLE])) >= _DATE_SHARE * len(uniques[:_SAMPLE]):
        found = _as_dates(name, grid, j, filled, uniques, dialect, remarks)
        if found is not None:
            return found[0].reindex(texts.index), True, found[1]
    _warn_of_numbers(name, filled, dialect, remarks)
    return texts, False, ReadFrame.no_unread()


def _as_dates(
    name: str,
    grid: Grid,
    j: int,
    filled: pd.Series,
    uniques: list[str],
    dialect: Dialect,
    remarks: list[tuple[str, str]],
) -> tuple[pd.Series, pd.DataFrame] | None:
    day_first = is_day_first(uniques, otherwise=dialect.decimal == "," or dialect.delimiter == ";")
    iso = {text: iso_date(text, is_day_first=day_first) for text in uniques}
    dates = filled.map(iso)
    is_odd = dates.isna() & ~filled.map(is_missing_word)
    if is_odd.sum() > (1 - _DATE_SHARE) * len(filled):
        return None
    if doubtful := has_doubt(uniques):
        order = "day, month and year" if day_first else "month, day and year"
        remarks.append((name, f"'{doubtful}' was read as {order}: no cell tells which comes first."))
    unread = {
        int(place): MISSING_AS
        for place in np.flatnonzero(dates.isna().reindex(grid.columns[j].index, fill_value=False))
    }
    if unread:
        words = str(grid.columns[j].iloc[next(iter(unread))]).strip()
        remarks.append((name, f"'{words[:40]}' is no date and counts as missing{more_cells(len(unread))}."))
    return dates.astype("str").mask(dates.isna()), _unread(name, grid, j, unread)


def _whole_if_whole(numbers: np.ndarray) -> pd.Series:
    """Numbers as a series, as whole ones if all of them are."""
    is_whole = np.isfinite(numbers).all() and (np.abs(numbers) < 2**53).all() and (numbers == np.round(numbers)).all()
    return pd.Series(numbers.astype(np.int64) if len(numbers) and is_whole else numbers)


def _warn_of_numbers(name: str, filled: pd.Series, dialect: Dialect, remarks: list[tuple[str, str]]) -> None:
    """Add a remark when half the cells of a column of words are numbers, or would be under the other decimal mark."""
    sample = filled.head(_SAMPLE)
    other = "," if dialect.decimal == "." else "."
    found, others = parse_cells(sample, dialect.decimal, dialect.thousands), parse_cells(sample, other)
    only_other = sample[found.is_text & ~others.is_text]
    if others.n_numbers > len(sample) / 2 and len(only_other):
        example = str(only_other.iloc[0]).strip()
        remarks.append((name, f" was read as text: '{example}' would be a number with a {DECIMALS[other]}."))
    elif 2 * found.n_numbers >= len(sample) and found.n_text:
        word = sample[found.is_text].iloc[0]
        numbers = f"{found.n_numbers:,} of its first {len(sample):,} cells are numbers"
        remarks.append((name, f" was read as text although {numbers}: '{word[:40]}' is none."))
