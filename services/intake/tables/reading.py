"""From the bytes of an uploaded file to a frame of numbers and texts, with everything that was changed on the way."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from services.intake.sandbox import Limits, Refusal, run_in_sandbox
from services.intake.tables.cells import (
    MISSING_TEXTS,
    ParsedCells,
    ambiguous_cell,
    is_number_column,
    is_numberlike,
    parse_cells,
)
from services.intake.tables.csv_text import DECIMALS, Dialect, Grid, decode, read_csv_text, sniff_encoding, sniff_text
from services.intake.tables.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    TableError,
    TableKind,
    check_bytes,
    check_shape,
    clean_names,
    kind_of,
    name_from_file,
)
from services.specs.digits import counted

MEMORY = 2 * 2**30
CPU_SECONDS = 60
WALL_SECONDS = 90
ANSWER = 256 * 2**20

_SAMPLE = 200
_UNPRINTABLE = "[\x01-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was read: nothing dropped but empty rows and columns.

    Attributes:
        frame: numbers as float64 or int64, all else as text; its index "row" counts as a spreadsheet does.
        dialect: how the CSV file was read, None for other kinds.
        notices: everything that was guessed or changed, one plain sentence each.
        name: what a dataset from this file may be called.
        sheet: the Excel sheet that was read, "" for other kinds.
    """

    frame: pd.DataFrame
    kind: TableKind
    dialect: Dialect | None
    notices: tuple[str, ...]
    name: str = "table"
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def read_table(data: bytes, filename: str, dialect: Dialect | None = None, *, sheet: str | None = None) -> RawTable:
    """The table in an uploaded CSV, Excel or Parquet file.

    Args:
        data: the file's bytes; the kind is told by them, not by the name.
        filename: used only to name the dataset.
        dialect: how a CSV file is written; found by evidence if None. Ignored for other kinds.
        sheet: the Excel sheet to read; the first visible one with values if None.

    Raises:
        TableError: the file cannot be read as a table; the text says why and how to mend it.
    """
    check_bytes(len(data))
    kind = kind_of(data)
    name = name_from_file(filename)
    notices: list[str] = []
    if kind is TableKind.CSV:
        used, grid = _read_csv(data, dialect, notices)
        return RawTable(_frame(grid, used, notices, is_csv=True), kind, used, tuple(notices), name)
    grid, about = _read_in_sandbox(data, kind, sheet)
    sheets, read_sheet = tuple(about.get("sheets", ())), about.get("sheet", "")
    if len(sheets) > 1 and sheet is None:
        others = ", ".join(f"'{other}'" for other in sheets if other != read_sheet)
        notices.append(f"Sheet '{read_sheet}' was read; the workbook also has {others}.")
    _note_titles(grid, notices)
    if left_out := about.get("left_out"):
        notices.append(f"Left out because they hold an index, lists or raw bytes: {', '.join(left_out)}.")
    frame = _frame(grid, Dialect(), notices, is_csv=False)
    return RawTable(frame, kind, None, tuple(notices), name, read_sheet, sheets)


def _read_csv(data: bytes, dialect: Dialect | None, notices: list[str]) -> tuple[Dialect, Grid]:
    encoding = dialect.encoding if dialect else sniff_encoding(data)
    text = decode(data, encoding)
    if not text.strip():
        raise TableError("The file holds only blank lines: expected a header row and at least one row of values.")
    found = sniff_text(text, encoding)
    used = dialect or found
    is_as_found = used.delimiter == found.delimiter
    if encoding == "cp1252" and not data.isascii():
        notices.append("The file is not UTF-8, so it was read as Windows-1252: check the letters with accents.")
    if not is_as_found:
        notices.append(
            f"Read with {used.delimiter_word} as the delimiter, as you chose; "
            f"the file looks like {found.delimiter_word}."
        )
    try:
        grid = read_csv_text(text, used)
    except TableError as error:
        raise error if is_as_found else TableError(f"{error} The file looks like {found.delimiter_word}.") from None
    if len(grid.header) == 1 and not is_as_found:
        raise TableError(
            f"Read with {used.delimiter_word} as the delimiter, the table has the single column "
            f"'{grid.header[0][:60]}'; it looks like {found.delimiter_word}: choose that."
        )
    _note_titles(grid, notices)
    if grid.n_blank:
        notices.append(f"Left out: {counted(grid.n_blank, 'blank row')} between the records.")
    grid = _with_header(grid, used, notices)
    sample = [cell for column in grid.columns for cell in column.head(_SAMPLE)]
    if used.decimal != "." or used.thousands:
        notices.append(f"Numbers were read with {_marks_in_words(used, sample)}.")
    elif used.delimiter == ";" and (cell := ambiguous_cell(sample)):
        notices.append(f"'{cell}' was read as a number below a thousand: if its point marks thousands, choose that.")
    return used, grid


