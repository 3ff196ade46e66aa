"""From the bytes of an uploaded file to a frame of numbers and texts, with everything that was changed on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from services.intake.sandbox import Limits, Refusal, run_in_sandbox
from services.intake.tables.cells import ambiguous_cell, parse_cells, sniff_columns
from services.intake.tables.csv_text import DECIMALS, Dialect, Grid, decode, read_csv_text, sniff_text, unwrapped
from services.intake.tables.grid_frames import MISSING_AS, ReadFrame, frame_of_grid, sample_of
from services.intake.tables.layout.header import HEAD_ROWS, find_head
from services.intake.tables.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    TableError,
    TableKind,
    check_bytes,
    kind_of,
    name_from_file,
    printable,
)
from services.intake.tables.notation.encodings import ENCODINGS, first_foreign_word, mended_utf8, sniff_encoding
from services.intake.tables.notation.numbers import written_number
from services.intake.tables.notation.units import is_same_unit, split_unit
from services.intake.tables.number_columns import LimitPolicy
from services.specs.digits import counted

__all__ = ["MISSING_AS", "Choices", "RawTable", "Reading", "found_choices", "read_table"]

MEMORY = 2 * 2**30
CPU_SECONDS = 60
WALL_SECONDS = 90
ANSWER = 256 * 2**20
_HOURS = {"h": 1.0, "min": 60.0, "s": 3600.0, "d": 1 / 24}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a user has chosen about the reading of a file; as it comes, everything is found by evidence.

    Attributes:
        dialect: how a CSV file is written; found if None, and ignored for other kinds.
        sheet: the Excel sheet or named table, one of `RawTable.sheets`; the best guess if "".
        header_row: number of the row that names the columns, as a spreadsheet counts; 0 for a table without one.
        keep_summary_rows: totals and means at the end are rows like others.
        leave_out_ragged: records of another width than the header are left out, not refused.
        limits: what cells such as "<0,05" stand for.
    """

    dialect: Dialect | None = None
    sheet: str = ""
    header_row: int | None = None
    keep_summary_rows: bool = False
    leave_out_ragged: bool = False
    limits: LimitPolicy = LimitPolicy.MISSING


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A table as it was read: nothing dropped but empty rows and columns, and what the notices name.

    In a column of numbers, any word for "missing" makes a cell NaN, and so does a cell that cannot be read; they are
    listed in `unread`. In a column of words the texts stay as they are in the file, "None", "NA" and "-" too: there
    only empty cells, "NaN" and errors of a spreadsheet ("#N/A") are missing.

    Attributes:
        frame: numbers as float64 or int64, all else as text; its index "row" counts as a spreadsheet does.
        dialect: how the CSV file was read, None for other kinds.
        notices: everything that was guessed or changed, one plain sentence each.
        name: what a dataset from this file may be called.
        sheet: the Excel sheet or named table that was read, "" for other kinds.
        sheets: what can be chosen instead, the best guess first and hidden sheets last.
        units: unit by column name, from a row of units, from headers such as "Temp [°C]", or from the cells.
        unread: the filled cells of number columns that say no number: row, column, text, taken as.
        dates: names of the columns whose filled cells are dates; their values are ISO texts.
        summary_rows: the rows of totals, means and the like at the end that were left out, or would be, in words.
        header_row: number of the row that names the columns, 0 without one.
    """

    frame: pd.DataFrame
    kind: TableKind
    dialect: Dialect | None
    notices: tuple[str, ...]
    name: str = "table"
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    unread: pd.DataFrame = field(default_factory=lambda: ReadFrame.no_unread())
    dates: tuple[str, ...] = ()
    summary_rows: str = ""
    header_row: int = 1


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen about the reading of a file, whether or not it can be read.

    Attributes:
        dialect: as found, None for other kinds than CSV.
        sheets: of a workbook, the best guess first.
    """

    kind: TableKind
    dialect: Dialect | None = None
    sheets: tuple[str, ...] = ()


def read_table(data: bytes, filename: str, reading: Reading | None = None) -> RawTable:
    """The table in an uploaded CSV, Excel or Parquet file.

    Args:
        data: the file's bytes; the kind is told by them, not by the name.
        filename: used only to name the dataset.
        reading: what the user has chosen; found by evidence if None.

    Raises:
        TableError: the file cannot be read as a table; the text says why and how to mend it.
    """
    check_bytes(len(data))
    kind, chosen = kind_of(data), reading or Reading()
    name = name_from_file(filename)
    notices: list[str] = []
    if kind is TableKind.CSV:
        dialect, grid = _read_csv(data, chosen, notices)
        read = frame_of_grid(grid, dialect, notices, chosen.limits, keep_summary_rows=chosen.keep_summary_rows)
        return _raw(read, kind, dialect, notices, name)
    grid, about = _read_in_sandbox(data, kind, chosen)
    sheets, sheet = tuple(about.get("sheets", ())), about.get("sheet", "")
    if len(sheets) > 1 and not chosen.sheet:
        others = ", ".join(f"'{other}'" for other in sheets if other != sheet)
        notices.append(f"Sheet '{sheet}' was read; the workbook also has {others}.")
    if left_out := about.get("left_out"):
        notices.append(f"Left out because they hold an index, lists or raw bytes: {', '.join(left_out)}.")
    notices.extend(grid.remarks)
    marks = sniff_columns(sample_of(grid), ";")
    dialect = Dialect(decimal=marks[0], thousands=marks[1])
    read = frame_of_grid(
        grid, dialect, notices, chosen.limits, keep_summary_rows=chosen.keep_summary_rows, is_csv=False
    )
    return replace(_raw(read, kind, None, notices, name), sheet=sheet, sheets=sheets)


