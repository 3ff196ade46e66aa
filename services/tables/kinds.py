"""What a file is, told by its content; its name is only a name."""

import io
import re
import zipfile
from enum import StrEnum

from .errors import TableError


class TableKind(StrEnum):
    """The kinds of file that are read."""

    CSV = "csv"
    EXCEL = "excel"
    PARQUET = "parquet"


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


def kind_of(data: bytes) -> TableKind:
    """Return what kind of table a file holds.

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
    """Return Excel for a workbook; refuse any other zip archive."""
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
