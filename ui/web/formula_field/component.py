"""The field of a formula: what the browser is sent while somebody types, and what it sends."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from models import Column
from models.formulas.completion import complete
from models.formulas.parser import MAX_LENGTH
from ui.web.assets import Component, last_sent

MAX_OPTIONS = 8
"""Ways to go on that are shown at once."""
_component = Component(Path(__file__).parent)
PARTS = _component.parts


def formula_field(message: dict[str, Any], *, key: str, on_type: Callable[[Any], None] = lambda sent: None) -> None:
    """Draw the field.

    Args:
        message: of `formula_message`.
        key: the same in every rerun, or what was typed is forgotten.
        on_type: called, before the form runs again, with what the browser sent, which may be anything.
    """
    _component.draw(message, key=key, typed=on_type)


def typed_formula(key: str, given: str) -> tuple[str, int]:
    """What stands in the field and how many characters are before the cursor; ``given`` before anything was typed."""
    sent = last_sent(key, "typed")
    text, cursor = (sent.get("text"), sent.get("cursor")) if isinstance(sent, dict) else (None, None)
    if not isinstance(text, str):
        return given, len(given)
    return text[: MAX_LENGTH + 1], cursor if isinstance(cursor, int) else len(text)


def formula_message(
    given: str, text: str, cursor: int, columns: Iterable[Column], *, error: str = "", position: int | None = None
) -> dict[str, Any]:
    """What the browser is sent, JSON only.

    Args:
        given: the formula that the field starts with.
        text: what stands in it.
        cursor: characters before the cursor.
        columns: what can be named.
        error: what is wrong with the text, or "".
        position: of the character that the error is about, or None.
    """
    found = complete(text, cursor, columns, at_most=MAX_OPTIONS)
    return {
        "given": given,
        "text": text,
        "cursor": cursor,
        "start": found.start,
        "end": found.end,
        "options": [[option.text, option.about] for option in found.options],
        "error": error,
        "position": position if error else None,
    }
