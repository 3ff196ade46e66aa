"""The results beside what they have to beat, and one of them looked at closely: one choice for view and card."""

from typing import Any, Literal

import streamlit as st

from services.jobs.workers.traces import TracePiece
from services.problems.reference import reference_of
from services.results.baselines import best_where
from services.results.names import result_names, titles
from services.results.valleys import neighbour_sentences, valley_sentences
from services.results.verdict import verdict_of
from services.specs.results import RunResult
from services.studies.what_if.settings import starts_of_results
from services.texts.results import (
    Fact,
    ResultSummary,
    Tone,
    checks_of_constraints,
    disagreement,
    facts,
    nearest_sentence,
    result_figures,
    result_summaries,
)
from services.texts.tables import closing_sentence, density_warning, search_sentence
from ui.charts.convergence import convergence_alt, convergence_figure, convergence_info
from ui.charts.density import density_check_alt, density_check_figure, density_check_info
from ui.shared import frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart
from ui.web.result_view.component import result_view, table_message

LOOKED_AT = "looked-at"
_LOOKS: dict[Tone, tuple[Literal["green", "orange", "red"], str]] = {
    Tone.GOOD: ("green", ":material/check:"),
    Tone.DOUBTFUL: ("orange", ":material/priority_high:"),
    Tone.BAD: ("red", ":material/close:"),
}


