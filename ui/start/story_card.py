"""A story as a card with one button."""

import streamlit as st

from services.problems.stories import Story, story_spec
from services.specs.errors import USER_ERRORS
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_ICONS = {"concrete": ":material/construction:", "production": ":material/factory:", "bumps": ":material/show_chart:"}


def story_card(session: AppSession, story: Story) -> None:
    """Draw a story; its button starts the run and leads to where it can be watched."""
    with st.container(border=True, height="stretch"):
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
    catalog = cache.catalog()
    try:
        spec = story_spec(story, catalog)
        session.use_dataset(catalog.dataset(spec.dataset))
    except USER_ERRORS as error:
        st.error(safe_label(str(error)))
        return
    session.use_model(spec.model, spec)
    frame.submit_run(session, spec, story.key)
    session.live.demo = session.run_id if is_demo else None
    st.switch_page(frame.OPTIMIZE)
