"""Quality: how well the model predicts rows that it never saw, where it errs, and what to do about it."""

import streamlit as st

from ui.model.quality import check_again, quality_job, quality_view
from ui.shared import frame
from ui.shared.needs import has_dataset, usable_material

session = frame.enter_page(frame.QUALITY)
st.title("Quality")
st.write("How well the model predicts rows that it had not seen, where it errs, and what to do about it.")

dataset = session.dataset
if not has_dataset(dataset):
    st.stop()
frame.show_status(session)
model_data = usable_material(session, dataset)
if model_data is None or session.model is None:
    st.stop()
result = quality_job(session, dataset, session.model)
if result is not None:
    quality_view(result, model_data.dataset)
    check_again(session, result)
