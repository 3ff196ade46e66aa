"""The list of runs: its filters, its rows, and what can be done to the chosen ones."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st

from services.jobs import JobKind, JobState, RunChoices, RunFilter, RunOrder, RunPage, RunRow
from services.jobs.continuing import continuation
from services.jobs.texts import KIND_WORDS, STATE_WORDS, run_title, span_words, state_detail
from services.problems.stories import STORIES
from services.specs.digits import common_decimals
from services.specs.run import MAX_EVALUATIONS, RunSpec
from ui.shared import cache, frame
from ui.shared.frame import draft_of, open_job
from ui.shared.live import seconds_of
from ui.shared.session import AppSession
from ui.shared.widgets import choose, errors_shown, safe_label

KINDS = tuple(KIND_WORDS)
_DELETED = "deleted"  # what the list is of beside the kinds: those of all kinds that were deleted
_WIDTH = 172  # of a filter, in pixels: two beside each other on a phone
MOST_COMPARED = 6
DESCRIBE = "Name and note"
_FOLDED = ("State", "Table", "Model")
_NAMED = 4  # chosen runs that are called by their names
_IDLE = "Tick runs to open, continue or compare them."
_ROW = 38  # height of a row of buttons, in pixels

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
    """Draw the filters, those that are used less folded away; return what they ask for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
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
        sorting = choose("Order", _ORDERS, RunOrder.NEWEST, key="runs-order", is_kept=True, width=_WIDTH)
        n_set = sum(bool(st.session_state.get(f"runs-{name}")) for name in _FOLDED)
        with st.popover(f"Filter ({n_set})" if n_set else "Filter", icon=":material/filter_alt:", key="runs-filter"):
            states = _several("State", [state for state in JobState if state in choices.states], STATE_WORDS)
            tables = _several("Table", list(choices.datasets))
            models = _several("Model", list(choices.models))
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
    for name in _FOLDED:
        st.session_state[f"runs-{name}"] = []


def _what(choices: RunChoices) -> str:
    """Draw what the list is of, and return the kind of its jobs, or that it is of those that were deleted."""
    counts = {kind.value: choices.kinds.get(kind, 0) for kind in KINDS} | {_DELETED: choices.n_deleted}
    labels = {kind.value: words for kind, words in KIND_WORDS.items()} | {_DELETED: "Deleted"}
    words = {value: f"{label} ({counts[value]:,})" for value, label in labels.items()}
    return choose("Show", words, KINDS[0].value, key="runs-what", is_kept=True, width=_WIDTH)


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
        "Best outcome": st.column_config.NumberColumn(width=105, format="localized"),
        "Unit": st.column_config.TextColumn(width=80),
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
        "When": [run.deleted_at or run.created_at for run in runs],
        "Took": [_took(run) for run in runs],
        "Note": [run.note for run in runs],
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


def run_actions(session: AppSession, *, is_deleted: bool) -> None:
    """Draw the buttons for the chosen runs, or what to do with the list, and what was just deleted."""
    known = cache.supervisor().store.runs_named(session.runs.chosen)
    chosen = tuple(run for run in known if (run.deleted_at is not None) == is_deleted)
    _undo_offer(session)
    if not chosen:
        with st.container(height=_ROW, border=False, vertical_alignment="center"):  # the list stays where it is
            st.caption("What is deleted can be restored for 30 days." if is_deleted else _IDLE)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_deleted:
            _restore(session, chosen)
        else:
            one = chosen[0] if len(chosen) == 1 else None
            _open(session, one)
            _continue(session, one)
            _compare(session, chosen)
            _popover(
                DESCRIBE, ":material/edit:", "Choose one run to rename it, or to note something on it.", one, _describe
            )
            _more(session, chosen, one)
        st.caption(_chosen_words(chosen), width="content")  # the tools of the list lie over the end of the row
        if st.button("Choose none", key="runs-none", type="tertiary"):
            session.runs.chosen = ()
            session.forms.renew("runs")
            st.rerun()


def _button(label: str, icon: str, help: str, *, is_possible: bool, is_first: bool = False) -> bool:
    """Draw a button that stands in its place whatever is chosen; return whether it is pressed."""
    kind: Literal["primary", "secondary"] = "primary" if is_first else "secondary"
    return st.button(
        label, key=f"runs-{label.lower()}", icon=icon, disabled=not is_possible, help=help, type=kind, wrap=False
    )


def _open(session: AppSession, one: RunRow | None) -> None:
    help = "Show its results." if one else "Choose one run to open it."
    if _button("Open", ":material/grading:", help, is_possible=one is not None, is_first=True) and one:
        open_job(session, one.id)


