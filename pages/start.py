"""Start: what this is, three stories, and the way of one's own data."""

import streamlit as st

from services.problems.stories import STORIES
from ui.shared import frame
from ui.start.stories import follow_demo, show_steps, story_card, tour

session = frame.enter_page(frame.START)
follow_demo(session)

st.title("Several believable ways to the best outcome")
st.write(
    "Mixwright searches a trained model for *different* settings that reach the best outcome, and keeps them where the "
    "model can be believed. Press a button and watch."
)

for column, story in zip(st.columns(3, gap="medium"), STORIES, strict=True):
    with column:
        story_card(session, story)

tour(session)

st.header("Your own data")
show_steps(session)
