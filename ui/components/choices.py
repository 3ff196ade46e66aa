"""One choice out of several that are called something else on screen."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

Choice = TypeVar("Choice")


def choose(
    label: str, words: Mapping[Choice, str], chosen: Choice, *, key: str, help: str = "", is_kept: bool = False
) -> Choice:
    """Draw a drop-down and return the choice.

    Args:
        label: of the drop-down.
        words: what each choice is called, in the order in which they are listed.
        chosen: at first.
        key: of the widget.
        help: what the choice is about.
        is_kept: whether what was chosen outlives a visit to another page.
    """
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