def result_detail(result: RunResult, names: list[str]) -> None:
    """Draw a choice among the results, named as they are listed, and what there is to know of the chosen one."""
    if st.session_state.get(LOOKED_AT) not in names:  # it was another run's, which had more of them
        st.session_state.pop(LOOKED_AT, None)
    with st.container(border=True, key="result-detail"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Look closer at", names, key=LOOKED_AT, help="Or click a row of the table.", width=260)
            position = result_names(len(result.results)).index(name)
            help = "Move its features by hand and see at once what changes."
            if st.button("What if", icon=":material/instant_mix:", key=f"explore-{position}", help=help):
                AppSession.current().explore(starts_of_results(result)[position])
                st.switch_page(frame.WHAT_IF)
        show_result(result, position)


def show_result(result: RunResult, k: int) -> None:
    """Draw all there is to know of the result at position ``k``."""
    st.markdown(f"**{safe_label(titles(result)[k])}**")
    chips(result_summaries(result, result.results, k))
    _facts(facts(result, result.results, k))
    if warning := disagreement(result.results, k):
        st.warning(safe_label(warning), icon=":material/balance:")
    if sentence := nearest_sentence(result, result.results, k):
        st.write(safe_label(sentence))
    if words := " ".join(filter(None, [lineages_words(result, k), *neighbour_sentences(result, k)])):
        st.write(safe_label(words))
    if checks := checks_of_constraints(result, result.results, k):
        st.caption("  \n".join(_check(words, is_met) for words, is_met in checks))


def valley_words(result: RunResult) -> None:
    """Draw what lies between the results: plateaus, and what separates neighbours."""
    if sentences := valley_sentences(result):
        st.write(safe_label(" ".join(sentences)))


def chips(found: list[ResultSummary]) -> None:
    """Draw glances as a line of chips: icon, colour and words each say the same."""
    with st.container(horizontal=True, gap="small"):
        for one in found:
            colour, icon = _LOOKS[one.tone]
            st.badge(safe_label(one.line), icon=icon, color=colour, help=safe_label(one.meaning))


def lineages_words(result: RunResult, k: int) -> str:
    """How many lineages are behind the result at position ``k``, or "" where nobody counted."""
    counted, method = result.results.n_lineages, result.spec.method
    if counted is None:
        return ""
    n, n_all = counted[k], result.statistics.n_lineages
    if n == 0:
        return "No lineage ended nearest to it: it was found on the way of others."
    return f"{method.counted(n)} of {n_all:,} ended well enough to be a result and nearest to this one."


def _check(words: str, is_met: bool) -> str:
    icon, met = (":material/check:", "met") if is_met else (":material/close:", "not met")
    return f"{icon} {safe_label(words)}: {met}"


def look_at(name: str) -> None:
    """Show this result when the page is drawn next; called from a callback only."""
    st.session_state[LOOKED_AT] = name


def _facts(found: list[Fact]) -> None:
    with st.container(horizontal=True, gap="medium"):
        for fact in found:
            text = f"{safe_label(fact.name)}  \n**{safe_label(fact.value)}**"
            st.markdown(text, help=safe_label(fact.meaning), width="content")


def result_table(result: RunResult) -> None:
    """Draw what was searched for, the table, one result in detail, notes and the closing sentence."""
    if not found_any(result):
        return
    result_words(result)
    result_choice(result, table_message(result))
    result_figures_line(result)
    st.write(safe_label(closing_sentence(result)))


def found_any(result: RunResult) -> bool:
    """Whether there are results; else say why there are none, and what to do."""
    if not len(result.results):
        words = "Nothing was found: no candidate got a finite prediction. Choose another model, or narrower bounds."
        if result.notes:
            words = f"Nothing was found. {' '.join(result.notes)}"
        st.warning(safe_label(words), icon=":material/search_off:")
    return len(result.results) > 0


def result_words(result: RunResult) -> None:
    """Draw what was searched for, what came of it and what to do next, and a warning where it cannot be believed."""
    with st.container(gap="xsmall"):
        st.caption(safe_label(search_sentence(result)))
        if (verdict := verdict_of(result)) is not None:
            with st.container(border=True, key="verdict", gap="xsmall"):
                st.markdown(f"{safe_label(verdict.words)}  \n**Next:** {safe_label(verdict.next_step)}")
                if result.notes:
                    st.caption("  \n".join(map(safe_label, result.notes)))
    if warning := density_warning(result):
        st.warning(safe_label(warning), icon=":material/warning:")


def result_choice(result: RunResult, message: dict[str, Any]) -> None:
    """Draw the linked view of results and the card of the one that is chosen; a choice draws only these anew."""
    st.fragment(_draw_choice)(result, message)


def result_figures_line(result: RunResult) -> None:
    """Draw how good and how different the results are, quietly: one line where there is room."""
    with st.container(horizontal=True, gap="small", key="figures"):
        for figure in result_figures(result):
            st.caption(f"{figure.name}: **{safe_label(figure.value)}**", help=figure.meaning, width="content")


def _draw_choice(result: RunResult, message: dict[str, Any]) -> None:
    names = result_names(len(result.results))
    chosen = _chosen(names)
    result_view(message, key="result-view", chosen=chosen, on_choose=lambda position: look_at(names[position]))
    _reading_aid(result)
    result_detail(result, names)


def _chosen(names: list[str]) -> int:
    """The position of the result that is looked at, the same for the view and for the card below it."""
    session, name = AppSession.current(), st.session_state.get(LOOKED_AT)
    if session.results.run_id != session.run_id:
        session.results.run_id, session.results.chosen, name = session.run_id, None, None
    if name in names:
        session.results.chosen = names.index(name)
        return session.results.chosen
    if session.results.chosen is None or session.results.chosen >= len(names):
        session.results.chosen = 0
    look_at(names[session.results.chosen])  # the card forgot: the page was left meanwhile, or another run is shown
    return session.results.chosen


def _reading_aid(result: RunResult) -> None:
    name, _ = reference_of(result)
    about = "" if result.reference is not None else f", the best recorded by the same objective{best_where(result)}"
    st.caption(
        safe_label(
            f"Reference: {name}{about}. Blue cells differ from it, the more the stronger. Results are predictions, not "
            "measurements."
        )
    )


def density_check(result: RunResult) -> None:
    """Draw the densities of the results against those of the recorded rows, where parts add up."""
    info = density_check_info(result)
    if info is None:
        return
    st.subheader("Density check")
    st.caption(
        "The sum of the parts, against what was recorded. Candidates far outside were never tried: there the model "
        "is only guessing."
    )
    show_chart("density-check", density_check_figure(info), density_check_alt(info))


def convergence(result: RunResult, trace: TracePiece | None) -> None:
    """Draw how the best of the search got better."""
    if trace is None or not len(trace.events):
        return
    info = convergence_info(trace.events, trace.generations, result)
    show_chart("convergence", convergence_figure(info), convergence_alt(info))
