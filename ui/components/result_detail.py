"""One result looked at closely: how far to trust it, which recorded row is nearest, which rules it meets."""

import streamlit as st

from services.results import ResultSet, RunResult
from services.sheets import result_names
from services.wordings import checks_of_rules, disagreement, facts, nearest_sentence
from ui.text import safe_label

LOOKED_AT = "looked-at"


def result_detail(result: RunResult, names: list[str]) -> None:
    """Draw a choice among the results and what there is to know of the chosen one.

    Args:
        result: whose results they are.
        names: of the results, first the one that is shown unless another is chosen.
    """
    if st.session_state.get(LOOKED_AT) not in names:  # it was another run's, which had more of them
        st.session_state.pop(LOOKED_AT, None)
    with st.container(border=True, key="result-detail"):
        name = st.selectbox("Look closer at", names, key=LOOKED_AT, help="Or click a row of the table.", width=260)
        k = result_names(len(result.results)).index(name)
        _facts(result, result.results, k)
        if warning := disagreement(result.results, k):
            st.warning(safe_label(warning), icon=":material/balance:")
        if sentence := nearest_sentence(result, result.results, k):
            st.write(safe_label(sentence))
        if checks := checks_of_rules(result, result.results, k):
            st.caption("  \n".join(_check(words, is_met) for words, is_met in checks))


def _check(words: str, is_met: bool) -> str:
    """Return one rule with a tick or a cross, and the same as a word."""
    icon, said = (":material/check:", "met") if is_met else (":material/close:", "not met")
    return f"{icon} {safe_label(words)}: {said}"


def look_at(name: str) -> None:
    """Show this result when the page is drawn next; called from a callback only."""
    st.session_state[LOOKED_AT] = name


def _facts(result: RunResult, rows: ResultSet, k: int) -> None:
    """Draw the facts side by side where there is room."""
    with st.container(horizontal=True, gap="medium"):
        for fact in facts(result, rows, k):
            text = f"{safe_label(fact.name)}  \n**{safe_label(fact.value)}**"
            st.markdown(text, help=safe_label(fact.meaning), width="content")
