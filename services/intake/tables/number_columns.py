"""A column of texts as numbers: read where it is one, with every cell that says no number listed."""

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd

from services.intake.tables.cells import ambiguous_cell, parse_cells, thousands_mark
from services.intake.tables.notation.numbers import (
    EMPTY_WORDS,
    MISSING_WORDS,
    Meaning,
    Written,
    read_digits,
    written_number,
)
from services.intake.tables.notation.units import is_same_unit
from services.specs.digits import counted

_SURE_SHARE = 0.8
_LIKELY_SHARE = 0.6
_MIN_DIFFERENT = 6
_CODE = re.compile(r"\S*[0-9]\S*")
_SAMPLE = 300
_LONG = 3_000
# Alone in a column these mark something; any other word for "missing" that fills a column alone says that it is empty.
_MARKS = {
    "x",
    "*",
    "none",
    "failed",
    "error",
    "err",
    "fehler",
    "unknown",
    "unbekannt",
    "leer",
    "blank",
    "empty",
    "pending",
    "/",
    "?",
}


class LimitPolicy(StrEnum):
    """What a cell such as "<0,05" or ">100" stands for."""

    MISSING = "missing"
    LIMIT = "limit"
    HALF = "half"


@dataclass(frozen=True, slots=True, eq=False)
class NumberColumn:
    """The numbers of a column.

    Attributes:
        numbers: (n,) float64, NaN where a cell says no number.
        unread: positions of the cells that are filled and say no number, with what each is taken as.
        unit: that the cells have behind their numbers, "" for none.
        remarks: what was guessed or changed, one sentence each, without the column's name.
    """

    numbers: np.ndarray
    unread: dict[int, str] = field(default_factory=dict)
    unit: str = ""
    remarks: tuple[str, ...] = ()


def read_numbers(
    texts: pd.Series,
    decimal: str,
    thousands: str,
    below: LimitPolicy,
    known: np.ndarray | None = None,
    unit: str = "",
) -> NumberColumn | None:
    """The numbers of a column, or None for a column of words.

    It is a column of numbers if at least 80 % of its filled cells are and the rest are few different words, if one
    word or two odd cells stand among more numbers, or if 60 % are and most of these differ from each other.

    Args:
        texts: (n,) cells, indexed by row numbers.
        unit: that the header names, "" for none.
        known: (n,) cells that are numbers in the file, NaN elsewhere.
    """
    stripped = texts.fillna("").astype("str").str.strip()
    grouping = _grouping(stripped, decimal, thousands, known)
    if grouping is not None:
        decimal, thousands = grouping[:2]
    cells = parse_cells(stripped, decimal, thousands)
    numbers, is_known = cells.numbers, np.zeros(len(texts), dtype=bool)
    if known is not None:
        is_known = ~np.isnan(known)
        numbers = np.where(is_known, known, numbers)
    n_plain = int((~cells.is_missing & ~cells.is_text).sum() + is_known.sum())
    odd = np.flatnonzero(cells.is_text & ~is_known)
    if len(odd) > n_plain and not any(written_number(text) for text in stripped.iloc[odd[:_SAMPLE]]):
        return None
    column = _Column(stripped, cells.is_missing, decimal, thousands, below, unit)
    column.numbers = numbers
    column.read(odd)
    if not n_plain + column.n_read:
        return NumberColumn(numbers) if _says_nothing(stripped) else None
    n_numbers = n_plain + column.n_read
    if n_numbers < column.n_other_unit or not _is_sure(column.numbers, n_numbers, column.odd_words):
        return None
    column.list_missing()
    if grouping is not None and grouping[2]:
        column.remarks.append(grouping[2])
    return NumberColumn(numbers, dict(sorted(column.unread.items())), column.unit, tuple(column.remarks))


