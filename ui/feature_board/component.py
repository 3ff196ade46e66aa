"""The thin face of the component: one call draws all features; what the user sets there comes back as a message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from ui.web import bundle_scripts

FOLDER = Path(__file__).parent
# In the order in which they need one another.
SCRIPTS = ("numbers.js", "elements.js", "plot.js", "numeric.js", "category.js", "feature_board.js")


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "mixwright_feature_board",
    html=_read("feature_board.html"),
    css=_read("feature_board.css"),
    js=bundle_scripts([_read(name) for name in SCRIPTS]),
)


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
