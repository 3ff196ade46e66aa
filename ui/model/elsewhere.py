"""A Keras model that was trained elsewhere, uploaded or one of the operator's: what its inputs are, and its use."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import Dataset, ModelCard
from models.cards.mapping import MappedColumn, Mapping, Scaling
from services.catalog.operator_models import OperatorModel
from services.intake.uploads.upload import (
    MAXIMUM_MEGABYTES,
    Upload,
    check_card,
    default_mapping,
    evaluated_card,
    fit_sentence,
    is_good_fit,
    metrics_on,
    r2_words,
    save_upload,
)
from services.jobs import JobKind
from services.jobs.kinds import JudgementSpec
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.texts.models import quality_words
from ui.charts.model import held_out_info, predicted_alt, predicted_figure
from ui.model.saved_models import fits, use_model, use_saved
from ui.shared import cache, frame
from ui.shared.live import follow, goes_on
from ui.shared.session import AppSession
from ui.shared.widgets import choose, errors_shown, safe_label, show_chart, show_error

_SCALINGS = {scaling: scaling.words for scaling in Scaling}
_MAX_FILES = 4


def model_upload(session: AppSession, dataset: Dataset) -> None:
    """Draw the upload; a file that cannot be used says why."""
    with st.expander("Bring a Keras model trained elsewhere", icon=":material/upload_file:"):
        st.write(
            "A `.keras` or `.h5` file that takes rows of numbers or categories and predicts outcomes. It is taken "
            "apart in a closed-off process and built anew from its numbers; nothing in it is run."
        )
        files = st.file_uploader(
            f"The .keras or .h5 file, and its .json side file if there is one ({MAXIMUM_MEGABYTES} MB at most)",
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
    if len(upload.model.outputs) > 1:
        what = f"Output that predicts {safe_label(dataset.outcome.name)}"
        output = st.selectbox(
            what, list(upload.model.outputs), format_func=safe_label, key=f"upload-output-{digest[:12]}"
        )
        upload = replace(upload, output=output)
        digest = hashlib.sha256(f"{digest} {output}".encode()).hexdigest()
    if isinstance(upload.side, ModelCard):
        _show_card(dataset, upload, upload.side)
        _save_form(session, dataset, upload, upload.side, digest)
        return
    known = upload.model.vocabularies
    start = upload.side or cache.suggested_mapping(digest, dataset, upload.n_inputs, upload.forward, known)
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
        "Its side file says what its inputs are, so there is nothing to fill in. It gives "
        f"{safe_label(quality_words(card))} then; on all rows of this table R² is {r2_words(metrics.r2)}."
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
        use_saved(session, saved.name)
    if any(model.name == st.session_state.get(kept) for model in session.models.values()):
        st.success(f"Saved as {safe_label(st.session_state[kept])} and in use.", icon=":material/check:")
        st.page_link(frame.OPTIMIZE, label="Next: set goal and bounds", icon=":material/arrow_forward:")


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
                _operator_mapping(session, dataset, model)


def _use(session: AppSession, dataset: Dataset, model: OperatorModel, card: ModelCard) -> None:
    """Draw what it predicts and the button that takes it, or why it does not fit the table."""
    st.caption(f"Predicts {safe_label(card.outcome.name)}, {safe_label(quality_words(card))}.")
    ref = ModelRef(kind="operator", name=model.name, digest=model.digest)
    if not fits(dataset, ref):
        return
    if ref in session.models.values():
        st.badge("In use", icon=":material/check:", color="green")
        st.page_link(frame.OPTIMIZE, label="Next: set goal and bounds", icon=":material/arrow_forward:")
    elif st.button("Use it", key=f"use-operator-{model.name}"):
        use_model(session, ref)


def _operator_mapping(session: AppSession, dataset: Dataset, model: OperatorModel) -> None:
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
        use_model(session, ModelRef(kind="operator", name=kept.name, digest=kept.digest))


def _mapping_form(dataset: Dataset, start: Mapping | None, key: str) -> Mapping | None:
    """Draw the form; return what it says, or None while no column is chosen."""
    chosen = st.multiselect(
        "Columns, in the order of the model's inputs",
        dataset.feature_names,
        default=[column.name for column in start.features] if start else [],
        key=f"{key}-columns",
        help="The order counts: take columns out and add them again to change it.",
    )
    left, right = st.columns(2)
    numeric = [column for column in start.features if not column.categories] if start else []
    with left:
        first = numeric[0].scaling if numeric else Scaling.NONE
        scaling = choose("Numbers were", _SCALINGS, first, key=f"{key}-inputs")
    with right:
        first = start.outcome.scaling if start else Scaling.NONE
        scaled = choose("The outcome was", _SCALINGS, first, key=f"{key}-outcome")
    if not chosen:
        st.caption("Choose at least one column.")
        return None
    features = _features(dataset, chosen, scaling, start, key)
    outcome = _outcome(dataset, scaled, start, key)
    if features is None:
        return None
    st.caption(_inputs_in_words(dataset, features))
    return Mapping(features=features, outcome=outcome)


def _features(
    dataset: Dataset, names: list[str], scaling: Scaling, start: Mapping | None, key: str
) -> tuple[MappedColumn, ...] | None:
    """Draw the order of categories, and means and deviations where they are typed in; return the columns."""
    known = {column.name: column for column in dataset.features}
    before = {column.name: column for column in start.features} if start else {}
    orders = {}
    for name in names:
        if known[name].is_categorical:
            first = before[name].categories if name in before and before[name].categories else known[name].categories
            orders[name] = tuple(
                st.multiselect(
                    f"Categories of {safe_label(name)}, in the order of their inputs",
                    sorted({*known[name].categories, *first}),
                    default=list(first),
                    key=f"{key}-categories-{name}",
                    help="Each becomes one input, 1 where the row has it and 0 elsewhere.",
                )
            )
    numeric = [name for name in names if name not in orders]
    typed = _typed_scales(dataset, numeric, before, key) if scaling is Scaling.GIVEN and numeric else {}
    if any(not std > 0 or mean != mean for mean, std in typed.values()):
        st.caption("Every column needs a mean, and a standard deviation above 0.")
        return None
    return tuple(
        MappedColumn(name=name, categories=orders[name])
        if name in orders
        else MappedColumn(name=name, scaling=scaling, mean=typed[name][0], std=typed[name][1])
        if name in typed
        else MappedColumn(name=name, scaling=scaling)
        for name in names
    )


def _typed_scales(
    dataset: Dataset, names: list[str], before: dict[str, MappedColumn], key: str
) -> dict[str, tuple[float, float]]:
    """Draw a table of means and standard deviations, the table's own at first; return them by column."""
    columns = dataset.X[:, dataset.indices(names)].T
    means, stds = [values.mean() for values in columns], [values.std() or 1.0 for values in columns]
    scales = pd.DataFrame({"column": names, "mean": means, "std": stds})
    for row, name in enumerate(names):
        if name in before and before[name].scaling is Scaling.GIVEN:
            scales.loc[row, ["mean", "std"]] = before[name].mean, before[name].std
    edited = st.data_editor(
        scales,
        hide_index=True,
        disabled=["column"],
        key=f"{key}-scales-{'|'.join(names)}",
        column_config={
            "mean": st.column_config.NumberColumn("mean (subtracted)", required=True, format="%.6g"),
            "std": st.column_config.NumberColumn("std (divided by)", required=True, min_value=0.0, format="%.6g"),
        },
    )
    return {name: (float(mean), float(std)) for name, mean, std in edited.itertuples(index=False)}


