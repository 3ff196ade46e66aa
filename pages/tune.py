"""Tune: what realism costs, as a curve over the settings of one dial."""

import streamlit as st

from services.catalog.settings import Settings
from services.jobs import JobKind
from services.problems.building import build_budget
from services.specs.errors import USER_ERRORS
from services.studies.tune import TuneSpec, tune_plan, tune_seconds
from ui.shared import cache, frame
from ui.shared.live import goes_on, stop_button
from ui.shared.needs import needed_dataset, needed_material
from ui.shared.plan import evaluation_seconds, show_study_plan, takes
from ui.shared.session import TunePage
from ui.shared.widgets import show_error
from ui.tune.tune_view import tune_form, tune_view

session = frame.enter_page(frame.TUNE)

heading, actions = st.columns([3, 2], vertical_alignment="bottom")
with heading:
    st.title("Tune")
    st.write("What does realism cost? The same search at several settings of one dial: pick the one you believe.")
model_data = needed_material(session, needed_dataset(session))
run = session.draft
if run is None:
    st.stop()
job = cache.job(session.tune.job_id)
shown = TuneSpec.model_validate_json(job.spec) if job is not None else None

notes, watching = st.container(), st.container()
with st.expander("Settings", icon=":material/tune:", expanded=job is None):
    spec = tune_form(session, run, model_data, shown)

seconds, error = 0.0, ""
try:
    build_budget(run)
    strongest = spec.run_at(max(spec.weights)) if spec else run
    seconds = evaluation_seconds(strongest, cache.problem(strongest, model_data))
except USER_ERRORS as refused:
    error = f"The run that is set on the Optimize page cannot be searched: {refused}"

with actions, st.container(horizontal=True, horizontal_alignment="right"):
    stop_button(job)
    is_pressed = st.button(
        "Tune again" if job else "Start tuning",
        icon=":material/play_arrow:",
        type="primary",
        disabled=goes_on(job) or spec is None or bool(error),
    )
if is_pressed and spec is not None:
    session.tune = TunePage(cache.supervisor().submit(JobKind.TUNE, run.name, spec.model_dump_json()))
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
