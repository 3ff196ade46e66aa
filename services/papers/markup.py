"""HTML made of elements: every text is escaped unless it is markup already."""

import re
from html import escape

# What no browser shows, and what could turn the text around it: controls but for the line's end, and stray surrogates.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_VOID = frozenset({"br", "col", "hr", "link", "meta"})


class Markup(str):
    """Text that is HTML already; only `element`, `joined` and `text` make it of what others wrote."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Any value as HTML that shows it as it is; what cannot be shown is a blank."""
    return value if isinstance(value, Markup) else _escaped(str(value))


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """An element with these children in it; attributes of None are left out.

    Args:
        name: of the element; never from outside, since it is not escaped.
        children: markup, or texts that are escaped.
        attributes: by name; a trailing underscore is dropped (``class_``) and other underscores become hyphens.
    """
    named = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None)
    start = "".join(f' {key}="{_escaped(str(value))}"' for key, value in named)
    if name in _VOID:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{joined(*children)}</{name}>")


def joined(*children: object, by: str = "") -> Markup:
    """Children one after the other, with ``by`` (escaped) between them."""
    return Markup(text(by).join(text(child) for child in children))


def _escaped(words: str) -> Markup:
    return Markup(escape(_UNSEEN.sub(" ", words)))
