"""Methods side by side on the problem that is set on the Optimize page."""

import pandas as pd
import streamlit as st

from optimizer import METHODS, Problem
from services.catalog.loading import ModelWithData
from services.catalog.settings import Settings
from services.jobs import Job, JobKind
from services.papers.exports import file_stem, to_csv
from services.problems.building import build_budget
from services.problems.estimate import duration_words
from services.problems.outcomes.goals import check_one_goal
from services.results.report import objective_short, objective_words
from services.specs.digits import common_decimals
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from services.studies.compare.methods import (
    COMPARING,
    DISTINCT,
    MAX_SEEDS,
    METHOD_NAMES,
    USUAL_METHODS,
    ComparisonResult,
    ComparisonSpec,
    comparison_frame_of_methods,
    comparison_seconds,
    comparison_sentence,
    ranked,
    refusal,
    remark,
    searches_frame,
)
from services.texts.distance import DISTANCE_MEANING, distance_level
from ui.charts.convergence import method_curves, methods_alt, methods_figure
from ui.shared import cache, frame
from ui.shared.live import follow_pieces, goes_on, show_end, stop_button
from ui.shared.needs import needed_dataset, needed_material
from ui.shared.plan import evaluation_seconds, show_study_plan, takes
from ui.shared.session import AppSession
from ui.shared.widgets import choose, downloads, safe_label, show_chart, show_error

_DISTANCE = "plausibility [%]"  # what files call it


def compare_methods(session: AppSession) -> None:
    """Draw what is compared, the button that starts it, and what came out."""
    model_data, run = needed_material(session, needed_dataset(session)), session.draft
    if run is None:
        return
    job = cache.job(session.compare.methods_id)
    shown = ComparisonSpec.model_validate_json(job.spec) if job is not None else None
    with st.container(border=True):
        spec = _form(session, run, shown)
        problem, error = None, ""
        try:
            check_one_goal(run, COMPARING)
            build_budget(run)
            problem = cache.problem(run, model_data)
        except USER_ERRORS as refused:
            error = f"The run that is set on Optimize cannot be searched: {refused}"
        if error:
            show_error(error)
        elif spec is not None and problem is not None:
            if not goes_on(job):
                is_same = spec.asks_as(shown) if shown else None
                show_study_plan(_plan(spec, problem), is_same, "comparison", "Compare")
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
        session.compare.methods_id = cache.supervisor().submit(JobKind.METHODS, run.name, spec.model_dump_json())
        st.rerun()
    if job is not None:
        methods_view(session, job, model_data)


