"""What the laboratory measured: typed or uploaded, beside the predictions, and on into the next table and model."""

import hashlib

import streamlit as st

from services.errors import USER_ERRORS
from services.exports import to_csv
from services.labsheet.points import bands_of
from services.labsheet.table import lab_frame
from services.material import Material
from services.measured import (
    Measured,
    Measurement,
    change_measured,
    checked,
    measured_of,
    measurement_name,
    swept_feature,
    usual_point,
)
from services.measured.comparing import compare, summary_words, unlikely_words
from services.measured.sheet import read_filled
from services.naming import titles
from services.results import RunResult
from services.runs import Job
from ui import cache, charts
from ui.components.chart import show_chart
from ui.components.measured_next import measured_next
from ui.session import AppSession
from ui.text import safe_label

_RESULT, _AT, _VALUE, _SAID, _FILE = (f"measured-{name}" for name in ("result", "at", "value", "said", "file"))
_MAX_MB = 5


def measured_section(job: Job, result: RunResult) -> None:
    """Draw measured values of a run that has results: taking them in, predicted against measured, what comes next.

    They belong to the run, not to the browser session: whoever shows the run sees them.
    """
    st.subheader("Measured values")
    st.write(
        "Made some of these? Tell what was measured: it is shown beside the predictions, joins the table as new rows, "
        "and the next model learns from it."
    )
    paper, material = measured_of(cache.supervisor().store, job.id), _material(result)
    typed, uploaded = st.columns(2, gap="large")
    with typed:
        _form(job, result, material)
    with uploaded:
        _upload(job, result, paper, material)
    if said := st.session_state.pop(_SAID, None):
        kind, words, icon = said
        {"error": st.error, "warning": st.warning, "success": st.success}[kind](
            safe_label(words), icon=f":material/{icon}:"
        )
    if not paper.rows:
        return
    _comparison(job, result, paper, material)
    measured_next(job, result, paper)


def _material(result: RunResult) -> Material | None:
    """Return the table and the model of a run, or None where they are gone or answer in a worker only."""
    spec = result.spec
    try:
        dataset = cache.shelves().dataset(spec.dataset)
        found = cache.material(dataset.digest, spec.model.model_dump_json(), dataset, spec.model)
    except USER_ERRORS:
        return None
    return None if found.is_deferred else found


def _form(job: Job, result: RunResult, material: Material | None) -> None:
    """Draw the fields of one measured value, and the button that keeps it."""
    swept, names = swept_feature(result), titles(result)
    with st.form("measured-form"):
        chosen = AppSession.current().chosen or 0
        st.selectbox(
            "Result that was made",
            range(len(names)),
            index=min(chosen, len(names) - 1),
            format_func=lambda k: names[k],
            key=f"{_RESULT}-{job.id}",
        )
        left, right = st.columns(2) if swept is not None else (None, st.container())
        if swept is not None and left is not None:
            point = result.spec.curve.at if result.spec.curve else None
            with left:
                st.number_input(
                    _quantity(f"Measured at {swept.name}", swept.unit),
                    value=point,
                    placeholder=f"such as {usual_point(result):g}",
                    format="%g",
                    key=f"{_AT}-{job.id}",
                )
        with right:
            st.number_input(
                _quantity(f"Measured {result.outcome_name}", result.outcome_unit),
                value=None,
                placeholder="as the lab found it",
                format="%g",
                key=f"{_VALUE}-{job.id}",
            )
        st.form_submit_button("Keep this value", icon=":material/add:", on_click=_keep, args=(job, result, material))


def _quantity(name: str, unit: str) -> str:
    """Return the label of a field: a unit in brackets would be read out with the marks that make it safe."""
    return safe_label(f"{name} in {unit}" if unit else name)


def _keep(job: Job, result: RunResult, material: Material | None) -> None:
    """Keep what was typed, or say why it cannot be."""
    value = st.session_state[f"{_VALUE}-{job.id}"]
    if value is None:
        st.session_state[_SAID] = ("error", f"Type the measured {result.outcome_name} first.", "error")
        return
    given = Measurement(
        result=st.session_state[f"{_RESULT}-{job.id}"], value=value, at=st.session_state.get(f"{_AT}-{job.id}")
    )
    _take_in(job, result, material, [given])


def _take_in(job: Job, result: RunResult, material: Material | None, rows: list[Measurement]) -> None:
    """Add measured values to those of the run, and say so."""
    store = cache.supervisor().store
    try:
        rows = [checked(result, row) for row in rows]
        known = measured_of(store, job.id).rows
        change_measured(store, job.id, lambda paper: paper.with_rows(rows))
    except USER_ERRORS as error:
        st.session_state[_SAID] = ("error", str(error), "error")
        return
    st.session_state[f"{_VALUE}-{job.id}"] = None
    what = measurement_name(result, rows[0]) if len(rows) == 1 else f"{len(rows)} values"
    kept = "Kept" if set(rows) - set(known) else "This was kept already, with the same value"
    doubt = unlikely_words(material, rows, result.outcome_unit)
    kind, icon = ("warning", "warning") if doubt else ("success", "check")
    st.session_state[_SAID] = (kind, f"{kept}: {what}. {doubt}".strip(), icon)


def _upload(job: Job, result: RunResult, paper: Measured, material: Material | None) -> None:
    """Draw the sheet to fill in, the upload of a filled one, and what was found in it."""
    places = range(len(result.results))
    st.download_button(
        "Sheet to fill in (CSV)",
        lambda: to_csv(lab_frame(result, places, bands_of(result, material) if material else None)),
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
        found = read_filled(result, table)
    except USER_ERRORS as error:
        st.error(safe_label(str(error)), icon=":material/error:")
        return
    new = [row for row in dict.fromkeys(found.rows) if row not in paper.rows]
    for notice in (*found.notices, *(["All of them are kept already."] if not new else [])):
        st.caption(f":material/info: {safe_label(notice)}")
    n = "1 value" if len(new) == 1 else f"{len(new)} values"
    st.button(
        f"Keep the {n} of this sheet",
        icon=":material/add:",
        disabled=not new,
        on_click=_take_in,
        args=(job, result, material, new),
    )


def _comparison(job: Job, result: RunResult, paper: Measured, material: Material | None) -> None:
    """Draw predicted against measured, each in words, and a way to take a value back."""
    compared = compare(result, paper.rows, material)
    info = charts.measured_info(compared, result.outcome_name, result.outcome_unit)
    show_chart("measured-chart", charts.measured_figure(info), charts.measured_alt(info))
    st.write(safe_label(summary_words(result, compared)))
    lines = [f"{safe_label(one.name)}: {safe_label(one.words)}" for one in compared]
    st.caption("  \n".join(lines))
    with st.popover("Take a value back", icon=":material/undo:"):
        row = st.selectbox(
            "Value",
            paper.rows,
            format_func=lambda row: f"{measurement_name(result, row)}: {row.value:,.6g} {result.outcome_unit}".strip(),
            key=f"measured-back-{job.id}",
        )
        st.button("Take it back", icon=":material/delete:", on_click=_take_back, args=(job, row))


def _take_back(job: Job, row: Measurement) -> None:
    """Remove a measured value of a run."""
    change_measured(cache.supervisor().store, job.id, lambda paper: paper.without(row))
    st.session_state[_SAID] = ("success", "The value was taken back.", "undo")
