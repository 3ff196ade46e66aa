"""A training on a page: its loss curve as it goes on, and how it ended."""

import streamlit as st

from services.runs import Job, JobState
from services.runs.training_job import epochs_of
from ui import cache, charts
from ui.session import AppSession
from ui.text import safe_label

POLL = "500ms"


def show_training(job: Job) -> None:
    """Draw a training, live while it goes on."""
    if job.state in (JobState.FAILED, JobState.INTERRUPTED):
        st.error(f"The training did not succeed: {safe_label(job.error)}", icon=":material/error:")
    elif job.state is JobState.CANCELLED:
        if job.result:
            st.info("You stopped the training; the best weights so far are kept.", icon=":material/stop_circle:")
        else:
            st.info("You stopped the training before it had weights to keep.", icon=":material/stop_circle:")
    st.fragment(_draw, run_every=None if job.state.is_final else POLL)(job.id)


def _draw(job_id: str) -> None:
    store = cache.supervisor().store
    job = store.get(job_id)
    if job is None:
        return
    session = AppSession.current()
    if job.state.is_final and session.watched == job_id:
        session.watched = None
        st.rerun()
    session.watched = None if job.state.is_final else job_id
    records = epochs_of(store.chunks(job_id))
    if job.state is JobState.QUEUED:
        ahead = store.n_ahead(job_id)
        st.caption(f"Queued: {ahead} {'job is' if ahead == 1 else 'jobs are'} before this one.")
    elif not job.state.is_final and not records:
        st.caption(f"{job.phase or 'Starting'} …")
    if records:
        info = charts.loss_info(records)
        st.plotly_chart(
            charts.loss_figure(info), key="loss", height=240, config=charts.CHART_CONFIG, alt=charts.loss_alt(info)
        )
