"""What a job that has not ended is doing, in words for the user."""

from datetime import UTC, datetime

import streamlit as st

from services.estimate import left_words
from services.runs import Job, JobState
from ui import cache


def write_phase(job: Job, share: float = 0.0) -> None:
    """Say how many jobs are before a queued one, or what a running one is doing; nothing of one that has ended.

    Args:
        job: to speak of.
        share: of its work that is done, to say how long the rest takes; 0 where that is not known.
    """
    if job.state is JobState.QUEUED:
        ahead = cache.supervisor().store.n_ahead(job.id)
        st.caption(f"Queued: {ahead} {'job is' if ahead == 1 else 'jobs are'} before this one.")
    elif not job.state.is_final:
        left = left_words(share, seconds_of(job))
        st.caption(f"{job.phase or 'Starting'} …" + (f" {left}" if left else ""))


def seconds_of(job: Job) -> float:
    """Return for how long a job has been running."""
    return (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at else 0.0


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
