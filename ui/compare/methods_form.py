"""Which methods are compared, with how many seeds, and what that takes."""

import streamlit as st

from optimizer import METHODS, Problem
from services.catalog.settings import Settings
from services.problems.estimate import duration_words
from services.specs.run import RunSpec
from services.studies.compare.methods import comparison_seconds, refusal, remark
from services.studies.compare.methods_spec import MAX_SEEDS, USUAL_METHODS, ComparisonSpec
from services.studies.compare.methods_texts import METHOD_NAMES
from ui.shared.plan import evaluation_seconds
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label


def methods_form(session: AppSession, run: RunSpec, shown: ComparisonSpec | None) -> ComparisonSpec | None:
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


def methods_plan(spec: ComparisonSpec, problem: Problem) -> str:
    """Return what a comparison will do and roughly how long, in a sentence or two."""
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


def methods_remarks(spec: ComparisonSpec, problem: Problem) -> None:
    """Say which methods cannot search the problem, and what to know of how others do."""
    lines = []
    for name in spec.methods:
        why = refusal(spec, name, problem)
        words = f"left out. {why}" if why else remark(spec, name, problem)
        if words:
            lines.append(f"- **{METHOD_NAMES[name]}**: {safe_label(words)}")
    if lines:
        st.caption("\n".join(lines))
