"""What the laboratory measured: typed or uploaded, beside the predictions, and on into the next table and model."""

import hashlib
from functools import partial

import streamlit as st

from models import Dataset
from services.catalog.loading import ModelWithData
from services.jobs import Job, JobKind
from services.papers.choices import choices_of
from services.papers.exports import to_csv
from services.papers.lab_sheet.outcomes import lab_outcome, lab_outcomes, searched_curve
from services.papers.lab_sheet.table import bands_of, lab_frame
from services.papers.measured.extending import (
    extended_dataset,
    models_to_train,
    next_run,
    origin_words,
    same_training,
)
from services.papers.measured.measurements import (
    Measured,
    Measurement,
    change_measured,
    compare,
    example_point,
    measured_of,
    measurement_name,
    read_filled_sheet,
    summary_words,
    swept_feature,
    unlikely_words,
    validated,
)
from services.results.names import titles
from services.specs.digits import counted
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.specs.run import DatasetRef
from services.texts.models import estimate_words, kind_of_model, quality_words
from ui.charts.measured import measured_alt, measured_figure
from ui.model.training import show_training
from ui.shared import cache, frame
from ui.shared.live import stop_button
from ui.shared.session import AppSession
from ui.shared.trained import kept_model, model_name
from ui.shared.widgets import errors_shown, safe_label, show_chart, show_error

_RESULT, _AT, _VALUE, _FILE = (f"measured-{name}" for name in ("result", "at", "value", "file"))
_MESSAGE, _REFUSED = "measured-message", "measured-refused"
_MAX_MB = 5


def measured_next(job: Job, result: RunResult, paper: Measured) -> None:
    """Draw the steps from measured values to the next search: those that were taken, then the one to take."""
    if refused := st.session_state.pop(_REFUSED, ""):
        show_error(refused)
    if paper.dataset:
        new = counted(len(paper.joined), "measured value")
        later = "" if paper.is_joined else " The measured values have changed since: make it again to take them in."
        st.markdown(
            f":material/check: **{safe_label(paper.dataset_name)}** is kept, with {new} in new rows.{later}",
            help=safe_label(cache.catalog().datasets.origin(paper.dataset)),
        )
    if not paper.is_joined:
        values = "this value" if len(paper.rows) == 1 else f"these {len(paper.rows)} values"
        st.button(
            f"Make a new table with {values}",
            type="primary",
            icon=":material/table_rows:",
            on_click=_join,
            args=(job, result),
            help="The rows of this run's table and one new row for each measured value. The old table stays.",
        )
    if paper.dataset:
        _learning(job, result, paper)


def _learning(job: Job, result: RunResult, paper: Measured) -> None:
    """Draw the trainings on the new table, one for each outcome that got values, or the button that starts them."""
    wanted = models_to_train(result, paper.joined)
    trainings = {key: cache.job(paper.trainings.get(key)) for key in wanted}
    for key, training in trainings.items():
        if training is not None and (not training.state.is_final or _is_in_vain(training)):
            if len(wanted) > 1:
                st.markdown(f"**{safe_label(wanted[key][0])}**")
            if not training.state.is_final:
                stop_button(training, "Stop and keep the best")
            show_training(training)
    if missing := {key: each for key, each in wanted.items() if (of := trainings[key]) is None or _is_in_vain(of)}:
        _training_offer(job, result, paper, missing)
    done = {key: training for key, training in trainings.items() if training is not None and training.state.is_final}
    if len(done) == len(wanted) and not missing:
        _learned(job, result, {wanted[key]: training for key, training in done.items()})


def _is_in_vain(training: Job) -> bool:
    return training.state.is_final and not training.result


def _join(job: Job, result: RunResult) -> None:
    store, library = cache.supervisor().store, cache.catalog().datasets
    rows = measured_of(store, job.id).rows
    try:
        dataset = library.find(result.spec.dataset.digest)
        new = extended_dataset(dataset, result, rows)
        library.save(new, origin_words(dataset, result, job.id, len(rows)), library.marks(dataset.digest))
        change_measured(store, job.id, lambda paper: paper.with_dataset(rows, new.digest, new.name))
    except USER_ERRORS as error:
        st.session_state[_REFUSED] = str(error)


