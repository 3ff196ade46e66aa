"""Where the table ends: notes and comments among and below its rows, and a second table below a blank row."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from services.intake.tables.layout.header import is_comment
from services.intake.tables.notation.dates import is_date
from services.intake.tables.notation.numbers import is_value
from services.specs.digits import counted

_MAX_GAPS = 200
_MAX_NOTES = 30
_NOTE = re.compile(
    r"[*†‡¹²³]|\(?\d\)\s|\[\d\]|(?:source|quelle|note|notes|notiz|anm|anmerkung|remark|remarks|comment|bemerkung|hinweis|"
    r"legend|legende|stand|exported|erstellt|printed)\s?[.:]",
    re.IGNORECASE,
)


def rows_of_the_table(
    columns: Sequence[pd.Series], rows: pd.Index, number_columns: frozenset[int]
) -> tuple[np.ndarray, list[str]]:
    """Positions of the rows that belong to the table, and what was left out in a sentence each.

    Args:
        columns: (n,) texts each, "" for an empty cell.
        rows: (n,) row numbers as a spreadsheet shows them; where they jump, blank rows lie between.
    """
    n, remarks = len(rows), list[str]()
    is_kept = np.ones(n, dtype=bool)
    if len(columns) < 2 or not n:
        return np.arange(n), remarks
    is_filled = np.column_stack([(column != "").to_numpy(dtype=bool) for column in columns])
    n_filled = is_filled.sum(axis=1)
    end = _second_table(columns, rows, n_filled, number_columns)
    if end < n:
        left_out = int((n_filled[end:] > 0).sum())
        remarks.append(
            f"Left out: {counted(left_out, 'row')} below a blank row, from row {rows[end]:,} on: they look like "
            "another table."
        )
        is_kept[end:] = False
    lonely = np.flatnonzero((n_filled == 1) & is_kept)
    last = int(np.flatnonzero((n_filled > 1) & is_kept).max(initial=-1))
    notes = []
    for position in lonely.tolist():
        text = str(columns[int(is_filled[position].argmax())].iloc[position]).strip()
        is_note = position > last and not is_value(text) and not is_date(text) and not _is_label(text)
        if is_note or is_comment([text]):
            notes.append((position, text))
    position = last  # notes that the delimiter has split into several cells
    while position > 0 and n_filled[position] and is_sentence([str(column.iloc[position]) for column in columns]):
        notes.insert(0, (position, next(str(column.iloc[position]) for column in columns)))
        position -= 1
    if notes and len(notes) <= _MAX_NOTES:
        is_kept[[position for position, _ in notes]] = False
        remarks.append(notes_words([int(rows[position]) for position, _ in notes], notes[0][1]))
    return np.flatnonzero(is_kept), remarks


def is_sentence(cells: Sequence[str]) -> bool:
    """Whether cells are a note that the delimiter has split, such as "* measured twice, see report"."""
    return _NOTE.match(cells[0].strip()) is not None and not all(is_value(cell) for cell in cells[1:])


def notes_words(rows: Sequence[int], text: str) -> str:
    """What is said of notes that were left out."""
    where = f"below or between the rows, the first in row {rows[0]:,}"
    return f"Left out: {counted(len(rows), 'note')} {where}: '{text[:60]}'."


def looks_like_header(cells: Sequence[str], number_columns: frozenset[int]) -> bool:
    """Whether a row below a blank one begins another table: words where the columns above hold numbers."""
    found = [(j, cell.strip()) for j, cell in enumerate(cells) if cell.strip()]
    has_word = any(j in number_columns for j, _ in found)
    return len(found) >= 2 and has_word and not any(is_value(cell) or is_date(cell) for _, cell in found)


def _second_table(columns: Sequence[pd.Series], rows: pd.Index, n_filled: np.ndarray, numbers: frozenset[int]) -> int:
    """Position of the first row of a second table, the number of rows without one."""
    numbered = rows.to_numpy()
    is_blank = n_filled == 0
    starts = np.flatnonzero((np.diff(numbered) > 1) | is_blank[:-1]) + 1
    for start in starts[:_MAX_GAPS].tolist():
        cells = [str(column.iloc[start]) for column in columns]
        if looks_like_header(cells, numbers) and start > 1:
            return int(start)
        # A heading alone in its row, and then a header.
        if n_filled[start] == 1 and start + 1 < len(rows):
            below = [str(column.iloc[start + 1]) for column in columns]
            if looks_like_header(below, numbers):
                return int(start)
    return len(rows)


def _is_label(text: str) -> bool:
    """Whether a lonely text is short enough to name a row that was not measured yet, such as "S17"."""
    return len(text.split()) == 1 and len(text) <= 12 and any(letter.isdigit() for letter in text)