def _more(session: AppSession, chosen: tuple[RunRow, ...], one: RunRow | None) -> None:
    """Draw what is done less often, as far as it can be done to the chosen runs."""
    acts: dict[str, Callable[[], None]] = {}
    if one is not None and _has_results(one):
        acts["What if"] = partial(open_job, session, one.id, frame.WHAT_IF)
    if one is not None and one.kind is JobKind.SEARCH:
        acts["Watch it on Optimize"] = partial(open_job, session, one.id, frame.OPTIMIZE)
        acts["Use its settings"] = partial(draft_of, session, one.id)
    if going_on := [run.id for run in chosen if not run.state.is_final]:
        acts["Stop"] = partial(_stop, going_on)
    elif chosen:
        acts["Delete"] = partial(_delete, session, chosen)
    # other runs are another menu: one that keeps its place would do to these what was asked for those
    act = st.menu_button(
        "More",
        list(acts),
        key=f"runs-more:{hash(tuple(run.id for run in chosen))}",
        icon=":material/more_horiz:",
    )
    if act in acts:
        acts[act]()


def _has_results(run: RunRow) -> bool:
    return run.kind is JobKind.SEARCH and bool(run.n_results)


def _compare(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    is_possible = 2 <= len(chosen) <= MOST_COMPARED and all(_has_results(run) for run in chosen)
    help = f"Choose two to {MOST_COMPARED} runs with results to see them side by side."
    if _button("Compare", ":material/compare:", help, is_possible=is_possible):
        session.compare_runs(run.id for run in chosen)
        st.rerun()


def _continue(session: AppSession, one: RunRow | None) -> None:
    able = one if one is not None and _has_results(one) and one.state.is_final else None
    help = "Choose one run with results to search on from them, with a larger budget."
    _popover("Continue", ":material/resume:", help, able, partial(_continue_form, session))


def _popover(label: str, icon: str, help: str, run: RunRow | None, form: Callable[[RunRow], None]) -> None:
    """Draw a button that opens a form for one run, which is drawn while it is open only."""
    with st.popover(
        label, key=f"runs-{label}", icon=icon, disabled=run is None, help=help, on_change="rerun"
    ) as popover:
        if run is not None and popover.open:
            form(run)


def _continue_form(session: AppSession, run: RunRow) -> None:
    job = cache.job(run.id)
    if job is None:
        return
    spent = RunSpec.model_validate_json(job.spec).budget.evaluations
    st.write("A new run with the same settings, which begins from what this one found.")
    evaluations = st.number_input(
        "Evaluations", 1, MAX_EVALUATIONS, min(2 * spent, MAX_EVALUATIONS), step=spent, key=f"runs-evaluations:{run.id}"
    )
    st.caption(f"This one was allowed {spent:,}.")
    if st.button("Continue the run", type="primary", icon=":material/play_arrow:"):
        with errors_shown():
            spec = continuation(cache.supervisor().store, run.id, int(evaluations))
            open_job(session, frame.submit(session, spec, run.story), frame.OPTIMIZE)


def _describe(run: RunRow) -> None:
    is_named = run.kind is not JobKind.QUALITY  # others are called by what they are of
    name_key, note_key = f"runs-name:{run.id}", f"runs-note:{run.id}"

    def save() -> None:
        name = " ".join(st.session_state[name_key].split()) if is_named else ""
        cache.supervisor().store.describe(run.id, name=name or None, note=st.session_state[note_key].strip())
        st.session_state[f"runs-{DESCRIBE}"] = False  # only a callback may close a popover

    with st.form(f"runs-describe:{run.id}", border=False):
        st.text_input("Name", run_title(run), max_chars=120, disabled=not is_named, key=name_key)
        st.text_area("Note", run.note, max_chars=500, key=note_key)
        st.form_submit_button("Save", type="primary", on_click=save)


def _stop(run_ids: Sequence[str]) -> None:
    for run_id in run_ids:
        cache.supervisor().stop(run_id)
    st.rerun()


def _delete(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    session.runs.chosen, session.runs.undone = (), tuple(run.id for run in chosen)
    cache.supervisor().store.delete(session.runs.undone)
    st.rerun()  # the whole page: numbers beside the filters have changed


def _restore(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    help = "Have the chosen runs back in the list."
    if _button("Restore", ":material/restore_from_trash:", help, is_possible=True):
        cache.supervisor().store.restore([run.id for run in chosen])
        session.runs.chosen = ()
        st.rerun()


def _undo_offer(session: AppSession) -> None:
    """Offer to undo the last deletion."""
    store = cache.supervisor().store
    n = sum(run.deleted_at is not None for run in store.runs_named(session.runs.undone))
    if not n:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"{n} {'run was' if n == 1 else 'runs were'} deleted.", width="content")
        if st.button("Undo", key="runs-undo", icon=":material/undo:", type="tertiary"):
            store.restore(session.runs.undone)
            session.runs.undone = ()
            st.rerun()


def _chosen_words(chosen: tuple[RunRow, ...]) -> str:
    names = ", ".join(safe_label(run_title(run)) for run in chosen[:_NAMED])
    more = f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else ""
    return f"{len(chosen)} chosen: {names}{more}"
