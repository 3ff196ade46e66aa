"""The operator's own models: trusted files of the server, which run as they are."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import Dataset, ModelCard
from models.cards.mapping import Mapping
from services.catalog.operator_models import OperatorModel
from services.intake.uploads.upload import default_mapping, evaluated_card, r2_words
from services.jobs import JobKind
from services.jobs.kinds import JudgementSpec
from services.specs.errors import USER_ERRORS
from services.specs.run import DatasetRef, ModelRef
from ui.model.mapping_form import mapped_card
from ui.model.saved_models import fits, use_model
from ui.shared import cache, frame
from ui.shared.live import follow, goes_on
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label, show_error


def operator_models(session: AppSession, dataset: Dataset, below: DeltaGenerator) -> None:
    """Draw every model of the operator's folder, nothing where there is none; forms for their inputs go below."""
    shelf = cache.catalog().operator
    names = shelf.names()
    if not names:
        return
    st.subheader("The operator's models")
    for name in names:
        with st.container(border=True):
            try:
                _model(session, dataset, shelf.load(name), below)
            except USER_ERRORS as error:
                st.markdown(f"**{safe_label(name)}**")
                st.caption(f":material/error: {safe_label(str(error))}")


def _model(session: AppSession, dataset: Dataset, model: OperatorModel, below: DeltaGenerator) -> None:
    st.markdown(f"**{safe_label(model.name)}** :gray-badge[operator's]")
    st.caption(
        "Runs in NumPy, like the saved ones."
        if model.converted
        else f"Runs in TensorFlow, in the worker, for it cannot be converted: {safe_label(model.reason)}"
    )
    if model.card is not None:
        _use(session, dataset, model, model.card)
    elif model.side is None:
        st.caption("What its inputs are has yet to be said.")
    if st.toggle("Say what its inputs are", key=f"map-operator-{model.name}"):
        with below, st.container(border=True):
            st.markdown(f"**What the inputs of {safe_label(model.name)} are**")
            with errors_shown():
                _mapping(session, dataset, model)


def _use(session: AppSession, dataset: Dataset, model: OperatorModel, card: ModelCard) -> None:
    """Draw what it predicts and the button that takes it, or why it does not fit the table."""
    rows = "held-out" if card.metrics.n_train else "the recorded"
    st.caption(f"Predicts {safe_label(card.outcome.name)}, R² {r2_words(card.metrics.r2)} on {rows} rows.")
    ref = ModelRef(kind="operator", name=model.name, digest=model.digest)
    if not fits(dataset, ref):
        return
    if session.model == ref:
        st.badge("In use", icon=":material/check:", color="green")
        st.page_link(frame.OPTIMIZE, label="Next: set goal and bounds", icon=":material/arrow_forward:")
    elif st.button("Use it", key=f"use-operator-{model.name}"):
        use_model(session, dataset, ref)


def _mapping(session: AppSession, dataset: Dataset, model: OperatorModel) -> None:
    key = f"operator-{model.name}-{dataset.digest[:12]}"
    if isinstance(model.side, Mapping):
        start: Mapping | None = model.side
    elif model.converted is not None:
        start = cache.suggested_mapping(model.sha256, dataset, model.n_inputs, model.converted.mean)
    else:
        start = default_mapping(dataset)
    mapped_card(
        dataset,
        start,
        key,
        lambda mapping: _judged(dataset, model, mapping, key),
        lambda card: _keep_button(session, dataset, model, card),
    )


def _judged(dataset: Dataset, model: OperatorModel, mapping: Mapping, key: str) -> ModelCard | None:
    """How the model agrees with the recorded rows; where that takes TensorFlow, draw the job that finds out."""
    if model.converted is not None:
        return evaluated_card(mapping, dataset, model.n_inputs, model.converted.mean, {})
    spec = JudgementSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), name=model.name, mapping=mapping)
    supervisor = cache.supervisor()
    job = supervisor.store.latest(JobKind.JUDGEMENT, model.name)
    if st.button("Ask it about the recorded rows", icon=":material/rule:", disabled=goes_on(job), key=f"judge-{key}"):
        supervisor.submit(JobKind.JUDGEMENT, model.name, spec.model_dump_json())
        st.rerun()
    if job is None or job.spec != spec.model_dump_json():
        st.caption("The pages never load TensorFlow, so a worker asks it; that takes some seconds.")
    elif goes_on(job):
        follow(job)
    elif job.result is None:
        show_error(job.error)
    else:
        return ModelCard.from_json(job.result)
    return None


def _keep_button(session: AppSession, dataset: Dataset, model: OperatorModel, card: ModelCard) -> None:
    if st.button("Keep this and use it", type="primary", icon=":material/save:", key=f"keep-operator-{model.name}"):
        kept = cache.catalog().operator.save_card(model.name, card)
        use_model(session, dataset, ModelRef(kind="operator", name=kept.name, digest=kept.digest))
