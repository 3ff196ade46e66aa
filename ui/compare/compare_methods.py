"""Methods side by side on the problem that is set on the Optimize page."""

import streamlit as st

from services.problems.building import build_budget
from services.specs.errors import USER_ERRORS
from services.studies.compare.methods_spec import ComparisonSpec
from ui.compare.methods_form import methods_form, methods_plan, methods_remarks
from ui.compare.methods_view import methods_view
from ui.shared import cache, frame
from ui.shared.needs import has_dataset, usable_material
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label


def compare_methods(session: AppSession) -> None:
    """Draw what is compared, the button that starts it, and what came out."""
    dataset = session.dataset
    if not has_dataset(dataset):
        return
    model_data, run = usable_material(session, dataset), session.draft
    if model_data is None or run is None:
        return
    job = cache.supervisor().store.get(session.compare.methods_id) if session.compare.methods_id else None
    shown = ComparisonSpec.model_validate_json(job.spec) if job is not None else None
    is_running = job is not None and not job.state.is_final
    with st.container(border=True):
        spec = methods_form(session, run, shown)
        problem, error = None, ""
        try:
            build_budget(run)
            problem = cache.problem(run, model_data)
        except USER_ERRORS as refused:
            error = f"The run that is set on the Optimize page cannot be searched: {refused}"
        if error:
            st.error(safe_label(error), icon=":material/error:")
        elif spec is not None and problem is not None:
            if not is_running:
                _plan(spec, shown, methods_plan(spec, problem))
            methods_remarks(spec, problem)
        with st.container(horizontal=True):
            is_pressed = st.button(
                "Compare again" if job else "Compare methods",
                icon=":material/play_arrow:",
                type="primary",
                disabled=is_running or spec is None or problem is None,
            )
            if is_running and job is not None:
                st.button("Stop", icon=":material/stop:", on_click=cache.supervisor().stop, args=(job.id,))
    if is_pressed and spec is not None:
        frame.submit_comparison(session, spec)
        st.rerun()
    if job is not None:
        methods_view(session, job, model_data)


def _plan(spec: ComparisonSpec, shown: ComparisonSpec | None, plan: str) -> None:
    """Say what a start would do, and in yellow that what is shown had other settings."""
    if shown is None:
        st.info(plan, icon=":material/schedule:")
    elif not spec.asks_as(shown):
        st.warning(
            f"The settings differ from those of the comparison shown here. Compare again to see what they do. {plan}",
            icon=":material/edit:",
        )