def _note_titles(grid: Grid, notices: list[str]) -> None:
    if titles := grid.titles:
        notices.append(f"Left out: {counted(len(titles), 'row')} above the header, beginning with '{titles[0][:60]}'.")


def _with_header(grid: Grid, dialect: Dialect, notices: list[str]) -> Grid:
    """The same grid, or one with made-up names where the first row is nothing but numbers: that is a record."""
    header = pd.Series(grid.header, dtype="str")
    cells = parse_cells(header, dialect.decimal, dialect.thousands)
    if cells.n_numbers < len(header) or not len(grid.rows):
        return grid
    notices.append(
        "The first row holds only numbers, so it was read as values and the columns are called column 1, column 2, "
        "...: add a header row if they have names."
    )
    columns = [pd.concat([header[j : j + 1], column], ignore_index=True) for j, column in enumerate(grid.columns)]
    rows = pd.Index([grid.rows[0] - 1, *grid.rows], name="row")
    return Grid([f"column {j + 1}" for j in range(len(header))], columns, rows)


def _marks_in_words(dialect: Dialect, sample: list[str]) -> str:
    """Decimal and thousands mark in words, with the first cell that shows them."""
    words = f"a {DECIMALS[dialect.decimal]}"
    if dialect.thousands:
        words += f" and '{dialect.thousands}' between thousands"
    marks = {dialect.decimal} - {"."} | {dialect.thousands} - {""}
    for cell in sample:
        if any(mark in cell for mark in marks) and is_numberlike(cell):
            parsed = parse_cells(pd.Series([cell], dtype="str"), dialect.decimal, dialect.thousands)
            if parsed.n_numbers:
                return f"{words}: '{cell.strip()}' is {parsed.numbers[0]:.10g}"
    return words


def _frame(grid: Grid, dialect: Dialect, notices: list[str], *, is_csv: bool) -> pd.DataFrame:
    """The grid as a frame of numbers and texts without its empty rows and columns."""
    check_shape(len(grid.rows), len(grid.columns))
    if not grid.columns:
        raise TableError("The table is empty: expected a header row and at least one row of values.")
    if not len(grid.rows):
        shown = ", ".join(f"'{name}'" for name in grid.header[:5])
        raise TableError(f"The table has a header ({shown}) but no rows: add at least one row of values.")
    names, renamed = clean_names(grid.header)
    columns: dict[str, pd.Series] = {}
    empty: list[str] = []
    for name, values in zip(names, grid.columns, strict=True):
        column = _read_column(name, values, dialect, notices, is_csv=is_csv)
        if column.isna().all():
            empty.append(name)
        else:
            columns[name] = column
    notices[:0] = [notice for name, notice in renamed.items() if name in columns]
    named = [name for name, raw in zip(names, grid.header, strict=True) if name in empty and raw.strip()]
    if named:
        notices.append(f"Left out because every cell is empty: {', '.join(named)}.")
    if n_nameless := len(empty) - len(named):
        notices.append(f"Left out: {counted(n_nameless, 'column')} without name and values.")
    if not columns:
        raise TableError("Every cell below the header is empty: add at least one row of values.")
    frame = pd.DataFrame(columns)
    frame.index = grid.rows
    filled = frame.notna().any(axis=1)
    if not filled.all():
        notices.append(f"Left out: {counted(int((~filled).sum()), 'row')} without any value.")
        frame = frame[filled]
    return frame


