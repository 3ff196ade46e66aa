"""Data: bring a table, say what its columns are, and see what will be used."""

import streamlit as st

from services.specs.errors import USER_ERRORS
from ui.data.roles_form import roles_form
from ui.data.table_source import dataset_view, table_source
from ui.shared import frame
from ui.shared.widgets import safe_label

session = frame.enter_page(frame.DATA)
st.title("Data")
st.write("The rows that were recorded: what was set, and what came out of it.")

try:
    raw = table_source(session)
    if raw is not None:
        roles_form(session, raw)
except USER_ERRORS as error:
    st.error(safe_label(str(error)), icon=":material/error:")

if session.dataset is not None:
    dataset_view(session.dataset, session.data.cleaned)
    st.page_link(frame.MODEL, label="Next: a model for this table", icon=":material/arrow_forward:")
