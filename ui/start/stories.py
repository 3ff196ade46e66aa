"""Stories as cards, the demo that an address opens (``/?story=concrete``), the tour, the steps of one's own data."""

from dataclasses import dataclass

import streamlit as st

from services.catalog.settings import ROOT
from services.jobs import JobState
from services.problems.stories import STORIES, Story, story_spec
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label

_ICONS = {"concrete": ":material/construction:", "production": ":material/factory:", "bumps": ":material/show_chart:"}
ADDRESS = "story"
PICTURES = ROOT / "docs" / "guide" / "images"


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


_RUN_WORDS = {
    JobState.QUEUED: "A run is waiting for its turn",
    JobState.RUNNING: "A run is searching now",
    JobState.DONE: "A run is done",
    JobState.FAILED: "The last run failed",
    JobState.CANCELLED: "The last run was stopped",
    JobState.INTERRUPTED: "The last run was interrupted",
}


def show_steps(session: AppSession) -> None:
    """Draw the four steps, done ones with what they yielded."""
    dataset, model, run = session.dataset, session.model, cache.job(session.run_id)
    rows = f"In use: {safe_label(dataset.name)}, {dataset.n_rows:,} rows" if dataset else "CSV, Excel or Parquet"
    trained = f"In use: {safe_label(model.name)}" if model else "Seconds on a thousand rows, or pick a saved one"
    searched = _RUN_WORDS[run.state] if run else "Free or frozen, between which bounds"
    found, is_done = "A table of different candidates, each with its density check", run and run.state is JobState.DONE
    steps = [
        (frame.DATA, "1. Bring a table", rows, dataset),
        (frame.MODEL, "2. Train a model", trained, model),
        (frame.OPTIMIZE, "3. Set goal and bounds, search", searched, run),
        (frame.RESULTS, "4. Read the results", found, is_done or None),
    ]
    for column, (page, title, words, yielded) in zip(st.columns(4, gap="medium"), steps, strict=True):
        with column, st.container(border=True, height="stretch"):
            icon = ":material/radio_button_unchecked:" if yielded is None else ":material/check_circle:"
            st.page_link(page, label=title, icon=icon)
            st.caption(words)


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the tour: what there is to see, a picture of the guide, and the page where one can go from here."""

    title: str
    text: str
    picture: str
    alt: str
    page: str
    link: str


STOPS = (
    Stop(
        "Bring a table",
        "A row is something that was made and measured: a mix, an hour of a production line. Say which column is the "
        "outcome, and which columns are parts that add up. Three tables ship, so that you can try everything at once.",
        "data.png",
        "The Data page with a table in use and its columns",
        frame.DATA,
        "Go to Data",
    ),
    Stop(
        "Train a model, and ask how good it is",
        "Five small networks learn the outcome in seconds, and how sure they are of it. The Quality page tells where "
        "the model errs and what it pays attention to.",
        "quality.png",
        "The Quality page with predictions against measured values",
        frame.MODEL,
        "Go to Model",
    ),
    Stop(
        "Say what may move, and watch",
        "Free or frozen, between which bounds, how bold. Then lineages of candidates climb, each to a hill of its own. "
        "Drop one that makes no sense to you, or ask for more like it, while the search goes on.",
        "optimize.png",
        "The Optimize page with the map of candidates and the lineages",
        frame.OPTIMIZE,
        "Go to Optimize",
    ),
    Stop(
        "Judge the results",
        "Several different ways to the best outcome, each with its interval, its plausibility, a second check and the "
        "recorded row that it is nearest to. Point at one, and it lights up everywhere.",
        "results.png",
        "The Results page with table, map and parallel coordinates",
        frame.RESULTS,
        "Go to Results",
    ),
    Stop(
        "Ask what if, and take it away",
        "Drag a feature, and everything that follows from it moves at once. Print a lab sheet, make the mixes, and "
        "bring the measured values back: they join the table, and the next model knows more.",
        "what_if.png",
        "The What if page with one profile for each feature",
        frame.WHAT_IF,
        "Go to What if",
    ),
)


def tour(session: AppSession) -> None:
    """Draw the stop of the tour that the user is at, or the offer to take it."""
    if session.tour is None:
        st.button("Take the tour", icon=":material/signpost:", on_click=_go, args=(0,), key="tour-begin")
        return
    number = session.tour
    stop = STOPS[number]
    with st.container(border=True, key="tour"):
        words, picture = st.columns([2, 3], gap="large")
        with words:
            st.caption(f"Tour, {number + 1} of {len(STOPS)}")
            st.subheader(stop.title)
            st.write(stop.text)
            st.page_link(stop.page, label=stop.link, icon=":material/arrow_forward:")
            _moves(number)
        picture.image(PICTURES / stop.picture, width="stretch", alt=stop.alt)


def _moves(number: int) -> None:
    with st.container(horizontal=True):
        st.button("Back", icon=":material/chevron_left:", disabled=number == 0, on_click=_go, args=(number - 1,))
        is_last = number == len(STOPS) - 1
        if not is_last:
            st.button("Next", icon=":material/chevron_right:", type="primary", on_click=_go, args=(number + 1,))
        st.button("End the tour", type="primary" if is_last else "tertiary", on_click=_go, args=(None,))


def _go(number: int | None) -> None:
    AppSession.current().tour = number
