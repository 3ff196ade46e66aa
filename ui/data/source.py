"""Where a table comes from, a file or one that ships, and how the file is read."""

import hashlib

import streamlit as st

from services.intake.tables.csv_text import DECIMALS, DELIMITERS, ENCODINGS, THOUSANDS, Dialect
from services.intake.tables.reading import RawTable
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

UPLOAD, SHIPPED = "Upload a file", "Use a table that ships"
_PREVIEW_ROWS = 8


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
    dialect = st.session_state.get(f"dialect-{digest}")  # chosen by the user; else found by evidence
    raw = cache.raw_table(digest, name, dialect, data)
    with st.container(border=True):
        heading, change = st.columns([4, 1], vertical_alignment="center")
        with heading:
            words = f" Read as {safe_label(raw.dialect.words)}." if raw.dialect else ""
            st.markdown(f"**{safe_label(name)}**: {len(raw.frame):,} rows, {raw.frame.shape[1]} columns.{words}")
        if raw.dialect is not None:
            with change, st.popover("Change", icon=":material/edit:", width="stretch"):
                _dialect_form(digest, raw.dialect)
        for notice in raw.notices:
            st.caption(f":material/info: {safe_label(notice)}")
        st.dataframe(raw.frame.head(_PREVIEW_ROWS), width="stretch", alt="First rows of the table")
    return raw


def _dialect_form(digest: str, found: Dialect) -> None:
    with st.form(f"dialect-form-{digest}", border=False):
        delimiter = _select("Columns are separated by", DELIMITERS, found.delimiter)
        decimal = _select("Decimal mark", DECIMALS, found.decimal)
        thousands = _select("Thousands mark", THOUSANDS, found.thousands)
        encoding = _select("Encoding", ENCODINGS, found.encoding)
        if st.form_submit_button("Read again"):
            st.session_state[f"dialect-{digest}"] = Dialect(encoding, delimiter, decimal, thousands)
            st.rerun()


def _select(label: str, choices: dict[str, str], given: str) -> str:
    keys = list(choices)
    return st.selectbox(label, keys, index=keys.index(given), format_func=choices.__getitem__)
