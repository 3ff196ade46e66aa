"""Quality: how well the model predicts rows that it never saw, where it errs, and what to do about it."""

import streamlit as st

from ui.model.quality import check_again, quality_job, quality_view
from ui.shared import frame
from ui.shared.needs import needed_dataset, needed_material

session = frame.enter_page(frame.QUALITY)
st.title("Quality")
st.write("How well the model predicts rows that it had not seen, where it errs, and what to do about it.")

dataset = needed_dataset(session)
frame.show_status(session)
model_data = needed_material(session, dataset)
assert session.model is not None
result = quality_job(session, dataset, session.model)
if result is not None:
    quality_view(result, model_data.dataset)
    check_again(session, result)
