"""Optimize: set the goal, start, and watch lineages converge."""

import streamlit as st

from services.problems.building import build_budget
from services.specs.errors import USER_ERRORS
from services.specs.method import LineagesSpec
from services.specs.run import RunSpec
from ui.optimize.constraints_form import constraints_form, constraints_refusal
from ui.optimize.goal_form import goal_form
from ui.optimize.realism_form import realism_form
from ui.optimize.reference_form import check_features, feature_form, reference_form
from ui.optimize.search_form import chosen_name, search_form
from ui.results.result_table import result_table
from ui.shared import cache, frame
from ui.shared.live import goes_on, show_end, show_live, stop_button
from ui.shared.needs import needed_dataset, usable_material
from ui.shared.plan import changed_settings_warning, search_button, show_plan
from ui.shared.widgets import safe_label
from ui.start.stories import demo_bar

session = frame.enter_page(frame.OPTIMIZE)

heading, actions = st.columns([3, 2], vertical_alignment="bottom")
with heading:
    st.title("Optimize")
    st.write("Say what is searched for and what may move, then watch lineages converge.")
dataset = needed_dataset(session)
model_data = usable_material(session, dataset)
job = cache.job(session.run_id)
if model_data is None or session.draft is None:
    if job is not None and job.state.is_final:
        st.page_link(frame.RESULTS, label="The results of the last run are kept", icon=":material/arrow_forward:")
    st.stop()

notes, watching, settings, results = (st.container() for _ in range(4))
with settings, st.expander("Settings", icon=":material/tune:", expanded=job is None):
    spec = goal_form(session, session.draft, model_data)
    reference_form(session, spec, dataset)
    has_weights = chosen_name(session, spec.method) == LineagesSpec().name
    feature_form(session, spec, dataset, has_weights=has_weights)
    spec = realism_form(session, spec, model_data)
    spec = constraints_form(session, spec, dataset)
    st.subheader("Search")
    spec = search_form(session, spec)
    below = st.container()
session.draft = spec

problem, error = None, ""
try:
    check_features(session)
    spec.method.settings()
    build_budget(spec)
    problem = cache.problem(spec, model_data)
except USER_ERRORS as refused:
    error = str(refused)

is_other = False
if job is not None and not goes_on(job) and problem is not None:
    is_other = RunSpec.model_validate_json(job.spec) != spec
is_pressed = False
with actions, st.container(horizontal=True, horizontal_alignment="right"):
    stop_button(job)
    if not is_other:  # the note has the button then
        is_pressed = search_button(job, is_disabled=goes_on(job) or problem is None)
with notes:
    if problem is not None and job is not None and is_other:
        is_pressed = changed_settings_warning(spec, problem, job)
    elif problem is not None and job is None:
        show_plan(spec, problem)
if is_pressed:
    frame.submit_run(session, spec)
    st.rerun()

if error:
    # A refusal of the rules already stands beside them, within the settings.
    is_shown_below = error == constraints_refusal(spec, model_data.dataset)
    for container in (notes,) if is_shown_below else (notes, below):
        container.error(safe_label(error), icon=":material/error:")
if job is not None:
    with watching:
        demo_bar(session)
        show_end(job)
        show_live(session, job)
    found = cache.result(job.id) if job.state.is_final else None
    with results:
        if found is not None:
            result_table(found)
            st.page_link(frame.RESULTS, label="Density check, curves and downloads", icon=":material/arrow_forward:")
