"""How a CSV file is written: its encoding, its delimiter and its decimal mark, found by evidence."""

import codecs
import csv
import io
import itertools
from collections import Counter
from dataclasses import dataclass

from services.intake.tables.cells import MISSING_NUMBERS, is_numberlike, sniff_marks
from services.intake.tables.limits import MAX_LINE, TableError, check_bytes

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


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        encoding: a key of `ENCODINGS`.
        delimiter: a key of `DELIMITERS`; " " stands for any run of spaces and tabs.
        decimal: a key of `DECIMALS`.
        thousands: a key of `THOUSANDS`, "" where thousands are not marked.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""

    def __post_init__(self) -> None:
        """Refuse what no file is written in."""
        choices = (("encoding", ENCODINGS), ("delimiter", DELIMITERS), ("decimal", DECIMALS), ("thousands", THOUSANDS))
        for field, known in choices:
            given = getattr(self, field)
            if given not in known:
                raise TableError(f"The {field} must be one of {list(known.values())}, got {given!r}.")
        if self.decimal == self.thousands:
            raise TableError(f"Decimals and thousands need different marks, both are {self.decimal!r}.")

    @property
    def encoding_word(self) -> str:
        """The encoding as a person says it, such as "Windows-1252"."""
        return ENCODINGS[self.encoding]

    @property
    def delimiter_word(self) -> str:
        """The delimiter as a person says it, such as "semicolon"."""
        return DELIMITERS[self.delimiter]

    @property
    def decimal_word(self) -> str:
        """The decimal mark as a person says it, such as "decimal comma"."""
        return DECIMALS[self.decimal]

    @property
    def words(self) -> str:
        """The whole dialect in words, such as "semicolon, decimal comma, UTF-8"."""
        words = [self.delimiter_word, self.decimal_word, self.encoding_word]
        if self.thousands:
            words.insert(2, f"thousands {THOUSANDS[self.thousands]}")
        return ", ".join(words)


def sniff_dialect(data: bytes) -> Dialect:
    """Return the dialect that the first rows of a CSV file give most evidence of.

    Raises:
        TableError: the file is empty, too large or no text.
    """
    encoding = sniff_encoding(data)
    return sniff_text(decode(data, encoding), encoding)


def sniff_text(text: str, encoding: str) -> Dialect:
    """Return the dialect of a decoded file."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    scored = [(_score(_records(sample, delimiter)), delimiter) for delimiter in ",;\t|"]
    score, delimiter = max(scored, key=lambda pair: pair[0])
    if score <= (0.0, 0):
        delimiter = " " if _is_spaced(sample) else ","
    body = [cell for record in _records(sample, delimiter)[1:] for cell in record]
    return Dialect(encoding, delimiter, *sniff_marks(body, delimiter))


def sniff_encoding(data: bytes) -> str:
    """Return the encoding of a text file: by its byte-order mark, else UTF-8 if it is valid, else Windows-1252."""
    check_bytes(len(data))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4_000]
    if len(head) >= 4 and head.count(0) > len(head) * 0.3:
        return "utf-16-be" if head[0::2].count(0) > head[1::2].count(0) else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode(data: bytes, encoding: str) -> str:
    """Return the file's text with line ends as newlines.

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


def spaced_to_tabs(text: str) -> str:
    """Return the text with every run of spaces between cells as one tab."""
    return "\n".join("\t".join(line.split()) for line in text.split("\n"))


def _records(sample: str, delimiter: str) -> list[list[str]]:
    """Return the first records that are not blank, as a forgiving reader splits them; [] where it cannot."""
    if delimiter == " ":
        sample, delimiter = spaced_to_tabs(sample), "\t"
    if max(map(len, sample.split("\n")), default=0) > MAX_LINE:
        return []
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        records = list(itertools.islice(reader, _SAMPLE_RECORDS))
    except csv.Error:
        return []
    return [record for record in records if any(cell.strip() for cell in record)]


def _score(records: list[list[str]]) -> tuple[float, int]:
    """Return how well records look like a table, and its width; (0, 0) for a single column."""
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
    """Return whether runs of spaces split the sample into equally long rows that are mostly numbers."""
    records = [] if '"' in sample else _records(sample, " ")
    if len(records) < 2 or len(records[0]) < 2 or len(set(map(len, records))) > 1:
        return False
    cells = [cell for record in records[1:] for cell in record]
    return sum(map(is_numberlike, cells)) > len(cells) / 2
