"""Results: different candidates, whether they can be believed, and files to take away."""

import streamlit as st

from services.texts.tables import closing_sentence
from ui.results.measured import measured_section
from ui.results.proof import proof_section
from ui.results.result_table import (
    convergence,
    density_check,
    found_any,
    result_choice,
    result_figures_line,
    result_words,
    valley_words,
)
from ui.results.take_away import take_away
from ui.shared import cache, frame
from ui.shared.live import follow, show_end
from ui.shared.needs import needed_dataset, needed_run
from ui.shared.widgets import safe_label

session = frame.enter_page(frame.RESULTS)
heading = st.container(horizontal=True, vertical_alignment="bottom")
heading.title("Results", width="stretch")

job = needed_run(session)
show_end(job)
if not job.state.is_final:
    follow(job)
    st.page_link(frame.OPTIMIZE, label="Watch it, or stop it", icon=":material/travel_explore:")
    st.stop()
result = cache.result(job.id)
if result is None:
    st.page_link(frame.OPTIMIZE, label="Back to Optimize", icon=":material/travel_explore:")
    st.stop()
if not found_any(result):
    st.page_link(frame.OPTIMIZE, label="Change what is asked for", icon=":material/travel_explore:")
    st.stop()
dataset = needed_dataset(session)

with heading:
    take_away(result, job)
result_words(result)
result_choice(result, cache.result_message(job.id, result, dataset))
if result.second_opinion:
    st.caption(f":material/balance: {safe_label(result.second_opinion)}")
with st.expander("How the search went", icon=":material/trending_up:"):
    st.write(safe_label(closing_sentence(result)))
    valley_words(result)
    result_figures_line(result)
    convergence(result, cache.course(job.id).read())
density_check(result)
measured_section(job, result)
proof_section(job, result)
