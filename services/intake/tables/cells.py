"""What the text of a cell means: a number, an infinite number, a missing value, or text."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

MISSING_TEXTS = ("", "NA", "N/A", "n/a", "<NA>", "#N/A", "#NA", "NaN", "nan", "NAN", "null", "NULL", "Null")
# In a column of numbers these say that no number was recorded; among categories they may be names.
MISSING_NUMBERS = (
    *MISSING_TEXTS,
    *("None", "none", "-nan", "-NaN", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"),
)
_INFINITE = {
    **dict.fromkeys(("inf", "+inf", "infinity", "+infinity", "∞", "+∞"), np.inf),
    **dict.fromkeys(("-inf", "-infinity", "-∞"), -np.inf),
}
_THOUSANDS = {"": "", ",": ",", ".": r"\.", " ": "[ \u00a0\u202f\u2009]", "'": "['\u2019]"}
_NUMBERLIKE = re.compile(r"[+-]?(?:[0-9][0-9.,'\u2019 \u00a0\u202f\u2009]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPACED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f\u2009'\u2019][0-9]{3})+(?:[.,][0-9]+)?")


@dataclass(frozen=True, slots=True)
class ParsedCells:
    """The cells of one column, read as numbers.

    Attributes:
        numbers: (n,) float64, NaN where there is no number.
        is_missing: (n,) the cell is empty or says that nothing was recorded.
        is_text: (n,) the cell holds something else than a number.
        words: how often each word that stands for "missing" occurs.
    """

    numbers: np.ndarray
    is_missing: np.ndarray
    is_text: np.ndarray
    words: dict[str, int]

    @property
    def n_numbers(self) -> int:
        """How many cells hold a number, infinite ones included."""
        return int((~self.is_missing & ~self.is_text).sum())

    @property
    def is_numeric(self) -> bool:
        """Whether every cell that is not missing holds a number."""
        return not self.is_text.any()

    @property
    def is_mostly_numeric(self) -> bool:
        """Whether most cells that are not missing hold a number."""
        return self.n_numbers > int(self.is_text.sum())


def parse_cells(texts: pd.Series, decimal: str = ".", thousands: str = "") -> ParsedCells:
    """Return what (n,) texts say as numbers; the whole cell must be a number for it to count as one."""
    stripped = texts.fillna("").astype("str").str.strip()
    is_missing = stripped.isin(MISSING_NUMBERS).to_numpy(dtype=bool)
    plain = stripped.str.replace("\u2212", "-", regex=False)
    is_number = plain.str.fullmatch(_number_pattern(decimal, thousands)).to_numpy(dtype=bool)
    numbers = np.full(len(texts), np.nan)
    found = plain[is_number]
    if thousands:
        found = found.str.replace(_THOUSANDS[thousands], "", regex=True)
    if decimal != ".":
        found = found.str.replace(decimal, ".", regex=False)
    numbers[is_number] = found.to_numpy(dtype=object).astype(float)
    rest = ~(is_missing | is_number)
    if rest.any():
        infinite = plain[rest].str.lower().map(_INFINITE).to_numpy(dtype=float)
        numbers[rest] = infinite
        rest[rest] = np.isnan(infinite)
    words = stripped[is_missing & (stripped != "").to_numpy(dtype=bool)]
    return ParsedCells(numbers, is_missing, rest, {str(word): int(n) for word, n in words.value_counts().items()})


def is_numberlike(cell: str) -> bool:
    """Return whether a cell looks like a number in some country's notation."""
    return _NUMBERLIKE.fullmatch(cell.strip()) is not None


def sniff_marks(cells: Iterable[str], delimiter: str = ",") -> tuple[str, str]:
    """Return the decimal mark and the thousands mark ("" for none) that the cells give evidence of.

    A single group of three ("1,234") may be either; it counts only when nothing else decides, and then as a decimal
    comma unless the comma also separates the columns.
    """
    seen: Counter[str] = Counter()
    for cell in cells:
        seen.update(_evidence(cell.strip()))
    spaced = next((mark for mark in ("'", " ") if seen["group" + mark]), "")
    comma, dot = seen["decimal,"], seen["decimal."]
    if seen["group."] and not dot:
        return ",", "."
    if seen["group,"] and not comma:
        return ".", ","
    if comma and comma > dot:
        return ",", spaced or ("." if seen["group."] or (seen["either."] and not dot) else "")
    if dot:
        return ".", spaced or ("," if seen["group,"] or (seen["either,"] and not comma) else "")
    if seen["either,"] and not seen["either."]:
        return (",", spaced) if delimiter != "," else (".", ",")
    return ".", spaced


def unsure_cell(cells: Iterable[str]) -> str | None:
    """Return the first cell such as "1.234" if no cell tells whether its point marks decimals or thousands."""
    unsure = None
    for cell in cells:
        proofs = _evidence(cell.strip())
        if any(proof != "either." for proof in proofs):
            return None
        unsure = unsure or (cell.strip() if proofs else None)
    return unsure


@cache
def _number_pattern(decimal: str, thousands: str) -> str:
    """Return the pattern of a whole cell that is a number under these marks."""
    mark = re.escape(decimal)
    exponent = "(?:[eE][+-]?[0-9]+)?"
    plain = f"(?:[0-9]+(?:{mark}[0-9]*)?|{mark}[0-9]+){exponent}"
    if not thousands:
        return f"[+-]?{plain}"
    group = _THOUSANDS[thousands]
    return f"[+-]?(?:{plain}|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+(?:{mark}[0-9]+)?)"


def _evidence(cell: str) -> list[str]:
    """Return what one cell proves about marks: "decimal," or "group." and the like, or "either," where unsure."""
    if not _NUMBERLIKE.fullmatch(cell):
        return []
    body = re.split("[eE]", cell.lstrip("+-"))[0]
    proofs = []
    if _SPACED.fullmatch(body):
        proofs.append("group'" if re.search("['\u2019]", body) else "group ")
        body = re.sub("['\u2019\\s]", "", body)
    n_commas, n_dots = body.count(","), body.count(".")
    if n_commas and n_dots:
        decimal = "," if body.rfind(",") > body.rfind(".") else "."
        group = "." if decimal == "," else ","
        if re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+{re.escape(decimal)}[0-9]+", body):
            proofs += ["decimal" + decimal, "group" + group]
        return proofs
    for mark, count in ((",", n_commas), (".", n_dots)):
        if count > 1 and re.fullmatch(rf"[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+", body):
            proofs.append("group" + mark)
        elif count == 1:
            whole, _, fraction = body.partition(mark)
            unsure = len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0") and not proofs
            proofs.append(("either" if unsure else "decimal") + mark)
    return proofs