def _training_offer(job: Job, result: RunResult, paper: Measured, missing: dict[str, tuple[str, ModelRef]]) -> None:
    known = {name: _kind_of(model) for name, model in missing.values()}
    words = "Automatic takes a family: the model of this run was not trained here."
    if len(known) > 1:
        words = "A model each for " + "; ".join(f"{name} ({kind or 'Automatic'})" for name, kind in known.items()) + "."
    elif kind := next(iter(known.values())):
        words = f"The same family and settings as before: {kind}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train again on it",
            type="primary" if paper.is_joined else "secondary",
            icon=":material/model_training:",
            on_click=_train,
            args=(job, result),
        )
        st.caption(safe_label(words))


def _kind_of(model: ModelRef) -> str:
    """The kind of a model that was trained here, else ""."""
    card = cache.saved_card(model)
    return kind_of_model(card) if card is not None and card.settings is not None else ""


def _train(job: Job, result: RunResult) -> None:
    """Start the trainings on the new table that nobody started, or that were in vain."""
    supervisor = cache.supervisor()
    paper = measured_of(supervisor.store, job.id)
    table = cache.catalog().datasets.find(paper.dataset)
    begun: dict[str, str] = {}
    for key, (name, model) in models_to_train(result, paper.joined).items():
        training = cache.job(paper.trainings.get(key))
        if training is not None and not _is_in_vain(training):
            continue
        rows = table.for_outcome(name)  # a model learns one outcome
        spec = same_training(cache.saved_card(model), DatasetRef(name=paper.dataset_name, digest=rows.digest))
        begun[key] = supervisor.submit(JobKind.TRAINING, paper.dataset_name, spec.model_dump_json())
    change_measured(supervisor.store, job.id, lambda paper: paper.with_trainings(begun))
    AppSession.current().training_ids = tuple(begun.values())


def _learned(job: Job, result: RunResult, trainings: dict[tuple[str, ModelRef], Job]) -> None:
    """Draw what the new models are worth beside those of before, and the button that goes on with them."""
    cards = {training.id: cache.trained_card(training.id) for training in trainings.values()}
    for (name, model), training in trainings.items():
        card, before = cards[training.id], cache.saved_card(model)
        if card is None:
            return
        words, what = quality_words(card), f"model of {name}" if len(trainings) > 1 else "model"
        if before is not None and before.settings is not None:
            words += f", before {estimate_words(before.metrics.r2, before.metrics.r2_error)}"
        st.markdown(f":material/check: A new {safe_label(what)} has learned from it: {safe_label(words)}.")
    words = "Use them for the next search" if len(trainings) > 1 else "Use it for the next search"
    if st.button(words, type="primary", icon=":material/travel_explore:"):
        with errors_shown():
            _go_on(job, result, {name: training for (name, _), training in trainings.items()})
            st.switch_page(frame.OPTIMIZE)


def _go_on(job: Job, result: RunResult, trainings: dict[str, Job]) -> None:
    """Save the models, unless they are saved, and work with them and the new table from now on."""
    catalog, session = cache.catalog(), AppSession.current()
    dataset: Dataset = catalog.datasets.find(measured_of(cache.supervisor().store, job.id).dataset)
    trained = {}
    for name, training in trainings.items():
        card = cache.trained_card(training.id)
        assert card is not None
        ref = kept_model(training, card, model_name(dataset, name))
        trained[ref] = cache.model_data(dataset, ref)
    session.use_dataset(dataset)
    session.use_draft(next_run(result, dataset, trained, partial(catalog.models_of, dataset)))


