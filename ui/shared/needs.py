"""Empty states: what a page needs first, and the way there."""

import streamlit as st

from models import Dataset
from services.catalog.loading import ModelWithData
from services.jobs import Job
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import ModelRef
from ui.shared import cache, frame
from ui.shared.live import follow, goes_on
from ui.shared.session import AppSession
from ui.shared.trained import trainings_of, use_trained
from ui.shared.widgets import errors_shown, safe_label, show_error

STORY = (frame.START, "Begin with a story", ":material/home:")
SEARCH = (frame.OPTIMIZE, "Start a search", ":material/travel_explore:")


def needed_dataset(session: AppSession) -> Dataset:
    """The table in use; without one the page says where to get one, and ends."""
    if session.dataset is None:
        table = (frame.DATA, "Bring a table", ":material/table_chart:")
        empty_state("There is no table yet. Bring your own, or begin with a story.", table, STORY)
        st.stop()
    return session.dataset


def needed_run(session: AppSession) -> Job:
    """The run that is shown; without one the page says how to start one, and ends."""
    job = cache.job(session.run_id)
    if job is None:
        empty_state("There is no run yet. Start one, or begin with a story.", SEARCH, STORY)
        st.stop()
    return job


def needed_material(session: AppSession, dataset: Dataset) -> ModelWithData:
    """Table and model loaded; else the page says which model is needed and where to get it, and ends."""
    found = usable_material(session, dataset)
    if found is None:
        st.stop()
    return found


def usable_material(session: AppSession, dataset: Dataset) -> ModelWithData | None:
    """Table and model loaded; else say which model is needed and where to get it."""
    jobs = trainings_of(session, dataset)
    use_trained(session, dataset, {name: job for name, job in jobs.items() if name not in session.models})
    job = next((job for job in jobs.values() if goes_on(job)), None)
    if session.model is None and goes_on(job):
        watch = (frame.MODEL, "Watch the training", ":material/model_training:")
        empty_state(f"A model for **{safe_label(dataset.name)}** is being trained. This page goes on by itself.", watch)
        follow(job)
        return None
    if session.model is None:
        model = (frame.MODEL, "Get a model", ":material/model_training:")
        empty_state(f"There is no model for **{safe_label(dataset.name)}** yet. Train one, or pick a saved one.", model)
        return None
    draft = session.draft
    try:
        if draft is not None and draft.has_several_outcomes and draft.model == session.model:
            return cache.models_of(dataset, draft)
        return cache.model_data(dataset, session.model)
    except USER_ERRORS as error:
        show_error(error)
        st.page_link(frame.MODEL, label="Choose another model", icon=":material/model_training:")
        return None


def usable_model(dataset: Dataset, model: ModelRef) -> ModelWithData | None:
    """The rows of the outcome that a model predicts, with it loaded; else say why it cannot be used."""
    with errors_shown():
        return cache.model_data(dataset, model)
    return None


def empty_state(text: str, *ways: tuple[str, str, str]) -> None:
    """Draw what is missing, and a link for each way to it: its page, label and icon."""
    with st.container(border=True):
        st.write(text)
        with st.container(horizontal=True):
            for page, words, icon in ways:
                st.page_link(page, label=words, icon=icon)
