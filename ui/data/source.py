"""Where a table comes from: a file, one that was used before, or one that ships; and how a file is read."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from models import Dataset
from services.intake.tables.csv_text import DECIMALS, DELIMITERS, THOUSANDS, Dialect
from services.intake.tables.limits import TableError, TableKind
from services.intake.tables.notation.encodings import ENCODINGS
from services.intake.tables.number_columns import LimitPolicy
from services.intake.tables.reading import RawTable, Reading
from services.specs.digits import counted
from services.texts.datasets import day_words
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import choose, errors_shown, safe_label, show_error

_PREVIEW_ROWS = 8
_MOST_NOTICES = 2
_MAX_KEPT = 8
_LIMITS = {
    "Missing": LimitPolicy.MISSING,
    "The limit": LimitPolicy.LIMIT,
    "Half of it": LimitPolicy.HALF,
}


def table_source(session: AppSession) -> tuple[RawTable, str] | None:
    """Draw where a table comes from; return an uploaded one as it was read, with what names it so."""
    if session.data.upload is None:
        if session.dataset is None:
            st.write("A row is something that was made and measured: what was set, and what came out of it.")
            table_choice(session)
        else:
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.subheader(f"In use: {safe_label(session.dataset.name)}", width="content")
                _another(session)
        return None
    name, data = session.data.upload
    digest = hashlib.sha256(data).hexdigest()
    reading = st.session_state.get(_key(digest), Reading())  # chosen by the user; else found by evidence
    try:
        raw = cache.raw_table(digest, name, reading, data)
    except TableError as error:
        st.markdown(f"**{safe_label(name)}** cannot be used as it is.")
        show_error(error)
        _ways_out(digest, name, data, reading)
        if session.dataset is not None:
            st.caption(f":material/table_chart: {safe_label(session.dataset.name)} stays in use.")
        table_choice(session)
        return None
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            f"**{safe_label(name)}**: {len(raw.frame):,} rows, {raw.frame.shape[1]} columns.{_read_as(raw)}",
            width="content",
        )
        with st.container(horizontal=True, width="content"):
            if raw.kind is not TableKind.PARQUET:
                with st.popover("How it is read", icon=":material/edit:", key="how-it-is-read"):
                    if len(raw.sheets) > 1:
                        _sheet_choice(digest, reading, raw.sheets)
                    reading_form(digest, reading, raw.dialect, raw.header_row)
                    _summary_choice(digest, reading, raw)
                    _limit_choice(digest, reading, raw)
            _another(session)
    return raw, f"{digest} {reading!r}"


def _another(session: AppSession) -> None:
    # renewed with the table that was chosen in it: a popover stays open otherwise, and hides what comes of it
    key = session.forms.key("another-table", "upload")
    with st.popover("Another table", icon=":material/swap_horiz:", key=key):
        table_choice(session)


def table_choice(session: AppSession) -> None:
    """Draw the upload, the tables that were used before, and those that ship."""
    st.file_uploader(
        "CSV, Excel or Parquet, 50 MB at most",
        max_upload_size=50,
        key=(key := session.forms.key("table-file", "upload")),
        on_change=_take_upload,
        args=(session, key),
    )
    library = cache.catalog().datasets
    kept = library.recent(_MAX_KEPT)
    mine, shipped = st.columns([3, 2], gap="large") if kept else (None, st.container())
    if mine is not None:
        with mine:
            st.subheader("My tables")
            for table in kept:
                about = (
                    f"{counted(table.n_rows, 'row')}, {counted(len(table.features), 'feature')}, "
                    f"{table.outcome_words}. Used {day_words(table.when, datetime.now(UTC))}."
                )
                _line(table.name, about, f"open-{table.digest[:12]}", "Open", _open_kept, session, table.digest)
    with shipped:
        st.subheader("Tables that ship")
        for name in library.shipped_names():
            dataset, source = library.load(name), str(library.about(name).get("source", ""))
            about = f"{counted(dataset.n_rows, 'row')}, {counted(len(dataset.features), 'feature')}. Source: {source}"
            _line(library.title(name), about, f"use-{name}", "Open", _open_shipped, session, name)


def _line(title: str, about: str, key: str, label: str, act: Callable[..., None], *args: Any) -> None:
    """Draw a table of a list: what it is called, what it holds, and the button that takes it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{safe_label(title)}**")
            st.caption(safe_label(about))
        st.button(label, key=key, on_click=act, args=args)


