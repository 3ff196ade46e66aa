"""Empty states: what a page needs first, and the way there."""

from typing import TypeGuard

import streamlit as st

from models import Dataset
from services.errors import USER_ERRORS
from services.material import Material
from ui import cache, frame
from ui.session import AppSession
from ui.text import safe_label


def has_dataset(dataset: Dataset | None) -> TypeGuard[Dataset]:
    """Return whether there is a table; else say where to get one."""
    if dataset is None:
        with st.container(border=True):
            st.write("There is no table yet. Bring your own, or begin with a story.")
            with st.container(horizontal=True):
                st.page_link(frame.DATA, label="Bring a table", icon=":material/table_chart:")
                st.page_link(frame.START, label="Begin with a story", icon=":material/home:")
    return dataset is not None


def usable_material(session: AppSession, dataset: Dataset) -> Material | None:
    """Return table and model loaded; else say which model is needed and where to get it."""
    if session.model is None:
        with st.container(border=True):
            st.write(f"There is no model for **{safe_label(dataset.name)}** yet. Train one, or pick a saved one.")
            st.page_link(frame.MODEL, label="Get a model", icon=":material/model_training:")
        return None
    try:
        return cache.material(dataset.digest, session.model.model_dump_json(), dataset, session.model)
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        st.page_link(frame.MODEL, label="Choose another model", icon=":material/model_training:")
        return None
