"""The run that the page shows, and the last ones where none is shown."""

import streamlit as st

from services.jobs import Job, JobState, RunFilter, RunRow
from services.jobs.texts import best_words, run_title
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from ui.shared import cache, frame
from ui.shared.needs import needed_run
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_ENDED = RunFilter(states=(JobState.DONE, JobState.CANCELLED))
_OFFERED = 4


def run_or_last(session: AppSession) -> Job:
    """The run that is shown; without one the last that has results, where no other work is under way.

    Whoever has a table in use is asked, and the page ends: to show a run takes its table, model and settings.
    """
    job = cache.job(session.run_id)
    if job is not None:
        return job
    rows = [row for row in cache.supervisor().store.runs(_ENDED, at_most=20).rows if row.n_results][:_OFFERED]
    if rows and session.dataset is None and (last := cache.job(rows[0].id)) is not None and _is_shown(session, last):
        st.caption(f"Your last run: {safe_label(_words(rows[0]))}")
        _others(session, rows[1:])
        return last
    st.title("Results")
    if not rows:
        return needed_run(session)
    st.write("No run is shown. These are the last ones:")
    _others(session, rows)
    st.page_link(frame.OPTIMIZE, label="Or start a search", icon=":material/travel_explore:")
    st.stop()


def _is_shown(session: AppSession, job: Job) -> bool:
    """Show a run; False where its table is gone."""
    spec = RunSpec.model_validate_json(job.spec)
    try:
        session.show_run(job.id, cache.catalog().dataset(spec.dataset), spec)
    except USER_ERRORS:
        return False
    frame.name_in_address(session, "run")
    return True


def _others(session: AppSession, rows: list[RunRow]) -> None:
    """Draw a button for each of some runs that opens it."""
    with st.container(horizontal=True, gap="small"):
        for row in rows:
            words = safe_label(_words(row))
            if st.button(words, key=f"last-{row.id}", icon=":material/grading:", type="tertiary"):
                frame.open_job(session, row.id, frame.RESULTS)


def _words(row: RunRow) -> str:
    best = f"{best_words(row)} {row.unit}".strip()
    return " · ".join(part for part in (run_title(row), best, f"{row.created_at.astimezone():%d %b %H:%M}") if part)
