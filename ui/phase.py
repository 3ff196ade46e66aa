"""What a job that has not ended is doing, in words for the user."""

import streamlit as st

from services.runs import Job, JobState
from ui import cache


def write_phase(job: Job) -> None:
    """Say how many jobs are before a queued one, or what a running one is doing; nothing of one that has ended."""
    if job.state is JobState.QUEUED:
        ahead = cache.supervisor().store.n_ahead(job.id)
        st.caption(f"Queued: {ahead} {'job is' if ahead == 1 else 'jobs are'} before this one.")
    elif not job.state.is_final:
        st.caption(f"{job.phase or 'Starting'} …")


def follow_phase(job: Job, every: str) -> None:
    """Say what a job is doing, time and again, and draw the page anew when it has ended.

    Args:
        job: one that goes on.
        every: how often, as `st.fragment` takes it.
    """

    @st.fragment(run_every=every)
    def follow() -> None:
        now = cache.supervisor().store.get(job.id)
        if now is None or now.state.is_final:
            st.rerun()
        write_phase(now)

    follow()
