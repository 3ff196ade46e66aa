"""CSV: how a file is written, found by evidence, and its cells as columns of texts; nothing is dropped or shifted."""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from services.intake.tables.cells import is_numberlike, sniff_columns
from services.intake.tables.layout.ending import is_sentence, looks_like_header, notes_words
from services.intake.tables.layout.header import HEAD_ROWS, Head, Record, filled, find_head, is_comment
from services.intake.tables.limits import MAX_COLUMNS, MAX_LINE, TableError, check_shape
from services.intake.tables.notation.dates import is_date
from services.intake.tables.notation.encodings import ENCODINGS, mended_utf8
from services.intake.tables.notation.numbers import is_value, written_number
from services.intake.tables.notation.units import is_unit
from services.specs.digits import counted

# Each choice in the words that a page shows.
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "spaces"}
DECIMALS = {".": "decimal point", ",": "decimal comma"}
THOUSANDS = {"": "no mark", ",": "comma", ".": "point", " ": "space", "'": "apostrophe"}

_SAMPLE_CHARACTERS = 300_000
_SAMPLE_RECORDS = 1_000
_CHUNK_CELLS = 200_000
_MAX_MISFITS = 1_000
_MAX_NOTES = 50
_SPACED = re.compile(r'"(?:[^"]|"")*"(?=\s|$)|\S+')
_RULE = re.compile(":?-{2,}:?|={2,}")
_WRAPPED = re.compile(r'"((?:[^"]|"")*)"[;,\t]*')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Attributes:
        delimiter: a key of `DELIMITERS`; " " stands for any run of spaces and tabs.
        thousands: a key of `THOUSANDS`, "" where thousands are not marked.
        quotes: whether quotation marks enclose cells; else they are letters like others.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    quotes: bool = True

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
        columns: one series of texts per column, "" for an empty cell, all as long as `rows`.
        rows: row numbers as a spreadsheet shows them.
        known: (n,) per column: cells that are numbers in the file, NaN elsewhere; None where all are texts.
        units: a text per column from a row of units, "" for none.
        number_columns: positions of the columns that hold numbers, as far as the first rows show.
        remarks: what was skipped or joined, one sentence each.
        n_blank: how many blank rows lie between the records.
        header_row: number of the row that names the columns, 0 without one.
    """

    header: list[str]
    columns: list[pd.Series]
    rows: pd.Index
    known: list[np.ndarray | None] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    number_columns: frozenset[int] = frozenset()
    remarks: list[str] = field(default_factory=list)
    n_blank: int = 0
    header_row: int = 1


def sniff_text(text: str, encoding: str) -> Dialect:
    """The dialect of a decoded file."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    named, sample = _named_delimiter(sample)
    scored = [(_score(_first_records(sample, delimiter), delimiter), delimiter) for delimiter in ",;\t|"]
    score, delimiter = max(scored, key=lambda pair: pair[0])
    if score <= (0.0, 0):
        delimiter = " " if _is_spaced(sample) else ","
    # What the line "sep=;" names is taken if it splits the rows at all.
    if named and next(score for score, known in scored if known == named) > (0.0, 0):
        delimiter = named
    columns = itertools.zip_longest(*_first_records(sample, delimiter)[1:], fillvalue="")
    return Dialect(encoding, delimiter, *sniff_columns(columns, delimiter))


def unwrapped(text: str) -> str:
    """A text without the quotation marks around each of its lines, where every line is one cell that holds a record.

    So files come out that were opened in a spreadsheet as a single column and saved again.
    """
    lines = [line for line in text[:_SAMPLE_CHARACTERS].split("\n") if line.strip()][:50]
    if len(lines) < 2 or not all(_WRAPPED.fullmatch(line.strip()) for line in lines):
        return text
    inner = "\n".join(_unwrapped_line(line) for line in lines)
    widths = [{len(record) for record in _first_records(inner, delimiter)} for delimiter in ",;\t|"]
    if not any(len(found) == 1 and max(found) > 1 for found in widths):
        return text
    return "\n".join(map(_unwrapped_line, text.split("\n")))


def _unwrapped_line(line: str) -> str:
    found = _WRAPPED.fullmatch(line.strip())
    return found[1].replace('""', '"') if found else line


def _named_delimiter(sample: str) -> tuple[str, str]:
    """The delimiter that a line such as "sep=;" names, "" without one; and the text without comments and that line."""
    named, lines = "", sample.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if (found := re.fullmatch(r'"?sep=(.)"?\s*', lines[first], re.IGNORECASE)) is not None or lines[first] == "sep=\t":
        named, lines[first] = found[1] if found else "\t", ""
    kept = [line for line in lines if not is_comment([line])]
    if sum(1 for line in kept if line.strip()) >= 2:
        lines = kept
    return named if named in DELIMITERS else "", "\n".join(lines)


