"""Text from users on screen: names are shown, never obeyed."""

import re

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


def safe_label(text: str) -> str:
    """Return text that Streamlit's Markdown shows letter by letter: no links, pictures, colours, icons or formulas."""
    one_line = " ".join(text.split())
    broken = one_line.replace("://", ":\u2060//").replace("www.", "www\u2060.").replace("@", "@\u2060")
    return _PUNCTUATION.sub(r"\\\1", broken)
