"""A second opinion on the best result: what the model expects that Automatic takes for the same table."""

import streamlit as st

from services.results.second_opinion import is_known
from services.specs.results import RunResult
from ui.shared import cache
from ui.shared.widgets import errors_shown, safe_label


def second_opinion(run_id: str, result: RunResult) -> None:
    """Draw a button that asks Automatic's model, and what it says; nothing where none ships for the table."""
    if is_known(result.spec.dataset.digest):
        st.fragment(_draw)(run_id, result)


def _draw(run_id: str, result: RunResult) -> None:
    key = f"second-opinion-{run_id}"
    if not st.session_state.get(key):  # loading the model takes a second or two, which not every visit has to wait for
        st.button(
            "What would Automatic expect?", icon=":material/balance:", key=f"ask-{key}", on_click=_ask, args=(key,)
        )
        return
    with errors_shown():
        words = cache.second_opinion(run_id, result, cache.catalog().dataset(result.spec.dataset))
        st.caption(f":material/balance: {safe_label(words)}")


def _ask(key: str) -> None:
    st.session_state[key] = True