def _grouping(
    stripped: pd.Series, decimal: str, thousands: str, known: np.ndarray | None
) -> tuple[str, str, str] | None:
    """The marks of a column that groups by thousands or may do so, and what is said of it; None for any other."""
    texts = stripped.tolist()
    marked = [text for text in texts if "." in text or "," in text]
    if not marked:
        return None
    mark, first = thousands_mark(texts, known), marked[0]
    if mark and mark != thousands:
        row = stripped.index[texts.index(first)]
        words = f"'{first[:40]}' in row {row} was read with '{mark}' between thousands, as the other numbers tell."
        return "," if mark == "." else ".", mark, words
    if not mark and thousands in (",", ".") and (doubtful := ambiguous_cell(marked, thousands)):
        number = doubtful.replace(thousands, "")
        word = {".": "point", ",": "comma"}[thousands]
        words = f"'{doubtful}' was read as {number}: if its {word} marks decimals, choose that."
        return decimal, thousands, words
    return None


def _is_sure(numbers: np.ndarray, n_numbers: int, odd_words: Counter[str]) -> bool:
    n_odd = sum(odd_words.values())
    if n_numbers >= _SURE_SHARE * (n_numbers + n_odd) and len(odd_words) <= max(5, 0.05 * (n_numbers + n_odd)):
        return True
    if n_numbers > n_odd and (len(odd_words) <= 1 or n_odd <= 2):
        return True
    # Measured values differ, and words such as "broken" stand for some; "13a" goes on with names such as 12.
    n_codes = sum(n for word, n in odd_words.items() if _CODE.fullmatch(word))
    n_different = len(np.unique(numbers[np.isfinite(numbers)]))
    is_likely = n_numbers >= _LIKELY_SHARE * (n_numbers + n_odd) and 2 * n_codes <= n_odd
    return is_likely and n_different >= max(_MIN_DIFFERENT, n_numbers / 2)


def _says_nothing(stripped: pd.Series) -> bool:
    """Whether no cell says anything: all are empty, or the filled ones repeat one word for "missing"."""
    words = set(stripped.str.casefold().unique()) - EMPTY_WORDS
    return len(words) <= 1 and words <= MISSING_WORDS - _MARKS


