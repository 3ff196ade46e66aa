"""Model: train a model on the table, or pick a saved one."""

import streamlit as st

from services.jobs import JobState
from ui.model.elsewhere import model_upload, operator_models
from ui.model.leaderboard import leaderboard_view
from ui.model.saved_models import saved_models
from ui.model.training import model_view, save_form, show_training, training_form
from ui.shared import cache, frame
from ui.shared.needs import needed_dataset

session = frame.enter_page(frame.MODEL)
st.title("Model")
st.write("What predicts the outcome from the features. The search asks it, so its quality bounds what can be believed.")

dataset = needed_dataset(session)
frame.show_status(session)

training, saved = st.columns([3, 2], gap="large")
elsewhere = st.container()
with saved:
    st.subheader("Saved models")
    saved_models(session, dataset)
    operator_models(session, dataset, elsewhere)
with elsewhere:
    model_upload(session, dataset)
with training:
    st.subheader("Train a model on this table")
    job = cache.job(session.training_id)
    training_form(session, dataset, job)
    if job is not None:
        show_training(job)
        card = cache.trained_card(job.id) if job.state.is_final else None
        if card is not None and job.state in (JobState.DONE, JobState.CANCELLED):
            save_form(session, dataset, job, card)
            leaderboard_view(job, card)
            model_view(card)
