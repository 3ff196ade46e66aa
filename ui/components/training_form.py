"""How a model is trained, and under which name it is saved."""

import streamlit as st

from models import Dataset, ModelCard, TrainingSettings
from services.errors import USER_ERRORS
from services.runs import Job, JobKind
from services.runspec import DatasetRef
from services.training import TrainingSpec
from ui import cache
from ui.components.saved_models import use_saved
from ui.session import AppSession
from ui.text import safe_label

_DEFAULTS = TrainingSettings()


def training_form(session: AppSession, dataset: Dataset, job: Job | None) -> None:
    """Draw layers, widths and the expert settings; start and stop a training."""
    columns = st.columns(2)
    with columns[0]:
        n_layers = st.number_input(
            "Hidden layers", 1, 8, len(_DEFAULTS.widths), key="n-layers", persist_state="session"
        )
    with columns[1]:
        width = st.number_input("Neurons per layer", 1, 4096, _DEFAULTS.widths[0], key="width", persist_state="session")
    with st.expander("Advanced"):
        left, middle, right = st.columns(3)
        with left:
            epochs = st.number_input(
                "Epochs at most", 1, 10_000, _DEFAULTS.epochs, key="epochs", persist_state="session"
            )
            batch = st.number_input("Batch size", 1, 65_536, _DEFAULTS.batch_size, key="batch", persist_state="session")
        with middle:
            patience = st.number_input(
                "Early stopping after [epochs]",
                1,
                10_000,
                _DEFAULTS.patience or 60,
                key="training-patience",
                persist_state="session",
                help="Training ends when the validation loss has not improved for so many epochs.",
            )
            rate = st.number_input(
                "Learning rate", 1e-6, 1.0, _DEFAULTS.learning_rate, format="%.4g", key="rate", persist_state="session"
            )
        with right:
            held_out = st.slider(
                "Held-out rows [%]",
                5,
                40,
                round(_DEFAULTS.test_share * 100),
                key="held-out",
                persist_state="session",
                help="Rows that training never sees, to judge the model by.",
            )
            seed = st.number_input("Seed", 0, 2**31 - 1, _DEFAULTS.seed, key="training-seed", persist_state="session")
    is_running = job is not None and not job.state.is_final
    with st.container(horizontal=True):
        is_pressed = st.button("Train", type="primary", icon=":material/model_training:", disabled=is_running)
        if is_running and job is not None:
            st.button(
                "Stop and keep the best", icon=":material/stop:", on_click=cache.supervisor().stop, args=(job.id,)
            )
    if not is_pressed:
        return
    spec = TrainingSpec(
        dataset=DatasetRef(name=dataset.name, digest=dataset.digest),
        widths=(int(width),) * int(n_layers),
        epochs=int(epochs),
        batch_size=int(batch),
        patience=int(patience),
        learning_rate=float(rate),
        test_share=held_out / 100,
        seed=int(seed),
    )
    try:
        spec.settings()
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    session.training_id = cache.supervisor().submit(JobKind.TRAINING, dataset.name, spec.model_dump_json())
    st.rerun()


def save_form(session: AppSession, dataset: Dataset, job: Job, card: ModelCard) -> None:
    """Draw a name and the button that saves the trained model and uses it."""
    columns = st.columns([2, 1], vertical_alignment="bottom")
    with columns[0]:
        name = st.text_input("Name of the model", dataset.name, max_chars=60, key=f"model-name-{job.id}")
    with columns[1]:
        is_pressed = st.button("Save and use it", type="primary", icon=":material/save:", width="stretch")
    if not is_pressed:
        return
    artifact = cache.supervisor().store.artifact(job.id)
    try:
        if artifact is None:
            raise ValueError("The training kept no model.")
        saved = cache.shelves().models.save(name.strip(), artifact, card)
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    use_saved(session, dataset, saved.name)
