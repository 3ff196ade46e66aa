"""The frame of every page: navigation, what a page begins with, starts of jobs, ways from a run to its page."""

import functools
import gc
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from services.jobs import Job, JobKind
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from ui.shared import cache, links
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

START = "pages/start.py"
DATA = "pages/data.py"
MODEL = "pages/model.py"
QUALITY = "pages/quality.py"
OPTIMIZE = "pages/optimize.py"
TUNE = "pages/tune.py"
RESULTS = "pages/results.py"
WHAT_IF = "pages/what_if.py"
COMPARE = "pages/compare.py"
RUNS = "pages/runs.py"
HOW_IT_WORKS = "pages/how_it_works.py"
_LINKS = {
    OPTIMIZE: links.RUN,
    RESULTS: links.RUN,
    WHAT_IF: links.RUN,
    TUNE: links.TUNE,
    MODEL: links.TRAINING,
    QUALITY: links.QUALITY,
    COMPARE: links.COMPARE,
    HOW_IT_WORKS: links.LESSON,
}
_FRAME = "frame_has_run"
_WANTED = "wanted_page"
# a file: Streamlit fetches named icons for the browser's tab from the web
ICON = str(Path(__file__).parent / "icon.png")
_PAGES = {
    JobKind.TUNE: TUNE,
    JobKind.METHODS: COMPARE,
    JobKind.TRAINING: MODEL,
    JobKind.QUALITY: QUALITY,
}


@functools.cache
def set_modules_aside(page: str) -> None:
    """Take what is loaded when a page is drawn for the first time out of what garbage collection looks through.

    Streamlit collects garbage at the end of every run, and the browser is sent the rest of the page after that only. To
    look through the 200,000 objects of the modules, which stay anyhow, took 0.1 s at every click. Once for every
    page in the life of a server, for each brings modules of its own.
    """
    gc.freeze()


def pages() -> list[StreamlitPage]:
    """The pages in the order of the work."""
    return [
        st.Page(
            START, title="Start", icon=":material/home:", help="What this is, and three stories to try.", default=True
        ),
        st.Page(DATA, title="Data", icon=":material/table_chart:", help="Upload a table, or pick one that ships."),
        st.Page(MODEL, title="Model", icon=":material/model_training:", help="Train a model, or pick a saved one."),
        st.Page(QUALITY, title="Quality", icon=":material/fact_check:", help="How good the model is, where it errs."),
        st.Page(
            OPTIMIZE, title="Optimize", icon=":material/travel_explore:", help="Set the goal and watch the search."
        ),
        st.Page(TUNE, title="Tune", icon=":material/price_change:", help="What realism costs, as one curve."),
        st.Page(RESULTS, title="Results", icon=":material/grading:", help="Different, believable candidates."),
        st.Page(WHAT_IF, title="What if", icon=":material/instant_mix:", help="Move features, see what changes."),
        st.Page(COMPARE, title="Compare", icon=":material/compare:", help="Runs, or methods, side by side."),
        st.Page(RUNS, title="Runs", icon=":material/history:", help="All runs: find, compare, continue, tidy up."),
        st.Page(
            HOW_IT_WORKS,
            title="How it works",
            icon=":material/school:",
            help="The search on one feature, to play with.",
        ),
    ]


def remember_frame(page: StreamlitPage) -> None:
    """Note that the frame has run, and go on to the page that a cold link asked for."""
    st.session_state[_FRAME] = True
    wanted = st.session_state.pop(_WANTED, None)
    if wanted:
        st.switch_page(wanted, query_params=dict(st.query_params))


def enter_page(path: str) -> AppSession:
    """The session; the first line of every page.

    The first visit to a page's own address after the server started runs that page without the frame, because a
    folder named ``pages`` also is Streamlit's older way to make pages. The frame is run first then.
    """
    if not st.session_state.get(_FRAME):
        st.session_state[_WANTED] = path
        st.switch_page("app.py", query_params=dict(st.query_params))
    cache.supervisor()
    set_modules_aside(path)
    session = AppSession.current()
    session.enter(path)
    if path not in (OPTIMIZE, HOW_IT_WORKS):
        session.live.started = None
    if path in _LINKS:
        links.follow_link(session, _LINKS[path])
    if path == COMPARE:
        links.follow_link(session, links.METHODS_LINK)
    return session


def submit(session: AppSession, spec: RunSpec, story: str = "") -> str:
    """Start a run, of a story perhaps, and return its id."""
    run_id = cache.supervisor().submit(JobKind.SEARCH, spec.name, spec.model_dump_json(), story)
    session.live.started = run_id
    return run_id


def submit_run(session: AppSession, spec: RunSpec, story: str = "") -> None:
    """Start a run, of a story perhaps, and show it."""
    session.run_id = submit(session, spec, story)
    session.draft = spec


def show_status(session: AppSession) -> None:
    """Write what the session works with: table, model, run."""
    if session.dataset is None:
        return
    words = [f":material/table_chart: {safe_label(session.dataset.name)}"]
    if session.model is not None:
        words.append(f":material/model_training: {safe_label(session.model.name)}")
    st.caption("   ·   ".join(words))


def open_job(session: AppSession, job_id: str, page: str | None = None) -> None:
    """Show a job on a page, by default that of its results, or where it is watched; warn where its material is gone."""
    job = cache.job(job_id)
    if job is None:
        st.warning("This run is not kept any more.", icon=":material/warning:")
        return
    if _shown(session, job):
        default = RESULTS if job.result else OPTIMIZE
        st.switch_page(page or _PAGES.get(job.kind, default))


def draft_of(session: AppSession, job_id: str) -> None:
    """Take the settings of a run as a draft to Optimize, where nothing runs yet."""
    job = cache.job(job_id)
    if job is not None and _shown(session, job):
        spec = RunSpec.model_validate_json(job.spec)
        session.draft = spec.revised(name=f"Copy of {job.name}"[:200])
        session.run_id = None
        st.switch_page(OPTIMIZE)


def _shown(session: AppSession, job: Job) -> bool:
    """Make a job the one that the session looks at; return whether that could be done, and say why not."""
    try:
        links.show_job(session, job)
    except USER_ERRORS as error:
        st.warning(safe_label(str(error)), icon=":material/warning:")
        return False
    return True
