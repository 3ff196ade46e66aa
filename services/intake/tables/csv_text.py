"""A decoded CSV text as columns of texts; nothing is guessed, dropped or shifted here."""

import csv
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.intake.tables.dialect import DELIMITERS, Dialect, spaced_to_tabs
from services.intake.tables.limits import MAX_COLUMNS, MAX_LINE, TableError, check_shape


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The header and the records of a CSV file.

    Attributes:
        header: the cells of the first row that is not blank.
        columns: one series of texts per column.
        rows: row numbers as a spreadsheet shows them, the header's row first counted.
        n_blank: how many blank rows lie between the records.
        titles: first texts of rows above the header that are mostly empty, such as a report's title.
    """

    header: list[str]
    columns: list[pd.Series]
    rows: pd.Index
    n_blank: int
    titles: list[str]


@dataclass(frozen=True, slots=True)
class _Outline:
    """Where the table lies in the text: checked row by row before anything is parsed."""

    header: list[str]
    titles: list[str]
    header_row: int
    end_of_header: int  # lines
    n_rows: int  # after the header, blank ones included
    blank: list[int]  # positions of blank rows after the header


def read_csv_text(text: str, dialect: Dialect) -> CsvTable:
    """Return the table that a text holds under a dialect.

    Raises:
        TableError: too large, ragged, a quotation mark that never closes, or no header.
    """
    delimiter = dialect.delimiter
    if delimiter == " ":
        text, delimiter = spaced_to_tabs(text), "\t"
    outline = _outline(text, delimiter, dialect)
    source = io.StringIO(text, newline="")
    for _ in range(outline.end_of_header):
        source.readline()
    frame = _parse(source, delimiter, len(outline.header), outline.n_rows)
    keep = np.ones(outline.n_rows, dtype=bool)
    keep[outline.blank] = False
    rows = pd.Index(np.arange(outline.n_rows)[keep] + outline.header_row + 1, name="row")
    n_inner = sum(1 for position in outline.blank if len(rows) and position + outline.header_row + 1 < rows[-1])
    columns = [frame[j][keep].reset_index(drop=True) for j in frame.columns]
    return CsvTable(outline.header, columns, rows, n_inner, outline.titles)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, refusing one that is absurdly long."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > MAX_LINE:
            raise TableError(
                f"Line {number:,} has {len(line):,} characters, at most {MAX_LINE:,} are read: "
                "check that the file is a table with one record per line."
            )
        yield line


def _outline(text: str, delimiter: str, dialect: Dialect) -> _Outline:
    """Return the outline of a table whose every record is as wide as its header."""
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True, strict=True)
    header: list[str] = []
    titles: list[str] = []
    blank: list[int] = []
    row = header_row = end_of_header = 0
    try:
        for row, record in enumerate(reader, start=1):
            if not header:
                filled = [cell.strip() for cell in record if cell.strip()]
                if len(record) >= 3 and 0 < 2 * len(filled) < len(record):
                    titles.append(filled[0])
                elif filled:
                    header, header_row, end_of_header = record, row, reader.line_num
                    check_shape(0, len(header))
            elif not record or (len(record) == 1 and not record[0].strip()):
                blank.append(row - header_row - 1)
            elif len(record) != len(header):
                raise TableError(_ragged(row, record, header, header_row, dialect))
            if row > MAX_COLUMNS:  # cheap enough to ask only now and then
                check_shape(row - header_row - len(blank), len(header))
    except csv.Error as error:
        raise TableError(_broken(row + 1, str(error))) from None
    if not header:
        raise TableError("No row has at least half of its cells filled: expected a header row with a name per column.")
    return _Outline(header, titles, header_row, end_of_header, row - header_row, blank)


def _parse(source: io.StringIO, delimiter: str, width: int, n_rows: int) -> pd.DataFrame:
    """Return the records as a frame of texts with columns 0 ... width - 1."""
    if n_rows == 0:
        return pd.DataFrame({j: pd.Series([], dtype="str") for j in range(width)})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                source,
                sep=delimiter,
                header=None,
                names=list(range(width)),
                index_col=False,
                dtype="str",
                keep_default_na=False,
                na_filter=False,
                skipinitialspace=True,
                skip_blank_lines=False,
                on_bad_lines="error",
                low_memory=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise TableError(
            f"The file could not be read with {DELIMITERS[delimiter]} as the delimiter ({error}): choose another one."
        ) from None
    if len(frame) != n_rows:
        raise TableError(
            f"The quotation marks are ambiguous: {n_rows:,} rows by one reading, {len(frame):,} by another. "
            "Remove quotation marks from the cells, or upload Excel (.xlsx)."
        )
    return frame


def _ragged(row: int, record: list[str], header: list[str], header_row: int, dialect: Dialect) -> str:
    """Return the sentence for a row that is wider or narrower than the header."""
    cells = "1 cell" if len(record) == 1 else f"{len(record):,} cells"
    if len(header) == 1:
        hint = "delete the lines above the header, or choose another delimiter"
    else:
        hint = f"check that row for a missing or an unquoted {dialect.delimiter_word}, or choose another delimiter"
    return (
        f"Row {row:,} has {cells} where the header in row {header_row:,} has {len(header):,} "
        f"(delimiter: {dialect.delimiter_word}): {hint}."
    )


def _broken(row: int, error: str) -> str:
    """Return the sentence for what the strict reader stumbled over."""
    if "unexpected end of data" in error:
        return f"A quotation mark opened in row {row:,} is never closed: close or delete it."
    if "field larger" in error:
        return (
            f"Row {row:,} holds a cell of more than 131,072 characters, likely because a quotation mark is never "
            "closed: close or delete it."
        )
    return f"Row {row:,} has text after a closing quotation mark: double the quotation marks inside the cell."
