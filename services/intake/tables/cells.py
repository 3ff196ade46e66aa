"""What the text of a cell means: a number, an infinite number, a missing value, or text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from services.intake.tables.notation.numbers import MISSING_WORDS, written_number

_INFINITE = {
    **dict.fromkeys(("inf", "+inf", "infinity", "+infinity", "∞", "+∞"), np.inf),
    **dict.fromkeys(("-inf", "-infinity", "-∞"), -np.inf),
}
_THOUSANDS = {"": "", ",": ",", ".": r"\.", " ": "[ \u00a0\u202f\u2009]", "'": "['\u2019]"}
_NUMBERLIKE = re.compile(r"[+-]?(?:[0-9][0-9.,'\u2019 \u00a0\u202f\u2009]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile("[+-]?[0-9]+")
_OTHER = {",": ".", ".": ","}
_GROUPED = {mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(?:\{mark}[0-9]{{3}})+") for mark in _OTHER}
# Decimal and thousands mark, the more usual pair first: it wins where the cells say no more.
_MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", "'"), (".", " "), (",", "'"), (",", " "))


@dataclass(frozen=True, slots=True)
class ParsedCells:
    """The cells of one column, read as numbers.

    Attributes:
        numbers: (n,) float64, NaN where there is no number.
        is_missing: (n,) the cell is empty or says that nothing was recorded.
        is_text: (n,) the cell holds something else than a number.
        missing_words: how often each word that stands for "missing" occurs.
    """

    numbers: np.ndarray
    is_missing: np.ndarray
    is_text: np.ndarray
    missing_words: dict[str, int]

    @property
    def n_numbers(self) -> int:
        """How many cells hold a number, infinite ones included."""
        return int((~self.is_missing & ~self.is_text).sum())

    @property
    def n_text(self) -> int:
        """How many cells hold text."""
        return int(self.is_text.sum())


def is_number_column(values: pd.Series) -> bool:
    """Whether a series holds numbers (or yes and no), not texts."""
    return bool(pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values))


def parse_cells(values: pd.Series, decimal: str = ".", thousands: str = "") -> ParsedCells:
    """What (n,) cells say as numbers; of a text, the whole must be a number for it to count as one."""
    if is_number_column(values):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        return ParsedCells(numbers, np.isnan(numbers), np.zeros(len(numbers), dtype=bool), {})
    stripped = values.astype("str").fillna("").str.strip()
    plain = stripped.str.replace("\u2212", "-", regex=False)
    is_number = plain.str.fullmatch(_number_pattern(decimal, thousands)).to_numpy(dtype=bool)
    numbers = np.full(len(values), np.nan)
    found = plain[is_number]
    if thousands:
        found = found.str.replace(_THOUSANDS[thousands], "", regex=True)
    if decimal != ".":
        found = found.str.replace(decimal, ".", regex=False)
    numbers[is_number] = found.to_numpy(dtype=object).astype(float)
    rest = ~is_number
    is_missing = np.zeros(len(values), dtype=bool)
    is_missing[rest] = stripped[rest].str.casefold().isin(MISSING_WORDS).to_numpy(dtype=bool)
    rest &= ~is_missing
    if rest.any():
        infinite = plain[rest].str.lower().map(_INFINITE).to_numpy(dtype=float)
        numbers[rest] = infinite
        rest[rest] = np.isnan(infinite)
    words = stripped[is_missing & (stripped != "").to_numpy(dtype=bool)].value_counts()
    return ParsedCells(numbers, is_missing, rest, {str(word): int(n) for word, n in words.items()})


def is_numberlike(cell: str) -> bool:
    """Whether a cell looks like a number in some country's notation."""
    return _NUMBERLIKE.fullmatch(cell.strip()) is not None


def sniff_marks(cells: Iterable[str], delimiter: str = ",") -> tuple[str, str]:
    """Decimal mark and thousands mark ("" for none) under which most of the cells are numbers."""
    marked = _marked(cells)
    counts = {marks: len(_numbers(marked, marks)) for marks in _MARKS}
    # A quoted "1,234" between commas groups by thousands; between semicolons it has a decimal comma.
    order = _MARKS if delimiter != "," else (_MARKS[0], _MARKS[2], _MARKS[1], *_MARKS[3:])
    best = max(order, key=lambda marks: counts[marks])
    simple = max(counts[".", ""], counts[",", ""])
    # "1,234" beside "1.234": one of the two groups by thousands, but nothing says which, so neither is assumed.
    if counts[best] > simple and counts[best] == counts.get(best[::-1]):
        return _MARKS[0]
    return best


