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


def saved_models(session: AppSession, dataset: Dataset, outcome: str) -> None:
    """Draw the saved models that predict an outcome of the table and are not in use; those of other tables are folded.

    Those of other outcomes of the table stand where these are looked at.
    """
    store = cache.catalog().models
    fitting: list[SavedModel] = []
    others: list[tuple[str, str, SavedModel | None]] = []
    for name in store.names():
        try:
            saved = store.load_lazily(name)
        except USER_ERRORS as error:
            others.append((name, str(error), None))
            continue
        if _ref(saved) in session.models.values():
            continue
        if why := _why_not(dataset, saved.card):
            others.append((name, why, saved))
        elif saved.card.outcome.name == outcome:
            fitting.append(saved)
    if fitting:
        what = f"predict {safe_label(outcome)}" if dataset.other_outcomes else "fit this table"
        st.subheader(f"Saved models that {what}")
    for saved in fitting:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None):
                st.markdown(f"**{safe_label(saved.name)}**")
                st.caption(_about(saved.card))
            if st.button("Use it", key=f"use-model-{saved.name}"):
                use_saved(session, saved.name)
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
    ref = _ref(saved)
    is_in_use = ref in session.models.values()
    with st.popover("Rename or delete", icon=":material/edit:", type="tertiary", key=f"manage-{saved.name}"):
        name = st.text_input("New name", saved.name, max_chars=60, key=f"model-name-{saved.name}").strip()
        if st.button("Rename", key=f"rename-{saved.name}", disabled=name == saved.name):
            with errors_shown():
                store.rename(saved.name, name)
                if is_in_use:
                    _called(session, ref, ModelRef(name=name, digest=saved.digest))
                st.rerun()
        st.caption("Runs that were made with it keep their results.")
        if st.button("Delete it for good", icon=":material/delete:", key=f"delete-{saved.name}"):
            store.delete(saved.name)
            if is_in_use and session.dataset is not None:
                frame.drop_model(session, session.dataset, ref)
            st.rerun()


def _called(session: AppSession, before: ModelRef, ref: ModelRef) -> None:
    """Give a model in use its new name, in the run that is being set, too."""
    session.models = {name: ref if model == before else model for name, model in session.models.items()}
    if session.draft is not None:
        known = session.draft.outcomes
        outcomes = (each.model_copy(update={"model": ref}) if each.model == before else each for each in known)
        session.draft = session.draft.revised(outcomes=tuple(outcomes))


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


def use_saved(session: AppSession, name: str) -> None:
    """Take a saved model for the table in use, and draw the page anew."""
    use_model(session, ModelRef(name=name, digest=cache.catalog().models.load(name).digest))


def use_model(session: AppSession, ref: ModelRef) -> None:
    """Take a model for the outcome of the table in use that it predicts, and draw the page anew."""
    assert session.dataset is not None
    frame.take_model(session, session.dataset, ref)
    outcome = cache.model_data(session.dataset, ref).dataset.outcome.name
    frame.forget_training(session, cache.outcome_rows(session.dataset)[outcome])
    session.quality_id = None
    st.rerun()
