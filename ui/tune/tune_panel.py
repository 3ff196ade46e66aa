"""What realism costs, beside the settings: which setting is turned, the start, and the curve as it grows."""

import streamlit as st

from services.catalog.loading import ModelWithData
from services.catalog.settings import Settings
from services.jobs import JobKind
from services.problems.building import build_budget
from services.problems.outcomes.goals import check_one_goal
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from services.studies.tune import TUNING, TuneSpec, tune_plan, tune_seconds
from ui.shared import cache
from ui.shared.live import goes_on, stop_button
from ui.shared.plan import evaluation_seconds, show_study_plan, takes
from ui.shared.session import AppSession, TunePage
from ui.shared.widgets import show_error
from ui.tune.tune_view import tune_form, tune_view


def tune_panel(session: AppSession, run: RunSpec, model_data: ModelWithData) -> None:
    """Draw all of it for a run as it is set."""
    job = cache.job(session.tune.job_id)
    shown = TuneSpec.model_validate_json(job.spec) if job is not None else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("What does realism cost?", anchor=False)
        actions = st.container(horizontal=True, horizontal_alignment="right", width="content")
    form, notes, watching = st.container(), st.container(), st.container()
    with form:
        st.caption("The same search at several values of one setting: pick the one that you believe.")
        spec = tune_form(session, run, model_data, shown)
    seconds, error = 0.0, ""
    try:
        check_one_goal(run, TUNING)
        build_budget(run)
        strongest = spec.run_at(max(spec.weights)) if spec else run
        seconds = evaluation_seconds(strongest, cache.problem(strongest, model_data))
    except USER_ERRORS as refused:
        error = f"The run that is set here cannot be searched: {refused}"
    with actions:
        st.button("Close", icon=":material/close:", type="tertiary", on_click=_close, args=(session,))
        stop_button(job, "Stop tuning")
        is_pressed = st.button(
            "Tune again" if job else "Start tuning",
            icon=":material/play_arrow:",
            disabled=goes_on(job) or spec is None or bool(error),
        )
    if is_pressed and spec is not None:
        job_id = cache.supervisor().submit(JobKind.TUNE, run.name, spec.model_dump_json())
        session.tune = TunePage(job_id, is_open=True)
        st.rerun()
    with notes:
        if error:
            show_error(error)
        elif spec is not None and not goes_on(job):
            n_processes = Settings.from_environment().n_processes
            plan = tune_plan(spec, takes(JobKind.TUNE, tune_seconds(spec, seconds, n_processes)), n_processes)
            show_study_plan(plan, spec.asks_as(shown) if shown else None, "curve", "Tune")
    if job is not None:
        with watching:
            tune_view(session, job, run)


def _close(session: AppSession) -> None:
    session.tune.is_open = False