def measured_section(job: Job, result: RunResult) -> None:
    """Draw measured values of a run that has results: taking them in, predicted against measured, what comes next.

    They belong to the run, not to the browser session: whoever shows the run sees them.
    """
    paper, message = measured_of(cache.supervisor().store, job.id), st.session_state.pop(_MESSAGE, None)
    is_open = bool(paper.rows) or message is not None
    key = f"measured-fold-{job.id}"
    with (
        st.container(key="measured"),
        st.expander("Measured values", is_open, icon=":material/science:", key=key, on_change="rerun") as fold,
    ):
        if fold.open:  # fields cost the browser a tenth of a second, also where nobody sees them
            _section(job, result, paper, message)


def _section(job: Job, result: RunResult, paper: Measured, message: tuple[str, str, str] | None) -> None:
    st.write(
        "Made some of these? Tell what was measured: it is shown beside the predictions, joins the table as new rows, "
        "and the next model learns from it."
    )
    model_data = _material(result)
    typed, uploaded = st.columns(2, gap="large")
    with typed:
        _form(job, result, model_data)
    with uploaded:
        _upload(job, result, paper, model_data)
    if message is not None:
        kind, words, icon = message
        {"error": st.error, "warning": st.warning, "success": st.success}[kind](
            safe_label(words), icon=f":material/{icon}:"
        )
    if not paper.rows:
        return
    _comparison(job, result, paper, model_data)
    measured_next(job, result, paper)


def _material(result: RunResult) -> ModelWithData | None:
    """The table and the model of a run, or None where they are gone or answer in a worker only."""
    spec, catalog = result.spec, cache.catalog()
    try:
        dataset = catalog.dataset(spec.dataset)
        several = spec.has_several_outcomes
        found = catalog.models_of(dataset, spec) if several else cache.model_data(dataset, spec.model)
    except USER_ERRORS:
        return None
    return None if found.is_deferred else found


def _form(job: Job, result: RunResult, model_data: ModelWithData | None) -> None:
    swept, names, curve = swept_feature(result), titles(result), searched_curve(result)
    shown = choices_of(cache.supervisor().store, job.id).shown(len(names))
    with st.form("measured-form"):
        chosen = AppSession.current().results.chosen
        st.selectbox(
            "Result that was made",
            shown,
            index=shown.index(chosen) if chosen in shown else 0,
            format_func=lambda k: names[k],
            key=f"{_RESULT}-{job.id}",
        )
        columns = st.columns(2 if swept else 1)
        if swept is not None:
            columns[0].number_input(
                _quantity(f"Measured at {swept.name}", swept.unit),
                value=curve.at if curve else None,
                placeholder=f"such as {example_point(result):g}",
                format="%g",
                key=f"{_AT}-{job.id}",
            )
        for place, outcome in enumerate(lab_outcomes(result)):
            columns[-1].number_input(
                _quantity(f"Measured {outcome.name}", outcome.unit),
                value=None,
                placeholder="as the lab found it",
                format="%g",
                key=_value_key(job, place),
            )
        st.form_submit_button("Keep this value", icon=":material/add:", on_click=_keep, args=(job, result, model_data))


def _quantity(name: str, unit: str) -> str:
    """The label of a field: a unit in brackets would be read out with the marks that make it safe."""
    return safe_label(f"{name} in {unit}" if unit else name)


def _keep(job: Job, result: RunResult, model_data: ModelWithData | None) -> None:
    outcomes = lab_outcomes(result)
    values = {each.name: st.session_state[_value_key(job, place)] for place, each in enumerate(outcomes)}
    given = [
        Measurement(
            result=st.session_state[f"{_RESULT}-{job.id}"],
            value=value,
            at=st.session_state.get(f"{_AT}-{job.id}"),
            outcome=name if len(outcomes) > 1 else "",
        )
        for name, value in values.items()
        if value is not None
    ]
    if not given:
        st.session_state[_MESSAGE] = ("error", f"Type the measured {' or '.join(values)} first.", "error")
        return
    _store_values(job, result, model_data, given)


