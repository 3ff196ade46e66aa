"""From the bytes of an uploaded file to a frame of numbers and texts, with everything that was changed on the way."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from services.intake.sandbox import Ended, Limits, run_in_sandbox
from services.intake.sandbox.limits import ExitCode
from services.intake.tables.cells import is_numberlike, parse_cells, unsure_cell
from services.intake.tables.columns import read_column
from services.intake.tables.csv_text import CsvTable, read_csv_text
from services.intake.tables.dialect import Dialect, decode, sniff_encoding, sniff_text
from services.intake.tables.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    TableError,
    TableKind,
    check_bytes,
    check_shape,
    clean_names,
    counted,
    kind_of,
    name_from_file,
)

_SAMPLE = 200


MEMORY = 2 * 2**30
CPU_SECONDS = 60
WALL_SECONDS = 90
ANSWER = 256 * 2**20
_KINDS = {"excel": "an Excel workbook", "parquet": "a Parquet file"}


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it was read: nothing dropped but empty rows and columns.

    Attributes:
        frame: numbers as float64 or int64, all else as text; its index "row" counts as a spreadsheet does.
        kind: of which kind the file is.
        dialect: how the CSV file was read, None for other kinds.
        notices: everything that was guessed or changed, one plain sentence each.
        name: what a dataset from this file may be called.
        sheet: the Excel sheet that was read, "" for other kinds.
        sheets: the visible sheets of the workbook.
    """

    frame: pd.DataFrame
    kind: TableKind
    dialect: Dialect | None
    notices: tuple[str, ...]
    name: str = "table"
    sheet: str = ""
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Grid:
    """The cells of any kind of file before their texts are read as numbers."""

    header: list[str]
    columns: list[pd.Series]
    rows: pd.Index


