"""Small pieces of every page: texts that Markdown leaves alone, one choice out of several, a figure."""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import streamlit as st

from ui.charts.style import CHART_CONFIG

_JOINER = "\u2060"  # has no width; stands where Streamlit would find a link, an icon or an arrow in plain text
_FINDS = re.compile(r"(?<=:)(?=//|[a-z])|(?<=www)(?=\.)|(?<=@)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


Choice = TypeVar("Choice")


def safe_label(text: str) -> str:
    """Text that Streamlit's Markdown shows letter by letter: no links, pictures, colours, icons or formulas."""
    one_line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _FINDS.sub(_JOINER, one_line))


def show_chart(key: str, figure: Any, alt: str, height: int | Literal["content"] = "content") -> None:
    """Draw a Plotly figure under a key of the page, with the sentence that says the same as the picture."""
    st.plotly_chart(figure, key=key, height=height, config=CHART_CONFIG, alt=alt)


def downloads(*files: tuple[str, str | bytes, str, str]) -> None:
    """Draw a row of buttons that take files away: each its label, content, name and type."""
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(label, data, name, mime, icon=":material/download:", on_click="ignore")


def choose(
    label: str, words: Mapping[Choice, str], chosen: Choice, *, key: str, help: str = "", is_kept: bool = False
) -> Choice:
    """Draw a drop-down of words for choices, in their order; one that is kept outlives a visit to another page."""
    options = list(words)
    return st.selectbox(
        label,
        options,
        index=options.index(chosen),
        format_func=words.__getitem__,
        key=key,
        help=help or None,
        persist_state="session" if is_kept else None,
    )
