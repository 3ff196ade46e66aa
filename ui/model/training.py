"""A training on a page: its loss curve as it goes on, and how it ended."""

import streamlit as st

from services.jobs import Job, JobState
from services.jobs.kinds.training import epochs_of
from ui.charts.loss import loss_alt, loss_figure, loss_info
from ui.shared import cache
from ui.shared.live import write_progress
from ui.shared.widgets import safe_label, show_chart

POLL = "500ms"


def show_training(job: Job) -> None:
    """Draw a training, live while it goes on."""
    if job.state in (JobState.FAILED, JobState.INTERRUPTED):
        st.error(f"The training did not succeed: {safe_label(job.error)}", icon=":material/error:")
    elif job.state is JobState.CANCELLED:
        if job.result:
            st.info("You stopped the training; what it had learned so far is kept.", icon=":material/stop_circle:")
        else:
            st.info("You stopped the training before it had learned anything to keep.", icon=":material/stop_circle:")
    goes_on = not job.state.is_final
    st.fragment(_draw, run_every=POLL if goes_on else None)(job.id, goes_on)


def _draw(job_id: str, went_on: bool) -> None:
    """Draw a training that still went on when the page was drawn, or did not."""
    store = cache.supervisor().store
    job = store.get(job_id)
    if job is None:
        return
    if job.state.is_final and went_on:
        st.rerun()
    records = epochs_of(store.pieces(job_id))
    write_progress(job)  # families without epochs, and what comes after them, are told in words
    if not records:
        return
    info = loss_info(records)
    show_chart("loss", loss_figure(info), loss_alt(info), height=240)
