"""Compare: runs side by side, or methods on one problem."""

import streamlit as st

from ui.compare.compare_methods import compare_methods
from ui.compare.compare_runs import compare_runs
from ui.shared import frame

session = frame.enter_page(frame.COMPARE)

st.title("Compare")
RUNS, METHODS, SIDE = "Runs", "Methods", "side"
named = st.query_params.get(SIDE) or (METHODS if session.compare.methods_id and not session.compare.runs else RUNS)
shown = st.segmented_control(
    "What to compare",
    (RUNS, METHODS),
    default=METHODS if named == METHODS else RUNS,
    required=True,
    label_visibility="collapsed",
    key="compare-what",
    persist_state="session",
)
st.query_params[SIDE] = shown  # F5 shows the same side again
if shown == METHODS:
    st.write("Several ways to search the same problem, with as many evaluations each: what does each find?")
    compare_methods(session)
else:
    st.write("Any finished runs: how their settings differ, what they found, and how they got there.")
    compare_runs(session)
