"""Which columns only say which row it is, which of them bind rows together, and which tells their order."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from services.intake.roles.summaries import ColumnSummary, SummaryKind
from services.intake.roles.vocabulary import (
    AMBIGUOUS,
    BATCHES,
    COMMENTS,
    COUNTED,
    DATES,
    DESIGN,
    IDS,
    NAMELESS,
    NUMBERS,
    REPLICATES,
    RUNS,
    SAMPLES,
)
from services.intake.roles.words import header_of, is_time, label_words, name_points
from services.intake.tables.notation.dates import is_date as is_written_date

_CODE = 10_000  # whole numbers of five digits and more are written for people, not set on a machine
_DAYS = (  # as Excel counts them (1954 to 2064), as they are written, in seconds and in milliseconds since 1970
    *((20_000, 60_000), (19_000_101, 21_001_231)),
    *((5e8, 3e9), (5e11, 3e12)),
)
_MIN_COUNTED = 5  # different numbers of what is as often set as counted, such as mixes and heats
_LEAST_COUNTED = 8  # rows: of fewer, a setting may rise by 1 in each, too
_COUNTED_BESIDE = 2  # columns: beside fewer, what rises row by row is the only setting
_SAMPLE, _MOSTLY = 200, 0.9  # texts looked at, and the share of dates among them
_MIN_ORDERED = 5  # different places in an order
_MAX_GROUP_SHARE = 0.8  # different values for each row: with more, hardly a row has company


class Labels(NamedTuple):
    """The columns that label rows, why, and what they are good for.

    Attributes:
        reasons: why each label is one, in words; its keys are the labels, in the table's order.
        group: the label whose equal values are rows that belong together, or None.
        order: the label that tells in which order the rows were made, or None.
    """

    reasons: Mapping[str, str]
    group: str | None
    order: str | None


def find_labels(
    frame: pd.DataFrame,
    summaries: Sequence[ColumnSummary],
    dates: Collection[str] = (),
    units: Mapping[str, str] | None = None,
) -> Labels:
    """The columns that say which row it is: run order, ids, batches, sample names, dates.

    A name alone is not enough, nor are values: "Charge" with 20240500, 20240503, ... is a batch, with 0.5 to 2.5 a
    quantity; and a temperature may well rise from row to row.

    Args:
        dates: names of columns that the reader knows to be dates.
    """
    reasons: dict[str, str] = {}
    is_first = True  # only labels so far
    for summary in summaries:
        if summary.is_constant or not summary.n_distinct:
            continue
        unit = (units or {}).get(summary.name, "")
        if reason := _reason(frame[summary.name], summary, unit, is_date=summary.name in dates):
            reasons[summary.name] = reason
        elif is_first and len(summaries) > _COUNTED_BESIDE and _counts_rows(frame[summary.name], summary, unit):
            reasons[summary.name] = _COUNTS
        is_first = is_first and summary.name in reasons
    by_name = {summary.name: summary for summary in summaries}
    found = [by_name[name] for name in reasons]
    order = min(
        (s for s in found if _order_rank(s, reasons) and s.n_distinct >= _MIN_ORDERED),
        default=None,
        key=lambda s: _order_rank(s, reasons),
    )
    groups = [s for s in found if s is not order and reasons[s.name] not in (_DATE, _REMARKS) and _binds(s)]
    group = min(groups, default=None, key=_group_rank)
    return Labels(reasons, group.name if group else None, order.name if order else None)


_DATE = "dates"
_NAMED = "named and numbered like labels"
_COUNTS = "counts the rows"
_REMARKS = "remarks in free words"
_TEXTS = "texts that hardly repeat"


def _reason(values: pd.Series, summary: ColumnSummary, unit: str, *, is_date: bool) -> str:
    """Why a column labels the rows, "" if it does not."""
    header = header_of(summary.name, unit)
    is_named_date = any(word in DATES or word.endswith(("datum", "date")) for word in header.words)
    if summary.kind is SummaryKind.NUMERIC:
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        numbers = numbers[np.isfinite(numbers)]
        if is_date or (is_named_date and _are_days(numbers)):
            return _DATE
        words = label_words(header)
        is_id = set(header.words[-1:]) & IDS and len(header.words) > 1 and _identifies(numbers, summary)
        return _NAMED if is_id or (words and _numbers_label(words, numbers, summary)) else ""
    if is_date or _are_dates(values):
        return _DATE
    words = label_words(header)
    if words and _texts_label(words, values, summary):
        return _NAMED
    if set(header.words[-1:]) & COMMENTS:
        return _REMARKS
    return _TEXTS if summary.kind is SummaryKind.TEXT and not summary.is_mostly_empty else ""


def _counts_rows(values: pd.Series, summary: ColumnSummary, unit: str) -> bool:
    """Whether numbers rise by 1 from row to row under a name that says nothing else: a label in any language."""
    header = header_of(summary.name, unit)
    has_gaps = bool(summary.n_missing or summary.n_infinite)
    if summary.kind is not SummaryKind.NUMERIC or len(values) < _LEAST_COUNTED or has_gaps or header.unit:
        return False
    return name_points(header) == 0 and not is_time(summary.name) and bool((np.diff(values.to_numpy(float)) == 1).all())


def _are_dates(values: pd.Series) -> bool:
    """Whether nearly all texts are dates, in a frame that no reader has looked through for them."""
    texts = values.dropna().astype(str).head(_SAMPLE)
    return bool(len(texts)) and bool(np.mean([is_written_date(text) for text in texts]) >= _MOSTLY)


def _are_days(numbers: np.ndarray) -> bool:
    """Whether numbers can be days: as Excel counts them, written as 20240531, or counted from 1970 on."""
    return any(bool(((numbers >= low) & (numbers <= high)).all()) for low, high in _DAYS)


def _identifies(numbers: np.ndarray, summary: ColumnSummary) -> bool:
    """Whether whole numbers (n,) tell most rows apart."""
    return bool((numbers == np.round(numbers)).all()) and summary.n_distinct > len(numbers) / 2


def _numbers_label(words: set[str], numbers: np.ndarray, summary: ColumnSummary) -> bool:
    """Whether numbers (n,) under a label's name are labels: whole, and counted through, rising, or long like codes."""
    if not len(numbers) or (numbers != np.round(numbers)).any() or (numbers < 0).any():
        return False
    nouns = words - NUMBERS
    if nouns and words & NUMBERS:
        return True  # "Batch No.", "Sample ID", "RunOrder": whole numbers are enough
    all_different = summary.n_distinct == len(numbers)
    is_counted = numbers.max() - numbers.min() == summary.n_distinct - 1 and numbers.min() <= 1
    is_rising = bool((np.diff(numbers) >= 0).all())
    is_code = bool((numbers >= _CODE).all())
    if nouns <= NAMELESS and nouns:
        return all_different and is_counted and is_rising
    if not nouns:
        return all_different and (is_counted or is_rising or is_code)
    if nouns & COUNTED:
        return is_counted and is_rising and summary.n_distinct >= _MIN_COUNTED
    if nouns <= AMBIGUOUS:
        return is_code or (is_counted and (all_different or is_rising))
    return is_code or is_counted or is_rising


