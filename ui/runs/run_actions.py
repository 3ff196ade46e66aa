"""What can be done to the chosen runs: one row of buttons that always stands in its place."""

import streamlit as st

from services.jobs import JobKind, RunRow
from services.jobs.continuing import continuation
from services.jobs.texts import run_title
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from ui.optimize.search_form import MAX_EVALUATIONS
from ui.runs.run_items import opens_results
from ui.shared import cache, frame
from ui.shared.opening import draft_of, open_job
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

MOST_COMPARED = 6
_NAMED = 4  # chosen runs that are called by their names
_IDLE = "Click a name to open a run; tick runs to compare, continue or delete them."


def run_actions(session: AppSession, *, is_deleted: bool) -> None:
    """Draw the buttons for the chosen runs, and what was just deleted."""
    known = cache.supervisor().store.runs_named(session.runs.chosen)
    chosen = tuple(run for run in known if (run.deleted_at is not None) == is_deleted)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if is_deleted:
            _restore(session, chosen)
        else:
            _open(session, chosen)
            _compare(chosen)
            _continue(session, chosen)
            _duplicate(session, chosen)
            _delete(session, chosen)
    _say(session, chosen, is_deleted=is_deleted)


def _open(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    one = chosen[0] if len(chosen) == 1 else None
    has_results = one is not None and opens_results(one)
    ways = [
        ("Results", frame.RESULTS, ":material/grading:", has_results),
        ("What if", frame.WHAT_IF, ":material/tune:", has_results),
        ("Optimize", frame.OPTIMIZE, ":material/travel_explore:", one is not None and one.kind is JobKind.SEARCH),
    ]
    for label, page, icon, is_possible in ways:
        if st.button(label, key=f"runs-to-{label}", icon=icon, disabled=not is_possible, help=_why(chosen)) and one:
            open_job(session, one.id, page)


def _why(chosen: tuple[RunRow, ...]) -> str:
    return "Choose one run with results to open it there." if len(chosen) != 1 else "Open the chosen run there."


def _compare(chosen: tuple[RunRow, ...]) -> None:
    compared = [run.id for run in chosen if opens_results(run)]
    is_possible = 2 <= len(compared) <= MOST_COMPARED and len(compared) == len(chosen)
    help = f"Choose two to {MOST_COMPARED} runs with results to see them side by side."
    if st.button("Compare", key="runs-compare", icon=":material/compare:", disabled=not is_possible, help=help):
        st.switch_page(frame.COMPARE, query_params={"compare": ",".join(compared)})


def _continue(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    one = chosen[0] if len(chosen) == 1 and opens_results(chosen[0]) and chosen[0].state.is_final else None
    with st.popover(
        "Continue",
        key="runs-continue",
        icon=":material/resume:",
        disabled=one is None,
        help="Choose one run with results to search on from them, with a larger budget.",
        on_change="rerun",
    ) as popover:
        if one is not None and popover.open:
            _continue_form(session, one)


def _continue_form(session: AppSession, run: RunRow) -> None:
    job = cache.supervisor().store.get(run.id)
    if job is None:
        return
    spent = RunSpec.model_validate_json(job.spec).budget.evaluations
    st.write("A new run with the same settings, which begins from what this one found.")
    evaluations = st.number_input(
        "Evaluations", 1, MAX_EVALUATIONS, min(2 * spent, MAX_EVALUATIONS), step=spent, key=f"runs-evaluations:{run.id}"
    )
    st.caption(f"This one was allowed {spent:,}.")
    if st.button("Continue the run", type="primary", icon=":material/play_arrow:"):
        try:
            spec = continuation(cache.supervisor().store, run.id, int(evaluations))
        except USER_ERRORS as error:
            st.error(safe_label(str(error)))
            return
        open_job(session, frame.submit(session, spec, run.story), frame.OPTIMIZE)


def _duplicate(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    is_possible = len(chosen) == 1 and chosen[0].kind is JobKind.SEARCH
    if st.button(
        "Duplicate",
        key="runs-duplicate",
        icon=":material/content_copy:",
        disabled=not is_possible,
        help="Take the settings of the chosen run to Optimize, to change them there. Nothing runs yet.",
    ):
        draft_of(session, chosen[0].id)


def _delete(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    def delete() -> None:
        ids = [run.id for run in chosen if run.state.is_final]
        cache.supervisor().store.delete(ids)
        view = session.runs
        view.undone, view.is_stale = tuple(ids), True
        view.chosen = tuple(run_id for run_id in view.chosen if run_id not in ids)

    goes_on = any(not run.state.is_final for run in chosen)
    st.button(
        "Delete",
        key="runs-delete",
        icon=":material/delete:",
        disabled=not chosen or goes_on,
        help="Stop it first: it still goes on." if goes_on else "It can be undone, and restored for 30 days.",
        on_click=delete,
    )


def _restore(session: AppSession, chosen: tuple[RunRow, ...]) -> None:
    def restore() -> None:
        cache.supervisor().store.restore([run.id for run in chosen])
        session.runs.chosen, session.runs.is_stale = (), True

    st.button(
        "Restore",
        key="runs-restore",
        icon=":material/restore_from_trash:",
        disabled=not chosen,
        help="Have the chosen runs back in the list.",
        on_click=restore,
    )


def _say(session: AppSession, chosen: tuple[RunRow, ...], *, is_deleted: bool) -> None:
    """Say which runs are chosen, or what to do with the list; and offer to undo the last deletion."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        n = sum(run.deleted_at is not None for run in cache.supervisor().store.runs_named(session.runs.undone))
        if n:
            st.caption(f"{n} {'run was' if n == 1 else 'runs were'} deleted.", width="content")
            st.button("Undo", key="runs-undo", icon=":material/undo:", type="tertiary", on_click=_undo)
        idle = "What is deleted can be restored for 30 days." if is_deleted else _IDLE
        st.caption(_chosen_words(chosen) if chosen else idle, width="content")
        # always there, so that the list below stays where it is
        st.button("Choose none", key="runs-none", type="tertiary", disabled=not chosen, on_click=_choose_none)


def _chosen_words(chosen: tuple[RunRow, ...]) -> str:
    names = ", ".join(safe_label(run_title(run)) for run in chosen[:_NAMED])
    more = f" and {len(chosen) - _NAMED} more" if len(chosen) > _NAMED else ""
    return f"{len(chosen)} chosen: {names}{more}"


def _undo() -> None:
    view = AppSession.current().runs
    cache.supervisor().store.restore(view.undone)
    view.undone, view.is_stale = (), True


def _choose_none() -> None:
    AppSession.current().runs.chosen = ()