def _outcome(dataset: Dataset, scaling: Scaling, start: Mapping | None, key: str) -> MappedColumn:
    name = dataset.outcome.name
    if scaling is not Scaling.GIVEN:
        return MappedColumn(name=name, scaling=scaling)
    is_given = start is not None and start.outcome.scaling is Scaling.GIVEN
    mean, std = (start.outcome.mean, start.outcome.std) if start and is_given else (dataset.y.mean(), dataset.y.std())
    left, right = st.columns(2)
    mean = left.number_input("Mean of the outcome", value=float(mean), format="%.6g", key=f"{key}-outcome-mean")
    std = right.number_input("Std of the outcome", value=float(std) or 1.0, format="%.6g", key=f"{key}-outcome-std")
    return MappedColumn(name=name, scaling=scaling, mean=mean, std=std if std > 0 else 1.0)


def _inputs_in_words(dataset: Dataset, features: tuple[MappedColumn, ...]) -> str:
    names: list[str] = []
    for feature in features:
        names += [f"{feature.name} = {category}" for category in feature.categories] or [feature.name]
    words = ", ".join(f"{number} {safe_label(name)}" for number, name in enumerate(names, start=1))
    return f"Inputs: {words}. Output: {safe_label(dataset.outcome.name)}."


def mapped_card(
    dataset: Dataset,
    start: Mapping | None,
    key: str,
    judge: Callable[[Mapping], ModelCard | None],
    save: Callable[[ModelCard], None],
) -> None:
    """Draw the form, beside it how the model then agrees with the recorded rows, and below it how to save that.

    ``judge`` gives the card under a mapping, None while it is not known; ``save`` draws the way to save it.
    """
    form, judgement = st.columns(2, gap="large")
    with form:
        mapping = _mapping_form(dataset, start, key)
    if mapping is None:
        return
    with judgement:
        card = None
        with errors_shown():
            card = judge(mapping)
        if card is None:
            return
        _judgement(card, key)
    with form:
        save(card)


def _judgement(card: ModelCard, key: str) -> None:
    """Draw the figures over the recorded rows, what they say, and predicted against measured."""
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    figures = st.columns(2)
    figures[0].metric("R² on recorded rows", r2_words(metrics.r2), border=True, help="1 is perfect, below 0 is no use.")
    figures[1].metric("MAE", f"{metrics.mae:.3g} {unit}", border=True, help="Mean absolute error.")
    info = held_out_info(card)
    if info is not None:
        show_chart(f"judgement-{key}", predicted_figure(info), predicted_alt(info), height=320)
    if is_good_fit(card):
        st.success(safe_label(fit_sentence(card)), icon=":material/check:")
    else:
        st.warning(safe_label(fit_sentence(card)), icon=":material/warning:")
    st.caption(
        "It may have been trained on these very rows, so this shows whether the columns are right, not how good the "
        "model is on new ones."
    )