def _texts_label(words: set[str], values: pd.Series, summary: ColumnSummary) -> bool:
    """Whether texts under a label's name are labels: always, unless they may as well be a few kinds of something."""
    if words - NUMBERS - AMBIGUOUS - COUNTED or (words & IDS and words & COUNTED):
        return True
    if summary.n_distinct > (summary.n_rows - summary.n_missing) / 2:
        return True
    has_digits = values.dropna().astype(str).str.contains(r"\d").mean() > 0.5
    return bool(words & AMBIGUOUS and has_digits and summary.distinct_share > 0.2)


def _order_rank(summary: ColumnSummary, reasons: Mapping[str, str]) -> int:
    """How well a label tells the order of the rows, 1 best; 0 for not at all."""
    words = label_words(header_of(summary.name))
    if summary.kind is SummaryKind.NUMERIC and words & (RUNS - {"lfd"}) and "order" in words:
        return 1
    if reasons[summary.name] == _DATE:
        return 2
    if summary.kind is not SummaryKind.NUMERIC or words & DESIGN:
        return 0
    if words & {"run", "runs"}:
        return 3
    return 4 if words & RUNS or words == {"order"} else 0


def _binds(summary: ColumnSummary) -> bool:
    """Whether equal values of a label bind rows together."""
    return summary.n_distinct >= 2 and summary.distinct_share <= _MAX_GROUP_SHARE


def _group_rank(summary: ColumnSummary) -> int:
    words = label_words(header_of(summary.name))
    ranks = ((BATCHES, 1), (SAMPLES, 2), (REPLICATES, 4))
    return next((rank for nouns, rank in ranks if words & nouns), 3)
