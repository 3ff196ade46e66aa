"""From a result to What if."""

from typing import Literal

import streamlit as st

from services.results.names import result_names, titles
from services.results.valleys import neighbour_sentences, valley_sentences
from services.specs.results import RunResult
from services.studies.what_if.starts import starts_of_results
from services.texts.result_summary import ResultSummary, Verdict, result_summaries
from services.texts.results import Fact, checks_of_constraints, disagreement, facts, nearest_sentence
from ui.shared import frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

LOOKED_AT = "looked-at"
_LOOKS: dict[Verdict, tuple[Literal["green", "orange", "red"], str]] = {
    Verdict.GOOD: ("green", ":material/check:"),
    Verdict.DOUBTFUL: ("orange", ":material/priority_high:"),
    Verdict.BAD: ("red", ":material/close:"),
}


def explore_button(result: RunResult, k: int) -> None:
    """Draw the button that takes a result to What if.

    Args:
        result: of the run that is shown.
        k: which of its results, 0 for the first.
    """
    is_pressed = st.button(
        "What if",
        icon=":material/instant_mix:",
        key=f"explore-{k}",
        help="Move its features by hand and see at once what changes.",
    )
    if is_pressed:
        AppSession.current().explore(starts_of_results(result)[k])
        st.switch_page(frame.WHAT_IF)


def result_detail(result: RunResult, names: list[str]) -> None:
    """Draw a choice among the results and what there is to know of the chosen one.

    Args:
        result: whose results they are.
        names: of the results, first the one that is shown unless another is chosen.
    """
    if st.session_state.get(LOOKED_AT) not in names:  # it was another run's, which had more of them
        st.session_state.pop(LOOKED_AT, None)
    with st.container(border=True, key="result-detail"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Look closer at", names, key=LOOKED_AT, help="Or click a row of the table.", width=260)
            position = result_names(len(result.results)).index(name)
            explore_button(result, position)
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
            colour, icon = _LOOKS[one.verdict]
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
    icon, verdict = (":material/check:", "met") if is_met else (":material/close:", "not met")
    return f"{icon} {safe_label(words)}: {verdict}"


def look_at(name: str) -> None:
    """Show this result when the page is drawn next; called from a callback only."""
    st.session_state[LOOKED_AT] = name


def _facts(found: list[Fact]) -> None:
    with st.container(horizontal=True, gap="medium"):
        for fact in found:
            text = f"{safe_label(fact.name)}  \n**{safe_label(fact.value)}**"
            st.markdown(text, help=safe_label(fact.meaning), width="content")
