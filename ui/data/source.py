"""Where a table comes from, a file or one that ships, and how the file is read."""

import hashlib
from dataclasses import replace

import streamlit as st

from services.intake.tables.csv_text import DECIMALS, DELIMITERS, THOUSANDS, Dialect
from services.intake.tables.limits import TableError, TableKind
from services.intake.tables.notation.encodings import ENCODINGS
from services.intake.tables.number_columns import LimitPolicy
from services.intake.tables.reading import RawTable, Reading
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label, show_error

UPLOAD, SHIPPED = "Upload a file", "Use a table that ships"
_PREVIEW_ROWS = 8
_MOST_NOTICES = 5
_LIMITS = {
    "Missing": LimitPolicy.MISSING,
    "The limit": LimitPolicy.LIMIT,
    "Half of it": LimitPolicy.HALF,
}


def table_source(session: AppSession) -> RawTable | None:
    """Draw the choice of a table; return an uploaded one as it was read, and take a shipped one at once."""
    choice = st.segmented_control(
        "Table",
        [UPLOAD, SHIPPED],
        default=UPLOAD,
        key="table-source",
        label_visibility="collapsed",
        persist_state="session",
        required=True,
    )
    if choice == SHIPPED:
        _shipped(session)
        return None
    return _uploaded(session)


def _shipped(session: AppSession) -> None:
    library = cache.catalog().datasets
    for column, name in zip(st.columns(3), library.shipped_names(), strict=False):
        about = library.about(name)
        with column, st.container(border=True, height="stretch"):
            dataset = library.load(name)
            st.markdown(f"**{safe_label(library.title(name))}**")
            st.caption(
                f"{dataset.n_rows:,} rows, {len(dataset.features)} features, outcome "
                f"{safe_label(dataset.outcome.name)}. Source: {safe_label(str(about.get('source', '')))}"
            )
            with st.container(horizontal=True):
                if st.button("Use this table", key=f"use-{name}"):
                    session.data.upload = None
                    session.use_dataset(dataset)
                st.button("Choose its columns", key=f"choose-{name}", on_click=_as_upload, args=(session, name))


def _as_upload(session: AppSession, name: str) -> None:
    """Treat a shipped table as an uploaded file, so that outcome, features and the rest can be chosen."""
    session.data.upload = (f"{name}.csv", cache.catalog().datasets.csv(name))
    st.session_state["table-source"] = UPLOAD


def _uploaded(session: AppSession) -> RawTable | None:
    file = st.file_uploader("CSV, Excel or Parquet, 50 MB at most", max_upload_size=50, key="table-file")
    if file is not None:
        session.data.upload = (file.name, file.getvalue())
    if session.data.upload is None:
        return None
    name, data = session.data.upload
    digest = hashlib.sha256(data).hexdigest()
    reading = st.session_state.get(_key(digest), Reading())  # chosen by the user; else found by evidence
    try:
        raw = cache.raw_table(digest, name, reading, data)
    except TableError as error:
        show_error(error)
        _ways_out(digest, name, data, reading)
        return None
    with st.container(border=True):
        heading, change = st.columns([4, 1], vertical_alignment="center")
        with heading:
            st.markdown(
                f"**{safe_label(name)}**: {len(raw.frame):,} rows, {raw.frame.shape[1]} columns.{_read_as(raw)}"
            )
        if raw.kind is not TableKind.PARQUET:
            with change, st.popover("Change", icon=":material/edit:", width="stretch"):
                reading_form(digest, reading, raw.dialect, raw.header_row)
        if len(raw.sheets) > 1:
            _sheet_choice(digest, reading, raw.sheets)
        _notices(raw)
        _summary_choice(digest, reading, raw)
        _unread(digest, reading, raw)
        labels = {column: st.column_config.Column(f"{column} [{unit}]") for column, unit in raw.units.items()}
        st.dataframe(
            raw.frame.head(_PREVIEW_ROWS), width="stretch", alt="First rows of the table", column_config=labels
        )
    return raw


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


def _notices(raw: RawTable) -> None:
    if len(raw.notices) > _MOST_NOTICES:
        with st.expander(f"{len(raw.notices)} remarks on what was found and changed", icon=":material/info:"):
            for notice in raw.notices:
                st.caption(safe_label(notice))
        return
    for notice in raw.notices:
        st.caption(f":material/info: {safe_label(notice)}")


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


def _unread(digest: str, reading: Reading, raw: RawTable) -> None:
    """Draw the cells of number columns that say no number, and what limits such as "<0,05" stand for."""
    if raw.unread.empty:
        return
    n = len(raw.unread)
    title = "1 cell was not a number" if n == 1 else f"{n:,} cells were not numbers"
    has_limits = raw.unread["text"].str.contains("^[<>≤≥]", regex=True).any()
    # Streamlit forgets whether an expander was open when its label changes, so it stays open while it is used.
    with st.expander(title, icon=":material/help:", expanded=reading.limits is not LimitPolicy.MISSING):
        if has_limits:
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
        st.dataframe(raw.unread, width="stretch", hide_index=True, alt="Cells that are not numbers")


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
                delimiter = _select("Columns are separated by", DELIMITERS, chosen.delimiter)
                decimal = _select("Decimal mark", DECIMALS, chosen.decimal)
                thousands = _select("Thousands mark", THOUSANDS, chosen.thousands)
            with columns[1]:
                encoding = _select("Encoding", ENCODINGS, chosen.encoding)
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


def _select(label: str, choices: dict[str, str], given: str) -> str:
    keys = list(choices)
    return st.selectbox(label, keys, index=keys.index(given), format_func=choices.__getitem__)
