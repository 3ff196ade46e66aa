"""The demo: an address that opens a story, runs it, and replays it by itself, such as ``/?story=concrete``."""

import streamlit as st

from services.problems.stories import STORIES
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label
from ui.start.story_card import begin_story

ADDRESS = "story"


def follow_demo(session: AppSession) -> None:
    """Begin the story that the address names, or say which ones there are; nothing where it names none."""
    wanted = st.query_params.get(ADDRESS)
    if wanted is None:
        return
    known = {story.key: story for story in STORIES}
    if wanted in known:
        begin_story(session, known[wanted], is_demo=True)
        return
    names = ", ".join(known)
    words = f"There is no story '{safe_label(wanted)}'. The address knows these: {names}."
    st.warning(words, icon=":material/link_off:")


def demo_bar(session: AppSession) -> None:
    """Say that what is shown is a demo, with a way out of it; nothing where it is none."""
    if session.live.demo is None or session.live.demo != session.run_id:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            ":material/slideshow: Demo: this run replays by itself. Every part of the page can be used meanwhile.",
            width="content",
        )
        st.button("End the demo", icon=":material/stop_circle:", type="tertiary", on_click=_end)


def _end() -> None:
    AppSession.current().live.demo = None
