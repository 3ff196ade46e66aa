"""What a run came to in a sentence, and the way to its results."""

import streamlit as st

from services.results.verdict import verdict_of
from services.specs.results import RunResult
from ui.shared import frame
from ui.shared.widgets import safe_label


def verdict_line(result: RunResult) -> None:
    """Draw the verdict, or why there are no results, and the button to them."""
    verdict = verdict_of(result)
    words = verdict.words if verdict is not None else " ".join(result.notes)
    told, way = st.columns([4, 1], vertical_alignment="center")
    told.markdown(safe_label(words))
    if way.button("See the results", key="see-results", width="stretch"):
        st.switch_page(frame.RESULTS)
