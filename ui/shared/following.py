"""How far a job of several searches is: a bar, what is done and how long the rest takes."""

import streamlit as st

from services.jobs import Job
from ui.shared import cache
from ui.shared.live import write_progress

POLL = "500ms"


def follow_pieces(job: Job, n_done: int, n: int) -> None:
    """Draw how far a job is, time and again; draw the page anew when something more is done or the job has ended.

    Args:
        job: one that goes on.
        n_done: searches that are done.
        n: all of them.
    """

    @st.fragment(run_every=POLL)
    def follow() -> None:
        now = cache.supervisor().store.get(job.id)
        if now is None or now.state.is_final or now.n_pieces != job.n_pieces:
            st.rerun()
        words, _, doing = now.progress.partition("; ")
        st.progress(n_done / max(n, 1), words if doing else f"{n_done} of {n} done")
        if doing:
            st.caption(f"{doing[:1].upper()}{doing[1:]} …")
        else:
            write_progress(now)

    follow()
