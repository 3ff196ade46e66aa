"""The list of runs: its filters, and its rows."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from services.jobs import JobKind, JobState, RunChoices, RunFilter, RunOrder, RunPage, RunRow
from services.jobs.texts import KIND_WORDS, STATE_WORDS, run_title, span_words, state_detail
from services.problems.stories import STORIES
from services.specs.digits import common_decimals
from ui.runs.run_actions import run_actions
from ui.shared import cache
from ui.shared.frame import open_job
from ui.shared.live import seconds_of
from ui.shared.session import AppSession

KINDS = tuple(KIND_WORDS)
_DELETED = "deleted"  # what the list is of beside the kinds: those of all kinds that were deleted
_WIDTH = 172  # of a filter, in pixels: two beside each other on a phone


_ORDERS = {
    RunOrder.NEWEST: "Newest first",
    RunOrder.OLDEST: "Oldest first",
    RunOrder.NAME: "By name",
    RunOrder.HIGHEST: "Highest outcome first",
    RunOrder.LOWEST: "Lowest outcome first",
    RunOrder.LONGEST: "Longest first",
}
PER_PAGE = 25
POLL = "2s"
OPEN = "Open"
LESSON = "lesson"
_KIND_NAMES = {
    JobKind.SEARCH: "",
    JobKind.TUNE: "Tuning",
    JobKind.METHODS: "Methods",
    JobKind.TRAINING: "Training",
    JobKind.QUALITY: "Quality check",
}
_STORIES = {story.key: f"Story: {story.title}" for story in STORIES} | {LESSON: "How it works"}
_STATE_COLORS = {
    JobState.QUEUED: "gray",
    JobState.RUNNING: "blue",
    JobState.DONE: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "gray",
    JobState.INTERRUPTED: "orange",
}


def run_filters(choices: RunChoices) -> RunFilter:
    """Draw the filters, in one row where there is room; return what they ask for."""
    with st.container(horizontal=True):
        text = st.text_input(
            "Search",
            key="runs-text",
            type="search",
            placeholder="Words",
            help="Looks in names, notes, tables and models. All of the words have to be there.",
            live=True,
            persist_state="session",
        )
        what = _what(choices)
        states = _several("State", [state for state in JobState if state in choices.states], STATE_WORDS)
        tables = _several("Table", list(choices.datasets))
        models = _several("Model", list(choices.models))
        sorting = st.selectbox(
            "Order",
            list(_ORDERS),
            format_func=_ORDERS.__getitem__,
            key="runs-order",
            width=_WIDTH,
            persist_state="session",
        )
    return RunFilter(
        text=(text or "")[:200],
        kinds=KINDS if what == _DELETED else (JobKind(what),),
        states=tuple(JobState(state) for state in states),
        datasets=tuple(tables),
        models=tuple(models),
        is_deleted=what == _DELETED,
        order=RunOrder(sorting),
    )


def clear_filters() -> None:
    """Let the list show all of its kind again."""
    st.session_state["runs-text"] = ""
    for name in ("State", "Table", "Model"):
        st.session_state[f"runs-{name}"] = []


def _what(choices: RunChoices) -> str:
    """Draw what the list is of, and return the kind of its jobs, or that it is of those that were deleted."""
    counts = {kind.value: choices.kinds.get(kind, 0) for kind in KINDS} | {_DELETED: choices.n_deleted}
    labels = {kind.value: words for kind, words in KIND_WORDS.items()} | {_DELETED: "Deleted"}
    return st.selectbox(
        "Show",
        list(labels),
        format_func=lambda value: f"{labels[value]} ({counts[value]:,})",
        key="runs-what",
        width=_WIDTH,
        persist_state="session",
    )


def _several(label: str, options: list[str], words: dict[JobState, str] | None = None) -> list[str]:
    """Draw a filter that lets everything through while nothing is chosen; what is gone is not asked for."""
    key = f"runs-{label}"
    known = [value for value in st.session_state.get(key, []) if value in options]
    if known != st.session_state.get(key, []):
        st.session_state[key] = known
    return st.multiselect(
        label,
        [str(option) for option in options],
        format_func=lambda value: words[JobState(value)] if words else value,
        placeholder="Any",
        key=key,
        width=_WIDTH,
        persist_state="session",
    )


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
    session = AppSession.current()
    page, number = _page(wanted)
    if went_on and all(run.state.is_final for run in page.rows):
        st.rerun()  # a fragment cannot end its own polling
    actions = st.container()  # stands above the list, and needs to know what is chosen in it
    if page.rows:
        first = (number - 1) * PER_PAGE
        _choose(session, page.rows, f"Runs {first + 1:,} to {first + len(page.rows):,} of {page.n_found:,}")
    else:
        _nothing_found(wanted)
    with actions:
        run_actions(session, is_deleted=wanted.is_deleted)


def _page(wanted: RunFilter) -> tuple[RunPage, int]:
    """The page that is looked at, and its number from 1; a list that grew shorter shows its last one."""
    store = cache.supervisor().store
    number = int(st.session_state.get(_page_key(wanted), 1))
    page = store.runs(wanted, (number - 1) * PER_PAGE, PER_PAGE)
    if page.rows or number == 1:
        return page, number
    last = max(1, -(-page.n_found // PER_PAGE))
    return store.runs(wanted, (last - 1) * PER_PAGE, PER_PAGE), last


def _page_key(wanted: RunFilter) -> str:
    """Where the number of the page is kept: another list begins with its first page."""
    return f"runs-page:{hash(wanted)}"


def _choose(session: AppSession, runs: Sequence[RunRow], caption: str) -> None:
    """Draw the list; note which runs are chosen in it, and open the one whose button is pressed."""
    # Streamlit knows chosen and clicked rows by their positions: other rows, or another order, are another table.
    ids = [run.id for run in runs]
    key = session.forms.key(f"runs:{hash(tuple(ids))}", "runs")
    config: dict[str, Any] = {
        OPEN: st.column_config.ButtonColumn("", width=64, key=f"open-{key}"),
        "Run": st.column_config.TextColumn(width=230),
        "State": st.column_config.MultiselectColumn(
            width=112, options=list(STATE_WORDS.values()), color=[_STATE_COLORS[state] for state in STATE_WORDS]
        ),
        "Best outcome": st.column_config.NumberColumn(width=105),
        "Unit": st.column_config.TextColumn(width=60),
        "Results": st.column_config.NumberColumn(width=65),
        "Note": st.column_config.TextColumn(width="medium"),
        "When": st.column_config.DatetimeColumn("Deleted" if runs[0].deleted_at else "When", format="distance"),
        "Took": st.column_config.TextColumn(width=96, alignment="right"),
        "Started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss"),
    }
    table = _columns(runs)
    filled = [name for name, values in table.items() if any(value not in (None, "") for value in values)]
    shown = st.dataframe(
        table,
        height="content",
        hide_index=True,
        column_config=config,
        column_order=[name for name in filled if name != "Started"],  # which can be shown from the table's menu
        placeholder="–",
        alt=caption,
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run) for run in session.runs.chosen if run in ids]}},
    )
    elsewhere = tuple(run for run in session.runs.chosen if run not in ids)
    session.runs.chosen = elsewhere + tuple(ids[row] for row in shown.selection.rows if row < len(ids))
    st.caption(caption)
    clicked = st.session_state.get(f"open-{key}")
    if clicked:
        open_job(session, ids[clicked.row])


def _columns(runs: Sequence[RunRow]) -> dict[str, list[Any]]:
    return {
        OPEN: [OPEN] * len(runs),
        "Run": [run_title(run) for run in runs],
        "State": [[STATE_WORDS[run.state]] for run in runs],
        "Best outcome": [None if run.best is None else round(run.best, common_decimals([run.best])) for run in runs],
        "Unit": [run.unit if run.best is not None else "" for run in runs],
        "Results": [run.n_results for run in runs],
        "Goal": [run.goal for run in runs],
        "Note": [run.note for run in runs],
        "When": [run.deleted_at or run.created_at for run in runs],
        "Took": [_took(run) for run in runs],
        "Table": [run.dataset for run in runs],
        "Model": [run.model for run in runs],
        "Details": [state_detail(run) for run in runs],
        "Kind": [_STORIES.get(run.story, _KIND_NAMES[run.kind]) for run in runs],
        "Started": [run.created_at for run in runs],
    }


def _took(run: RunRow) -> str:
    seconds = seconds_of(run) if run.state is JobState.RUNNING else run.seconds
    return "" if seconds is None else span_words(seconds)


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