def sniff_columns(columns: Iterable[Iterable[str]], delimiter: str = ",") -> tuple[str, str]:
    """Decimal mark and thousands mark of a file, by the cells of its columns.

    Columns that group by thousands, whatever the others do, say nothing of decimals.
    """
    rest: list[str] = []
    grouping = ""
    for cells in columns:
        filled = [cell.strip() for cell in cells]
        mark = thousands_mark(filled)
        grouping = mark or grouping
        rest.extend([] if mark else filled)
    decimal, thousands = sniff_marks(rest, delimiter)
    if not grouping or thousands:
        return decimal, thousands
    if not any(mark in cell for cell in _marked(rest) for mark in ",."):
        decimal = _OTHER[grouping]
    return decimal, "" if grouping == decimal else grouping


def thousands_mark(cells: Iterable[str], known: np.ndarray | None = None) -> str:
    """The mark, "," or ".", that groups the cells of a column by thousands for sure, "" where none does.

    "1.200" beside 800 does: three digits follow every mark, no number from 1000 on is without one, and the numbers lie
    closer together that way. So does "1.200" beside 50, for decimals would be written alike.

    Args:
        known: further numbers of the column, NaN for none.
    """
    marked: list[str] = []
    bare = [] if known is None else known[np.isfinite(known)].tolist()
    for cell in cells:
        if _WHOLE.fullmatch(cell):
            bare.append(float(cell))
        elif _NUMBERLIKE.fullmatch(cell):
            if not any(pattern.fullmatch(cell) for pattern in _GROUPED.values()):
                return ""
            marked.append(cell)
    if not marked or not bare or any(abs(number) >= 1000 or number % 1 for number in bare):
        return ""
    mark = next(mark for mark in _GROUPED if mark in marked[0])
    if not all(_GROUPED[mark].fullmatch(cell) for cell in marked):
        return ""
    grouped = np.array([float(cell.replace(mark, "")) for cell in marked])
    is_closer = _range(np.append(grouped, bare)) < _range(np.append(grouped / 1000, bare))
    is_uneven = max(bare) >= 10 and any(cell.endswith("0") for cell in marked)
    return mark if is_closer or is_uneven else ""


def _range(numbers: np.ndarray) -> float:
    """How many times the lowest the highest is; zeros do not count."""
    sizes = np.abs(numbers)
    return float(sizes.max() / sizes[sizes > 0].min())


def ambiguous_cell(cells: Iterable[str], decimal: str = ".") -> str | None:
    """The first cell such as "1.234" if no cell tells whether its mark marks decimals or thousands."""
    marked = _marked(cells)
    decimals = _numbers(marked, (decimal, ""))
    if decimals != _numbers(marked, (_OTHER[decimal], decimal)):
        return None
    return next((cell for cell in decimals if decimal in cell), None)


def _marked(cells: Iterable[str]) -> list[str]:
    """The digits of cells that hold a number with some mark in it, whatever stands around it."""
    found = []
    for cell in cells:
        text = cell.strip()
        if text.isdigit() or text.isalpha():
            continue
        if _NUMBERLIKE.fullmatch(text):
            found.append(text)
        elif (written := written_number(text)) is not None and not written.digits.isdigit():
            found.append(written.digits)
    return found


def _numbers(cells: list[str], marks: tuple[str, str]) -> list[str]:
    pattern = re.compile(_number_pattern(*marks))
    return [cell for cell in cells if pattern.fullmatch(cell)]


@cache
def _number_pattern(decimal: str, thousands: str) -> str:
    mark = re.escape(decimal)
    exponent = "(?:[eE][+-]?[0-9]+)?"
    plain = f"(?:[0-9]+(?:{mark}[0-9]*)?|{mark}[0-9]+){exponent}"
    if not thousands:
        return f"[+-]?{plain}"
    # No group of thousands begins with 0: "0,123" is no 123.
    return f"[+-]?(?:{plain}|[1-9][0-9]{{0,2}}(?:{_THOUSANDS[thousands]}[0-9]{{3}})+(?:{mark}[0-9]+)?)"