def _form(session: AppSession, run: RunSpec, shown: ComparisonSpec | None) -> ComparisonSpec | None:
    """Draw methods and seeds, those of the shown comparison first; return the comparison, or None without methods."""
    columns = st.columns([4, 1], vertical_alignment="top", gap="medium")
    methods = columns[0].multiselect(
        "Methods",
        list(METHODS),
        default=list(shown.methods if shown else USUAL_METHODS),
        format_func=METHOD_NAMES.__getitem__,
        key=session.forms.key("contest-methods"),
        help="Each searches the problem that is set on the Optimize page, with the evaluations set there.",
    )
    n_seeds = columns[1].number_input(
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
    able = [name for name in spec.methods if not refusal(spec, name, problem)]

    def seconds_each(name: str) -> float:
        return evaluation_seconds(spec.run_by(name, spec.run.seed), problem)

    idle = comparison_seconds(spec, able, seconds_each, Settings.from_environment().n_processes)
    seconds = takes(JobKind.METHODS, idle)
    n = len(able) * spec.n_seeds
    searches = (
        f"{'1 search' if n == 1 else f'{n} searches'} of {spec.run.budget.evaluations:,} evaluations at most each"
    )
    return f"{searches}. This takes {duration_words(seconds)}."


def _remarks(spec: ComparisonSpec, problem: Problem) -> None:
    lines = []
    for name in spec.methods:
        why = refusal(spec, name, problem)
        words = f"left out. {why}" if why else remark(spec, name, problem)
        if words:
            lines.append(f"- **{METHOD_NAMES[name]}**: {safe_label(words)}")
    if lines:
        st.caption("\n".join(lines))


def methods_view(session: AppSession, job: Job, model_data: ModelWithData) -> None:
    """Draw a comparison of methods, as far as it is."""
    comparison = cache.comparison(job.id, job.n_pieces)
    if comparison is None:
        return
    n = len(comparison.entries)
    done = f"{n} {'search was' if n == 1 else 'searches were'} done and {'is' if n == 1 else 'are'} kept."
    show_end(job, "comparison", done)
    if not job.state.is_final:
        n = len(comparison.spec.methods) * comparison.spec.n_seeds
        n -= sum(comparison.spec.n_seeds for left in comparison.left_out if left.seed is None)
        follow_pieces(job, len(comparison.entries), n)
    if comparison.entries:
        long_name, unit = objective_words(comparison.spec.run, model_data)
        name = objective_short(comparison.spec.run, long_name)
        if sentence := comparison_sentence(comparison, name):
            st.write(safe_label(sentence))
        if curves := method_curves(comparison):
            figure = methods_figure(curves, comparison.spec.n_seeds, name, unit)
            show_chart("contest", figure, methods_alt(curves, name, unit))
        _table(comparison, name, unit)
    for left in comparison.left_out:
        seed = "" if left.seed is None else f", seed {left.seed}"
        st.caption(f"Left out: **{METHOD_NAMES[left.method]}**{seed}. {safe_label(left.words)}")
    if comparison.entries and job.state.is_final:
        _take_method(session, comparison)
        _downloads(comparison, name, unit)


def _table(comparison: ComparisonResult, name: str, unit: str) -> None:
    table = comparison_frame_of_methods(comparison, name, unit)
    best = next((header for header in table.columns if header.startswith("best ")), "")
    if _DISTANCE in table:
        table[_DISTANCE] = [None if value != value else str(distance_level(value)) for value in table[_DISTANCE]]
    st.dataframe(
        table.style.format({header: _format(table, header) for header in table.columns[1:]}, na_rep="–"),
        hide_index=True,
        width="stretch",
        height="content",
        key="contest-table",
        placeholder="–",
        alt="A row per method: what it found and what it took",
        column_config={
            "method": st.column_config.TextColumn(pinned=True),
            best: st.column_config.Column(help="By the model; of several seeds the median."),
            DISTINCT: st.column_config.Column(
                help=f"How many different good candidates it found: {comparison.floor_words}, and at least "
                f"{comparison.spec.run.distinct:g} std. dev. apart."
            ),
            _DISTANCE: st.column_config.Column("distance from records", help=f"Median of these: {DISTANCE_MEANING}."),
            "believable [%]": st.column_config.Column(
                help="How many of all candidates found are near enough to the recorded rows to become results."
            ),
            "time [s]": st.column_config.Column(help="Processor time of a search, whatever else the computer does."),
        },
    )
    st.caption(
        f"Distinct: candidates {comparison.floor_words}, at least {comparison.spec.run.distinct:g} std. dev. apart. "
        "Every method searches the same problem; what it found is judged in the same way."
    )


def _format(table: pd.DataFrame, header: str) -> str:
    if header.startswith(("best ", "worst seed")):
        return f"{{:,.{common_decimals(table[header].tolist())}f}}"
    return {_DISTANCE: "{}", "time [s]": "{:,.2f}", DISTINCT: "{:g}", "evaluations": "{:,.0f}"}.get(header, "{:.0f}")


def _take_method(session: AppSession, comparison: ComparisonResult) -> None:
    if session.draft is None:
        return
    methods = ranked(comparison)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = {method: METHOD_NAMES[method] for method in methods}
        chosen = choose("Search by", words, methods[0], key="contest-chosen", width=280)
        is_present = session.draft.method.name == chosen
        is_pressed = st.button(
            "In use" if is_present else "Use it on Optimize",
            icon=":material/check:" if is_present else ":material/travel_explore:",
            disabled=is_present,
        )
    if is_pressed:
        session.draft = session.draft.revised(method=comparison.spec.method(chosen))
        session.renew_forms()
        st.switch_page(frame.OPTIMIZE)


def _downloads(comparison: ComparisonResult, name: str, unit: str) -> None:
    stem = f"{file_stem(comparison.spec.run.name)}-methods"
    searches = to_csv(searches_frame(comparison, name, unit))
    downloads(
        ("Download the table", to_csv(comparison_frame_of_methods(comparison, name, unit)), f"{stem}.csv", "text/csv"),
        ("Download all searches", searches, f"{stem}-searches.csv", "text/csv"),
        ("Download specification", comparison.spec.model_dump_json(indent=2), f"{stem}.json", "application/json"),
    )
