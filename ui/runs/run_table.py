"""Runs of the store as rows of the list."""

import streamlit as st

from services.jobs import RunFilter, RunPage
from ui.runs.run_actions import run_actions
from ui.runs.run_filters import clear_filters
from ui.runs.run_items import run_items
from ui.shared import cache
from ui.shared.opening import open_job
from ui.shared.session import AppSession
from ui.web.run_list import Act, run_list

PER_PAGE = 25
POLL = "2s"


def run_table(wanted: RunFilter) -> None:
    """Draw the runs that are wanted, a page at a time, with what can be done to them."""
    page, number = _page(wanted)
    goes_on = any(not run.state.is_final for run in page.rows)
    st.fragment(_draw, run_every=POLL if goes_on else None)(wanted, goes_on)
    n_pages = -(-page.n_found // PER_PAGE)
    if n_pages > 1:
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.pagination(n_pages, default=number, key=_page_key(wanted))


def _draw(wanted: RunFilter, went_on: bool) -> None:
    """Draw a page of the list that had runs going on when it was drawn first, or had none."""
    session = AppSession.current()
    page, number = _page(wanted)
    if session.runs.is_stale or (went_on and all(run.state.is_final for run in page.rows)):
        session.runs.is_stale = False
        st.rerun()
    if session.runs.opening:
        opening, session.runs.opening = session.runs.opening, None
        open_job(session, opening)
    run_actions(session, is_deleted=wanted.is_deleted)
    if not page.rows:
        _nothing_found(wanted)
        return
    first = (number - 1) * PER_PAGE
    run_list(
        run_items(page.rows),
        session.runs.chosen,
        session.runs.turn,
        caption=f"Runs {first + 1:,} to {first + len(page.rows):,} of {page.n_found:,}",
        key="run-list",
        on_act=_do,
        on_choice=_choose,
    )


def _page(wanted: RunFilter) -> tuple[RunPage, int]:
    """Return the page that is looked at, and its number from 1; a list that grew shorter shows its last one."""
    store = cache.supervisor().store
    number = int(st.session_state.get(_page_key(wanted), 1))
    page = store.runs(wanted, (number - 1) * PER_PAGE, PER_PAGE)
    if page.rows or number == 1:
        return page, number
    last = max(1, -(-page.n_found // PER_PAGE))
    return store.runs(wanted, (last - 1) * PER_PAGE, PER_PAGE), last


def _page_key(wanted: RunFilter) -> str:
    """Return where the number of the page is kept: another list begins with its first page."""
    return f"runs-page:{hash(wanted)}"


def _do(act: Act) -> None:
    """Do what was asked for in a row."""
    session, supervisor = AppSession.current(), cache.supervisor()
    if act.name == "open":
        session.runs.opening = act.id
    elif act.name == "rename" and act.text.strip():
        supervisor.store.describe(act.id, name=" ".join(act.text.split()))
    elif act.name == "note":
        supervisor.store.describe(act.id, note=act.text.strip()[:500])
    elif act.name == "stop":
        supervisor.stop(act.id)
    elif act.name == "restore":
        supervisor.store.restore([act.id])
        session.runs.is_stale = True


def _choose(run_ids: tuple[str, ...], turn: int) -> None:
    view = AppSession.current().runs
    view.chosen, view.turn = run_ids, turn


def _nothing_found(wanted: RunFilter) -> None:
    with st.container(border=True):
        if wanted.text or wanted.states or wanted.datasets or wanted.models:
            st.write("No run is like that.")
            if st.button("Show all", icon=":material/filter_alt_off:", on_click=clear_filters):
                st.rerun()  # the filters stand outside of what is drawn again
        elif wanted.is_deleted:
            st.write("Nothing was deleted within the last 30 days.")
        else:
            st.write("There is none of these yet.")
