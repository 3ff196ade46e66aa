"""Files out: CSV and Excel whose text cells no spreadsheet takes for formulas, under safe names."""

import csv
import datetime
import io
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from services.catalog.datasets import CsvMarks

# What starts a formula, also after blanks that a spreadsheet strips, in half and in full width.
_BLANK = "[ \u00a0\u1680\u2000-\u200f\u202a-\u202f\u205f\u2060\u3000\ufeff\x0b\x0c]*"
_START = "[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]"
_DANGEROUS = re.compile(f"(^|[\\r\\n\\t;]){_BLANK}{_START}")
_LATER_LINE = re.compile(f"(?<=[\\r\\n\\t;])(?={_BLANK}{_START})")

_USUAL = CsvMarks()
_MAX_WIDTH = 42
_MAX_TEXT = 32_767
_SIGNIFICANT = 5


def defuse(text: str) -> str:
    """Text that no spreadsheet takes for a formula: with a leading apostrophe if it would be one.

    Covered are = + - @ TAB and CR at the start, after leading blanks, and at the start of every later line or of what
    a spreadsheet may split off at a tab or a semicolon. Any other text is returned as it is.
    """
    if not _DANGEROUS.search(text):
        return text
    return "'" + _LATER_LINE.sub("'", text)


def to_csv(frame: pd.DataFrame, marks: CsvMarks = _USUAL) -> bytes:
    """A frame as CSV (UTF-8 with a byte-order mark, which Excel needs); texts and headers are defused.

    Args:
        marks: what divides cells and decimals: those of the table that the reader knows.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=marks.delimiter)
    writer.writerow([defuse(str(name)) for name in frame.columns])
    columns = [_cells(frame.iloc[:, j]) for j in range(frame.shape[1])]
    if marks.decimal != ".":
        columns = [[_with_decimal(cell, marks.decimal) for cell in cells] for cells in columns]
    writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue().encode("utf-8-sig", errors="replace")


def to_excel(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """An Excel workbook with one sheet per frame; texts and headers are defused, numbers stay numbers.

    The header is bold and frozen, columns are as wide as their content, and numbers show about five significant
    digits while the cells keep all of them.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True} | dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False
    )
    with xlsxwriter.Workbook(buffer, options) as book:
        header_format = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats: dict[str, Any] = {}
        for name, frame in zip(_sheet_names(sheets), sheets.values(), strict=True):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for j in range(frame.shape[1]):
                header = defuse(str(frame.columns[j]))
                cells = _cells(frame.iloc[:, j])
                pattern = _number_format(cells)
                if pattern not in formats:
                    formats[pattern] = book.add_format({"num_format": pattern})
                sheet.set_column(j, j, _width(header, cells, pattern), formats[pattern])
                sheet.write_string(0, j, header[:_MAX_TEXT], header_format)
                for row, cell in enumerate(cells, start=1):
                    _write(sheet, row, j, cell)
            if frame.size:
                sheet.autofilter(0, 0, len(frame), frame.shape[1] - 1)
    return buffer.getvalue()


def _cells(values: pd.Series) -> list[Any]:
    """A column's cells as plain numbers, defused texts, or None for missing ones."""
    return [_cell(value.item() if isinstance(value, np.generic) else value) for value in values.tolist()]


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (bool, int, float)):
        return value
    return value.isoformat(" ") if isinstance(value, datetime.datetime) else defuse(str(value))


def _with_decimal(cell: Any, decimal: str) -> Any:
    return str(cell).replace(".", decimal) if isinstance(cell, float) else cell


def _write(sheet: Any, row: int, column: int, cell: str | float | bool | None) -> None:
    """Write one cell by its type; Excel knows no infinite numbers, so they become text."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell[:_MAX_TEXT])
    elif cell is not None and math.isfinite(cell):
        sheet.write_number(row, column, cell)
    elif cell is not None:
        sheet.write_string(row, column, "infinite" if cell > 0 else "minus infinite")


def _number_format(cells: Iterable[Any]) -> str:
    """The number format that shows a column with about five significant digits."""
    numbers = [abs(cell) for cell in cells if isinstance(cell, (int, float)) and not isinstance(cell, bool)]
    finite = [float(number) for number in numbers if math.isfinite(number)]
    largest = max(finite, default=0.0)
    if not finite or all(number.is_integer() for number in finite):
        return "0" if largest < 1e15 and finite else "General"
    if largest >= 1e9 or largest < 1e-4:
        return "0.0000E+00"
    return "0." + "0" * min(max(_SIGNIFICANT - 1 - math.floor(math.log10(largest)), 1), 8)


def _width(header: str, cells: Iterable[Any], pattern: str) -> float:
    """A column width in characters that fits header and cells; long texts are cut."""
    decimals = len(pattern.partition(".")[2])
    longest = len(header) + 3  # the filter's button
    for cell in cells:
        if isinstance(cell, str):
            longest = max(longest, max(map(len, cell.split("\n"))))
        elif isinstance(cell, (int, float)) and math.isfinite(cell):
            longest = max(longest, len(str(int(cell))) + 1 + decimals if abs(cell) < 1e9 else 11)
    return min(max(longest + 1, 8), _MAX_WIDTH)


def _sheet_names(sheets: Iterable[str]) -> list[str]:
    """The names as Excel allows them: 1 to 31 characters, no brackets, colons, stars or slashes, each once."""
    names: list[str] = []
    for given in sheets:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", given).strip().strip("'")[:31].strip() or "Sheet"
        name, number = base, 2
        while name.lower() in {other.lower() for other in names} or name.lower() == "history":
            suffix = f" {number}"
            name, number = base[: 31 - len(suffix)] + suffix, number + 1
        names.append(name)
    return names


def file_stem(name: str) -> str:
    """A name that is safe as a file's."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:60] or "results"