class _Column:
    """One column while it is read; its remarks grow in the order of what is found."""

    def __init__(
        self,
        stripped: pd.Series,
        is_missing: np.ndarray,
        decimal: str,
        thousands: str,
        below: LimitPolicy,
        header_unit: str,
    ) -> None:
        self.stripped, self.is_missing = stripped, is_missing
        self.decimal, self.thousands, self.below, self.header_unit = decimal, thousands, below, header_unit
        self.numbers = np.empty(0)
        self.unread: dict[int, str] = {}
        self.unit = ""
        self.remarks: list[str] = []
        self.odd_words: Counter[str] = Counter()
        self.n_read = self.n_other_unit = 0

    def read(self, odd: np.ndarray) -> None:
        """Read the cells at these positions, which are no plain numbers of the dialect."""
        if not len(odd):
            return
        alike = self._alike(odd)
        places: dict[str, list[int]] = {text: where.tolist() for text, (where, _) in alike.items()}
        if alike:
            odd = np.setdiff1d(odd, np.concatenate([where for where, _ in alike.values()]))
        for position, text in zip(odd.tolist(), self.stripped.iloc[odd].tolist(), strict=True):
            places.setdefault(text, []).append(position)
        written = {text: one for text in places if (one := written_number(text)) is not None}
        meanings = {text: read_digits(one.digits) for text, one in written.items()}
        counts = Counter({text: len(where) for text, where in places.items()})
        units = Counter[str]()
        for text, one in written.items():
            units[one.unit] += counts[text]
        n_bare = int(np.isfinite(self.numbers).sum()) + units.pop("", 0)
        is_mostly_bare = n_bare >= units.total()
        usual = units.most_common(1)[0][0] if units else ""
        if self.header_unit and is_mostly_bare:
            usual = self.header_unit
        lowest, highest = self._usual_range() if is_mostly_bare and not self.header_unit else (-np.inf, np.inf)
        foreign: list[str] = []
        values: dict[str, float] = {}
        others: list[str] = []
        for text, one in written.items():
            value = self._value(meanings[text], meanings, foreign, text)
            number = np.nan if value is None else value * 10.0**one.power
            if one.unit and (not is_same_unit(one.unit, usual) or number < lowest or number > highest):
                others.append(text)
            elif value is not None:
                values[text] = number
        if foreign:
            self._doubt_groups()
        for text, where in places.items():
            if text in others:
                self.n_other_unit += len(where)
                self._leave(where, np.nan, "missing")
            elif text not in values:
                self.odd_words[text] += len(where)
                self._leave(where, np.nan, "missing")
            elif bound := written[text].bound:
                self.n_read += len(where)
                self._leave(where, *self._limit(values[text], bound))
            else:
                self.n_read += len(where)
                self.numbers[where] = alike[text][1] if text in alike else values[text]
        self.unit = next((written[text].unit for text in values if written[text].unit), "")
        self._remark(places, written, values, foreign, others)

    def _usual_range(self) -> tuple[float, float]:
        """Between which numbers a cell with a unit may lie where most have none: "700 mg" is none among 0.6 and 0.7."""
        bare = self.numbers[np.isfinite(self.numbers)]
        if not len(bare):
            return -np.inf, np.inf
        room = max(float(np.ptp(bare)), float(np.abs(bare).max()) / 2)
        return float(bare.min()) - room, float(bare.max()) + room

    def _alike(self, odd: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Positions and numbers of the cells of a long column that differ in their digits alone, by the first of them.

        Cell by cell, a million cells such as "12,5 %" would take ten seconds.
        """
        found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        if len(odd) < _LONG:
            return found
        texts = self.stripped.iloc[odd]
        sample, taken = texts.iloc[:: len(odd) // _SAMPLE].tolist(), odd[:0]
        for before, after in {frame for text in sample if (frame := _frame_of(text)) is not None}:
            is_framed = texts.str.startswith(before) & texts.str.endswith(after)
            is_framed &= ~np.isin(odd, taken)
            inner = texts[is_framed].str.slice(len(before), -len(after) or None)
            cells = parse_cells(inner, self.decimal, self.thousands)
            is_read = ~cells.is_missing & ~cells.is_text
            where = odd[is_framed.to_numpy(dtype=bool)][is_read]
            if len(where):
                found[str(self.stripped.iloc[where[0]])] = where, cells.numbers[is_read]
                taken = np.concatenate([taken, where])
        return found

    def _value(self, meaning: Meaning, all_meanings: dict[str, Meaning], foreign: list[str], text: str) -> float | None:
        """The number that a cell means in the company of the others, or None where two readings make sense."""
        mark = meaning.mark
        if meaning.by_decimal is None:
            return meaning.by_thousands
        if meaning.by_thousands is None or mark == self.decimal:
            if mark in ("", self.decimal):
                return meaning.by_decimal
            if mark == self.thousands and self._groups_by(mark, all_meanings):
                return None
            foreign.append(text)
            return meaning.by_decimal
        if mark == self.thousands:
            return meaning.by_thousands
        divides = any(m.mark == mark and m.by_thousands is None for m in all_meanings.values())
        groups = any(m.mark == mark and m.by_decimal is None for m in all_meanings.values())
        if divides == groups:
            return None
        if divides:
            foreign.append(text)
        return meaning.by_decimal if divides else meaning.by_thousands

    def _groups_by(self, mark: str, meanings: dict[str, Meaning]) -> bool:
        """Whether a mark groups by thousands in some cell of the column."""
        if any(m.mark == mark and m.by_decimal is None for m in meanings.values()):
            return True
        plain = self.stripped[~np.isnan(self.numbers)]
        return bool(plain.str.contains(mark, regex=False).any())

    def _doubt_groups(self) -> None:
        """Take back what could be thousands now that another decimal mark is among the cells: "1.234" beside "1,5"."""
        marked = np.flatnonzero(
            ~np.isnan(self.numbers) & self.stripped.str.contains(self.decimal, regex=False).to_numpy(dtype=bool)
        )
        meanings = [read_digits(str(self.stripped.iloc[position])) for position in marked]
        if any(meaning.by_thousands is None for meaning in meanings):
            return
        for position in marked.tolist():
            self.odd_words[str(self.stripped.iloc[position])] += 1
            self._leave([position], np.nan, "missing")

    def _leave(self, where: list[int], value: float, taken_as: str) -> None:
        self.numbers[where] = value
        self.unread.update(dict.fromkeys(where, taken_as))

    def _limit(self, value: float, bound: str) -> tuple[float, str]:
        """The number that a limit stands for, and the same in words; half of a limit from below makes no sense."""
        if self.below is LimitPolicy.MISSING:
            return np.nan, "missing"
        taken = value / 2 if self.below is LimitPolicy.HALF and bound == "<" else value
        return taken, f"{taken:.10g}"

    def list_missing(self) -> None:
        """List the cells with a word for "missing", and say how many have which."""
        filled = np.flatnonzero(self.is_missing & (self.stripped != "").to_numpy() & np.isnan(self.numbers))
        self._leave(filled.tolist(), np.nan, "missing")
        if len(filled):
            counts = self.stripped.iloc[filled].value_counts()
            words = ", ".join(f"'{word}' in {counted(int(n), 'cell')}" for word, n in counts.items())
            self.remarks.insert(0, f"{words} counts as missing.")

    def _remark(
        self,
        places: dict[str, list[int]],
        written: dict[str, Written],
        values: dict[str, float],
        foreign: list[str],
        others: list[str],
    ) -> None:
        """Say what was read in another way than it is written, each with the first cell that shows it."""

        def row(text: str) -> str:
            return f"'{text[:40]}' in row {self.stripped.index[places[text][0]]}"

        read = [text for text in values if not written[text].bound]
        if other := [text for text in foreign if text in values]:
            value = f"{values[other[0]]:.10g}"
            self.remarks.append(f"{row(other[0])} has another decimal mark than the rest: it was read as {value}.")
        if decorated := [text for text in read if not written[text].is_bare]:
            n, first = sum(len(places[text]) for text in decorated), decorated[0]
            spread = "; what follows ± is left out" if any(written[text].spread for text in decorated) else ""
            taken = f"'{first[:40]}' is {values[first]:.10g}{spread}"
            self.remarks.append(f"the numbers of {counted(n, 'cell')} were taken out of their text: {taken}.")
        n_with = sum(len(places[text]) for text in values if written[text].unit)
        n_bare = int((~np.isnan(self.numbers)).sum()) - n_with
        if self.unit in ("%", "‰") and n_bare > 0:
            self.remarks.append(
                f"{counted(n_with, 'cell')} with {self.unit} and {n_bare:,} without: all were taken as they stand."
            )
        if others:
            rest = self.header_unit or self.unit
            self.remarks.append(
                f"{row(others[0])} has another unit than the rest{f' ({rest})' if rest else ''}: it counts as missing"
                f"{more_cells(self.n_other_unit)}."
            )
        if limits := [text for text in values if written[text].bound]:
            n = sum(len(places[text]) for text in limits)
            taken = {
                LimitPolicy.MISSING: "counts as missing",
                LimitPolicy.LIMIT: "is taken as the limit",
                LimitPolicy.HALF: "is taken as half of the limit",
            }[self.below]
            self.remarks.append(f"{row(limits[0])} gives a limit only and {taken}{more_cells(n)}.")
        if odd := list(self.odd_words):
            n = sum(self.odd_words[text] for text in odd)
            first = odd[0] if odd[0] in places else ""
            shown = row(first) if first else f"'{odd[0]}'"
            self.remarks.append(f"{shown} is no number and counts as missing{more_cells(n)}.")


def more_cells(n: int) -> str:
    """How many cells are like the one that was named; "" for that one alone."""
    return f" ({n:,} such cells)" if n > 1 else ""


def _frame_of(text: str) -> tuple[str, str] | None:
    """What stands before and behind the digits of a cell, where that is a unit or a currency alone."""
    written = written_number(text)
    if written is None or written != Written(written.digits, unit=written.unit) or text.count(written.digits) != 1:
        return None
    before, _, after = text.partition(written.digits)
    return (before, after) if before or after else None