def _read_column(name: str, values: pd.Series, dialect: Dialect, notices: list[str], *, is_csv: bool) -> pd.Series:
    """A column as numbers if all its cells are, else as texts without control characters."""
    cells = parse_cells(values, dialect.decimal, dialect.thousands)
    if is_number_column(values):
        return _whole_if_whole(cells.numbers)
    if cells.is_mostly_numeric:
        if cells.missing_words:
            words = ", ".join(f"'{word}' in {counted(count, 'cell')}" for word, count in cells.missing_words.items())
            notices.append(f"Column '{name}': {words} counts as missing.")
        if cells.n_text:
            return _mixed(name, values, cells, notices)
        if not is_csv and cells.n_numbers:
            notices.append(f"Column '{name}' holds numbers stored as text: they were read as numbers.")
        return _whole_if_whole(cells.numbers)
    _warn_of_other_decimal(name, values, dialect, notices)
    texts = values.fillna("").astype("str").str.replace(_UNPRINTABLE, " ", regex=True).str.strip()
    return texts.mask(texts.isin(MISSING_TEXTS))


def _mixed(name: str, values: pd.Series, cells: ParsedCells, notices: list[str]) -> pd.Series:
    """A column that is mostly numbers as texts: numbers in plain notation, other texts as they are.

    A text that only the plain notation would take for a number ("1.5" among decimal commas) is put in quotation marks,
    so that nobody who parses the column again takes it for one.
    """
    texts = values.fillna("").astype("str").str.strip().to_numpy(dtype=object)
    is_number = ~cells.is_missing & ~cells.is_text
    texts[is_number] = [_plain(number) for number in cells.numbers[is_number].tolist()]
    texts[cells.is_missing] = None
    foreign = np.flatnonzero(cells.is_text & ~parse_cells(values).is_text)
    if len(foreign):
        notices.append(
            f"Column '{name}': '{texts[foreign[0]]}' has another decimal mark than the rest, so it is kept as text."
        )
        texts[foreign] = [f"“{text}”" for text in texts[foreign]]
    return pd.Series(texts, dtype="str")


def _plain(number: float) -> str:
    """The shortest text that reads back to a number."""
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def _whole_if_whole(numbers: np.ndarray) -> pd.Series:
    """Numbers as a series, as whole ones if all of them are."""
    is_whole = np.isfinite(numbers).all() and (np.abs(numbers) < 2**53).all() and (numbers == np.round(numbers)).all()
    return pd.Series(numbers.astype(np.int64) if len(numbers) and is_whole else numbers)


def _warn_of_other_decimal(name: str, values: pd.Series, dialect: Dialect, notices: list[str]) -> None:
    """Add a notice when a text column would be numbers under the other decimal mark."""
    sample = values.dropna().astype("str").head(_SAMPLE)
    sample = sample[sample.str.strip() != ""]
    other = "," if dialect.decimal == "." else "."
    if len(sample) and parse_cells(sample, other).n_numbers > len(sample) / 2:
        notices.append(
            f"Column '{name}' was read as text: '{sample.iloc[0].strip()}' would be a number with a {DECIMALS[other]}."
        )


def _read_in_sandbox(data: bytes, kind: TableKind, sheet: str | None) -> tuple[Grid, dict[str, Any]]:
    """The cells of an Excel or Parquet file as a limited child process reads them, and what it says about the file.

    Raises:
        TableError: the file is damaged, too large, or takes too much memory or time.
    """
    task = {"kind": kind.value, "sheet": sheet, "rows": MAX_ROWS, "columns": MAX_COLUMNS, "cells": MAX_CELLS}
    limits = Limits(MEMORY, CPU_SECONDS, WALL_SECONDS, ANSWER)
    what = "an Excel workbook" if kind is TableKind.EXCEL else "a Parquet file"
    damaged = f"The file could not be read as {what}: it seems damaged. Open and save it again, or save it as CSV."
    exhausted = (
        f"Reading the file as {what} took more memory or time than one file may take: save it as CSV, which reads far "
        "faster, or keep fewer rows and columns."
    )
    try:
        answer = run_in_sandbox("services.intake.tables.child", data, task, limits, damaged, exhausted)
    except Refusal as refusal:
        raise TableError(str(refusal)) from None
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(answer)).read_all()
    table.validate(full=True)
    about = json.loads(table.schema.metadata[b"about"])
    columns = [table.column(j).to_pandas() for j in range(table.num_columns - 1)]
    rows = pd.Index(table.column("row").to_numpy(), name="row")
    return Grid(about["names"], columns, rows, about.get("titles", [])), about
