"""Dates as people write them, read to ISO texts."""

import re
from collections.abc import Iterable
from datetime import datetime

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("jan january januar jänner janv janvier ene enero", "feb february februar fevr févr février febrero"),
            *("mar march mrz mär märz maerz mars marzo", "apr april avr avril abril", "may mai mayo"),
            *("jun june juni juin junio", "jul july juli juil juillet julio", "aug august août aout agosto"),
            *("sep sept september septembre septiembre", "oct october okt oktober octobre octubre"),
            *("nov november novembre noviembre", "dec december dez dezember déc décembre diciembre"),
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = (
    r"(?:[T,\s]\s*(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?(?:\s?(?:Uhr|h|Z|[+-]\d{2}:?\d{2}))?)?"
)
_WEEKDAY = r"(?:[A-Za-zäöü]{2,10}\.?,\s+)?"
_PATTERNS = tuple(
    re.compile(_WEEKDAY + pattern + _TIME)
    for pattern in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<second_>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})",
        r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th)?[\s-]\s*(?P<name>[^\W\d_]{3,10})\.?,?[\s-]\s*(?P<year>\d{4}|\d{2})",
        r"(?P<name>[^\W\d_]{3,10})\.?[\s-]\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[\s-]\s*(?P<year>\d{4})",
    )
)


def is_date(cell: str) -> bool:
    """Whether a cell is a date, whatever the order of its day and month."""
    return _date(cell, is_day_first=True) is not None or _date(cell, is_day_first=False) is not None


def is_day_first(cells: Iterable[str], *, otherwise: bool) -> bool:
    """Whether days stand before months in dates such as 03/04/2024, by one that has a number above twelve."""
    for cell in cells:
        if (found := _PATTERNS[1].fullmatch(cell.strip())) is not None:
            first, second = int(found["first"]), int(found["second_"])
            if (first > 12) != (second > 12):
                return first > 12
    return otherwise


def has_doubt(cells: Iterable[str]) -> str:
    """The first date whose day and month can be changed for each other, where no cell tells their order; else ""."""
    doubtful = ""
    for cell in cells:
        if (found := _PATTERNS[1].fullmatch(cell.strip())) is not None and found["mark"] != ".":
            first, second = int(found["first"]), int(found["second_"])
            if max(first, second) > 12:
                return ""
            if first != second:
                doubtful = doubtful or cell.strip()
    return doubtful


def iso_date(cell: str, *, is_day_first: bool) -> str | None:
    """A date as "2024-04-03", with its time as "2024-04-03 12:00:00" if it has one; None for what is no date."""
    found = _date(cell, is_day_first=is_day_first)
    if found is None:
        return None
    return found.date().isoformat() if found.time() == datetime.min.time() else found.isoformat(" ", "seconds")


def _date(cell: str, *, is_day_first: bool) -> datetime | None:
    text = cell.strip()
    if not 6 <= len(text) <= 40 or not any(letter.isdigit() for letter in text):
        return None
    for pattern in _PATTERNS:
        if (found := pattern.fullmatch(text)) is not None:
            parts = found.groupdict()
            if parts.get("first"):
                order = ("first", "second_") if is_day_first or parts["mark"] == "." else ("second_", "first")
                parts["day"], parts["month"] = parts[order[0]], parts[order[1]]
            month = _MONTHS.get(parts["name"].casefold(), 0) if parts.get("name") else int(parts["month"])
            year = int(parts["year"]) + (0 if len(parts["year"]) == 4 else 2000 if int(parts["year"]) < 70 else 1900)
            hour = int(parts["hour"] or 0)
            if half := (parts["half"] or "").casefold():
                hour = hour % 12 + 12 * half.startswith("p")
            try:
                return datetime(
                    year, month, int(parts["day"]), hour, int(parts["minute"] or 0), int(parts["second"] or 0)
                )
            except ValueError:
                return None
    return None
