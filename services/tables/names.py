"""Names that are safe to show: unique, printable, not too long."""

import unicodedata
from collections.abc import Sequence
from pathlib import PurePath

from .limits import MAX_NAME

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str) -> str:
    """Return text on one line, without control characters and marks that turn the writing direction."""
    spaced = (" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    kept = "".join(character for character in spaced if unicodedata.category(character) not in _UNPRINTABLE)
    return " ".join(kept.split())


def clean_names(given: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return unique printable column names of at most 60 characters, and what was changed in plain words."""
    names: list[str] = []
    notices: list[str] = []
    taken: set[str] = set()
    reserved = {printable(name) for name in given}
    for position, raw in enumerate(given, start=1):
        base = printable(raw)
        shown = base
        if not base:
            base = f"column {position}"
            reason = f"Column {position} has no name"
        elif len(base) > MAX_NAME:
            base = base[: MAX_NAME - 1].rstrip() + "…"
            reason = f"The name of column {position} is longer than {MAX_NAME} characters"
        elif base != " ".join(raw.split()):
            reason = f"The name of column {position} held characters that cannot be shown"
        else:
            reason = f"Several columns are named '{shown}'"
        name = base
        number = 2
        while name in taken or (name != shown and name in reserved):
            suffix = f" ({number})"
            name = base[: MAX_NAME - len(suffix)] + suffix
            number += 1
        taken.add(name)
        names.append(name)
        if name != " ".join(raw.split()):
            notices.append(f"{reason}: it is called '{name}' here.")
    return names, notices


def counted(count: int, what: str) -> str:
    """Return a number of things in words, such as "1 row" or "1,200 rows"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def name_from_file(filename: str) -> str:
    """Return what a dataset from this file may be called; the file name is a text, never a path to open."""
    stem = PurePath(filename.replace("\\", "/")).name.rsplit(".", 1)[0]
    return printable(stem.replace("_", " "))[:MAX_NAME] or "table"
