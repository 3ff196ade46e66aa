"""What if: take a setting into the hand, move its features, and see at once what the model says."""

import streamlit as st

from services.specs.errors import USER_ERRORS
from services.studies.what_if.explorer import DEFERRED
from ui.shared import cache, frame
from ui.shared.needs import needed_dataset, needed_material
from ui.shared.widgets import errors_shown, safe_label
from ui.what_if.what_if_view import (
    goal_choice,
    improve_others,
    keep_setting,
    kept_variants,
    search_from_here,
    show_profiler,
    start_choice,
    start_over,
    variants_view,
    what_if_context,
)

session = frame.enter_page(frame.WHAT_IF)
st.title(
    "What if",
    help="Drag a line, type a number or use the arrow keys: everything that follows from it moves at once.",
)

dataset = needed_dataset(session)
model_data = needed_material(session, dataset)
if session.draft is None:
    st.stop()
if model_data.is_deferred:
    st.info(DEFERRED, icon=":material/hourglass_disabled:")
    st.page_link(frame.OPTIMIZE, label="Search with this model", icon=":material/travel_explore:")
    st.stop()

job = cache.job(session.run_id)
result = cache.result(job)
spec = result.spec if result else session.draft
try:
    if spec.has_several_outcomes:
        model_data = cache.models_of(dataset, spec)
    context = what_if_context(spec, model_data, job, result)
except USER_ERRORS as error:
    st.error(f"These settings cannot be explored: {safe_label(str(error))}", icon=":material/error:")
    st.page_link(frame.OPTIMIZE, label="Change them on Optimize", icon=":material/travel_explore:")
    st.stop()

if job is not None and not job.state.is_final:
    st.caption("The search goes on. Once it has ended, its results can be begun from here.")
n_features = len(context.explorer.axes)
variants = kept_variants(session, job, n_features)
with st.container(horizontal=True, vertical_alignment="bottom"):
    start_choice(session, context, result, variants.rows)
    goal = goal_choice(context)
    st.button("Start over", icon=":material/restart_alt:", on_click=start_over, args=(session,))
    is_better = st.button(
        "Best with the others",
        icon=":material/moving:",
        help="A short search: moves every feature that is not locked to where it does best.",
    )
    is_search = st.button(
        "Search from here",
        icon=":material/travel_explore:",
        help="Takes this setting to Optimize as the reference: improve it, moving only what you allow.",
    )
    st.button(
        "Keep this variant",
        icon=":material/bookmark_add:",
        type="primary",
        on_click=keep_setting,
        args=(session, job, n_features),
    )
if is_better:
    improve_others(session, context, goal)
if is_search:
    with errors_shown():
        search_from_here(session, context)
show_profiler(session, context)
variants_view(session, context, job, variants)
