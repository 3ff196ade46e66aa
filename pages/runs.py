"""Runs: everything that was searched, to find again, to go on from, and to tidy up."""

import streamlit as st

from ui.runs.run_table import KINDS, run_filters, run_table
from ui.shared import cache, frame
from ui.shared.needs import SEARCH, STORY, empty_state

session = frame.enter_page(frame.RUNS)
st.title("Runs")
st.write("Every run is kept here with its settings and its results, until you delete it.")

choices = cache.supervisor().store.run_choices(KINDS)
if not choices.n_runs and not choices.n_deleted:
    empty_state("There are no runs yet. Begin with a story: it runs in seconds. Or start your own.", STORY, SEARCH)
    st.stop()
run_table(run_filters(choices))
