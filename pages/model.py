"""Model: train a model on the table, see how good it is, or pick a saved one."""

import streamlit as st

from ui.model.elsewhere import model_upload, operator_models
from ui.model.in_use import model_in_use
from ui.model.quality import quality_part
from ui.model.saved_models import saved_models
from ui.model.training import offer_training, show_training, training_form
from ui.shared import frame
from ui.shared.live import goes_on, stop_button
from ui.shared.needs import needed_dataset, usable_material
from ui.shared.trained import training_of, use_trained
from ui.shared.widgets import safe_label, show_table_notes

session = frame.enter_page(frame.MODEL)
st.title("Model")

dataset = needed_dataset(session)
job = training_of(session, dataset)
use_trained(session, dataset, job)
show_table_notes(dataset)
if goes_on(job):
    st.subheader(f"Training on {safe_label(dataset.name)}")
    show_training(job)
    stop_button(job, "Stop and keep the best")
elif session.model is None:
    offer_training(session, dataset, job)
elif (model_data := usable_material(session, dataset)) is not None:
    model_in_use(session, session.model, dataset, job)
    quality_part(session, dataset, session.model, model_data)

with st.expander("Train differently", icon=":material/model_training:", key="train-differently"):
    training_form(session, dataset, job)
saved_models(session, dataset)
elsewhere = st.container()
operator_models(session, dataset, elsewhere)
with elsewhere:
    model_upload(session, dataset)
