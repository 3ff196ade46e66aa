"""A comparison of methods on the page: how far it is, one picture, a row per method, and the way back to Optimize."""

import pandas as pd
import streamlit as st

from services.catalog.files import file_stem
from services.catalog.loading import ModelWithData
from services.jobs import Job
from services.papers.exports import to_csv
from services.results.report import objective_short, objective_words
from services.specs.digits import common_decimals
from services.specs.run import RunSpec
from services.studies.compare.methods_spec import ComparisonResult
from services.studies.compare.methods_texts import (
    DISTINCT,
    METHOD_NAMES,
    comparison_frame_of_methods,
    comparison_sentence,
    ranked,
    searches_frame,
)
from services.texts.results import PLAUSIBILITY_MEANING
from ui.charts.convergence import methods_alt, methods_figure, methods_info
from ui.shared import cache, frame
from ui.shared.live import follow_pieces, show_end
from ui.shared.session import AppSession
from ui.shared.widgets import downloads, safe_label, show_chart


def methods_view(session: AppSession, job: Job, model_data: ModelWithData) -> None:
    """Draw a comparison of methods, as far as it is.

    Args:
        session: whose run a method may be taken to.
        job: the comparison.
        model_data: table and model of its run.
    """
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
        info = methods_info(comparison, name, unit)
        if info is not None:
            show_chart("contest", methods_figure(info), methods_alt(info))
        _table(comparison, name, unit)
    for left in comparison.left_out:
        seed = "" if left.seed is None else f", seed {left.seed}"
        st.caption(f"Left out: **{METHOD_NAMES[left.method]}**{seed}. {safe_label(left.words)}")
    if comparison.entries and job.state.is_final:
        _take_method(session, comparison)
        _downloads(comparison, name, unit)


def use_method(session: AppSession, run: RunSpec, comparison: ComparisonResult, method: str) -> None:
    """Set the method of the run that is set up on the Optimize page."""
    session.draft = run.revised(method=comparison.spec.method(method))
    session.renew_forms()


def _table(comparison: ComparisonResult, name: str, unit: str) -> None:
    table = comparison_frame_of_methods(comparison, name, unit)
    best = next((header for header in table.columns if header.startswith("best ")), "")
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
            "plausibility [%]": st.column_config.Column(help=f"Median of these: {PLAUSIBILITY_MEANING}."),
            "believable [%]": st.column_config.Column(
                help="How many of all candidates found may become results: plausible enough, and within the "
                "extrapolation limit."
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
    return {"time [s]": "{:,.2f}", DISTINCT: "{:g}", "evaluations": "{:,.0f}"}.get(header, "{:.0f}")


def _take_method(session: AppSession, comparison: ComparisonResult) -> None:
    if session.draft is None:
        return
    methods = ranked(comparison)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Search by", methods, format_func=METHOD_NAMES.__getitem__, key="contest-chosen", width=280
        )
        is_present = session.draft.method.name == chosen
        is_pressed = st.button(
            "In use" if is_present else "Use it on Optimize",
            icon=":material/check:" if is_present else ":material/travel_explore:",
            disabled=is_present,
        )
    if is_pressed:
        use_method(session, session.draft, comparison, chosen)
        st.switch_page(frame.OPTIMIZE)


def _downloads(comparison: ComparisonResult, name: str, unit: str) -> None:
    stem = f"{file_stem(comparison.spec.run.name)}-methods"
    searches = to_csv(searches_frame(comparison, name, unit))
    downloads(
        ("Download the table", to_csv(comparison_frame_of_methods(comparison, name, unit)), f"{stem}.csv", "text/csv"),
        ("Download all searches", searches, f"{stem}-searches.csv", "text/csv"),
        ("Download specification", comparison.spec.model_dump_json(indent=2), f"{stem}.json", "application/json"),
    )
