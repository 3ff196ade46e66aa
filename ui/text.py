"""Text from users on screen: names are shown, never obeyed."""

import re

_JOINER = "\u2060"  # has no width; stands where Streamlit would find a link, an icon or an arrow in plain text
_FINDS = re.compile(r"(?<=:)(?=//|[a-z])|(?<=www)(?=\.)|(?<=@)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


def safe_label(text: str) -> str:
    """Return text that Streamlit's Markdown shows letter by letter: no links, pictures, colours, icons or formulas."""
    one_line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _FINDS.sub(_JOINER, one_line))
