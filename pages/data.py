"""Data: bring a table, see what was understood, and go on with it."""

import streamlit as st

from ui.data.form import table_form
from ui.data.source import table_source
from ui.data.view import dataset_view
from ui.shared import frame
from ui.shared.widgets import errors_shown

session = frame.enter_page(frame.DATA)
st.title("Data")

with errors_shown():
    source = table_source(session)
    if source is not None:
        table_form(session, *source)

if session.data.upload is None and session.dataset is not None:
    dataset_view(session, session.dataset)
