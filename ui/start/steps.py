"""The steps of one's own data, each with its state and the way there."""

import streamlit as st

from services.jobs import JobState
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label


def show_steps(session: AppSession) -> None:
    """Draw the four steps, done ones with what they yielded."""
    run = cache.job(session.run_id)
    dataset, model = session.dataset, session.model
    steps = [
        (
            frame.DATA,
            "1. Bring a table",
            "In use: " + safe_label(dataset.name) + f", {dataset.n_rows:,} rows"
            if dataset
            else "CSV, Excel or Parquet",
            dataset is not None,
        ),
        (
            frame.MODEL,
            "2. Train a model",
            "In use: " + safe_label(model.name) if model else "Seconds on a thousand rows, or pick a saved one",
            model is not None,
        ),
        (frame.OPTIMIZE, "3. Set goal and bounds, search", _run_words(run.state if run else None), run is not None),
        (
            frame.RESULTS,
            "4. Read the results",
            "A table of different candidates, each with its density check",
            run is not None and run.state is JobState.DONE,
        ),
    ]
    for column, (page, title, words, is_done) in zip(st.columns(4, gap="medium"), steps, strict=True):
        with column, st.container(border=True, height="stretch"):
            icon = ":material/check_circle:" if is_done else ":material/radio_button_unchecked:"
            st.page_link(page, label=title, icon=icon)
            st.caption(words)


def _run_words(state: JobState | None) -> str:
    if state is None:
        return "Free or frozen, between which bounds"
    return {
        JobState.QUEUED: "A run is waiting for its turn",
        JobState.RUNNING: "A run is searching now",
        JobState.DONE: "A run is done",
        JobState.FAILED: "The last run failed",
        JobState.CANCELLED: "The last run was stopped",
        JobState.INTERRUPTED: "The last run was interrupted",
    }[state]
