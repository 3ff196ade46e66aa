"""Texts that are dates, told by all of them together."""

import re

import numpy as np
import pandas as pd

from services.intake.tables.cells import is_number_column

_MIN_SHARE = 0.9
_SAMPLE = 200
_DATELIKE = re.compile(
    r"\d{1,4}([-./])\d{1,2}\1\d{1,4}(?:[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_SHORT_HOUR = re.compile(r"^(\d:)")
_NOTATIONS = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%Y.%m.%d",
)


def iso_dates(values: pd.Series) -> pd.Series | None:
    """Texts (n,) as dates that sort by time, such as "2024-05-03" or "2024-05-03 08:15:00", or None for other texts.

    One notation has to hold for nine cells of ten; cells that are no dates become "". Where days and months cannot be
    told apart, the day comes first.
    """
    if is_number_column(values):
        return None
    texts = values.fillna("").astype(str).str.strip()
    recorded = texts[texts != ""]
    if not len(recorded) or not _look_like_dates(recorded.head(_SAMPLE)) or not _look_like_dates(recorded):
        return None
    pieces = texts.str.replace("T", " ").str.partition(" ")
    days, clocks = pieces[0], pieces[2].str.strip()
    read = {notation: pd.to_datetime(days, format=notation, errors="coerce") for notation in _NOTATIONS}
    best = read[max(_NOTATIONS, key=lambda notation: int(read[notation].notna().sum()))]
    if best.notna().sum() < _MIN_SHARE * len(recorded):
        return None
    written = best.dt.strftime("%Y-%m-%d").fillna("") + " " + clocks.str.replace(_SHORT_HOUR, r"0\1", regex=True)
    return written.where(best.notna(), "").str.strip()


def _look_like_dates(texts: pd.Series) -> bool:
    return bool(np.mean([_DATELIKE.fullmatch(text) is not None for text in texts]) >= _MIN_SHARE)
