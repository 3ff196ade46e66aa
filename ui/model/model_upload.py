"""A Keras model that was trained elsewhere: upload it, say what its inputs are, see whether that is right, save it."""

import hashlib

import streamlit as st

from models import Dataset, ModelCard
from services.intake.uploads.upload import (
    MAXIMUM_MEGABYTES,
    Upload,
    check_card,
    is_good_fit,
    metrics_on,
    r2_words,
    save_upload,
)
from ui.model.mapping_form import mapped_card
from ui.model.saved_models import use_saved
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label

_MAX_FILES = 4


def model_upload(session: AppSession, dataset: Dataset) -> None:
    """Draw the upload; a file that cannot be used says why."""
    with st.expander("Bring a Keras model trained elsewhere", icon=":material/upload_file:"):
        st.write(
            "A `.keras` file with dense layers and one output. It is taken apart in a closed-off process and built "
            "anew from its numbers; nothing in it is run."
        )
        files = st.file_uploader(
            f"The .keras file, and its .json side file if there is one ({MAXIMUM_MEGABYTES} MB at most)",
            accept_multiple_files=True,
            max_upload_size=MAXIMUM_MEGABYTES,
            key="model-files",
        )
        if not files:
            return
        given = tuple((file.name, file.getvalue()) for file in files[:_MAX_FILES])
        digest = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for _, data in given)).hexdigest()
        with errors_shown():
            _uploaded(session, dataset, cache.upload(digest, given), digest)


def _uploaded(session: AppSession, dataset: Dataset, upload: Upload, digest: str) -> None:
    st.caption(f":material/check: Read: {safe_label(upload.words)}.")
    if isinstance(upload.side, ModelCard):
        _show_card(dataset, upload, upload.side)
        _save_form(session, dataset, upload, upload.side, digest)
        return
    start = upload.side or cache.suggested_mapping(digest, dataset, upload.n_inputs, upload.forward)
    if start is None:
        st.info(
            f"The model takes {upload.n_inputs} inputs; the table's features make another number. Choose those that it "
            "was trained on.",
            icon=":material/info:",
        )
    elif upload.side is None:
        st.caption("What was suggested agrees best with the recorded rows; change what is wrong.")
    mapped_card(
        dataset,
        start,
        f"upload-{digest[:12]}-{dataset.digest[:12]}",
        lambda mapping: cache.judged_upload(digest, mapping, upload, dataset),
        lambda card: _save_form(session, dataset, upload, card, digest),
    )


def _show_card(dataset: Dataset, upload: Upload, card: ModelCard) -> None:
    """Show what a side file of ours says, and whether it holds on this table."""
    check_card(card, upload)
    metrics = metrics_on(card, dataset, upload.forward)
    st.write(
        "Its side file says what its inputs are, so there is nothing to fill in. It gives R² "
        f"{card.metrics.r2:.2f} on the rows that were held out then; on all rows of this table it is "
        f"{r2_words(metrics.r2)}."
    )


def _save_form(session: AppSession, dataset: Dataset, upload: Upload, card: ModelCard, digest: str) -> None:
    kept = f"upload-kept-{digest[:12]}"
    columns = st.columns([2, 1], vertical_alignment="bottom")
    name = columns[0].text_input("Name of the model", upload.name, max_chars=60, key=f"upload-name-{digest[:12]}")
    is_pressed = columns[1].button(
        "Save and use it",
        type="primary" if card.metrics.n_train or is_good_fit(card) else "secondary",
        icon=":material/save:",
        width="stretch",
        key="save-upload",
    )
    if is_pressed:
        saved = save_upload(cache.catalog().models, name.strip(), upload, card)
        st.session_state[kept] = saved.name
        use_saved(session, dataset, saved.name)
    if session.model is not None and session.model.name == st.session_state.get(kept):
        st.success(f"Saved as {safe_label(session.model.name)} and in use.", icon=":material/check:")
        st.page_link(frame.OPTIMIZE, label="Next: set goal and bounds", icon=":material/arrow_forward:")
