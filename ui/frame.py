"""The frame around every page: the list of pages, the way in, and links that lead to them."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from services.errors import USER_ERRORS
from services.runs import JobKind
from services.runspec import RunSpec
from ui import cache
from ui.session import AppSession
from ui.text import safe_label

START = "pages/start.py"
DATA = "pages/data.py"
MODEL = "pages/model.py"
OPTIMIZE = "pages/optimize.py"
RESULTS = "pages/results.py"
HOW_IT_WORKS = "pages/how_it_works.py"

_FRAME = "frame_has_run"
_WANTED = "wanted_page"


def pages() -> list[StreamlitPage]:
    """Return the pages in the order of the work."""
    return [
        st.Page(
            START, title="Start", icon=":material/home:", help="What this is, and three stories to try.", default=True
        ),
        st.Page(DATA, title="Data", icon=":material/table_chart:", help="Upload a table, or pick one that ships."),
        st.Page(MODEL, title="Model", icon=":material/model_training:", help="Train a model, or pick a saved one."),
        st.Page(
            OPTIMIZE, title="Optimize", icon=":material/travel_explore:", help="Set the goal and watch the search."
        ),
        st.Page(RESULTS, title="Results", icon=":material/grading:", help="Different, believable candidates."),
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
    """Return the session; the first line of every page.

    The first visit to a page's own address after the server started runs that page without the frame, because a
    folder named ``pages`` also is Streamlit's older way to make pages. The frame is run first then.
    """
    if not st.session_state.get(_FRAME):
        st.session_state[_WANTED] = path
        st.switch_page("app.py", query_params=dict(st.query_params))
    cache.supervisor()
    session = AppSession.current()
    session.enter(path)
    _follow_link(session)
    return session


def submit(spec: RunSpec) -> str:
    """Start a run and return its id."""
    return cache.supervisor().submit(JobKind.SEARCH, spec.name, spec.model_dump_json())


def submit_run(session: AppSession, spec: RunSpec) -> None:
    """Start a run and show it."""
    session.run_id = submit(spec)
    session.draft = spec
    st.query_params["run"] = session.run_id


def show_status(session: AppSession) -> None:
    """Write what the session works with: table, model, run."""
    if session.dataset is None:
        return
    words = [f":material/table_chart: {safe_label(session.dataset.name)}"]
    if session.model is not None:
        words.append(f":material/model_training: {safe_label(session.model.name)}")
    st.caption("   ·   ".join(words))


def _follow_link(session: AppSession) -> None:
    """Show the run that the address names, and name the shown run in the address."""
    wanted = st.query_params.get("run")
    if wanted and wanted != session.run_id:
        _show_run(session, wanted)
    if session.run_id and session.page in (OPTIMIZE, RESULTS):
        st.query_params["run"] = session.run_id


def _show_run(session: AppSession, run_id: str) -> None:
    job = cache.supervisor().store.get(run_id)
    if job is None or job.kind is not JobKind.SEARCH:
        st.warning("The link names a run that is not kept here. Start a new one on the Optimize page.")
        del st.query_params["run"]
        return
    spec = RunSpec.model_validate_json(job.spec)
    try:
        dataset = cache.shelves().dataset(spec.dataset)
    except USER_ERRORS as error:
        st.warning(safe_label(str(error)))
        del st.query_params["run"]
        return
    session.show_run(run_id, dataset, spec)
