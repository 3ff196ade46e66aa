"""The thin face of the component: one call draws all features; what the user sets there comes back as a message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from ui.web import read_parts

PARTS = read_parts(Path(__file__).parent, "feature_board")
_component = st.components.v2.component("mixwright_feature_board", **PARTS._asdict())


def feature_board(message: dict[str, Any], *, key: str, on_edit: Callable[[Any], None]) -> None:
    """Draw all features.

    Args:
        message: what `board_message` returns.
        key: the same in every rerun, or the board forgets what was folded out.
        on_edit: called, before the page runs again, with what the browser sent, which may be anything; see `read_edits`
            for what becomes of it.
    """

    def note_edit() -> None:
        view = st.session_state.get(key)  # gone where the edit came in when the page was left already
        if view:
            on_edit(view.get("features"))

    _component(data=message, key=key, on_features_change=note_edit)
