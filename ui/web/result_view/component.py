"""The thin face of the component: one call draws a result, and tells which of its results was chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from ui.web import read_parts

PARTS = read_parts(Path(__file__).parent, "result_view")
_component = st.components.v2.component("mixwright_result_view", **PARTS._asdict())


def result_view(message: dict[str, Any], *, key: str, chosen: int, on_choose: Callable[[int], None]) -> None:
    """Draw a result: its table, and what belongs to it.

    Args:
        message: of `result_message` or `table_message`.
        key: the same in every rerun, or the view starts anew.
        chosen: place of the result that is looked at, from 0.
        on_choose: called with the place of a result that the user chose, before the page or the fragment runs again.
    """

    def note_choice() -> None:
        view = st.session_state.get(key)  # gone where the choice came in when the page was left already
        known = view.get("chosen") if view else None
        if known:
            on_choose(int(known[0]))

    _component(data={**message, "chosen": int(chosen)}, key=key, on_chosen_change=note_choice)
