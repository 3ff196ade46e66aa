"""Ways from a run of the store to the page that shows it."""

import streamlit as st

from services.jobs import Job, JobKind
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from ui.shared import cache, frame, links
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_PAGES = {
    JobKind.TUNE: frame.TUNE,
    JobKind.METHODS: frame.COMPARE,
    JobKind.TRAINING: frame.MODEL,
    JobKind.QUALITY: frame.QUALITY,
}


def open_job(session: AppSession, job_id: str, page: str | None = None) -> None:
    """Show a job on a page, with the table and the model that it works with; say so where these are gone.

    Args:
        session: that looks at it.
        job_id: the job.
        page: on which; by default where its results are, or where it is watched while it has none.
    """
    job = cache.job(job_id)
    if job is None:
        st.warning("This run is not kept any more.", icon=":material/warning:")
        return
    if _shown(session, job):
        default = frame.RESULTS if job.result else frame.OPTIMIZE
        st.switch_page(page or _PAGES.get(job.kind, default))


def draft_of(session: AppSession, job_id: str) -> None:
    """Take the settings of a run as a draft to Optimize, where nothing runs yet."""
    job = cache.job(job_id)
    if job is not None and _shown(session, job):
        spec = RunSpec.model_validate_json(job.spec)
        session.draft = spec.revised(name=f"Copy of {job.name}"[:200])
        session.run_id = None
        st.switch_page(frame.OPTIMIZE)


def _shown(session: AppSession, job: Job) -> bool:
    """Make a job the one that the session looks at; return whether that could be done, and say why not."""
    try:
        links.show_job(session, job)
    except USER_ERRORS as error:
        st.warning(safe_label(str(error)), icon=":material/warning:")
        return False
    return True
