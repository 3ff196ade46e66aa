"""How a model is trained, and under which name it is saved."""

import streamlit as st

from models import Dataset, ModelCard, TrainingError
from services.errors import USER_ERRORS
from services.runs import Job, JobKind
from services.runspec import DatasetRef
from services.training import TrainingSpec
from ui import cache
from ui.components.saved_models import use_saved
from ui.session import AppSession
from ui.text import safe_label


def training_form(session: AppSession, dataset: Dataset, job: Job | None) -> None:
    """Draw layers, widths and the expert settings; start and stop a training."""
    spec = _architecture(TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest)))
    with st.expander("Advanced"):
        spec = _advanced(spec)
    is_running = job is not None and not job.state.is_final
    with st.container(horizontal=True):
        is_pressed = st.button("Train", type="primary", icon=":material/model_training:", disabled=is_running)
        if is_running and job is not None:
            st.button(
                "Stop and keep the best", icon=":material/stop:", on_click=cache.supervisor().stop, args=(job.id,)
            )
    if not is_pressed:
        return
    try:
        spec.settings()
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    session.training_id = cache.supervisor().submit(JobKind.TRAINING, dataset.name, spec.model_dump_json())
    st.rerun()


def _architecture(spec: TrainingSpec) -> TrainingSpec:
    """Draw layers and widths; return the training with them."""
    left, right = st.columns(2)
    with left:
        n_layers = _whole("Hidden layers", len(spec.widths), 1, 8)
    with right:
        width = _whole("Neurons per layer", spec.widths[0], 1, 4096)
    return spec.model_copy(update={"widths": (width,) * n_layers})


def _advanced(spec: TrainingSpec) -> TrainingSpec:
    """Draw what experts change; return the training with it."""
    left, middle, right = st.columns(3)
    with left:
        epochs = _whole("Epochs at most", spec.epochs, 1, 10_000)
        batch_size = _whole("Batch size", spec.batch_size, 1, 65_536)
    with middle:
        patience = _whole(
            "Early stopping after [epochs]",
            spec.patience or spec.epochs,
            1,
            10_000,
            help="Training ends when the validation loss has not improved for so many epochs.",
        )
        rate = st.number_input(
            "Learning rate", 1e-6, 1.0, spec.learning_rate, format="%.4g", key="learning-rate", persist_state="session"
        )
    with right:
        held_out = st.slider(
            "Held-out rows [%]",
            5,
            40,
            round(spec.test_share * 100),
            key="held-out",
            persist_state="session",
            help="Rows that training never sees, to judge the model by.",
        )
        seed = _whole("Seed", spec.seed, 0, 2**31 - 1)
    changes = {"epochs": epochs, "batch_size": batch_size, "patience": patience, "seed": seed}
    return spec.model_copy(update=changes | {"learning_rate": float(rate), "test_share": held_out / 100})


def _whole(label: str, start: int, low: int, high: int, help: str | None = None) -> int:
    """Draw a whole number that outlives a visit to another page."""
    key = "training-" + label.split(" [")[0].lower().replace(" ", "-")
    return int(st.number_input(label, low, high, start, key=key, persist_state="session", help=help))


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
            raise TrainingError("The training kept no model: train again.")
        saved = cache.shelves().models.save(name.strip(), artifact, card)
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    use_saved(session, dataset, saved.name)
