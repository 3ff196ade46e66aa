"""Results: different candidates, whether they can be believed, and files to take away."""

import streamlit as st

from ui import cache, frame
from ui.components.downloads import downloads
from ui.components.needs import has_dataset, has_run
from ui.components.proof import proof_section
from ui.components.result_charts import result_charts
from ui.components.result_table import result_table
from ui.live import show_end, wait_for_end

session = frame.enter_page(frame.RESULTS)
st.title("Results")
st.write("Different candidates that reach the goal, beside the best that was ever recorded.")

job = cache.supervisor().store.get(session.run_id) if session.run_id else None
if not has_run(job):
    st.stop()
frame.show_status(session)
show_end(job)
if not job.state.is_final:
    wait_for_end(job)
    st.page_link(frame.OPTIMIZE, label="Watch it, or stop it", icon=":material/travel_explore:")
    st.stop()
result = cache.result(job.id)
if result is None:
    st.page_link(frame.OPTIMIZE, label="Back to Optimize", icon=":material/travel_explore:")
    st.stop()

result_table(result)
if len(result.results):
    downloads(result)
    if has_dataset(session.dataset):
        result_charts(result, session.dataset, cache.course(job.id).read())
    proof_section(job, result)
