"""Names in messages: cut where they are long, and the nearest ones where somebody mistyped one."""

import difflib
from collections.abc import Iterable

_LONGEST = 60  # characters of a name in a message
_MAX_COMPARED = 2_000  # names: comparing takes time


def clipped(text: str) -> str:
    """A text as messages show it, cut where it is long."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def nearest(name: str, names: Iterable[str], at_most: int = 3) -> list[str]:
    """The names that somebody may have meant by one that is not there, likeliest first."""
    by_plain = {_plain(other): other for other in list(names)[:_MAX_COMPARED]}
    return [by_plain[plain] for plain in difflib.get_close_matches(_plain(name), by_plain, at_most, 0.6)]


def _plain(name: str) -> str:
    return " ".join(name[:_LONGEST].casefold().replace("_", " ").split())