def _take_upload(session: AppSession, key: str) -> None:
    """Take the file that was just given; the field is empty again after it."""
    file = st.session_state.get(key)
    if file is not None:
        session.data.upload = (file.name, file.getvalue())
        session.forms.renew("upload")


def _open_kept(session: AppSession, digest: str) -> None:
    with errors_shown():
        session.use_dataset(cache.catalog().datasets.find(digest))
        session.data.upload = None


def _open_shipped(session: AppSession, name: str) -> None:
    session.use_dataset(cache.catalog().datasets.load(name))
    session.data.upload = None


def change_roles(session: AppSession, dataset: Dataset) -> None:
    """Treat the table in use as an uploaded file, so that outcome, features and the rest can be chosen anew."""
    columns = [*dataset.features, *dataset.outcomes]
    rows = dataset.to_frame().assign(**{label.name: label.values for label in dataset.labels})
    units = {column.name: f"{column.name} [{column.unit}]" for column in columns if column.unit}
    rows = rows.rename(columns=units)
    session.data.upload = (f"{dataset.name}.csv", rows.to_csv(index=False).encode())


def _read_as(raw: RawTable) -> str:
    if raw.dialect is not None:
        return f" Read as {safe_label(raw.dialect.words)}."
    return f" Read as Excel, sheet {safe_label(raw.sheet)}." if raw.sheet else ""


def _ways_out(digest: str, name: str, data: bytes, reading: Reading) -> None:
    """Draw, below an error, all that can be chosen about the reading of the file, as it was found."""
    try:
        choices = cache.reading_choices(digest, data)
    except TableError:
        return  # the file itself has to be mended
    if choices.kind is TableKind.PARQUET:
        return
    with st.container(border=True):
        st.markdown(f"**How {safe_label(name)} is read**: change what is wrong, and read it again.")
        if len(choices.sheets) > 1:
            _sheet_choice(digest, reading, choices.sheets)
        reading_form(digest, reading, choices.dialect, None)


def reading_tab(raw: RawTable) -> None:
    """Draw the first rows of a table, and the cells of number columns that say no number."""
    labels = {column: st.column_config.Column(f"{column} [{unit}]") for column, unit in raw.units.items()}
    st.dataframe(raw.frame.head(_PREVIEW_ROWS), width="stretch", alt="First rows of the table", column_config=labels)
    if not raw.unread.empty:
        n = len(raw.unread)
        st.caption("1 cell was not a number:" if n == 1 else f"{n:,} cells were not numbers:")
        st.dataframe(raw.unread, width="stretch", hide_index=True, alt="Cells that are not numbers")


def reading_remarks(raw: RawTable) -> None:
    """Say what was found and changed while the file was read: the first remarks, the others folded."""
    for notice in raw.notices[:_MOST_NOTICES]:
        st.caption(f":material/info: {safe_label(notice)}")
    if more := raw.notices[_MOST_NOTICES:]:
        with st.expander(f"{len(more)} more remarks on what was found and changed", icon=":material/info:"):
            for notice in more:
                st.caption(safe_label(notice))


def _key(digest: str) -> str:
    return f"reading-{digest}"


def _keep(digest: str, reading: Reading) -> None:
    st.session_state[_key(digest)] = reading


