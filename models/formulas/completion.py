"""What can be typed next in a formula: the names and functions that fit where the cursor stands."""

from collections.abc import Iterable
from typing import NamedTuple

from models.data.dataset import Column
from models.formulas.formula import quoted, quoted_category
from models.formulas.operations import FUNCTIONS
from models.formulas.parser import MAX_LENGTH


class Completion(NamedTuple):
    """One way to go on.

    Attributes:
        text: takes the place of what was begun.
        about: the unit of a name, or what a function calculates.
    """

    text: str
    about: str = ""


class Completions(NamedTuple):
    """Ways to go on, likeliest first, and which characters of the text they take the place of."""

    start: int
    end: int
    options: tuple[Completion, ...]


def complete(text: str, cursor: int, columns: Iterable[Column], at_most: int = 20) -> Completions:
    """The columns and the functions that fit at a cursor.

    What was begun is the word or the open bracket before the cursor, and the rest of that word behind it. Names that
    begin with it come first, then those in which a word begins with it, then those that have it anywhere. After a
    complete name or number nothing is offered.

    Args:
        text: of a formula, complete or not; anything may stand in it.
        cursor: characters before it.
        columns: features, measured outcomes and other formulas that may be named.
    """
    cursor = min(max(cursor, 0), len(text))
    if len(text) > MAX_LENGTH:
        return Completions(cursor, cursor, ())
    start, end, begun, is_bracket = _begun(text, cursor)
    if start is None:
        return Completions(cursor, cursor, ())
    names = [(column.name, option) for column in columns for option in _options(column)]
    opening = "" if text[end : end + 1] == "(" else "("
    functions = [(name, Completion(name + opening, operation.help)) for name, operation in FUNCTIONS.items()]
    ranked = [
        (rank, place, option)
        for place, (name, option) in enumerate([*names, *([] if is_bracket else functions)])
        if (rank := _rank(name, begun)) is not None
    ]
    return Completions(start, end, tuple(option for _, _, option in sorted(ranked)[:at_most]))


def _options(column: Column) -> list[Completion]:
    """A column of numbers by its name; one of categories compared with each of them."""
    if not column.is_categorical:
        return [Completion(quoted(column.name), column.unit)]
    return [
        Completion(f"{quoted(column.name)} == {quoted_category(category)}", "1 where it is so, else 0")
        for category in column.categories
    ]


def _begun(text: str, cursor: int) -> tuple[int | None, int, str, bool]:
    """Where what was begun starts and ends, what it is, and whether it is in a bracket; no start where nothing fits."""
    opened, quote, at = None, "", 0
    while at < cursor:
        character = text[at]
        if opened is not None:
            if character == "]" and text[at + 1 : at + 2] == "]" and at + 1 < cursor:
                at += 1
            elif character == "]":
                opened = None
        elif quote:
            quote = "" if character == quote else quote
        elif character == "[":
            opened = at
        elif character in "\"'":
            quote = character
        at += 1
    if quote:
        return None, cursor, "", False
    if opened is not None:
        closing = text.find("]", cursor)
        other = text.find("[", cursor)
        is_closed = closing >= 0 and (other < 0 or closing < other)
        return opened, closing + 1 if is_closed else cursor, text[opened + 1 : cursor].replace("]]", "]"), True
    start, end = cursor, cursor
    while start > 0 and _is_word(text[start - 1]):
        start -= 1
    while end < len(text) and _is_word(text[end]):
        end += 1
    before = text[:start].rstrip()[-1:]
    is_complete = before in (")", "]", "'", '"') or (before != "" and (_is_word(before) or before == "."))
    is_number = text[start:cursor][:1].isdigit()
    return (None if is_complete or is_number else start), end, text[start:cursor], False


def _is_word(character: str) -> bool:
    return ("a" + character).isidentifier()


def _rank(name: str, begun: str) -> int | None:
    """0 for a name that begins so, 1 where a later word does, 2 where it stands anywhere, None where it does not."""
    plain, wanted = name.casefold(), begun.casefold()
    if plain.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in plain.replace("_", " ").split()):
        return 1
    return 2 if wanted in plain else None