def read_table(data: bytes, filename: str, dialect: Dialect | None = None, *, sheet: str | None = None) -> RawTable:
    """Return the table in an uploaded CSV, Excel or Parquet file.

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
    if kind is TableKind.CSV:
        return replace(_read_csv(data, dialect), name=name)
    child = read_in_child(data, kind.value, sheet)
    grid = _Grid(child.names, child.columns, child.rows)
    notices = []
    sheets = tuple(child.about.get("sheets", ()))
    read_sheet = child.about.get("sheet", "")
    if len(sheets) > 1 and sheet is None:
        others = ", ".join(f"'{other}'" for other in sheets if other != read_sheet)
        notices.append(f"Sheet '{read_sheet}' was read; the workbook also has {others}.")
    _tell_titles(child.about.get("titles", []), notices)
    if left_out := child.about.get("left_out"):
        notices.append(f"Left out because they hold an index, lists or raw bytes: {', '.join(left_out)}.")
    frame = _frame(grid, Dialect(), notices, is_csv=False)
    return RawTable(frame, kind, None, tuple(notices), name, read_sheet, sheets)


def _read_csv(data: bytes, dialect: Dialect | None) -> RawTable:
    """Return the table in a CSV file under a given or a found dialect."""
    notices = []
    encoding = dialect.encoding if dialect else sniff_encoding(data)
    text = decode(data, encoding)
    if not text.strip():
        raise TableError("The file holds only blank lines: expected a header row and at least one row of values.")
    found = sniff_text(text, encoding)
    used = dialect or found
    if encoding == "cp1252" and not data.isascii():
        notices.append("The file is not UTF-8, so it was read as Windows-1252: check the letters with accents.")
    if used.delimiter != found.delimiter:
        notices.append(
            f"Read with {used.delimiter_word} as the delimiter, as you chose; "
            f"the file looks like {found.delimiter_word}."
        )
    try:
        table = read_csv_text(text, used)
    except TableError as error:
        if used.delimiter == found.delimiter:
            raise
        raise TableError(f"{error} The file looks like {found.delimiter_word}.") from None
    if len(table.header) == 1 and used.delimiter != found.delimiter:
        raise TableError(
            f"Read with {used.delimiter_word} as the delimiter, the table has the single column "
            f"'{table.header[0][:60]}'; it looks like {found.delimiter_word}: choose that."
        )
    _tell_titles(table.titles, notices)
    if table.n_blank:
        notices.append(f"Left out: {counted(table.n_blank, 'blank row')} between the records.")
    grid = _with_header(table, used, notices)
    if used.decimal != "." or used.thousands:
        notices.append(f"Numbers were read with {_marks_words(used, grid)}.")
    elif used.delimiter == ";" and (cell := unsure_cell(c for column in grid.columns for c in column.head(_SAMPLE))):
        notices.append(f"'{cell}' was read as a number below a thousand: if its point marks thousands, choose that.")
    return RawTable(_frame(grid, used, notices, is_csv=True), TableKind.CSV, used, tuple(notices))


def _tell_titles(titles: list[str], notices: list[str]) -> None:
    """Add a notice about rows above the header."""
    if titles:
        notices.append(f"Left out: {counted(len(titles), 'row')} above the header, beginning with '{titles[0][:60]}'.")


def _with_header(table: CsvTable, dialect: Dialect, notices: list[str]) -> _Grid:
    """Return the grid of a CSV table; a first row of nothing but numbers is a record, not a header."""
    header = pd.Series(table.header, dtype="str")
    cells = parse_cells(header, dialect.decimal, dialect.thousands)
    if cells.n_numbers < len(header) or not len(table.rows):
        return _Grid(table.header, table.columns, table.rows)
    notices.append(
        "The first row holds only numbers, so it was read as values and the columns are called column 1, column 2, "
        "...: add a header row if they have names."
    )
    columns = [pd.concat([header[j : j + 1], column], ignore_index=True) for j, column in enumerate(table.columns)]
    rows = pd.Index([table.rows[0] - 1, *table.rows], name="row")
    return _Grid([f"column {j + 1}" for j in range(len(header))], columns, rows)


def _frame(grid: _Grid, dialect: Dialect, notices: list[str], *, is_csv: bool) -> pd.DataFrame:
    """Return the grid as a frame of numbers and texts without its empty rows and columns."""
    check_shape(len(grid.rows), len(grid.columns))
    if not grid.columns:
        raise TableError("The table is empty: expected a header row and at least one row of values.")
    if not len(grid.rows):
        shown = ", ".join(f"'{name}'" for name in grid.header[:5])
        raise TableError(f"The table has a header ({shown}) but no rows: add at least one row of values.")
    names, renamed = clean_names(grid.header)
    columns: dict[str, pd.Series] = {}
    empty = []
    hidden_empty = 0
    for name, raw, values in zip(names, grid.header, grid.columns, strict=True):
        column = read_column(name, values, dialect, notices, is_csv=is_csv)
        if not column.isna().all():
            columns[name] = column
        elif raw.strip():
            empty.append(name)
        else:
            hidden_empty += 1
    notices[:0] = [
        notice for notice, name in zip(renamed, _renamed(names, grid.header), strict=True) if name in columns
    ]
    if empty:
        notices.append(f"Left out because every cell is empty: {', '.join(empty)}.")
    if hidden_empty:
        notices.append(f"Left out: {counted(hidden_empty, 'column')} without name and values.")
    if not columns:
        raise TableError("Every cell below the header is empty: add at least one row of values.")
    frame = pd.DataFrame(columns)
    frame.index = grid.rows
    filled = frame.notna().any(axis=1)
    if not filled.all():
        notices.append(f"Left out: {counted(int((~filled).sum()), 'row')} without any value.")
        frame = frame[filled]
    return frame


def _renamed(names: list[str], header: list[str]) -> list[str]:
    """Return the names that differ from the header, in order: those that `clean_names` gave a notice for."""
    return [name for name, raw in zip(names, header, strict=True) if name != " ".join(raw.split())]


def _marks_words(dialect: Dialect, grid: _Grid) -> str:
    """Return the decimal and thousands marks in words, with the first cell that shows them."""
    words = f"a {dialect.decimal_word}"
    if dialect.thousands:
        words += f" and '{dialect.thousands}' between thousands"
    marks = {dialect.decimal} - {"."} | {dialect.thousands} - {""}
    for column in grid.columns:
        for cell in column.head(_SAMPLE):
            if any(mark in cell for mark in marks) and is_numberlike(cell):
                parsed = parse_cells(pd.Series([cell], dtype="str"), dialect.decimal, dialect.thousands)
                if parsed.n_numbers:
                    return f"{words}: '{cell.strip()}' is {parsed.numbers[0]:.10g}"
    return words


@dataclass(frozen=True, slots=True)
class ChildTable:
    """What the child read.

    Attributes:
        names: the header's texts, as they are in the file.
        columns: one series per name, float64 or texts with None.
        rows: row numbers as a spreadsheet shows them.
        about: sheet, sheets and columns left out, as the child wrote them.
    """

    names: list[str]
    columns: list[pd.Series]
    rows: pd.Index
    about: dict[str, Any]


def read_in_child(data: bytes, kind: str, sheet: str | None = None) -> ChildTable:
    """Return what a limited child process reads from an Excel ("excel") or Parquet ("parquet") file.

    Raises:
        TableError: the file is damaged, too large, or takes too much memory or time.
    """
    task = {"kind": kind, "sheet": sheet, "rows": MAX_ROWS, "columns": MAX_COLUMNS, "cells": MAX_CELLS}
    limits = Limits(MEMORY, CPU_SECONDS, WALL_SECONDS, ANSWER)
    ended = run_in_sandbox("services.intake.tables.child", data, task, limits)
    if ended.code is not ExitCode.ANSWERED:
        raise TableError(_refusal(ended, _KINDS[kind]))
    return _received(ended.answer)


def _refusal(ended: Ended, what: str) -> str:
    """Return the sentence for a child that ended without a table."""
    if ended.code is ExitCode.REFUSED:
        return ended.refusal
    if ended.code is ExitCode.DAMAGED:
        return f"The file could not be read as {what}: it seems damaged. Open and save it again, or save it as CSV."
    return (
        f"Reading the file as {what} took more memory or time than one file may take: save it as CSV, which reads far "
        "faster, or keep fewer rows and columns."
    )


def _received(stream: bytes) -> ChildTable:
    """Return the table in the child's Arrow stream."""
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
    table.validate(full=True)
    about = json.loads(table.schema.metadata[b"about"])
    columns = [table.column(j).to_pandas() for j in range(table.num_columns - 1)]
    rows = pd.Index(table.column("row").to_numpy(), name="row")
    return ChildTable(about["names"], columns, rows, about)