def found_choices(data: bytes) -> Choices:
    """What can be chosen about a file, also where `read_table` refuses it.

    Raises:
        TableError: the file is of a kind that is not read, or so damaged that there is no choice.
    """
    check_bytes(len(data))
    kind = kind_of(data)
    if kind is TableKind.CSV:
        encoding = sniff_encoding(data)
        try:
            return Choices(kind, sniff_text(unwrapped(decode(data, encoding)), encoding))
        except TableError:
            return Choices(kind, Dialect(encoding))
    if kind is TableKind.EXCEL:
        return Choices(kind, None, tuple(_ask_sandbox(data, kind, {"only_names": True})[1]["sheets"]))
    return Choices(kind)


def _raw(read: ReadFrame, kind: TableKind, dialect: Dialect | None, notices: list[str], name: str) -> RawTable:
    return RawTable(
        read.frame,
        kind,
        dialect,
        tuple(notices),
        name,
        units=read.units,
        unread=read.unread,
        dates=read.dates,
        summary_rows=read.summary_rows,
        header_row=read.header_row,
    )


def _read_csv(data: bytes, chosen: Reading, notices: list[str]) -> tuple[Dialect, Grid]:
    encoding = chosen.dialect.encoding if chosen.dialect else sniff_encoding(data)
    text = decode(data, encoding)
    if not text.strip():
        raise TableError("The file holds only blank lines: expected a header row and at least one row of values.")
    if (bare := unwrapped(text)) is not text:
        text = bare
        notices.append("Every row stood in quotation marks as a whole: they were taken off.")
    found = sniff_text(text, encoding)
    used = chosen.dialect or found
    is_as_found = used.delimiter == found.delimiter
    if words := _encoding_words(data, text, encoding, is_found=chosen.dialect is None):
        notices.append(words)
    if not is_as_found:
        notices.append(
            f"Read with {used.delimiter_word} as the delimiter, as you chose; "
            f"the file looks like {found.delimiter_word}."
        )
    try:
        grid = read_csv_text(text, used, chosen.header_row, leave_out_ragged=chosen.leave_out_ragged)
    except TableError as error:
        raise error if is_as_found else TableError(f"{error} The file looks like {found.delimiter_word}.") from None
    if not is_as_found and (len(grid.header) == 1 or not len(grid.rows)):
        what = f"has the single column '{grid.header[0][:60]}'" if len(grid.header) == 1 else "has no rows"
        raise TableError(
            f"Read with {used.delimiter_word} as the delimiter, the table {what}; it looks like "
            f"{found.delimiter_word}: choose that."
        )
    notices.extend(grid.remarks)
    if grid.n_blank:
        notices.append(f"Left out: {counted(grid.n_blank, 'blank row')} between the records.")
    if chosen.header_row is None:
        grid = _with_header(grid, used, notices)
    sample = [cell for cells in sample_of(grid) for cell in cells]
    if used.decimal != "." or used.thousands:
        notices.append(f"Numbers were read with {_marks_in_words(used, sample)}.")
    is_doubtful = not used.thousands and (used.decimal == "," or used.delimiter == ";")
    if is_doubtful and (cell := ambiguous_cell(sample, used.decimal)):
        mark = {".": "point", ",": "comma"}[used.decimal]
        notices.append(f"'{cell}' was read as a number below a thousand: if its {mark} marks thousands, choose that.")
    return used, grid


def _encoding_words(data: bytes, text: str, encoding: str, *, is_found: bool) -> str:
    """What is said of the encoding, with the first word that shows whether it is right; "" for sound UTF-8."""
    if encoding == "utf-8":
        if "\ufffd" in text and mended_utf8(data):
            return (
                f"Some letters are damaged in the file and were read as '\ufffd', such as in '{_damaged_word(text)}'."
            )
        return ""
    if encoding.startswith("utf") or data.isascii():
        return ""
    word = first_foreign_word(text)
    start = "The file is not UTF-8, so it" if is_found else "The file"
    return (
        f"{start} was read as {ENCODINGS[encoding]}, such as '{word}': if letters are wrong, choose another encoding."
    )


def _damaged_word(text: str) -> str:
    return first_foreign_word(text[max(text.index("\ufffd") - 20, 0) :].lstrip())


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
    known = [None if one is None else np.concatenate([[np.nan], one]) for one in grid.known]
    rows = pd.Index([grid.header_row, *grid.rows], name="row")
    names = [f"column {j + 1}" for j in range(len(header))]
    return replace(grid, header=names, columns=columns, known=known, rows=rows, header_row=0)


