"""Methods side by side on the problem that is set on the Optimize page."""

import streamlit as st

from optimizer import METHODS, Problem
from services.catalog.settings import Settings
from services.problems.building import build_budget
from services.problems.estimate import duration_words
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from services.studies.compare.methods import comparison_seconds, refusal, remark
from services.studies.compare.methods_spec import MAX_SEEDS, USUAL_METHODS, ComparisonSpec
from services.studies.compare.methods_texts import METHOD_NAMES
from ui.compare.methods_view import methods_view
from ui.shared import cache, frame
from ui.shared.live import goes_on, stop_button
from ui.shared.needs import has_dataset, usable_material
from ui.shared.plan import evaluation_seconds, show_study_plan
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
    job = cache.job(session.compare.methods_id)
    shown = ComparisonSpec.model_validate_json(job.spec) if job is not None else None
    with st.container(border=True):
        spec = _form(session, run, shown)
        problem, error = None, ""
        try:
            build_budget(run)
            problem = cache.problem(run, model_data)
        except USER_ERRORS as refused:
            error = f"The run that is set on the Optimize page cannot be searched: {refused}"
        if error:
            st.error(safe_label(error), icon=":material/error:")
        elif spec is not None and problem is not None:
            if not goes_on(job):
                is_same = shown is not None and spec.asks_as(shown)
                plan = _plan(spec, problem)
                show_study_plan(
                    plan, is_shown=shown is not None, is_same=is_same, what="comparison", again="Compare again"
                )
            _remarks(spec, problem)
        with st.container(horizontal=True):
            is_pressed = st.button(
                "Compare again" if job else "Compare methods",
                icon=":material/play_arrow:",
                type="primary",
                disabled=goes_on(job) or spec is None or problem is None,
            )
            stop_button(job)
    if is_pressed and spec is not None:
        frame.submit_comparison(session, spec)
        st.rerun()
    if job is not None:
        methods_view(session, job, model_data)


def _form(session: AppSession, run: RunSpec, shown: ComparisonSpec | None) -> ComparisonSpec | None:
    """Draw methods and seeds, those of the shown comparison first; return the comparison, or None without methods.

    Args:
        session: whose forms they are.
        run: the problem.
        shown: the comparison that is on the page, or None.
    """
    columns = st.columns([4, 1], vertical_alignment="top", gap="medium")
    with columns[0]:
        methods = st.multiselect(
            "Methods",
            list(METHODS),
            default=list(shown.methods if shown else USUAL_METHODS),
            format_func=METHOD_NAMES.__getitem__,
            key=session.forms.key("contest-methods"),
            help="Each searches the problem that is set on the Optimize page, with the evaluations set there.",
        )
    with columns[1]:
        n_seeds = st.number_input(
            "Seeds",
            1,
            MAX_SEEDS,
            shown.n_seeds if shown else 1,
            key=session.forms.key("contest-seeds"),
            help="Searches by each method. Luck shows as the width of the bands.",
        )
    if not methods:
        st.error("Choose at least one method.", icon=":material/error:")
        return None
    return ComparisonSpec(run=run, methods=tuple(methods), n_seeds=int(n_seeds))


def _plan(spec: ComparisonSpec, problem: Problem) -> str:
    """What a comparison will do and roughly how long, in a sentence or two."""
    able = [name for name in spec.methods if not refusal(spec, name, problem)]
    seconds = comparison_seconds(
        spec, able, lambda name: _seconds_per_evaluation(spec, name, problem), Settings.from_environment().n_processes
    )
    n = len(able) * spec.n_seeds
    searches = "1 search" if n == 1 else f"{n} searches"
    return (
        f"{searches} of {spec.run.budget.evaluations:,} evaluations at most each. This takes {duration_words(seconds)}."
    )


def _seconds_per_evaluation(spec: ComparisonSpec, name: str, problem: Problem) -> float:
    return evaluation_seconds(spec.run_by(name, spec.run.seed), problem)


def _remarks(spec: ComparisonSpec, problem: Problem) -> None:
    lines = []
    for name in spec.methods:
        why = refusal(spec, name, problem)
        words = f"left out. {why}" if why else remark(spec, name, problem)
        if words:
            lines.append(f"- **{METHOD_NAMES[name]}**: {safe_label(words)}")
    if lines:
        st.caption("\n".join(lines))
