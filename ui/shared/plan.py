"""What will run and how long it takes, or that the picture shows other settings than the screen."""

import streamlit as st

from optimizer import Problem
from services.catalog.settings import Settings
from services.jobs import Job, JobKind
from services.jobs.durations import expected_seconds, seconds_before
from services.problems.estimate import duration_words, estimate_seconds, plan_words
from services.specs.run import RunSpec
from ui.shared import cache


def search_button(job: Job | None, *, is_disabled: bool = False) -> bool:
    """Draw the button that starts a search, and return whether it is pressed.

    It is the same button wherever it stands: one that is pressed right after something was typed is pressed, even where
    what was typed moves it.
    """
    label = "Search again" if job else "Start search"
    return st.button(label, icon=":material/play_arrow:", type="primary", key="search", disabled=is_disabled)


def show_plan(spec: RunSpec, problem: Problem) -> None:
    """Say what a start would do."""
    waits = seconds_before(cache.supervisor().store, Settings.from_environment().n_parallel)
    before = f" It waits {duration_words(waits)} for what runs now." if waits else ""
    st.info(plan_words(spec, _seconds(spec, problem)) + before, icon=":material/schedule:")


def show_study_plan(plan: str, is_same: bool | None, what: str, verb: str) -> None:
    """Say what a start would do; in yellow where ``what`` is shown with other settings than those on screen.

    ``is_same`` tells that, None where nothing is shown; ``verb`` is what the button does again.
    """
    if is_same is None:
        st.info(plan, icon=":material/schedule:")
    elif not is_same:
        words = f"The settings differ from those of the {what} shown here. {verb} again to see what they do. {plan}"
        st.warning(words, icon=":material/edit:")


def changed_settings_warning(spec: RunSpec, problem: Problem, job: Job) -> bool:
    """Say in yellow that the shown run had other settings; return whether the button beside that is pressed."""
    takes = duration_words(_seconds(spec, problem))
    columns = st.columns([5, 1], vertical_alignment="center")
    columns[0].warning(
        f"The settings below differ from those of the run shown here. Searching again takes {takes}.",
        icon=":material/edit:",
    )
    with columns[1]:
        return search_button(job)


def evaluation_seconds(spec: RunSpec, problem: Problem) -> float:
    """How long an evaluation of a run takes; measured once for table, model, curve, method and realism."""
    is_far = spec.distance is not None and spec.distance.weight > 0
    realism = f"{spec.risk_aversion > 0}|{is_far}|{spec.plausibility}"
    key = f"{spec.dataset.digest}|{spec.model.model_dump_json()}|{spec.curve}|{spec.method.name}|{realism}"
    return cache.seconds_per_evaluation(key, problem, spec.method)


def takes(kind: JobKind, idle_seconds: float) -> float:
    """How long a job will take, in seconds: on this machine as busy as it is, and as others of its kind did.

    Args:
        idle_seconds: what it takes on an idle machine.
    """
    return expected_seconds(cache.supervisor().store, kind, idle_seconds)


def _seconds(spec: RunSpec, problem: Problem) -> float:
    return takes(JobKind.SEARCH, estimate_seconds(spec, evaluation_seconds(spec, problem)))
