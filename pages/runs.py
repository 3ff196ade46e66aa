"""Runs: everything that was searched, to find again, to go on from, to compare, and to tidy up."""

import streamlit as st

from ui.compare.compare_methods import compare_methods
from ui.compare.compare_runs import compare_runs
from ui.runs.run_table import KINDS, run_filters, run_table
from ui.shared import cache, frame
from ui.shared.needs import SEARCH, STORY, empty_state
from ui.shared.session import RunsPart

session = frame.enter_page(frame.RUNS)
if session.take_former("compare") and session.runs.part is RunsPart.ALL:  # the address may name nothing
    session.runs.part = RunsPart.RUNS


def take_part() -> None:
    """Show the part that was chosen; the address then names what is compared in it."""
    session.runs.part = RunsPart(st.session_state["runs-part"])


st.title("Runs")
st.session_state["runs-part"] = session.runs.part.value
st.segmented_control(
    "Show",
    [part.value for part in RunsPart],
    required=True,
    label_visibility="collapsed",
    key="runs-part",
    on_change=take_part,
)
if session.runs.part is RunsPart.METHODS:
    st.write("Several ways to search the problem that is set on Optimize, with as much budget each.")
    compare_methods(session)
elif session.runs.part is RunsPart.RUNS:
    compare_runs(session)
else:
    choices = cache.supervisor().store.run_choices(KINDS)
    if not choices.n_runs and not choices.n_deleted:
        empty_state("There are no runs yet. Begin with a story: it runs in seconds. Or start your own.", STORY, SEARCH)
        st.stop()
    run_table(run_filters(choices))
