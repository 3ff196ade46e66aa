"""What a table may be: its kind by content, its size, its names; and the one error of the way from file to dataset."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePath

from services.specs.errors import UserError

MAX_BYTES = 50 * 2**20
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELLS = 5_000_000
MAX_LINE = 1_000_000  # characters; a line of 500 cells is far shorter
MAX_NAME = 60
MAX_CATEGORIES = 50
_MAX_END = 24
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_EXPECTED = "expected CSV, Excel (.xlsx) or Parquet"
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls) or a password-protected one: save it as .xlsx without a password"),
    (b"%PDF", "a PDF document: export the table itself as CSV or Excel"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it first"),
    (b"\x89PNG", "a picture: export the table itself as CSV or Excel"),
    (b"\xff\xd8\xff", "a picture: export the table itself as CSV or Excel"),
    (b"\x89HDF", "an HDF5 file: export the table as CSV or Parquet"),
    (b"SQLite format 3", "a database: export one table as CSV"),
)
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|style|\?xml|!--)", re.IGNORECASE)
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{])')


class TableError(UserError, ValueError):
    """A file or a table cannot be used; the text says what was expected, what came and how to mend it."""


def check_bytes(n_bytes: int) -> None:
    """Refuse an empty file and one that is too large to upload.

    Raises:
        TableError: the file has no bytes or more than `MAX_BYTES`.
    """
    if n_bytes == 0:
        raise TableError("The file is empty: expected a table with a header row and at least one row of values.")
    if n_bytes > MAX_BYTES:
        raise TableError(
            f"The file has {n_bytes / 2**20:,.0f} MB, at most {MAX_BYTES / 2**20:,.0f} MB are read: "
            "keep only the columns and rows that matter."
        )


def check_shape(n_rows: int, n_columns: int) -> None:
    """Refuse a table of too many rows, columns or cells.

    Raises:
        TableError: naming the number found and the number allowed.
    """
    if n_columns > MAX_COLUMNS:
        raise TableError(
            f"The table has {n_columns:,} columns, at most {MAX_COLUMNS:,} are read: keep only the columns that matter."
        )
    if n_rows > MAX_ROWS:
        raise TableError(
            f"The table has more than {MAX_ROWS:,} rows: keep a sample of the rows, for example every tenth one."
        )
    if n_rows * n_columns > MAX_CELLS:
        raise TableError(
            f"The table has more than {MAX_CELLS:,} cells ({n_columns:,} columns): keep fewer columns or rows."
        )


def printable(text: str) -> str:
    """Text on one line, without control characters and marks that turn the writing direction."""
    spaced = (" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    kept = "".join(character for character in spaced if unicodedata.category(character) not in _UNPRINTABLE)
    return " ".join(kept.split())


def clean_names(given: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Unique printable column names of at most 60 characters, and what was changed in plain words by the new name."""
    names: dict[str, None] = {}
    renamed: dict[str, str] = {}
    reserved = {printable(name) for name in given}
    for position, raw in enumerate(given, start=1):
        base = shown = printable(raw)
        if not base:
            base, reason = f"column {position}", f"Column {position} has no name"
        elif len(base) > MAX_NAME:
            # Cut in the middle: long names often differ at their ends, such as "... D10" and "... D90".
            base = base[: MAX_NAME - _MAX_END - 1].rstrip() + "…" + base[-_MAX_END:].lstrip()
            reason = f"The name of column {position} is longer than {MAX_NAME} characters"
        elif base != " ".join(raw.split()):
            reason = f"The name of column {position} held characters that cannot be shown"
        else:
            reason = f"Several columns are named '{shown}'"
        name, number = base, 2
        # A made-up name must not take what a later column is called in the file.
        while name in names or (name != shown and name in reserved):
            suffix = f" ({number})"
            name, number = base[: MAX_NAME - len(suffix)] + suffix, number + 1
        names[name] = None
        if name != " ".join(raw.split()):
            renamed[name] = f"{reason}: it is called '{name}' here."
    return list(names), renamed


def name_from_file(filename: str) -> str:
    """What a dataset from this file may be called; the file name is a text, never a path to open."""
    stem = PurePath(filename.replace("\\", "/")).name.rsplit(".", 1)[0]
    return printable(stem.replace("_", " "))[:MAX_NAME] or "table"


class TableKind(StrEnum):
    """The kinds of file that are read."""

    CSV = "csv"
    EXCEL = "excel"
    PARQUET = "parquet"


def kind_of(data: bytes) -> TableKind:
    """The kind of table that a file holds, by its content.

    Raises:
        TableError: the content is of a kind that is not read; the text says which and how to mend it.
    """
    if data.startswith(b"PAR1"):
        return TableKind.PARQUET
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise TableError(f"The file is {what} ({_EXPECTED}).")
    if _HTML.match(data):
        raise TableError(
            "The file is a web page (HTML or XML) under a table's name: open it in a spreadsheet program and save it "
            "as CSV or Excel (.xlsx)."
        )
    if _JSON.match(data):
        raise TableError(f"The file is JSON: export the table as CSV ({_EXPECTED}).")
    return TableKind.CSV


def _kind_of_archive(data: bytes) -> TableKind:
    """Excel for a workbook; any other zip archive is refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise TableError(
            "The file is a damaged zip archive or Excel file: save the table again and upload that."
        ) from None
    if "xl/workbook.xml" in names:
        return TableKind.EXCEL
    if "xl/workbook.bin" in names:
        raise TableError("The file is a binary Excel workbook (.xlsb): save it as .xlsx or CSV.")
    if "content.xml" in names:
        raise TableError("The file is an OpenDocument spreadsheet: save it as Excel (.xlsx) or CSV.")
    raise TableError(f"The file is a zip archive, not an Excel workbook: unpack it first ({_EXPECTED}).")