def _sheet_choice(digest: str, reading: Reading, sheets: tuple[str, ...]) -> None:
    """Draw the choice of a sheet or named table; a header row that was chosen for another one is forgotten."""
    key = f"sheet-{digest}"
    st.selectbox(
        "Sheet",
        sheets,
        index=sheets.index(reading.sheet) if reading.sheet in sheets else 0,
        key=key,
        on_change=lambda: _keep(digest, replace(reading, sheet=st.session_state[key], header_row=None)),
        help="What looks most like a table stands first, hidden sheets last.",
    )


def _summary_choice(digest: str, reading: Reading, raw: RawTable) -> None:
    """Draw whether rows that sum up the table are rows like others, where there are any."""
    if not raw.summary_rows:
        return
    key = f"summary-{digest}"
    st.toggle(
        "Keep the rows that sum up the others",
        reading.keep_summary_rows,
        key=key,
        on_change=lambda: _keep(digest, replace(reading, keep_summary_rows=st.session_state[key])),
        help=safe_label(f"Found: {raw.summary_rows}. A model would take them for measurements."),
    )


def _limit_choice(digest: str, reading: Reading, raw: RawTable) -> None:
    """Draw what limits such as "<0,05" in columns of numbers stand for, where there are any."""
    if raw.unread.empty or not raw.unread["text"].str.contains("^[<>≤≥]", regex=True).any():
        return
    key = f"limits-{digest}"
    st.segmented_control(
        "Limits such as <0.05 or >100 count as",
        list(_LIMITS),
        default=next(words for words, policy in _LIMITS.items() if policy is reading.limits),
        key=key,
        required=True,
        on_change=lambda: _keep(digest, replace(reading, limits=_LIMITS[st.session_state[key]])),
        help="Half of a limit is what laboratories often take below a limit of detection; "
        "of >100 the limit itself is taken then.",
    )


def reading_form(digest: str, reading: Reading, dialect: Dialect | None, header_row: int | None) -> None:
    """Draw what can be chosen about the reading of a file.

    Args:
        dialect: as the file was read or would be, None for one that is no CSV.
        header_row: where the header was found, or None where it was not.
    """
    with st.form(f"reading-form-{digest}", border=False):
        chosen = reading.dialect or dialect
        columns = st.columns(2)
        if chosen is not None:
            with columns[0]:
                delimiter = choose("Columns are separated by", DELIMITERS, chosen.delimiter)
                decimal = choose("Decimal mark", DECIMALS, chosen.decimal)
                thousands = choose("Thousands mark", THOUSANDS, chosen.thousands)
            with columns[1]:
                encoding = choose("Encoding", ENCODINGS, chosen.encoding)
                row = _header_field(reading, header_row)
            quotes = st.checkbox(
                "Quotation marks enclose cells", chosen.quotes, help='Off: they are letters, such as inches in 5" pipe.'
            )
            ragged = st.checkbox(
                "Leave out rows of another width",
                reading.leave_out_ragged,
                help="Rows with more or fewer cells than the header are left out and counted, instead of refused.",
            )
        else:
            row = _header_field(reading, header_row)
        if st.form_submit_button("Read again"):
            shown = header_row if reading.header_row is None else reading.header_row
            new = replace(reading, header_row=reading.header_row if row == shown else row)
            if chosen is not None:
                with errors_shown():
                    wanted = Dialect(encoding, delimiter, decimal, thousands, quotes)
                    is_as_found = reading.dialect is None and wanted == dialect
                    new = replace(new, dialect=None if is_as_found else wanted, leave_out_ragged=ragged)
                    _keep(digest, new)
                    st.rerun()
            else:
                _keep(digest, new)
                st.rerun()


def _header_field(reading: Reading, found: int | None) -> int | None:
    value = st.number_input(
        "Header row",
        min_value=0,
        value=found if reading.header_row is None else reading.header_row,
        step=1,
        placeholder="found by itself",
        help="Number of the row that names the columns, as a spreadsheet counts. 0 for a table without names.",
    )
    return None if value is None else int(value)