def _value_key(job: Job, place: int) -> str:
    """The key of the field for the measured value of one outcome."""
    return f"{_VALUE}-{job.id}-{place}" if place else f"{_VALUE}-{job.id}"


def _store_values(job: Job, result: RunResult, model_data: ModelWithData | None, rows: list[Measurement]) -> None:
    store = cache.supervisor().store
    try:
        rows = [validated(result, row) for row in rows]
        known = measured_of(store, job.id).rows
        change_measured(store, job.id, lambda paper: paper.with_rows(rows))
    except USER_ERRORS as error:
        st.session_state[_MESSAGE] = ("error", str(error), "error")
        return
    for place in range(len(lab_outcomes(result))):
        st.session_state[_value_key(job, place)] = None
    what = measurement_name(result, rows[0]) if len(rows) == 1 else counted(len(rows), "value")
    kept = "Kept" if set(rows) - set(known) else "This was kept already, with the same value"
    doubt = unlikely_words(result, model_data, rows)
    kind, icon = ("warning", "warning") if doubt else ("success", "check")
    st.session_state[_MESSAGE] = (kind, f"{kept}: {what}. {doubt}".strip(), icon)


def _upload(job: Job, result: RunResult, paper: Measured, model_data: ModelWithData | None) -> None:
    positions = range(len(result.results))
    st.download_button(
        "Sheet to fill in (CSV)",
        lambda: to_csv(
            lab_frame(result, positions, bands_of(result, model_data) if model_data else None),
            cache.marks_of(result.spec),
        ),
        file_name="to-measure.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="One row for each measurement: settings, prediction, and an empty column for what was measured.",
    )
    key = f"{_FILE}-{job.id}-{len(paper.rows)}"  # another one once its values are kept
    file = st.file_uploader(
        "Or upload the sheet with the measured column filled in", max_upload_size=_MAX_MB, key=key, help="CSV or Excel."
    )
    if file is None:
        return
    data = file.getvalue()
    try:
        table = cache.raw_table(hashlib.sha256(data).hexdigest(), file.name, None, data)
        found = read_filled_sheet(result, table)
    except USER_ERRORS as error:
        show_error(error)
        return
    new = [row for row in dict.fromkeys(found.rows) if row not in paper.rows]
    for notice in (*found.notices, *(["All of them are kept already."] if not new else [])):
        st.caption(f":material/info: {safe_label(notice)}")
    st.button(
        f"Keep the {counted(len(new), 'value')} of this sheet",
        icon=":material/add:",
        disabled=not new,
        on_click=_store_values,
        args=(job, result, model_data, new),
    )


def _comparison(job: Job, result: RunResult, paper: Measured, model_data: ModelWithData | None) -> None:
    compared = compare(result, paper.rows, model_data)
    for place, outcome in enumerate(dict.fromkeys(one.outcome for one in compared)):
        own = [one for one in compared if one.outcome == outcome]
        figure = measured_figure(own, outcome.name, outcome.unit)
        show_chart(f"measured-chart-{place}" if place else "measured-chart", figure, measured_alt(own, outcome.name))
    st.write(safe_label(summary_words(result, compared)))
    lines = [f"{safe_label(one.name)}: {safe_label(one.words)}" for one in compared]
    st.caption("  \n".join(lines))
    with st.popover("Take a value back", icon=":material/undo:"):
        row = st.selectbox(
            "Value",
            paper.rows,
            format_func=lambda row: _value_words(result, row),
            key=f"measured-back-{job.id}",
        )
        st.button("Take it back", icon=":material/delete:", on_click=_take_back, args=(job, row))


def _value_words(result: RunResult, row: Measurement) -> str:
    outcome = lab_outcome(result, row.outcome)
    return f"{measurement_name(result, row)}: {row.value:,.6g} {outcome.unit if outcome else ''}".strip()


def _take_back(job: Job, row: Measurement) -> None:
    change_measured(cache.supervisor().store, job.id, lambda paper: paper.without(row))
    st.session_state[_MESSAGE] = ("success", "The value was taken back.", "undo")