def _marks_in_words(dialect: Dialect, sample: list[str]) -> str:
    """Decimal and thousands mark in words, with the first cell that shows them."""
    words = f"a {DECIMALS[dialect.decimal]}"
    if dialect.thousands:
        words += f" and '{dialect.thousands}' between thousands"
    marks = {dialect.decimal} - {"."} | {dialect.thousands} - {""}
    for cell in sample:
        if any(mark in cell for mark in marks) and (written := written_number(cell)) is not None:
            parsed = parse_cells(pd.Series([written.digits], dtype="str"), dialect.decimal, dialect.thousands)
            if parsed.n_numbers:
                return f"{words}: '{cell.strip()}' is {parsed.numbers[0]:.10g}"
    return words


def _read_in_sandbox(data: bytes, kind: TableKind, chosen: Reading) -> tuple[Grid, dict[str, Any]]:
    """The cells of an Excel or Parquet file as a limited child process reads them, and what it says about the file.

    Raises:
        TableError: the file is damaged, too large, or takes too much memory or time; or no row can be the header.
    """
    table, about = _ask_sandbox(data, kind, {"sheet": chosen.sheet or None})
    rows = pd.Index(table.column("row").to_numpy(), name="row", dtype=int)
    width = (table.num_columns - 1) // 2
    texts = [table.column(f"t{j}").to_pandas().fillna("").astype("str") for j in range(width)]
    known = [table.column(f"n{j}").to_numpy().astype(float) for j in range(width)]
    if kind is TableKind.PARQUET:
        return Grid(about["names"], texts, rows, known, [""] * width, frozenset(range(width)), header_row=0), about
    if not len(rows):
        return Grid([], [], rows), about
    first = [
        [_as_text(text, number) for text, number in zip(t[:HEAD_ROWS], n, strict=False)]
        for t, n in zip(texts, known, strict=True)
    ]
    records = list(zip(rows[:HEAD_ROWS].tolist(), map(list, zip(*first, strict=True)), strict=True))
    head = find_head(records, chosen.header_row)
    used = head.n_used
    names = [*head.names, *[""] * width][:width]
    units = [*head.units, *[""] * width][:width]
    grid = Grid(
        names,
        [column.iloc[used:].reset_index(drop=True) for column in texts],
        rows[used:],
        [numbers[used:] for numbers in known],
        units,
        head.number_columns,
        head.remarks,
        header_row=head.row,
    )
    return _in_hours(_unmerged(grid, about["merged"]), about["durations"]), about


def _unmerged(grid: Grid, merged: list[tuple[int, int, int]]) -> Grid:
    """The same grid with the value of each merged cell, given by column, first and last row, in all of its rows."""
    columns, rows = list(grid.columns), grid.rows.to_numpy()
    known = [np.full(len(rows), np.nan) if numbers is None else numbers for numbers in grid.known]
    n_filled, first_words, end_of = 0, "", dict[int, int]()
    for j, first, last in merged:
        start, end = int(np.searchsorted(rows, first)), int(np.searchsorted(rows, last, side="right"))
        # Only in a damaged file do merged cells overlap: they would cost time without end.
        if j >= len(columns) or end - start < 2 or rows[start] != first or start < end_of.get(j, 0):
            continue
        if j not in end_of:
            columns[j], known[j] = columns[j].copy(), known[j].copy()
        end_of[j] = end
        columns[j].iloc[start:end] = columns[j].iloc[start]
        known[j][start:end] = known[j][start]
        first_words = first_words or f"'{printable(grid.header[j])}', rows {first:,} to {last:,}"
        n_filled += 1
    if not n_filled:
        return grid
    more = f", and {n_filled - 1:,} more" if n_filled > 1 else ""
    words = f"The value of a merged cell was taken for each of its rows: {first_words}{more}."
    return replace(grid, columns=columns, known=list(known), remarks=[*grid.remarks, words])


def _in_hours(grid: Grid, durations: list[int]) -> Grid:
    """The same grid with these columns, which are hours in the file, in the unit that their header names."""
    known, units, remarks = list(grid.known), list(grid.units), list(grid.remarks)
    for j in durations:
        hours = known[j]
        assert hours is not None
        named = units[j] or split_unit(grid.header[j])[1]
        unit, factor = next((one for one in _HOURS.items() if is_same_unit(one[0], named)), ("h", 1.0))
        known[j] = hours * factor
        units[j] = named if is_same_unit(unit, named) else unit
        name = printable(split_unit(grid.header[j])[0])
        remarks.append(f"Column '{name}' holds times of day or durations: they were read as numbers in {units[j]}.")
    return replace(grid, known=known, units=units, remarks=remarks)


def _as_text(text: str, number: float) -> str:
    return text if np.isnan(number) else f"{number:.15g}"


def _ask_sandbox(data: bytes, kind: TableKind, wanted: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    task = {"kind": kind.value, "rows": MAX_ROWS, "columns": MAX_COLUMNS, "cells": MAX_CELLS} | wanted
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
    return table, json.loads(table.schema.metadata[b"about"])
