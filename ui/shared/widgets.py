"""Small pieces of every page: texts that Markdown leaves alone, one choice out of several, a figure."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import streamlit as st

from models import Dataset
from services.specs.errors import USER_ERRORS
from services.texts.datasets import few_rows_words, table_warning
from ui.charts.style import CHART_CONFIG
from ui.shared.session import AppSession

_JOINER = "\u2060"  # has no width; stands where Streamlit would find a link, an icon or an arrow in plain text
_FINDS = re.compile(r"(?<=:)(?=//|[a-z])|(?<=www)(?=\.)|(?<=@)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])")


Choice = TypeVar("Choice")
_WORDS_FIRST = 0.03  # seconds: Streamlit's page collects what comes within 10 ms and draws it together


def safe_label(text: str) -> str:
    """Text that Streamlit's Markdown shows letter by letter: no links, pictures, colours, icons or formulas."""
    one_line = " ".join(text.split())
    return _PUNCTUATION.sub(r"\\\1", _FINDS.sub(_JOINER, one_line))


def show_error(error: Exception | str) -> None:
    """Say what is wrong."""
    st.error(safe_label(str(error)), icon=":material/error:")


def show_table_notes(dataset: Dataset) -> None:
    """Say what a small table, or one with too many features, is good for."""
    if warning := table_warning(dataset):
        st.warning(safe_label(warning), icon=":material/warning:")
    if words := few_rows_words(dataset):
        st.caption(f":material/info: {safe_label(words)}")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Say what is wrong in place of what a step that the user asked for would have done."""
    try:
        yield
    except USER_ERRORS as error:
        show_error(error)


def show_chart(key: str, figure: Any, alt: str, height: int | Literal["content"] = "content") -> None:
    """Draw a Plotly figure under a key of the page, with the sentence that says the same as the picture.

    The first one of a session waits until the browser has shown the words before it: loading Plotly would keep it from
    that for 0.2 to 0.4 s.
    """
    session = AppSession.current()
    if not session.has_charts:
        session.has_charts = True
        time.sleep(_WORDS_FIRST)
    st.plotly_chart(figure, key=key, height=height, config=CHART_CONFIG, alt=alt)


def downloads(*files: tuple[str, str | bytes, str, str]) -> None:
    """Draw a row of buttons that take files away: each its label, content, name and type."""
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(label, data, name, mime, icon=":material/download:", on_click="ignore")


def choose(
    label: str,
    words: Mapping[Choice, str],
    chosen: Choice,
    *,
    key: str = "",
    help: str = "",
    is_kept: bool = False,
    **options: Any,
) -> Choice:
    """Draw a drop-down of words for choices, in their order; one that is kept outlives a visit to another page."""
    choices = list(words)
    return st.selectbox(
        label,
        choices,
        index=choices.index(chosen),
        format_func=words.__getitem__,
        key=key or None,
        help=help or None,
        persist_state="session" if is_kept else None,
        **options,
    )


@dataclass(frozen=True, slots=True)
class Fields:
    """Draws the fields of a form in their places; a field's name gives the key of its widget and its help.

    Attributes:
        key: makes the key of a widget from the name of its field.
        help: what a field is for, by its name.
    """

    key: Callable[[str], str]
    help: Mapping[str, str]

    def number(
        self, place: Any, name: str, label: str, value: Any, low: Any = None, high: Any = None, **options: Any
    ) -> Any:
        """Draw a number and return it, of the type of its limits; None where it is empty."""
        return place.number_input(label, low, high, value, key=self.key(name), help=self.help.get(name), **options)

    def slider(
        self, place: Any, name: str, label: str, value: Any, low: Any, high: Any, step: Any = None, **options: Any
    ) -> Any:
        """Draw a slider and return its value, of the type of its limits."""
        return place.slider(label, low, high, value, step, key=self.key(name), help=self.help.get(name), **options)

    def toggle(self, place: Any, name: str, label: str, value: bool, *, disabled: bool = False) -> bool:
        """Draw a switch and return whether it is on."""
        return bool(place.toggle(label, value, key=self.key(name), help=self.help.get(name), disabled=disabled))

    def choice(self, place: Any, name: str, label: str, words: Mapping[Choice, str], chosen: Choice) -> Choice:
        """Draw a drop-down of words for choices, in their order."""
        with place:
            return choose(label, words, chosen, key=self.key(name), help=self.help.get(name, ""))
