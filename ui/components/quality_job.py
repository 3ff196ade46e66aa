"""The quality check of table and model: a button that starts it, what it is doing, what it found."""

import streamlit as st

from models import Dataset, ModelCard
from services.errors import USER_ERRORS
from services.estimate import duration_words
from services.quality import QualityResult, QualitySpec, estimate_seconds
from services.runs import Job, JobKind, JobState
from services.runspec import DatasetRef, ModelRef
from ui import cache, links
from ui.phase import follow_phase
from ui.session import AppSession
from ui.text import safe_label

POLL = "400ms"


def quality_job(session: AppSession, dataset: Dataset, model: ModelRef) -> QualityResult | None:
    """Draw the way to a check of this table and this model; return what it found, or None before that.

    A check belongs to table and model, not to the browser session: whoever works with both sees it.
    """
    spec = QualitySpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), model=model)
    job = _job_of(session, spec)
    session.quality_id = job.id if job else None
    links.name_in_address(session, links.QUALITY)
    if job is None:
        _offer(session, spec, dataset)
        return None
    if not job.state.is_final:
        with st.container(border=True):
            st.markdown("**The check goes on.** You may visit other pages, or close this one, and come back.")
            follow_phase(job, POLL)
            st.button("Stop", icon=":material/stop:", on_click=cache.supervisor().stop, args=(job.id,))
        return None
    result = cache.quality(job.id)
    if result is None:
        _say_why(job)
        _offer(session, spec, dataset)
    return result


def check_again(session: AppSession, result: QualityResult) -> None:
    """Draw the button that makes a new check, with the rows in other parts."""
    spec = result.spec.model_copy(update={"seed": result.spec.seed + 1})
    st.button(
        "Check again with other parts",
        icon=":material/refresh:",
        on_click=_start,
        args=(session, spec),
        help="The rows are dealt to other parts: figures that change much with that are not to be relied on.",
    )


def _job_of(session: AppSession, spec: QualitySpec) -> Job | None:
    """Return the check that the address named, if it is of this table and model, else the newest one."""
    store = cache.supervisor().store
    named = store.get(session.quality_id) if session.quality_id else None
    is_of_these = named is not None and named.kind is JobKind.QUALITY and named.name == spec.key
    return named if is_of_these else store.latest(JobKind.QUALITY, spec.key)


def _offer(session: AppSession, spec: QualitySpec, dataset: Dataset) -> None:
    """Say what a check does and how long it takes, with the button that starts it."""
    card = _card(spec.model)
    is_trained_here = card is not None and card.settings is not None
    with st.container(border=True):
        st.markdown("**This model has not been checked on this table yet.**")
        if is_trained_here:
            kept = ""
            sweep = dataset.sweep or (card.sweep if card else None)
            if sweep:
                kept = f" Rows that differ only in {safe_label(sweep)} stay together."
            st.write(
                f"The rows are dealt into {spec.n_folds} parts, and the model is trained {spec.n_folds} times in the "
                f"same way, each time without one part. So every row is predicted by a model that never saw it.{kept}"
            )
        else:
            st.write(
                "It was not trained here, so it cannot be trained anew without some of the rows: it is judged on the "
                "recorded rows as it is, which flatters it."
            )
        if card is not None and card.dataset.digest != dataset.digest:
            st.write(
                f"It was trained on {safe_label(card.dataset.name)}, another table than this one. What is checked is a "
                "model trained in the same way on this table."
                if is_trained_here
                else f"It says of itself that it was trained on {safe_label(card.dataset.name)}."
            )
        seconds = estimate_seconds(spec, card, dataset.n_rows)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Check this model",
                type="primary",
                icon=":material/fact_check:",
                on_click=_start,
                args=(session, spec),
            )
            st.caption(f"Takes {duration_words(seconds)}. You may go on with other pages.", width="content")


def _start(session: AppSession, spec: QualitySpec) -> None:
    """Queue a check, unless one of the same table and model is queued or running."""
    supervisor = cache.supervisor()
    job = supervisor.store.latest(JobKind.QUALITY, spec.key)
    if job is None or job.state.is_final:
        session.quality_id = supervisor.submit(JobKind.QUALITY, spec.key, spec.model_dump_json())


def _say_why(job: Job) -> None:
    """Say why a check that has ended found nothing."""
    if job.state is JobState.CANCELLED:
        st.info("You stopped the check. Half a check says nothing, so nothing was kept.", icon=":material/stop_circle:")
    else:
        st.error(f"The check did not succeed: {safe_label(job.error)}", icon=":material/error:")


def _card(model: ModelRef) -> ModelCard | None:
    """Return the card of a saved model, or None where there is none."""
    try:
        return cache.shelves().models.glance(model.name).card if model.kind == "saved" else None
    except USER_ERRORS:
        return None
