"""Optimize: set the goal and what may move on the left, start, and watch lineages converge on the right."""

import streamlit as st

from services.problems.building import build_budget
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from ui.optimize.bench import check_settings, draw_bench, show_changes
from ui.optimize.constraints_form import constraints_form
from ui.optimize.history import noted_change, undo_list
from ui.optimize.outcome_form import outcome_dialog
from ui.optimize.realism_form import realism_form
from ui.optimize.reference_form import reference_form
from ui.optimize.search_form import search_form
from ui.results.verdict_line import verdict_line
from ui.shared import cache, frame
from ui.shared.live import goes_on, is_searching, show_end, show_live, show_waiting, stop_button
from ui.shared.needs import needed_dataset, usable_material
from ui.shared.plan import search_button, show_plan
from ui.shared.widgets import safe_label
from ui.start.stories import demo_bar
from ui.tune.tune_panel import tune_panel

session = frame.enter_page(frame.OPTIMIZE)
if session.take_former("tune"):  # the address may name nothing
    session.tune.is_open = True
LIVE_HEIGHT = 450  # of the live view: the verdict below it is above the fold of a small laptop
NOTE_HEIGHT = 74  # of what is said of a draft that was made from a result, or of a run that did not end by itself
FORM_WIDTH = 560  # of what opens over the page

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Optimize", anchor=False, width="content")
    plan = st.container(width="stretch")
    actions = st.container(horizontal=True, horizontal_alignment="right", width="content")
dataset = needed_dataset(session)
model_data = usable_material(session, dataset)
job = cache.job(session.run_id)
if model_data is None or session.draft is None:
    if job is not None and job.is_ready:
        st.page_link(frame.RESULTS, label="The results of the last run are kept", icon=":material/arrow_forward:")
    st.stop()

left, right = st.columns([0.36, 0.64], gap="medium")
with left:
    board = st.container()
    with st.container(horizontal=True, gap="small"):
        n_rules = len(session.draft.constraints)
        label = f"Rules: {n_rules}" if n_rules else "Rules"
        with st.popover(label, icon=":material/rule:", key="rules"), st.container(width=FORM_WIDTH):
            spec = constraints_form(session, session.draft, model_data.dataset)
        with st.popover("Advanced", icon=":material/tune:", key="advanced"), st.container(width=FORM_WIDTH):
            reference_form(session, spec, dataset)
            spec = realism_form(session, spec, model_data)
            spec = search_form(session, spec)
    show_changes(session, session.draft, spec)
    with board:
        draw_bench(session, spec, model_data)
spec = noted_change(session, spec, dataset.units)
session.draft = spec
outcome_dialog(session, spec, dataset, model_data)

problem, front, error = None, None, ""
try:
    check_settings(session)
    spec.method.settings()
    build_budget(spec)
    problem = cache.problem(spec, model_data)
    if spec.is_front:
        front = cache.front(spec, model_data)
except USER_ERRORS as refused:
    error = str(refused)

is_running = is_searching(job)
is_other = job is not None and problem is not None and RunSpec.model_validate_json(job.spec) != spec
with actions:
    undo_list(session)
    if is_running:
        stop_button(job)
    is_pressed = search_button(job, is_disabled=problem is None or (is_running and not is_other))
with plan:
    if error:
        st.error(safe_label(error), icon=":material/error:")  # in the place of the plan: nothing below it moves
    elif problem is not None:
        show_plan(spec, front or problem, is_other=is_other, is_running=goes_on(job))
if is_pressed:
    if goes_on(job):  # what it searches for is not wanted any more
        cache.supervisor().stop(job.id)
    frame.submit_run(session, spec)
    st.rerun()

with right:
    if session.tune.is_open and not spec.is_front:
        tune_panel(session, spec, model_data)
    elif job is not None:
        demo_bar(session)
        has_note = show_end(job)
        show_live(session, job, LIVE_HEIGHT - NOTE_HEIGHT * has_note)
        if (found := cache.result(job)) is not None:
            verdict_line(found)
    else:
        draft, words = session.note or (None, "")
        has_note = draft == spec
        if has_note:
            st.info(safe_label(words), icon=":material/info:")
        show_waiting(session, spec, LIVE_HEIGHT - NOTE_HEIGHT * has_note)
