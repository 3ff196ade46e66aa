"""Results: the verdict, different candidates and how far to trust them, what to do with each, files to take away."""

import streamlit as st

from services.papers.choices import choices_of
from services.papers.measured.measurements import measured_of
from ui.charts.density import density_check_info
from ui.results.actions import left_out_words
from ui.results.latest import run_or_last
from ui.results.measured import measured_section
from ui.results.proof import proof_section
from ui.results.result_table import density_check, found_any, result_choice, result_words, search_story
from ui.results.take_away import take_away
from ui.shared import cache, frame
from ui.shared.live import follow, goes_on, show_end
from ui.shared.needs import needed_dataset

session = frame.enter_page(frame.RESULTS)
top = st.container()
with top:
    job = run_or_last(session)
result = cache.result(job)
if result is None or not len(result.results):
    top.title("Results")
    show_end(job)
    if goes_on(job):
        follow(job)
        st.page_link(frame.OPTIMIZE, label="Watch it, or stop it", icon=":material/travel_explore:")
    else:
        words = "Back to Optimize" if result is None or found_any(result) else "Change what is asked for"
        st.page_link(frame.OPTIMIZE, label=words, icon=":material/travel_explore:")
    st.stop()
dataset, store = needed_dataset(session), cache.supervisor().store
choices, measured = choices_of(store, job.id), measured_of(store, job.id)
check = density_check_info(result, choices.left_out)

with top:
    verdict, picture = st.columns([19, 10], gap="medium") if check is not None else (st.container(), None)
with verdict:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Results", width="stretch")
        take_away(result, job, choices, is_primary=not measured.rows)
    show_end(job)
    result_words(result, choices.left_out)
    left_out_words(result, job, choices)
if goes_on(job):  # what the results are shown beside is being searched for
    with verdict:
        follow(job)
message = cache.result_message(job, result, dataset, choices.left_out, measured)
result_choice(result, message, (job, choices))
if picture is not None and check is not None:
    with picture:  # last of what is seen at once: a browser is busy with it for a while
        density_check(check, f"{job.id} {job.state.is_final} {choices.left_out}")
measured_section(job, result)
search_story(result, job.id)
proof_section(job, result)
