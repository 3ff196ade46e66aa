"""Which outcome of the table the Model page is about, where there are several: each with the state of its model."""

from collections.abc import Mapping

import streamlit as st

from models import Dataset
from services.jobs import Job, JobState
from services.specs.digits import label
from services.texts.models import short_r2_words
from ui.shared import cache, frame
from ui.shared.live import POLL, goes_on
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_QUEUED, _TRAINING, _FAILED = ":material/schedule:", ":material/model_training:", ":material/error:"
_READY, _TOO_FEW, _NONE = ":material/check:", ":material/block:", ":material/radio_button_unchecked:"


def outcome_choice(session: AppSession, dataset: Dataset, jobs: Mapping[str, Job]) -> str:
    """Draw the outcomes of a table, each with its state; return the one that is looked at. Of one nothing is drawn.

    Args:
        jobs: the trainings that are shown, by outcome.
    """
    names = dataset.outcome_names
    if session.outcome not in names:
        session.outcome = names[0]
    if len(names) == 1:
        return names[0]
    key = session.forms.key(f"model-outcome-{dataset.digest[:12]}")
    units = {column.name: column.unit for column in dataset.outcomes}
    can_train = frame.trainable(dataset)
    st.session_state[key] = session.outcome
    st.segmented_control(
        "Outcome",
        names,
        key=key,
        format_func=lambda name: _state(session, name, units[name], jobs.get(name), name in can_train),
        required=True,
        on_change=_look_at,
        args=(session, key),
        help="Every outcome has a model of its own.",
    )
    watched = {name: job for name, job in jobs.items() if goes_on(job)}
    if watched:
        _follow(watched, session.outcome)
    return session.outcome


def _look_at(session: AppSession, key: str) -> None:
    session.outcome, session.quality_id = st.session_state[key], None


def _state(session: AppSession, name: str, unit: str, job: Job | None, can_train: bool) -> str:
    """An outcome with what is known of its model, in a few words."""
    words, model = safe_label(label(name, unit)), session.models.get(name)
    if goes_on(job):
        is_queued = job.state is JobState.QUEUED
        return f"{_QUEUED if is_queued else _TRAINING} {words}: {'queued' if is_queued else 'training'}"
    if model is not None:
        card = cache.card_of(model)
        return f"{_READY} {words}" + (f": {short_r2_words(card)}" if card is not None else "")
    if job is not None and not job.result:
        return f"{_FAILED} {words}: no model"
    return f"{_NONE} {words}: no model" if can_train else f"{_TOO_FEW} {words}: too few rows"


def _follow(jobs: Mapping[str, Job], shown: str) -> None:
    """Say time and again what the trainings do that are not looked at; draw the page anew when a state changes."""

    @st.fragment(run_every=POLL)
    def poll() -> None:
        found = {name: cache.job(job.id) for name, job in jobs.items()}
        if any(job is None or job.state is not jobs[name].state for name, job in found.items()):
            st.rerun()  # before anything is drawn: the message of a drawing just before would be lost
        words = [
            f"**{safe_label(name)}** {safe_label(job.progress or 'Starting')} …"
            for name, job in found.items()
            if job is not None and name != shown and job.state is not JobState.QUEUED
        ]
        if words:
            st.caption("  \n".join(words))

    poll()
