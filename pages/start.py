"""Start: what this is, one's own work, four stories, and the way to bring a table."""

import streamlit as st

from services.problems.stories import STORIES
from ui.shared import frame
from ui.start.own_work import own_work, recent_work
from ui.start.stories import follow_demo, introduction, story_card

session = frame.enter_page(frame.START)
follow_demo(session)

st.title("Several believable ways to the best outcome")
runs, tables = recent_work()
if runs or tables:
    own_work(session, runs, tables)
    st.header("Stories to try")
else:
    introduction()

for column, story in zip(st.columns(len(STORIES), gap="small"), STORIES, strict=True):
    with column:
        story_card(session, story)
if runs or tables:
    introduction()
