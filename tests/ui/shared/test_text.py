import re

import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt

from ui.shared.widgets import safe_label

ATTACKS = (
    "![x](http://127.0.0.1:1/b.png)",
    "<img src=x onerror=alert(1)>",
    "[click](http://evil)",
    "[click][1]",
    ":red[x]",
    ":material/home:",
    "$x^2$",
    "`code`",
    "**bold** _it_ ~~gone~~",
    "# heading",
    "1. item",
    "- item",
    "> quote",
    "    code",
    "&lt;b&gt;",
    "http://evil.example/a",
    "\\[click](http://evil)",
    "a\n\n# heading",
)


def rendered(text):
    """The tokens that a Markdown parser finds, with links and pictures found anywhere in the text."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough"])
    tokens = parser.parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return [token.type for token in tokens], [token.type for token in inner], "".join(t.content for t in inner)


@pytest.mark.parametrize("text", ATTACKS)
def test_markdown_and_html_are_shown_as_they_are(text):
    blocks, inner, shown = rendered(safe_label(text))
    assert blocks == ["paragraph_open", "inline", "paragraph_close"]
    assert set(inner) <= {"text", "text_special"}
    assert shown.replace("\u2060", "") == " ".join(text.split())


@given(st.text(max_size=60))
def test_any_text_is_shown_letter_by_letter_on_one_line(text):
    blocks, inner, shown = rendered(safe_label(text))
    expected = " ".join(text.replace("\0", "\ufffd").replace("\u2060", "").split())
    assert shown.replace("\u2060", "") == expected
    assert not expected or blocks == ["paragraph_open", "inline", "paragraph_close"]
    assert set(inner) <= {"text", "text_special"}


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example",
        "HTTPS://evil.example",
        "www.evil.example",
        "WWW.evil.example",
        "me@evil.example",
        ":material/home:",
        ":streamlit:",
        "a -> b",
        "a -- b",
        "a <= b",
    ],
)
def test_what_is_found_in_plain_text_is_broken_so_that_nothing_finds_it(text):
    shown = re.sub(r"\\(.)", r"\1", safe_label(text))
    assert shown != text
    assert shown.replace("\u2060", "") == text


def test_plain_words_and_units_stay_as_they_are():
    assert safe_label("blast furnace slag 3 kg/m³, 20 %") == "blast furnace slag 3 kg/m³, 20 %"
    assert safe_label("") == ""
