"""Addresses that name a run or a training: F5, a second tab or a restart show it again."""

import streamlit as st

from services.errors import USER_ERRORS
from services.runs import Job, JobKind
from services.runspec import RunSpec
from services.training import TrainingSpec
from ui import cache
from ui.session import AppSession
from ui.text import safe_label

RUN, TRAINING, LESSON = "run", "training", "lesson"


def follow_link(session: AppSession, name: str) -> None:
    """Show the job that the address names under ``name``, and name the shown one in the address.

    A name is followed once: what the user chose since then counts more than an address that still holds it.
    """
    wanted = st.query_params.get(name)
    if wanted and wanted != session.links.get(name):
        session.links[name] = wanted
        if wanted != _shown(session, name):
            _show(session, name, wanted)
    shown = _shown(session, name)
    if shown:
        session.links[name] = shown
        st.query_params[name] = shown
    elif wanted:
        del st.query_params[name]


def _shown(session: AppSession, name: str) -> str | None:
    return {RUN: session.run_id, TRAINING: session.training_id, LESSON: session.lesson_id}[name]


def _show(session: AppSession, name: str, job_id: str) -> None:
    """Show a job of the store, with the table that it works on."""
    job = cache.supervisor().store.get(job_id)
    kind = JobKind.TRAINING if name == TRAINING else JobKind.SEARCH
    if job is None or job.kind is not kind:
        st.warning(f"The link names a {name} that is not kept here. It may have been made on another computer.")
        return
    try:
        _take(session, name, job)
    except USER_ERRORS as error:
        st.warning(safe_label(str(error)))


def _take(session: AppSession, name: str, job: Job) -> None:
    if name == LESSON:
        session.lesson_id = job.id
    elif name == TRAINING:
        session.use_dataset(cache.shelves().dataset(TrainingSpec.model_validate_json(job.spec).dataset))
        session.training_id = job.id
    else:
        spec = RunSpec.model_validate_json(job.spec)
        session.show_run(job.id, cache.shelves().dataset(spec.dataset), spec)
