"""The saved models: which fit the table, and what to do with them."""

import streamlit as st

from models import Dataset, ModelCard, SavedModel
from models.cards.settings import Family
from services.catalog.loading import align
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import ModelRef
from services.texts.models import kind_of_model, quality_words
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label


def saved_models(session: AppSession, dataset: Dataset) -> None:
    """Draw the saved models that fit the table and are not in use; those of other tables are folded away."""
    store = cache.catalog().models
    fitting: list[SavedModel] = []
    others: list[tuple[str, str, SavedModel | None]] = []
    for name in store.names():
        try:
            saved = store.load_lazily(name)
        except USER_ERRORS as error:
            others.append((name, str(error), None))
            continue
        if session.model == _ref(saved):
            continue
        if why := _why_not(dataset, saved.card):
            others.append((name, why, saved))
        else:
            fitting.append(saved)
    if fitting:
        st.subheader("Saved models that fit this table")
    for saved in fitting:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None):
                st.markdown(f"**{safe_label(saved.name)}**")
                st.caption(_about(saved.card))
            if st.button("Use it", key=f"use-model-{saved.name}"):
                use_saved(session, dataset, saved.name)
            rename_or_delete(session, saved)
    if others:
        words = "1 model of another table" if len(others) == 1 else f"{len(others)} models of other tables"
        with st.expander(words, icon=":material/inventory_2:", key="other-models"):
            for name, why, damaged in others:
                with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                    st.caption(f"**{safe_label(name)}** {safe_label(why)}")
                    if damaged is not None:
                        rename_or_delete(session, damaged)


def rename_or_delete(session: AppSession, saved: SavedModel) -> None:
    """Draw what can be done with a model that a user saved; nothing for one that ships."""
    store = cache.catalog().models
    if store.is_shipped(saved.name):
        return
    is_in_use = session.model == _ref(saved)
    with st.popover("Rename or delete", icon=":material/edit:", type="tertiary", key=f"manage-{saved.name}"):
        name = st.text_input("New name", saved.name, max_chars=60, key=f"model-name-{saved.name}").strip()
        if st.button("Rename", key=f"rename-{saved.name}", disabled=name == saved.name):
            with errors_shown():
                store.rename(saved.name, name)
                if is_in_use:
                    _called(session, ModelRef(name=name, digest=saved.digest))
                st.rerun()
        st.caption("Runs that were made with it keep their results.")
        if st.button("Delete it for good", icon=":material/delete:", key=f"delete-{saved.name}"):
            store.delete(saved.name)
            if is_in_use:
                session.model = session.draft = None
                session.training_id = None  # an address that names it would save its model anew
            st.rerun()


def _called(session: AppSession, ref: ModelRef) -> None:
    """Give the model in use its new name, in the run that is being set, too."""
    session.model = ref
    if session.draft is not None:
        session.draft = session.draft.model_copy(update={"model": ref})


def _ref(saved: SavedModel) -> ModelRef:
    return ModelRef(name=saved.name, digest=saved.digest)


def _about(card: ModelCard) -> str:
    predicts, table = f"Predicts {safe_label(card.outcome.name)}, {safe_label(quality_words(card))}", card.dataset.name
    if card.family is Family.KERAS:
        return f"{predicts} of {safe_label(table)}. Keras model, trained elsewhere."
    return f"{predicts}. {kind_of_model(card)}, trained on {safe_label(table)}."


def _why_not(dataset: Dataset, card: ModelCard) -> str:
    """Why a model cannot be asked about a table, or ""."""
    try:
        align(dataset, card)
    except USER_ERRORS as error:
        return str(error)
    return ""


def fits(dataset: Dataset, ref: ModelRef) -> bool:
    """Whether a model can be asked about the table in use; else say why not."""
    try:
        cache.model_data(dataset, ref)
    except USER_ERRORS as error:
        st.caption(f":material/block: Does not fit this table. {safe_label(str(error))}")
        return False
    return True


def use_saved(session: AppSession, dataset: Dataset, name: str) -> None:
    """Take a saved model for the table in use, and draw the page anew."""
    saved = cache.catalog().models.load(name)
    use_model(session, dataset, ModelRef(name=name, digest=saved.digest))


def use_model(session: AppSession, dataset: Dataset, ref: ModelRef) -> None:
    """Take a model for the table in use, and draw the page anew."""
    frame.take_model(session, dataset, ref)
    session.training_id = session.quality_id = None
    st.rerun()