def decode(data: bytes, encoding: str) -> str:
    """The file's text with line ends as newlines.

    Raises:
        TableError: the bytes are not of that encoding, or no text at all.
    """
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        text = mended_utf8(data) if encoding == "utf-8" else ""
        if not text:
            raise TableError(
                f"The file is not {ENCODINGS[encoding]} text: byte {error.start:,} does not fit. "
                "Choose another encoding, or save the table as CSV (UTF-8)."
            ) from None
    nul = text.find("\0")
    if nul >= 0:
        raise TableError(
            f"The file holds NUL bytes (the first after {nul:,} characters), so it is no plain text, of another "
            "encoding, or damaged: export the table again as CSV (UTF-8), Excel (.xlsx) or Parquet."
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")


def read_csv_text(
    text: str, dialect: Dialect, header_row: int | None = None, *, leave_out_ragged: bool = False
) -> Grid:
    """The table that a text holds under a dialect, every record as wide as the header.

    Args:
        header_row: where the header is, 0 for a table without one; found by evidence if None.
        leave_out_ragged: records of another width than the header are left out instead of refused.

    Raises:
        TableError: too large, ragged, a quotation mark that never closes, or no header.
    """
    delimiter = dialect.delimiter
    if delimiter == " ":
        text, delimiter = _spaced_to_tabs(text, quotes=dialect.quotes), "\t"
    reader = csv.reader(
        _lines(text),
        delimiter=delimiter,
        skipinitialspace=True,
        strict=True,
        quoting=csv.QUOTE_MINIMAL if dialect.quotes else csv.QUOTE_NONE,
    )
    numbered = _numbered(reader)
    records = list(itertools.islice(numbered, HEAD_ROWS))
    # What is wider than any table may be is refused below, and not looked at cell by cell before.
    first = [(row, cells[: MAX_COLUMNS + 1]) for row, cells in records]
    head = find_head(first, header_row, is_spaced=dialect.delimiter == " ")
    body = itertools.chain(records[head.n_used :], numbered)
    return _Body(head, dialect, records[head.n_used :], leave_out_ragged).grid(body)


def _numbered(reader: Iterator[list[str]]) -> Iterator[Record]:
    """Yield row number and cells of every record, and tell in words where quotation marks are wrong."""
    row = 0
    try:
        for row, record in enumerate(reader, start=1):
            if not _is_rule(record):
                yield row, record
    except csv.Error as error:
        raise TableError(_quotation_error(row + 1, str(error))) from None


def _is_rule(cells: Sequence[str]) -> bool:
    """Whether a row is a line drawn below the header, such as "|---|:--:|"."""
    found = [cell.strip() for cell in cells if cell.strip()]
    return len(found) > 1 and all(_RULE.fullmatch(cell) for cell in found)


class _Body:
    """The records below a header: all of one width, with what fits nowhere judged at the end."""

    def __init__(self, head: Head, dialect: Dialect, first: Sequence[Record], leave_out_ragged: bool) -> None:
        self.head, self.dialect, self.leave_out_ragged = head, dialect, leave_out_ragged
        names = list(head.names)
        while len(names) > 1 and not names[-1]:
            names.pop()
        lengths = {len(record) for _, record in first if filled(record) > 1}
        n_filled = [filled(record) for _, record in first if filled(record) > 1]
        self.remarks = list(head.remarks)
        if (
            n_filled
            and set(n_filled) == lengths == {len(names) + 1}
            and _are_labels([r[0] for _, r in first if len(r) > 1])
        ):
            names.insert(0, "")  # as R writes row names
            self.remarks.append("The header has one name less than the rows have cells: the first column has no name.")
        elif lengths and max(lengths) <= len(head.names):
            names = list(head.names)
        self.names, self.width = names, len(names)
        self.shortest = _named(names)  # a record may be without empty cells at its end
        if len(lengths) == 1 and 1 < min(lengths) < self.shortest and not any(map(_is_cut_off, names)):
            self.shortest = min(lengths)
            n_less, name = counted(self.width - self.shortest, "cell"), names[self.shortest]
            self.remarks.append(f"Every row has {n_less} less than the header: from '{name}' on they count as empty.")
        self.rows: list[int] = []
        self.misfits: list[tuple[int, int, list[str], bool]] = []  # position, row, cells, is below a blank row
        self.n_blank = 0

    def grid(self, records: Iterator[Record]) -> Grid:
        """The columns of the records that fit."""
        check_shape(0, self.width)
        fitting = self._fitting(records)
        parts = [pd.DataFrame({j: pd.Series([], dtype="str") for j in range(self.width)})]
        # In chunks, since a million cells as Python texts take ten times the memory of a column of them.
        while chunk := list(itertools.islice(fitting, max(_CHUNK_CELLS // self.width, 1))):
            check_shape(len(self.rows), self.width)
            columns = zip(*chunk, strict=True)
            parts.append(pd.DataFrame({j: pd.Series(cells, dtype="str") for j, cells in enumerate(columns)}))
        frame = pd.concat(parts, ignore_index=True)
        n_kept = self._judged(frame)
        frame = frame.iloc[:n_kept]
        rows = pd.Index(self.rows[:n_kept], name="row", dtype=int)
        units = [*self.head.units, *[""] * self.width][: self.width]
        numbers = self.head.number_columns & set(range(self.width))
        cells = [frame[j] for j in frame.columns]
        n_blank = self.n_blank if n_kept == len(self.rows) else 0
        return Grid(self.names, cells, rows, [None] * self.width, units, numbers, self.remarks, n_blank, self.head.row)

    def _fitting(self, records: Iterator[Record]) -> Iterator[list[str]]:
        """Yield the records that are as wide as the header, or would be without empty cells at their end."""
        width, n_waiting = self.width, 0
        is_below_blank = False
        for row, record in records:
            if not record or (len(record) == 1 and not record[0].strip()):
                n_waiting += 1
                is_below_blank = True
                continue
            if len(record) != width:
                extra = record[width:]
                if len(record) > width and not any(cell.strip() for cell in extra):
                    record = record[:width]
                elif len(record) < width and len(record) >= self.shortest:
                    record = record + [""] * (width - len(record))
                else:
                    self.misfits.append((len(self.rows), row, record, is_below_blank))
                    if len(self.misfits) > _MAX_MISFITS and not self.leave_out_ragged:
                        raise TableError(self._ragged(self.misfits[0]))
                    is_below_blank = False
                    continue
            if not self.misfits:
                self.n_blank += n_waiting
            n_waiting, is_below_blank = 0, False
            self.rows.append(row)
            yield record

    def _judged(self, frame: pd.DataFrame) -> int:
        """How many of the fitting records belong to the table; misfits among them are refused or left out.

        A comment or a note is no record. Below a blank row another table may begin, and all that follows is of it.
        """
        n = len(frame)
        notes: list[tuple[int, str]] = []
        for place, (position, row, cells, is_below_blank) in enumerate(self.misfits):
            text = next((cell.strip() for cell in cells if cell.strip()), "")
            follows = self.misfits[place + 1 :]
            is_last = position == n and all(filled(other[2]) == 1 for other in follows)
            is_note = filled(cells) == 1 and is_last and not is_value(text)
            if is_comment(cells) or is_note or (position == n and is_sentence(cells)):
                notes.append((row, self.dialect.delimiter.join(cells)))
                continue
            if (
                is_below_blank
                and position
                and n - position <= _MAX_NOTES
                and not self._has_values(frame.iloc[position:])
            ):
                notes.append((row, self.dialect.delimiter.join(cells)))
                notes.extend((other[1], self.dialect.delimiter.join(other[2])) for other in follows)
                n = position
                break
            headings = [cells, *(other[2] for other in follows[:1])]
            if (
                is_below_blank
                and position
                and any(looks_like_header(c, self.head.number_columns) or _is_words(c) for c in headings)
            ):
                self.remarks.append(
                    f"Left out: everything from row {row:,} on, below a blank row: it looks like another table."
                )
                n = position
                break
            if not self.leave_out_ragged:
                raise TableError(self._ragged((position, row, cells, is_below_blank)))
        if notes:
            self.remarks.append(notes_words([row for row, _ in notes], notes[0][1]))
        others = [
            one for one in self.misfits if one[0] <= n and (one[1], self.dialect.delimiter.join(one[2])) not in notes
        ]
        if self.leave_out_ragged and others:
            self.remarks.append(
                f"Left out as you chose: {counted(len(others), 'row')} of another width than the header, the first is "
                f"row {others[0][1]:,}."
            )
        return n

    def _has_values(self, rows: pd.DataFrame) -> bool:
        """Whether a row has a value where the table has numbers."""
        numbers = [j for j in rows.columns if j in self.head.number_columns]
        return any(cell.strip() and is_value(cell) for j in numbers for cell in rows[j])

    def _ragged(self, misfit: tuple[int, int, list[str], bool]) -> str:
        return _ragged(misfit[1], misfit[2], self.names, self.head.row, self.dialect)


def _named(names: Sequence[str]) -> int:
    """How many columns there are up to the last one with a name."""
    return max((j + 1 for j, name in enumerate(names) if name), default=0)


def _is_cut_off(name: str) -> bool:
    """Whether a name is a unit alone, as from a header such as "Temp, °C" that the delimiter has split."""
    return is_unit(name) and (len(name) > 1 or name in "%°hgsdmlKC")


def _are_labels(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and len(set(cells)) == len(cells) and (cells[0] == "1" or not any(map(is_value, cells)))


def _is_words(cells: Sequence[str]) -> bool:
    """Whether several cells are filled, all with words."""
    found = [cell for cell in cells if cell.strip()]
    return len(found) >= 2 and not any(is_value(cell) or is_date(cell) for cell in found)


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
        hint = "choose another delimiter or the row that is the header"
    else:
        hint = (
            f"check that row for a missing or an unquoted {dialect.delimiter_word}, leave out such rows, or choose "
            "another delimiter or header row"
        )
    return (
        f"Row {row:,} has {cells} where the header in row {header_row:,} has {len(header):,} "
        f"(delimiter: {dialect.delimiter_word}): {hint}."
    )


def _quotation_error(row: int, error: str) -> str:
    if "unexpected end of data" in error:
        return (
            f"A quotation mark opened in row {row:,} is never closed: close or delete it, or choose that quotation "
            "marks are letters."
        )
    if "field larger" in error:
        return (
            f"Row {row:,} holds a cell of more than 131,072 characters, likely because a quotation mark is never "
            "closed: close or delete it, or choose that quotation marks are letters."
        )
    return (
        f"Row {row:,} has text after a closing quotation mark: double the quotation marks inside the cell, or choose "
        "that quotation marks are letters."
    )


def _spaced_to_tabs(text: str, *, quotes: bool = True) -> str:
    """A text with one tab for each run of blanks that no quotation marks enclose."""

    def cells(line: str) -> list[str]:
        return _SPACED.findall(line) if quotes and '"' in line else line.split()

    return "\n".join("\t".join(cells(line)) for line in text.split("\n"))


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


def _score(records: list[list[str]], delimiter: str) -> tuple[float, int]:
    """How well records look like a table, and its width; (0, 0) for a single column.

    The share of records of the usual width, times what their cells say: the right delimiter leaves numbers and no
    other delimiter between them, and a header of words as wide as the records, whatever facts stand above it.
    """
    if not records:
        return 0.0, 0
    (width, n_agreeing), *_ = Counter(map(len, records)).most_common(1)
    if width < 2:
        return 0.0, 0
    cells = [cell.strip() for record in records[1:] for cell in record]
    n_cells = max(len(cells), 1)
    numbers = sum(is_numberlike(cell) or is_value(cell) or not cell for cell in cells) / n_cells
    glued = sum(any(mark in cell for mark in ";\t|" if mark != delimiter) for cell in cells) / n_cells
    # Titles have one cell; a mark at the end of the rows or of the header alone makes these one cell wider.
    first = next(i for i, record in enumerate(records) if len(record) > 1)
    header = records[first]
    is_open = all(not record[-1].strip() for record in records if len(record) == width)
    is_as_wide = len(header) == width or (len(header) == width + 1 and not header[-1].strip())
    header_fits = is_as_wide or (len(header) == width - 1 and is_open)
    if first:  # below titles there are names
        header_fits = header_fits and _has_word(header)
    if not header_fits:  # facts such as "Operator;KM" are narrower than the header below them
        widest = next(record for record in records if len(record) == width)
        header_fits = _has_word(widest) and all(written_number(cell) is None for cell in widest)
    return n_agreeing / len(records) * (1.0 if header_fits else 0.5) * (0.5 + numbers) * (1.0 - 0.5 * glued), width


def _has_word(cells: Sequence[str]) -> bool:
    """Whether a cell is filled and has no digit, as a number that was split at its decimal comma has on both sides."""
    return any(cell.strip() and not any(map(str.isdigit, cell)) for cell in cells)


def _is_spaced(sample: str) -> bool:
    """Whether runs of spaces split most lines of the sample into equally many cells that are mostly numbers."""
    records = _first_records(sample, " ")
    if len(records) < 2:
        return False
    (width, n_agreeing), *_ = Counter(map(len, records)).most_common(1)
    if width < 2 or n_agreeing < 0.6 * len(records) or len(records[-1]) != width:
        return False
    cells = [cell for record in records[1:] if len(record) == width for cell in record]
    return sum(map(is_numberlike, cells)) > len(cells) / 2
