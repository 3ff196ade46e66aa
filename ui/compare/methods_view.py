"""A comparison of methods on the page: how far it is, one picture, a row per method, and the way back to Optimize."""

import pandas as pd
import streamlit as st

from services.catalog.files import file_stem
from services.catalog.loading import Material
from services.jobs import Job, JobState
from services.papers.exports import to_csv
from services.results.report import objective_short, objective_words
from services.specs.digits import common_decimals
from services.specs.run import RunSpec
from services.studies.compare.methods_spec import ContestResult
from services.studies.compare.methods_texts import (
    DISTINCT,
    METHOD_NAMES,
    contest_frame,
    contest_sentence,
    ranked,
    searches_frame,
)
from services.texts.results import PLAUSIBILITY_MEANING
from ui import charts
from ui.shared import cache, frame
from ui.shared.following import follow_pieces
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart

_END_WORDS = {JobState.FAILED: "The comparison failed: ", JobState.INTERRUPTED: "The comparison was interrupted: "}


def contest_view(session: AppSession, job: Job, material: Material) -> None:
    """Draw a comparison of methods, as far as it is.

    Args:
        session: whose run a method may be taken to.
        job: the comparison.
        material: table and model of its run.
    """
    contest = cache.contest(job.id, job.n_chunks)
    if contest is None:
        return
    _show_end(job, contest)
    if not job.state.is_final:
        n = len(contest.spec.methods) * contest.spec.n_seeds
        n -= sum(contest.spec.n_seeds for left in contest.left_out if left.seed is None)
        follow_pieces(job, len(contest.entries), n)
    if contest.entries:
        long_name, unit = objective_words(contest.spec.run, material)
        name = objective_short(contest.spec.run, long_name)
        if sentence := contest_sentence(contest, name):
            st.write(safe_label(sentence))
        info = charts.contest_info(contest, name, unit)
        if info is not None:
            show_chart("contest", charts.contest_figure(info), charts.contest_alt(info))
        _table(contest, name, unit)
    for left in contest.left_out:
        seed = "" if left.seed is None else f", seed {left.seed}"
        st.caption(f"Left out: **{METHOD_NAMES[left.method]}**{seed}. {safe_label(left.words)}")
    if contest.entries and job.state.is_final:
        _take_method(session, contest)
        _downloads(contest, name, unit)


def use_method(session: AppSession, run: RunSpec, contest: ContestResult, method: str) -> None:
    """Set the method of the run that is set up on the Optimize page."""
    session.draft = run.revised(method=contest.spec.method(method))
    session.renew_forms()


def _show_end(job: Job, contest: ContestResult) -> None:
    """Say why a comparison ended, where it did not end by itself."""
    if job.state is JobState.CANCELLED:
        n = len(contest.entries)
        done = f"{n} {'search was' if n == 1 else 'searches were'} done and {'is' if n == 1 else 'are'} kept"
        st.info(f"You stopped the comparison; {done}.", icon=":material/stop_circle:")
    elif job.state in _END_WORDS:
        st.error(_END_WORDS[job.state] + safe_label(job.error), icon=":material/error:")


def _table(contest: ContestResult, name: str, unit: str) -> None:
    """Draw a row per method."""
    table = contest_frame(contest, name, unit)
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
                help=f"How many different good candidates it found: {contest.floor_words}, and at least "
                f"{contest.spec.run.distinct:g} std. dev. apart."
            ),
            "plausibility [%]": st.column_config.Column(help=f"Median of these: {PLAUSIBILITY_MEANING}."),
            "believable [%]": st.column_config.Column(
                help="How many of all candidates found may become results: plausible enough, and within reach."
            ),
            "time [s]": st.column_config.Column(help="Processor time of a search, whatever else the computer does."),
        },
    )
    st.caption(
        f"Distinct: candidates {contest.floor_words}, at least {contest.spec.run.distinct:g} std. dev. apart. Every "
        "method searches the same problem; what it found is judged in the same way."
    )


def _format(table: pd.DataFrame, header: str) -> str:
    if header.startswith(("best ", "worst seed")):
        return f"{{:,.{common_decimals(table[header].tolist())}f}}"
    return {"time [s]": "{:,.2f}", DISTINCT: "{:g}", "evaluations": "{:,.0f}"}.get(header, "{:.0f}")


def _take_method(session: AppSession, contest: ContestResult) -> None:
    """Draw the button that takes a method to the Optimize page."""
    if session.draft is None:
        return
    methods = ranked(contest)
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
        use_method(session, session.draft, contest, chosen)
        st.switch_page(frame.OPTIMIZE)


def _downloads(contest: ContestResult, name: str, unit: str) -> None:
    """Draw the buttons that take the figures away."""
    stem = f"{file_stem(contest.spec.run.name)}-methods"
    files = (
        ("Download the table", to_csv(contest_frame(contest, name, unit)), f"{stem}.csv", "text/csv"),
        ("Download all searches", to_csv(searches_frame(contest, name, unit)), f"{stem}-searches.csv", "text/csv"),
        ("Download specification", contest.spec.model_dump_json(indent=2), f"{stem}.json", "application/json"),
    )
    with st.container(horizontal=True):
        for label, data, file, mime in files:
            st.download_button(label, data, file, mime, icon=":material/download:", on_click="ignore")
