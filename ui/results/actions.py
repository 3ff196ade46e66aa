"""What can be done with a result, from its row or its card: to the laboratory, What if, more like it, leave out."""

import streamlit as st

from services.jobs import Job
from services.jobs.following import again_without, limits_of, more_like, with_limits
from services.papers.choices import RunChoices, change_choices
from services.results.names import result_names
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.studies.what_if.settings import starts_of_results
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_error

_ASKED = "result-asked"
_LIMITS = "result-limits"


def asked_for(action: str, k: int) -> None:
    """Note what is to be done with the result at place ``k``; called from a callback only."""
    st.session_state[_ASKED] = (action, k)


def limits_asked_for(bounds: list[float]) -> None:
    """Note the limits to search with, in the order of those of the result; called from a callback only."""
    st.session_state[_LIMITS] = bounds


def search_with_limits(result: RunResult) -> None:
    """Put the limits that were asked for, if any, into the draft, and go on to the page that searches."""
    bounds = st.session_state.pop(_LIMITS, None)
    if bounds is None:
        return
    try:
        spec = with_limits(result, bounds)
    except USER_ERRORS as error:
        show_error(error)
        return
    session = AppSession.current()
    session.draft, session.run_id = spec, None
    session.renew_forms()
    session.note = session.draft, f"The limits are now: {limits_of(spec)}. Start the search, or change more first."
    st.switch_page(frame.OPTIMIZE)


def act_on(result: RunResult, job: Job) -> None:
    """Do what was asked for, if anything, and draw the page anew, or go on to the one that it leads to."""
    action, k = st.session_state.pop(_ASKED, ("", 0))
    if not action or k >= len(result.results):
        return
    session, store = AppSession.current(), cache.supervisor().store
    if action == "explore":
        session.explore(starts_of_results(result)[k])
        st.switch_page(frame.WHAT_IF)
    if action == "more":
        session.draft, session.run_id = more_like(result, k), None
        session.renew_forms()
        words = f"Bounds are now narrow around {result_names(k + 1)[k]}, where the search begins."
        session.note = session.draft, f"{words} Start it, or widen them first."
        st.switch_page(frame.OPTIMIZE)
    if action == "lab":
        change_choices(store, job.id, lambda found: found.toggled(k))
    if action == "leave_out":
        _leave_out(result, job, k)
    st.rerun()


def _leave_out(result: RunResult, job: Job, k: int) -> None:
    def without(found: RunChoices) -> RunChoices:
        return found.without(k) if len(found.shown(len(result.results))) > 1 else found

    change_choices(cache.supervisor().store, job.id, without)


def card_buttons(choices: RunChoices, k: int, *, is_last: bool) -> None:
    """Draw the buttons of a result, beside its name; the last one that is shown cannot be left out."""
    on_list = k in choices.to_lab
    words = {
        "lab": ("On the lab sheet" if on_list else "To the lab", "check" if on_list else "science"),
        "explore": ("What if", "instant_mix"),
        "more": ("More like this", "my_location"),
        "leave_out": ("Exclude", "cancel"),
    }
    for action, (label, icon) in words.items():
        key = f"{action}-{k}"
        st.button(
            label,
            key=key,
            icon=f":material/{icon}:",
            type="tertiary",
            on_click=asked_for,
            args=(action, k),
            disabled=is_last and action == "leave_out",
        )


def left_out_words(result: RunResult, job: Job, choices: RunChoices) -> None:
    """Say which results are left out, with the way back and the way on; nothing where all are shown."""
    if not choices.left_out:
        return
    is_steered = result.front is None  # a search for several goals takes no decisions
    names = [result_names(len(result.results))[k] for k in sorted(choices.left_out)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Left out: {safe_label(', '.join(names))}.", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_take_back, args=(job.id,))
        again = "Search again without it" if len(names) == 1 else "Search again without them"
        if is_steered and st.button(again, icon=":material/travel_explore:", type="tertiary"):
            _search_without(job.id, choices)


def _take_back(run_id: str) -> None:
    change_choices(cache.supervisor().store, run_id, RunChoices.with_last)


def _search_without(run_id: str, choices: RunChoices) -> None:
    try:
        spec = again_without(cache.supervisor().store, run_id, choices.left_out)
    except USER_ERRORS as error:
        show_error(error)
        return
    frame.submit_run(AppSession.current(), spec)
    st.switch_page(frame.OPTIMIZE)
