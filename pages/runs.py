"""Runs: everything that was searched, to find again, to go on from, and to tidy up."""

import streamlit as st

from ui.runs.run_filters import KINDS, run_filters
from ui.runs.run_table import run_table
from ui.shared import cache, frame
from ui.shared.needs import has_runs

session = frame.enter_page(frame.RUNS)
st.title("Runs")
st.write("Every run is kept here with its settings and its results, until you delete it.")

choices = cache.supervisor().store.run_choices(KINDS)
if not has_runs(choices):
    st.stop()
run_table(run_filters(choices))
