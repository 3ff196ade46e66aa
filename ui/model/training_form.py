"""How a model is trained, and under which name it is saved."""

import streamlit as st

from models import FAMILIES, Dataset, ModelCard, TrainingError
from services.jobs import Job, JobKind
from services.specs.errors import USER_ERRORS
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec
from ui.model.family_forms import SEED, advanced_form, main_form
from ui.model.saved_models import use_saved
from ui.shared import cache
from ui.shared.live import goes_on, stop_button
from ui.shared.session import AppSession
from ui.shared.widgets import choose, safe_label


def training_form(session: AppSession, dataset: Dataset, job: Job | None) -> None:
    """Draw the family and its settings; start and stop a training."""
    spec = _family(TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest)))
    spec = main_form(spec)
    with st.expander("Advanced"):
        spec = _held_out(advanced_form(spec))
    with st.container(horizontal=True):
        is_pressed = st.button("Train", type="primary", icon=":material/model_training:", disabled=goes_on(job))
        stop_button(job, "Stop and keep the best")
    if not is_pressed:
        return
    try:
        spec.settings()
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    session.training_id = cache.supervisor().submit(JobKind.TRAINING, dataset.name, spec.model_dump_json())
    st.rerun()


def _family(spec: TrainingSpec) -> TrainingSpec:
    names = {family: words.label for family, words in FAMILIES.items() if words.is_trained_here}
    family = choose("Family", names, spec.family, key="training-family", is_kept=True)
    st.caption(FAMILIES[family].help)
    return spec.model_copy(update={"family": family})


def _held_out(spec: TrainingSpec) -> TrainingSpec:
    """Draw what every family has: which rows judge the model, and the seed."""
    left, right = st.columns(2)
    with left:
        held_out = st.slider(
            "Held-out rows [%]",
            5,
            40,
            round(spec.test_share * 100),
            key="held-out",
            persist_state="session",
            help="Rows that training never sees, to judge the model by.",
        )
    with right:
        seed = SEED.draw(spec)
    return spec.model_copy(update={"test_share": held_out / 100, "seed": seed})


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
        saved = cache.catalog().models.save(name.strip(), artifact, card)
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    use_saved(session, dataset, saved.name)
