"""CSV: how a file is written, found by evidence, and its cells as columns of texts; nothing is dropped or shifted."""

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from services.intake.tables.cells import MISSING_NUMBERS, is_numberlike, sniff_marks
from services.intake.tables.limits import MAX_LINE, TableError, check_bytes, check_shape

# Each choice in the words that a page shows.
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "spaces"}
DECIMALS = {".": "decimal point", ",": "decimal comma"}
THOUSANDS = {"": "no mark", ",": "comma", ".": "point", " ": "space", "'": "apostrophe"}

_SAMPLE_CHARACTERS = 300_000
_SAMPLE_RECORDS = 1_000
_CHUNK_CELLS = 200_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        delimiter: a key of `DELIMITERS`; " " stands for any run of spaces and tabs.
        thousands: a key of `THOUSANDS`, "" where thousands are not marked.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""

    def __post_init__(self) -> None:
        """Refuse what no file is written in."""
        choices = (("encoding", ENCODINGS), ("delimiter", DELIMITERS), ("decimal", DECIMALS), ("thousands", THOUSANDS))
        for name, known in choices:
            given = getattr(self, name)
            if given not in known:
                raise TableError(f"The {name} must be one of {list(known.values())}, got {given!r}.")
        if self.decimal == self.thousands:
            raise TableError(f"Decimals and thousands need different marks, both are {self.decimal!r}.")

    @property
    def delimiter_word(self) -> str:
        """The delimiter as a person says it, such as "semicolon"."""
        return DELIMITERS[self.delimiter]

    @property
    def words(self) -> str:
        """The whole dialect in words, such as "semicolon, decimal comma, UTF-8"."""
        thousands = [f"thousands {THOUSANDS[self.thousands]}"] if self.thousands else []
        return ", ".join([self.delimiter_word, DECIMALS[self.decimal], *thousands, ENCODINGS[self.encoding]])


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a file of any kind, before its texts are read as numbers.

    Attributes:
        header: a text per column, as it is in the file.
        columns: one series per column, all as long as `rows`.
        rows: row numbers as a spreadsheet shows them.
        titles: first texts of rows above the header that are mostly empty, such as a report's title.
        n_blank: how many blank rows lie between the records.
    """

    header: list[str]
    columns: list[pd.Series]
    rows: pd.Index
    titles: list[str] = field(default_factory=list)
    n_blank: int = 0


def sniff_text(text: str, encoding: str) -> Dialect:
    """The dialect of a decoded file."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    scored = [(_score(_first_records(sample, delimiter)), delimiter) for delimiter in ",;\t|"]
    score, delimiter = max(scored, key=lambda pair: pair[0])
    if score <= (0.0, 0):
        delimiter = " " if _is_spaced(sample) else ","
    body = [cell for record in _first_records(sample, delimiter)[1:] for cell in record]
    return Dialect(encoding, delimiter, *sniff_marks(body, delimiter))


