"""Data: bring a table, say what its columns are, and see what will be used."""

import streamlit as st

from ui.data.roles import roles_form
from ui.data.source import table_source
from ui.data.view import dataset_view
from ui.shared import frame
from ui.shared.widgets import errors_shown

session = frame.enter_page(frame.DATA)
st.title("Data")
st.write("The rows that were recorded: what was set, and what came out of it.")

with errors_shown():
    raw = table_source(session)
    if raw is not None:
        roles_form(session, raw)

if session.dataset is not None:
    dataset_view(session, session.dataset)
    st.page_link(frame.MODEL, label="Next: a model for this table", icon=":material/arrow_forward:")
