"""Stories as cards, the demo that an address opens, such as ``/?story=concrete``, and the steps of one's own data."""

import streamlit as st

from services.jobs import JobState
from services.problems.stories import STORIES, Story, story_spec
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label

_ICONS = {"concrete": ":material/construction:", "production": ":material/factory:", "bumps": ":material/show_chart:"}
ADDRESS = "story"


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
    with errors_shown():
        spec = story_spec(story, catalog)
        session.use_dataset(catalog.dataset(spec.dataset))
        session.use_model(spec.model, spec)
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


def show_steps(session: AppSession) -> None:
    """Draw the four steps, done ones with what they yielded."""
    run = cache.job(session.run_id)
    dataset, model = session.dataset, session.model
    steps = [
        (
            frame.DATA,
            "1. Bring a table",
            "In use: " + safe_label(dataset.name) + f", {dataset.n_rows:,} rows"
            if dataset
            else "CSV, Excel or Parquet",
            dataset is not None,
        ),
        (
            frame.MODEL,
            "2. Train a model",
            "In use: " + safe_label(model.name) if model else "Seconds on a thousand rows, or pick a saved one",
            model is not None,
        ),
        (frame.OPTIMIZE, "3. Set goal and bounds, search", _run_words(run.state if run else None), run is not None),
        (
            frame.RESULTS,
            "4. Read the results",
            "A table of different candidates, each with its density check",
            run is not None and run.state is JobState.DONE,
        ),
    ]
    for column, (page, title, words, is_done) in zip(st.columns(4, gap="medium"), steps, strict=True):
        with column, st.container(border=True, height="stretch"):
            icon = ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"
            st.page_link(page, label=title, icon=icon)
            st.caption(words)


def _run_words(state: JobState | None) -> str:
    if state is None:
        return "Free or frozen, between which bounds"
    return {
        JobState.QUEUED: "A run is waiting for its turn",
        JobState.RUNNING: "A run is searching now",
        JobState.DONE: "A run is done",
        JobState.FAILED: "The last run failed",
        JobState.CANCELLED: "The last run was stopped",
        JobState.INTERRUPTED: "The last run was interrupted",
    }[state]
