"""Stories as cards, and the demo that an address opens (``/?story=concrete``)."""

from pathlib import Path

import streamlit as st

from services.problems.stories import STORIES, Story, story_spec
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label

_ICONS = {
    "concrete": ":material/construction:",
    "front": ":material/balance:",
    "production": ":material/factory:",
    "bumps": ":material/show_chart:",
}
ADDRESS = "story"
PICTURE = str(Path(__file__).parent / "live_view.png")


def introduction() -> None:
    """Draw what this is beside a picture of the live view, with the ways to a table of one's own and to the lesson."""
    words, picture = st.columns([2, 3], gap="large", vertical_alignment="center")
    with words:
        st.write(
            "Mixwright searches a trained model for *different* settings that reach the best outcome, and keeps them "
            "where the model can be believed. Press a button and watch lineages climb, or bring a table of what you "
            "made and measured."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Bring your own table", icon=":material/upload_file:"):
                st.switch_page(frame.DATA)
            st.page_link(frame.HOW_IT_WORKS, label="How it works", icon=":material/school:")
    picture.image(PICTURE, width="stretch", alt="The live view: lineages climb on a map while the best outcome rises.")


def story_card(session: AppSession, story: Story) -> None:
    """Draw a story; its button starts the run and leads to where it can be watched."""
    with st.container(border=True, height="stretch"):
        with st.container(height="stretch"):
            st.subheader(f"{_ICONS[story.key]} {story.title}")
            st.write(story.text)
        is_first = story.key == "concrete"
        if st.button(
            "Watch it search",
            key=f"story-{story.key}",
            icon=":material/play_arrow:",
            type="primary" if is_first else "secondary",
        ):
            begin_story(session, story)


def begin_story(session: AppSession, story: Story, *, is_demo: bool = False) -> None:
    """Start the run of a story and go where it can be watched; a demo replays it again and again."""
    with errors_shown():
        spec = story_spec(story, cache.catalog())
        frame.use_run(session, spec)
        frame.submit_run(session, spec, story.key)
        session.live.demo = session.run_id if is_demo else None
        st.switch_page(frame.OPTIMIZE)


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
