"""How long what will run takes, or that the picture shows other settings than the screen."""

import streamlit as st

from optimizer import Problem
from services.catalog.settings import Settings
from services.jobs import Job, JobKind
from services.jobs.durations import expected_seconds, seconds_before
from services.problems.estimate import duration_words, estimate_seconds, plan_words
from services.specs.run import RunSpec
from ui.shared import cache


def search_button(job: Job | None, *, is_disabled: bool = False) -> bool:
    """Draw the button that starts a search, and return whether it is pressed."""
    label = "Search again" if job else "Start search"
    return st.button(label, icon=":material/play_arrow:", type="primary", key="search", disabled=is_disabled)


def show_plan(spec: RunSpec, problem: Problem, *, is_other: bool, is_running: bool) -> None:
    """Say how long a start takes; and where another run is shown that its settings were others.

    Args:
        is_running: whether the run that is shown goes on: a start ends it, and waits for nothing.
    """
    seconds = takes(JobKind.SEARCH, estimate_seconds(spec, evaluation_seconds(spec, problem)))
    words, plan = duration_words(seconds), plan_words(spec, seconds)
    n_parallel = Settings.from_environment().n_parallel
    waits = 0.0 if is_running else seconds_before(cache.supervisor().store, n_parallel)
    before = f" It waits {duration_words(waits)} for what runs now." if waits else ""
    if is_other:
        st.markdown(
            f":orange[:material/edit:] Settings differ from the run shown. Searching again takes {words}.{before}",
            help=plan,
        )
    else:
        st.caption(f"A search takes {words}.{before}", help=plan)


def show_study_plan(plan: str, is_same: bool | None, what: str, verb: str) -> None:
    """Say what a start would do; in yellow where ``what`` is shown with other settings than those on screen.

    ``is_same`` tells that, None where nothing is shown; ``verb`` is what the button does again.
    """
    if is_same is None:
        st.info(plan, icon=":material/schedule:")
    elif not is_same:
        words = f"The settings differ from those of the {what} shown here. {verb} again to see what they do. {plan}"
        st.warning(words, icon=":material/edit:")


def evaluation_seconds(spec: RunSpec, problem: Problem) -> float:
    """How long an evaluation of a run takes; measured once for table, model, curve, method and realism."""
    is_far = spec.distance is not None and spec.distance.weight > 0
    realism = f"{spec.risk_aversion > 0}|{is_far}|{spec.plausibility}"
    key = f"{spec.dataset.digest}|{spec.outcomes}|{spec.method.name}|{realism}"
    return cache.seconds_per_evaluation(key, problem, spec.method)


def takes(kind: JobKind, idle_seconds: float) -> float:
    """How long a job will take, in seconds: on this machine as busy as it is, and as others of its kind did.

    Args:
        idle_seconds: what it takes on an idle machine.
    """
    return expected_seconds(cache.supervisor().store, kind, idle_seconds)
