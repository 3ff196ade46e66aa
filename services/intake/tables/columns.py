"""One column of a file as numbers or as clean texts."""

import numpy as np
import pandas as pd

from services.intake.tables.cells import MISSING_TEXTS, ParsedCells, parse_cells
from services.intake.tables.dialect import DECIMALS, Dialect
from services.intake.tables.limits import counted

_SAMPLE = 200
_UNPRINTABLE = "[\x01-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"


def read_column(name: str, values: pd.Series, dialect: Dialect, notices: list[str], *, is_csv: bool) -> pd.Series:
    """Return a column of the file as numbers if all its cells are, else as texts without control characters."""
    if pd.api.types.is_numeric_dtype(values):
        return _whole_if_whole(values.to_numpy(dtype=float, na_value=np.nan))
    cells = parse_cells(values, dialect.decimal, dialect.thousands)
    if cells.is_numeric or cells.is_mostly_numeric:
        if cells.words:
            words = ", ".join(f"'{word}' in {counted(count, 'cell')}" for word, count in cells.words.items())
            notices.append(f"Column '{name}': {words} counts as missing.")
        if not is_csv and cells.n_numbers and cells.is_numeric:
            notices.append(f"Column '{name}' holds numbers stored as text: they were read as numbers.")
        return _whole_if_whole(cells.numbers) if cells.is_numeric else _mixed(name, values, cells, notices)
    _warn_of_other_decimal(name, values, dialect, notices)
    texts = values.fillna("").astype("str").str.replace(_UNPRINTABLE, " ", regex=True).str.strip()
    return texts.mask(texts.isin(MISSING_TEXTS))


def _mixed(name: str, values: pd.Series, cells: ParsedCells, notices: list[str]) -> pd.Series:
    """Return a column that is mostly numbers as texts: numbers in plain notation, the hindering texts as they are.

    A text that only the plain notation would take for a number ("1.5" among decimal commas) is put in quotation marks.
    """
    texts = values.fillna("").astype("str").str.strip().to_numpy(dtype=object)
    is_number = ~cells.is_missing & ~cells.is_text
    texts[is_number] = [_plain(number) for number in cells.numbers[is_number].tolist()]
    texts[cells.is_missing] = None
    foreign = np.flatnonzero(cells.is_text & ~parse_cells(values).is_text)
    if len(foreign):
        notices.append(
            f"Column '{name}': '{texts[foreign[0]]}' has another decimal mark than the rest, so it is kept as text."
        )
        texts[foreign] = [f"“{text}”" for text in texts[foreign]]
    return pd.Series(texts, dtype="str")


def _plain(number: float) -> str:
    """Return a number as the shortest text that reads back to it."""
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def _whole_if_whole(numbers: np.ndarray) -> pd.Series:
    """Return numbers as a series, as whole ones if all of them are."""
    if (
        len(numbers)
        and np.isfinite(numbers).all()
        and (np.abs(numbers) < 2**53).all()
        and (numbers == np.round(numbers)).all()
    ):
        return pd.Series(numbers.astype(np.int64))
    return pd.Series(numbers)


def _warn_of_other_decimal(name: str, values: pd.Series, dialect: Dialect, notices: list[str]) -> None:
    """Add a notice when a text column would be numbers under the other decimal mark."""
    sample = values.dropna().astype("str").head(_SAMPLE)
    sample = sample[sample.str.strip() != ""]
    other = "," if dialect.decimal == "." else "."
    if len(sample) and parse_cells(sample, other).n_numbers > len(sample) / 2:
        notices.append(
            f"Column '{name}' was read as text: '{sample.iloc[0].strip()}' would be a number with a {DECIMALS[other]}."
        )