def sniff_encoding(data: bytes) -> str:
    """The encoding of a text file: by its byte-order mark, else UTF-8 if it is valid, else Windows-1252."""
    check_bytes(len(data))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4_000]
    # Digits and Latin letters have a zero byte each in UTF-16: the second one where it is little-endian.
    if len(head) >= 4 and head.count(0) > len(head) * 0.3:
        return "utf-16-be" if head[0::2].count(0) > head[1::2].count(0) else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode(data: bytes, encoding: str) -> str:
    """The file's text with line ends as newlines.

    Raises:
        TableError: the bytes are not of that encoding, or no text at all.
    """
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise TableError(
            f"The file is not {ENCODINGS[encoding]} text: byte {error.start:,} does not fit. "
            "Choose another encoding, or save the table as CSV (UTF-8)."
        ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise TableError(
            f"The file holds NUL bytes (the first after {nul:,} characters), so it is no plain text or it is damaged: "
            "export the table again as CSV (UTF-8), Excel (.xlsx) or Parquet."
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")


def read_csv_text(text: str, dialect: Dialect) -> Grid:
    """The table that a text holds under a dialect, every record as wide as the header.

    Raises:
        TableError: too large, ragged, a quotation mark that never closes, or no header.
    """
    delimiter = dialect.delimiter
    if delimiter == " ":
        text, delimiter = _spaced_to_tabs(text), "\t"
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=True, strict=True)
    numbered = _numbered(reader)
    header_row, header, titles = _header(numbered)
    check_shape(0, len(header))
    rows: list[int] = []
    records = _records(numbered, header, header_row, dialect, rows)
    parts = [pd.DataFrame({j: pd.Series([], dtype="str") for j in range(len(header))})]
    # In chunks, since a million cells as Python texts take ten times the memory of a column of them.
    while chunk := list(itertools.islice(records, max(_CHUNK_CELLS // len(header), 1))):
        check_shape(len(rows), len(header))
        columns = zip(*chunk, strict=True)
        parts.append(pd.DataFrame({j: pd.Series(cells, dtype="str") for j, cells in enumerate(columns)}))
    frame = pd.concat(parts, ignore_index=True)
    n_blank = rows[-1] - header_row - len(rows) if rows else 0
    return Grid(header, [frame[j] for j in frame.columns], pd.Index(rows, name="row", dtype=int), titles, n_blank)


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield row number and cells of every record, and tell in words where quotation marks are wrong."""
    row = 0
    try:
        for row, record in enumerate(reader, start=1):
            yield row, record
    except csv.Error as error:
        raise TableError(_quotation_error(row + 1, str(error))) from None


def _header(numbered: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str], list[str]]:
    """Row number and cells of the header, and the first texts of the mostly empty rows above it."""
    titles: list[str] = []
    for row, record in numbered:
        filled = [cell.strip() for cell in record if cell.strip()]
        if len(record) >= 3 and 0 < 2 * len(filled) < len(record):
            titles.append(filled[0])
        elif filled:
            return row, record, titles
    raise TableError("No row has at least half of its cells filled: expected a header row with a name per column.")


def _records(
    numbered: Iterator[tuple[int, list[str]]], header: list[str], header_row: int, dialect: Dialect, rows: list[int]
) -> Iterator[list[str]]:
    """Yield the records that are not blank and note their row numbers; refuse one of another width than the header."""
    for row, record in numbered:
        if not record or (len(record) == 1 and not record[0].strip()):
            continue
        if len(record) != len(header):
            raise TableError(_ragged(row, record, header, header_row, dialect))
        rows.append(row)
        yield record


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, refusing one that is absurdly long."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > MAX_LINE:
            raise TableError(
                f"Line {number:,} has {len(line):,} characters, at most {MAX_LINE:,} are read: "
                "check that the file is a table with one record per line."
            )
        yield line


def _ragged(row: int, record: list[str], header: list[str], header_row: int, dialect: Dialect) -> str:
    cells = "1 cell" if len(record) == 1 else f"{len(record):,} cells"
    if len(header) == 1:
        hint = "delete the lines above the header, or choose another delimiter"
    else:
        hint = f"check that row for a missing or an unquoted {dialect.delimiter_word}, or choose another delimiter"
    return (
        f"Row {row:,} has {cells} where the header in row {header_row:,} has {len(header):,} "
        f"(delimiter: {dialect.delimiter_word}): {hint}."
    )


def _quotation_error(row: int, error: str) -> str:
    if "unexpected end of data" in error:
        return f"A quotation mark opened in row {row:,} is never closed: close or delete it."
    if "field larger" in error:
        return (
            f"Row {row:,} holds a cell of more than 131,072 characters, likely because a quotation mark is never "
            "closed: close or delete it."
        )
    return f"Row {row:,} has text after a closing quotation mark: double the quotation marks inside the cell."


def _spaced_to_tabs(text: str) -> str:
    return "\n".join("\t".join(line.split()) for line in text.split("\n"))


def _first_records(sample: str, delimiter: str) -> list[list[str]]:
    """The first records that are not blank, as a forgiving reader splits them; [] where it cannot."""
    if delimiter == " ":
        sample, delimiter = _spaced_to_tabs(sample), "\t"
    if max(map(len, sample.split("\n")), default=0) > MAX_LINE:
        return []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        records = list(itertools.islice(reader, _SAMPLE_RECORDS))
    except csv.Error:
        return []
    return [record for record in records if any(cell.strip() for cell in record)]


def _score(records: list[list[str]]) -> tuple[float, int]:
    """How well records look like a table, and its width; (0, 0) for a single column.

    The share of records of the usual width, times what their cells say: the right delimiter leaves numbers, and a
    header as wide as the records.
    """
    if not records:
        return 0.0, 0
    (width, n_agreeing), *_ = Counter(map(len, records)).most_common(1)
    if width < 2:
        return 0.0, 0
    cells = [cell.strip() for record in records[1:] for cell in record]
    numbers = sum(is_numberlike(cell) or cell in MISSING_NUMBERS for cell in cells) / max(len(cells), 1)
    header_fits = 1.0 if len(records[0]) == width else 0.5
    return n_agreeing / len(records) * header_fits * (0.5 + numbers), width


def _is_spaced(sample: str) -> bool:
    """Whether runs of spaces split the sample into equally long rows that are mostly numbers."""
    records = [] if '"' in sample else _first_records(sample, " ")
    if len(records) < 2 or len(records[0]) < 2 or len(set(map(len, records))) > 1:
        return False
    cells = [cell for record in records[1:] for cell in record]
    return sum(map(is_numberlike, cells)) > len(cells) / 2
