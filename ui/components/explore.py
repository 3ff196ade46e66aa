"""From a result to What if."""

import streamlit as st

from services.results import RunResult
from services.whatif.beginnings import result_beginnings
from ui import frame
from ui.session import AppSession


def explore_button(result: RunResult, k: int) -> None:
    """Draw the button that takes a result to What if.

    Args:
        result: of the run that is shown.
        k: which of its results, 0 for the first.
    """
    is_pressed = st.button(
        "What if",
        icon=":material/instant_mix:",
        key=f"explore-{k}",
        help="Move its features by hand and see at once what changes.",
    )
    if is_pressed:
        AppSession.current().explore(result_beginnings(result)[k])
        st.switch_page(frame.WHAT_IF)
