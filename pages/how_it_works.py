"""How it works: the search on one feature, with the knobs to play with."""

import streamlit as st

from ui.shared import cache, frame
from ui.shared.live import goes_on, show_end, show_live, stop_button
from ui.start.lesson import lesson_form, lesson_text

session = frame.enter_page(frame.HOW_IT_WORKS)
if session.run_id:
    st.page_link(frame.OPTIMIZE, label="Back to the search", icon=":material/arrow_back:")
else:
    st.page_link(frame.START, label="Back to Start", icon=":material/arrow_back:")
st.title("How it works")
st.write("One feature, one bumpy curve, and the very engine that searches your own data. Change a knob and watch.")

spec = lesson_form()
job = cache.job(session.lesson_id)
with st.container(horizontal=True):
    if st.button("Watch it search", type="primary", icon=":material/play_arrow:", disabled=goes_on(job)):
        session.lesson_id = frame.submit(session, spec, "lesson")
        st.rerun()
    stop_button(job)
if job is not None:
    show_end(job)
    show_live(session, job, has_help=False)
lesson_text(cache.result(job))
