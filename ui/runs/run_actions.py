"""What can be done to the chosen runs: one row of buttons that always stands in its place."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from services.jobs import JobKind, RunRow
from services.jobs.continuing import continuation
from services.jobs.texts import run_title
from services.specs.run import RunSpec
from ui.optimize.search_form import MAX_EVALUATIONS
from ui.shared import cache, frame
from ui.shared.frame import draft_of, open_job
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label

MOST_COMPARED = 6
DESCRIBE = "Name and note"
_NAMED = 4  # chosen runs that are called by their names
_IDLE = "Tick runs to open, compare, continue, rename or delete them."


def run_actions(session: AppSession, *, is_deleted: bool) -> None:
    """Draw the buttons for the chosen runs, and what was just deleted."""
    known = cache.supervisor().store.runs_named(session.runs.chosen)
    chosen = tuple(run for run in known if (run.deleted_at is not None) == is_deleted)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_deleted:
            _restore(session, chosen)
        else:
            one = chosen[0] if len(chosen) == 1 else None
            _open(session, one)
            _compare(chosen)
            _continue(session, one)
            _duplicate(session, one)
            _popover(
                DESCRIBE, ":material/edit:", "Choose one run to rename it, or to note something on it.", one, _describe
            )
            _stop(chosen)
            _delete(session, chosen)
    _say(session, chosen, is_deleted=is_deleted)


def _button(label: str, icon: str, help: str, *, is_possible: bool) -> bool:
    """Draw a button that always stands in its place; return whether it is pressed."""
    return st.button(label, key=f"runs-{label.lower()}", icon=icon, disabled=not is_possible, help=help)


def _open(session: AppSession, one: RunRow | None) -> None:
    ways = [
        ("Open", None, ":material/grading:", one is not None),
        ("What if", frame.WHAT_IF, ":material/tune:", one is not None and _has_results(one)),
        ("Optimize", frame.OPTIMIZE, ":material/travel_explore:", one is not None and one.kind is JobKind.SEARCH),
    ]
    help = "Open the chosen run there." if one else "Choose one run to open it there."
    for label, page, icon, is_possible in ways:
        if _button(label, icon, help, is_possible=is_possible) and one:
            open_job(session, one.id, page)


def _has_results(run: RunRow) -> bool:
    return run.kind is JobKind.SEARCH and bool(run.n_results)


def _compare(chosen: tuple[RunRow, ...]) -> None:
    is_possible = 2 <= len(chosen) <= MOST_COMPARED and all(_has_results(run) for run in chosen)
    help = f"Choose two to {MOST_COMPARED} runs with results to see them side by side."
    if _button("Compare", ":material/compare:", help, is_possible=is_possible):
        st.switch_page(frame.COMPARE, query_params={"compare": ",".join(run.id for run in chosen)})


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


def _duplicate(session: AppSession, one: RunRow | None) -> None:
    is_possible = one is not None and one.kind is JobKind.SEARCH
    help = "Take the settings of the chosen run to Optimize, to change them there. Nothing runs yet."
    if _button("Duplicate", ":material/content_copy:", help, is_possible=is_possible) and one is not None:
        draft_of(session, one.id)


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


def _stop(chosen: tuple[RunRow, ...]) -> None:
    going_on = [run.id for run in chosen if not run.state.is_final]
    help = "End the chosen runs; what they have found until then is kept."
    if _button("Stop", ":material/stop:", help, is_possible=bool(going_on)):
        for run_id in going_on:
            cache.supervisor().stop(run_id)
        st.rerun()


def _delete(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    goes_on = any(not run.state.is_final for run in chosen)
    help = "Stop it first: it still goes on." if goes_on else "It can be undone, and restored for 30 days."
    if _button("Delete", ":material/delete:", help, is_possible=bool(chosen) and not goes_on):
        session.runs.chosen, session.runs.undone = (), tuple(run.id for run in chosen)
        cache.supervisor().store.delete(session.runs.undone)
        st.rerun()  # the whole page: numbers beside the filters have changed


def _restore(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    help = "Have the chosen runs back in the list."
    if _button("Restore", ":material/restore_from_trash:", help, is_possible=bool(chosen)):
        cache.supervisor().store.restore([run.id for run in chosen])
        session.runs.chosen = ()
        st.rerun()


def _say(session: AppSession, chosen: tuple[RunRow, ...], *, is_deleted: bool) -> None:
    """Say which runs are chosen, or what to do with the list; and offer to undo the last deletion."""
    store = cache.supervisor().store
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        n = sum(run.deleted_at is not None for run in store.runs_named(session.runs.undone))
        if n:
            st.caption(f"{n} {'run was' if n == 1 else 'runs were'} deleted.", width="content")
            if st.button("Undo", key="runs-undo", icon=":material/undo:", type="tertiary"):
                store.restore(session.runs.undone)
                session.runs.undone = ()
                st.rerun()
        idle = "What is deleted can be restored for 30 days." if is_deleted else _IDLE
        st.caption(_chosen_words(chosen) if chosen else idle, width="content")
        # always there, so that the list below stays where it is
        if st.button("Choose none", key="runs-none", type="tertiary", disabled=not chosen):
            session.runs.chosen = ()
            session.forms.renew("runs")
            st.rerun()


def _chosen_words(chosen: tuple[RunRow, ...]) -> str:
    names = ", ".join(safe_label(run_title(run)) for run in chosen[:_NAMED])
    more = f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else ""
    return f"{len(chosen)} chosen: {names}{more}"
