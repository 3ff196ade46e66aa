"""The dial from "stay among recorded rows" to "explore": plausibility, reach and caution in one move."""

import streamlit as st

from services.boldness import POSITIONS, boldness_of, with_boldness
from services.runspec import RunSpec
from ui.session import AppSession


def boldness_form(session: AppSession, spec: RunSpec, *, has_confidence: bool) -> None:
    """Draw the dial where a run has it; a turn sets the session's draft anew, and what it turns shows that."""
    current = boldness_of(spec)
    turns = session.dial_turns
    key = session.key(f"boldness-{current}-{turns}")  # turned by hand below, it stands elsewhere

    def turn() -> None:
        chosen = st.session_state.get(key)
        is_shown = turns == session.dial_turns  # a browser in haste may send once more what a dial held that is gone
        if is_shown and chosen is not None and session.draft is not None:
            session.draft = with_boldness(session.draft, chosen, has_confidence=has_confidence)
            session.dial_turns += 1

    st.segmented_control(
        "How far to go",
        list(POSITIONS),
        default=current,
        format_func=lambda boldness: POSITIONS[boldness].label,
        key=key,
        on_change=turn,
        help="How far results may leave what was recorded. The farther, the more there may be to gain, and the less a "
        "prediction can be trusted.",
    )
    st.caption(POSITIONS[current].meaning if current else "Set by hand below.")
