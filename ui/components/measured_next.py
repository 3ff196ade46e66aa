"""What comes after measuring: the grown table, the same kind of model trained on it, the next search."""

import streamlit as st

from models import Dataset, ModelCard
from services.errors import USER_ERRORS
from services.measured import Measured, change_measured, measured_of
from services.measured.growing import free_name, grown, next_run, origin_words, training_again
from services.modelwords import kind_of_model
from services.results import RunResult
from services.runs import Job, JobKind, JobState
from services.runspec import DatasetRef, ModelRef
from ui import cache, frame
from ui.session import AppSession
from ui.text import safe_label
from ui.training import show_training

_REFUSED = "measured-refused"


def measured_next(job: Job, result: RunResult, paper: Measured) -> None:
    """Draw the steps from measured values to the next search: those that were taken, then the one to take."""
    if refused := st.session_state.pop(_REFUSED, ""):
        st.error(safe_label(refused), icon=":material/error:")
    if paper.dataset:
        _show_table(paper)
    if not paper.is_joined:
        n = "this value" if len(paper.rows) == 1 else f"these {len(paper.rows)} values"
        st.button(
            f"Make a new table with {n}",
            type="primary",
            icon=":material/table_rows:",
            on_click=_join,
            args=(job, result),
            help="The rows of this run's table and one new row for each measured value. The old table stays.",
        )
    if not paper.dataset:
        return
    training = _training_of(paper)
    if training is None or _is_in_vain(training):
        if training is not None:
            show_training(training)
        _offer_training(job, result, paper)
    else:
        _follow(job, result, training)


def _training_of(paper: Measured) -> Job | None:
    """Return the training on the new table, or None where there was none or it is not kept any more."""
    return cache.supervisor().store.get(paper.training) if paper.training else None


def _is_in_vain(training: Job) -> bool:
    """Return whether a training ended without a model."""
    return training.state.is_final and not training.result


def _show_table(paper: Measured) -> None:
    """Write which table was made."""
    n = len(paper.joined)
    new = "1 new row" if n == 1 else f"{n} new rows"
    later = "" if paper.is_joined else " The measured values have changed since: make it again to take them in."
    st.markdown(
        f":material/check: **{safe_label(paper.dataset_name)}** is kept, with {new}.{later}",
        help=safe_label(cache.shelves().datasets.origin(paper.dataset)),
    )


def _join(job: Job, result: RunResult) -> None:
    """Make and keep the table with the measured values."""
    store, library = cache.supervisor().store, cache.shelves().datasets
    rows = measured_of(store, job.id).rows
    try:
        dataset = library.find(result.spec.dataset.digest)
        new = grown(dataset, result, rows)
        library.save(new, origin_words(dataset, result, job.id, len(rows)))
        change_measured(store, job.id, lambda paper: paper.with_dataset(rows, new.digest, new.name))
    except USER_ERRORS as error:
        st.session_state[_REFUSED] = str(error)


def _offer_training(job: Job, result: RunResult, paper: Measured) -> None:
    """Draw the button that trains the same kind of model on the new table."""
    card = _card(result)
    words = "The usual neural network: the model of this run was not trained here."
    if card is not None and card.settings is not None:
        words = f"The same family and settings as before: {kind_of_model(card)}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train again on it",
            type="primary" if paper.is_joined else "secondary",
            icon=":material/model_training:",
            on_click=_train,
            args=(job, result),
        )
        st.caption(safe_label(words))


def _card(result: RunResult) -> ModelCard | None:
    """Return the card of the run's model, or None for what was not trained here or is gone."""
    ref = result.spec.model
    if ref.kind != "saved":
        return None
    try:
        return cache.shelves().models.glance(ref.name).card
    except USER_ERRORS:
        return None


def _train(job: Job, result: RunResult) -> None:
    """Start the training on the new table, unless somebody else did."""
    supervisor = cache.supervisor()
    paper = measured_of(supervisor.store, job.id)
    begun = _training_of(paper)
    if begun is not None and not _is_in_vain(begun):
        return
    spec = training_again(_card(result), DatasetRef(name=paper.dataset_name, digest=paper.dataset))
    training = supervisor.submit(JobKind.TRAINING, paper.dataset_name, spec.model_dump_json())
    change_measured(supervisor.store, job.id, lambda paper: paper.model_copy(update={"training": training}))
    AppSession.current().training_id = training


def _follow(job: Job, result: RunResult, training: Job) -> None:
    """Draw a training that goes on or has made a model."""
    if not training.state.is_final:
        stop = cache.supervisor().stop
        st.button("Stop and keep the best", icon=":material/stop:", on_click=stop, args=(training.id,))
        show_training(training)
        return
    card = cache.trained_card(training.id)
    if card is None:
        return
    before = _card(result)
    words = f"R² {card.metrics.r2:.3f} on held-out rows"
    if before is not None and before.settings is not None:
        words += f", before {before.metrics.r2:.3f}"
    st.markdown(f":material/check: A new model has learned from it: {words}.")
    if st.button("Use it for the next search", type="primary", icon=":material/travel_explore:"):
        try:
            _go_on(job, result, training, card)
        except USER_ERRORS as error:
            st.error(safe_label(str(error)), icon=":material/error:")
            return
        st.switch_page(frame.OPTIMIZE)


def _go_on(job: Job, result: RunResult, training: Job, card: ModelCard) -> None:
    """Save the model, unless it is saved, and work with it and the new table from now on."""
    store, shelves, session = cache.supervisor().store, cache.shelves(), AppSession.current()
    paper = measured_of(store, job.id)
    dataset: Dataset = shelves.datasets.find(paper.dataset)
    name = paper.model
    if name not in shelves.models.names():
        artifact = store.artifact(training.id)
        assert artifact is not None and training.state in (JobState.DONE, JobState.CANCELLED)
        name = free_name(paper.dataset_name, shelves.models.names())
        shelves.models.save(name, artifact, card)
        change_measured(store, job.id, lambda paper: paper.model_copy(update={"model": name}))
    ref = ModelRef(name=name, digest=shelves.models.glance(name).digest)
    material = cache.material(dataset.digest, ref.model_dump_json(), dataset, ref)
    session.use_dataset(dataset)
    session.use_model(ref, next_run(result, dataset, ref, material))
