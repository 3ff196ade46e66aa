"""Model: train a model on the table, see how good it is, or pick a saved one."""

import streamlit as st

from ui.model.elsewhere import model_upload, operator_models
from ui.model.in_use import model_in_use
from ui.model.outcome_choice import outcome_choice
from ui.model.quality import quality_part
from ui.model.saved_models import saved_models
from ui.model.training import offer_training, show_training, training_form
from ui.shared import cache, frame
from ui.shared.live import goes_on, stop_button
from ui.shared.needs import needed_dataset, usable_model
from ui.shared.trained import trainings_of, use_trained
from ui.shared.widgets import safe_label, show_table_notes

session = frame.enter_page(frame.MODEL)
st.title("Model")

dataset = needed_dataset(session)
jobs = trainings_of(session, dataset)
use_trained(session, dataset, jobs)
show_table_notes(dataset)
outcome = outcome_choice(session, dataset, jobs)
job, model = jobs.get(outcome), session.models.get(outcome)
rows = cache.outcome_rows(dataset).get(outcome, dataset)
if goes_on(job):
    what = f"{safe_label(outcome)} on " if dataset.other_outcomes else "on "
    st.subheader(f"Training {what}{safe_label(dataset.name)}")
    show_training(job)
    stop_button(job, "Stop and keep the best")
elif model is None:
    offer_training(session, dataset, outcome, jobs)
elif (model_data := usable_model(dataset, model)) is not None:
    model_in_use(session, model, dataset, job)
    quality_part(session, rows, model, model_data)

with st.expander("Train differently", icon=":material/model_training:", key="train-differently"):
    training_form(session, dataset, outcome, job)
saved_models(session, dataset, outcome)
elsewhere = st.container()
operator_models(session, rows, elsewhere)
with elsewhere:
    model_upload(session, rows)
