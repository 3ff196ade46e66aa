"""The saved models: which fit the table, and what to do with them."""

import streamlit as st

from models import Dataset, ModelCard, SavedModel
from models.cards.settings import Family
from services.specs.errors import USER_ERRORS
from services.specs.run import ModelRef
from services.texts.models import kind_of_model, quality_words
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label


def saved_models(session: AppSession, dataset: Dataset) -> None:
    """Draw every saved model with its quality; those that do not fit the table say why."""
    store = cache.catalog().models
    names = store.names()
    if not names:
        st.caption("None yet: train one, then save it under a name.")
    for name in names:
        with st.container(border=True):
            try:
                saved = store.load_lazily(name)
            except USER_ERRORS as error:
                st.markdown(f"**{safe_label(name)}**")
                st.caption(f":material/error: {safe_label(str(error))}")
                continue
            _card(session, dataset, saved)


def _card(session: AppSession, dataset: Dataset, saved: SavedModel) -> None:
    card = saved.card
    st.markdown(f"**{safe_label(saved.name)}**")
    st.caption(_about(card))
    ref = ModelRef(name=saved.name, digest=saved.digest)
    is_usable = fits(dataset, ref)
    with st.container(horizontal=True):
        if session.model == ref:
            st.badge("In use", icon=":material/check:", color="green")
        elif is_usable and st.button("Use it", key=f"use-model-{saved.name}"):
            use_saved(session, dataset, saved.name)
        store = cache.catalog().models
        if not store.is_shipped(saved.name):
            with st.popover("Delete", icon=":material/delete:"):
                st.write("Runs that were made with it keep their results.")
                if st.button("Delete it for good", key=f"delete-{saved.name}"):
                    store.delete(saved.name)
                    if session.model == ref:
                        session.model = session.draft = None
                    st.rerun()
    if session.model == ref:
        st.page_link(frame.OPTIMIZE, label="Next: set goal and bounds", icon=":material/arrow_forward:")
        st.page_link(frame.QUALITY, label="Or first: where does it err?", icon=":material/fact_check:")


def _about(card: ModelCard) -> str:
    predicts, table = f"Predicts {safe_label(card.outcome.name)}, {safe_label(quality_words(card))}", card.dataset.name
    if card.family is Family.KERAS:
        return f"{predicts} of {safe_label(table)}. Keras model, trained elsewhere."
    return f"{predicts}. {kind_of_model(card)}, trained on {safe_label(table)}."


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
    st.rerun()
