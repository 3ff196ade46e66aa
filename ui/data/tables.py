"""Where a table comes from, a file or one that ships, what each column is for, and what the one in use holds."""

import hashlib

import pandas as pd
import streamlit as st

from models import Dataset, DatasetError, PhysicalLimits
from models.data.limits import HIGHEST, LOWEST
from services.intake.tables.cleaning import CleanTable, MissingPolicy, as_numbers, clean
from services.intake.tables.columns import ColumnSummary, Roles, SummaryKind, propose_roles, summarise
from services.intake.tables.csv_text import DECIMALS, DELIMITERS, ENCODINGS, THOUSANDS, Dialect
from services.intake.tables.limits import MAX_CATEGORIES
from services.intake.tables.outcome_limits import Guess, guess_limits
from services.intake.tables.reading import RawTable
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_chart, show_table_notes

UPLOAD, SHIPPED = "Upload a file", "Use a table that ships"
_PREVIEW_ROWS = 8
_POLICIES = {"Leave such rows out": MissingPolicy.DROP, "Refuse the table": MissingPolicy.REFUSE}


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


def roles_form(session: AppSession, raw: RawTable) -> None:
    """Draw the columns and their roles; take the table when the user says so.

    Raises:
        TableError: the table cannot be used; the text says why.
        DatasetError: the limits of the outcome are none.
    """
    summaries = summarise(raw.frame)
    for summary in summaries:
        if not summary.is_usable and not summary.n_text:
            st.caption(f":material/block: {safe_label(f'{summary.name} is left out: {summary.problem}')}")
    with st.expander("Columns: types, ranges, missing values", icon=":material/view_column:", expanded=False):
        units = _columns_table(raw, summaries)
    proposal = propose_roles(raw.frame, summaries)
    roles, ends = _choose(raw, summaries, proposal, units)
    policy, is_text_missing = _incomplete_form(raw, summaries, roles)
    name = st.text_input("Name of the table", raw.name, max_chars=60, key=f"table-name-{raw.name}")
    if st.button("Use this table", type="primary", icon=":material/check:"):
        table = clean(
            raw.frame,
            name=name or raw.name,
            outcome=roles.outcome,
            features=roles.features,
            sweep=roles.sweep,
            parts=roles.parts,
            units=units,
            limits=PhysicalLimits(*ends),
            missing=policy,
            text_as_missing=is_text_missing,
        )
        cache.catalog().datasets.save(table.dataset)
        session.use_dataset(table.dataset, table)


def _columns_table(raw: RawTable, summaries: tuple[ColumnSummary, ...]) -> dict[str, str]:
    frame = pd.DataFrame(
        {
            "Column": [s.name for s in summaries],
            "Unit": ["" for _ in summaries],
            "Type": [str(s.kind) for s in summaries],
            "Lowest": [s.low for s in summaries],
            "Mean": [s.mean for s in summaries],
            "Highest": [s.high for s in summaries],
            "Distinct": [s.n_distinct for s in summaries],
            "Missing": [s.n_missing for s in summaries],
            "Infinite": [s.n_infinite for s in summaries],
            "Note": [s.problem for s in summaries],
        }
    )
    number = st.column_config.NumberColumn
    edited = st.data_editor(
        frame,
        key=f"columns-{raw.name}-{len(summaries)}",
        hide_index=True,
        disabled=[column for column in frame.columns if column != "Unit"],
        width="stretch",
        alt="Columns of the table",
        column_config={column: number(format="%.5g") for column in ("Lowest", "Mean", "Highest")},
    )
    return {str(row["Column"]): str(row["Unit"]) for row in edited.to_dict("records") if row["Unit"]}


Ends = tuple[float | None, float | None]
"""The lowest and the highest possible outcome as they were typed, None for an empty field."""


def _choose(
    raw: RawTable, summaries: tuple[ColumnSummary, ...], proposal: Roles, units: dict[str, str]
) -> tuple[Roles, Ends]:
    mixed = [s.name for s in summaries if s.n_text]
    numeric = [s.name for s in summaries if (s.kind is SummaryKind.NUMERIC and not s.is_constant) or s.n_text]
    suffix = f"{raw.name}-{len(raw.frame)}-{len(summaries)}"
    columns = st.columns([1, 2])
    outcome = columns[0].selectbox(
        "Outcome",
        numeric,
        index=numeric.index(proposal.outcome) if proposal.outcome in numeric else 0,
        key=f"outcome-{suffix}",
        help="The column that a model shall predict.",
    )
    with columns[0]:
        ends = _limits_fields(raw, outcome, units.get(outcome, ""), suffix)
    usable = [s.name for s in summaries if s.name != outcome and (s.is_usable or s.n_text)]
    features = columns[1].multiselect(
        "Features",
        usable,
        default=[name for name in usable if name in (*proposal.features, proposal.outcome, *mixed)],
        key=f"features-{suffix}-{outcome}",
        help="The columns that can be set, and that the outcome depends on.",
    )
    chosen_numeric = [name for name in features if name in numeric]
    columns = st.columns([1, 2])
    sweep = columns[0].selectbox(
        "Sweep feature (optional)",
        chosen_numeric,
        index=chosen_numeric.index(proposal.sweep) if proposal.sweep in chosen_numeric else None,
        placeholder="None",
        key=f"sweep-{suffix}-{'|'.join(chosen_numeric)}",
        help="A feature to see the outcome along, as a curve: strength over age.",
    )
    with columns[1]:
        others = [name for name in chosen_numeric if name != sweep]
        parts = st.multiselect(
            "Parts that add up (optional)",
            others,
            default=[name for name in proposal.parts if name in others],
            placeholder="None",
            key=f"parts-{suffix}-{'|'.join(others)}",
            help="Ingredients whose sum is usual, such as the mass of one cubic metre. Their sum is the density.",
        )
    if sweep:
        st.caption(
            f":material/info: {safe_label(sweep)} will not be searched: results are judged by the curve over it. "
            "Clear the sweep feature to search it like the others."
        )
    return Roles(outcome, tuple(features), sweep, tuple(parts)), ends


def _limits_fields(raw: RawTable, outcome: str, unit: str, suffix: str) -> Ends:
    """Draw the lowest and the highest possible outcome, as guessed until somebody types another; return both."""
    guess = guess_limits(outcome, unit, as_numbers(raw.frame, outcome).to_numpy())
    key, guessed, state = f"limits-{suffix}-{outcome}", (guess.limits.low, guess.limits.high), st.session_state
    typed = []
    for place, label, before, end in zip(
        st.columns(2), (LOWEST, HIGHEST), state.get(key, guessed), guessed, strict=True
    ):
        field = f"{key}-{label}"
        if state.setdefault(field, end) == before:
            state[field] = end  # still as guessed, and a unit typed since may have made another guess
        typed.append(
            place.number_input(
                label, value=None, step=1.0, key=field, placeholder="none", format="%.10g", help=_ENDS_HELP
            )
        )
    state[key] = guessed
    st.caption(f":material/info: {safe_label(_limits_words(guess, (typed[0], typed[1]), outcome, unit))}")
    return typed[0], typed[1]


_ENDS_HELP = "What physics allows, such as 0 and 100 for a share in %. Empty for no limit."


def _limits_words(guess: Guess, ends: Ends, outcome: str, unit: str) -> str:
    try:
        limits = PhysicalLimits(*ends)
    except DatasetError as error:
        return str(error)
    if limits.is_open:
        return f"No limits: {outcome} may have any value. Type them where physics sets some."
    source = f"Guessed from {guess.source}: " if limits == guess.limits else ""
    mend = " Change or empty the fields if that is wrong." if source else ""
    return f"{source}{outcome} is {limits.words(unit)}. Intervals and worst cases stay there.{mend}"


def _incomplete_form(raw: RawTable, summaries: tuple[ColumnSummary, ...], roles: Roles) -> tuple[MissingPolicy, bool]:
    """Draw what happens to incomplete rows, where there are any; return the choice."""
    used = [s for s in summaries if s.name in (*roles.features, roles.outcome)]
    n_missing = sum(s.n_missing for s in used)
    n_infinite = sum(s.n_infinite for s in used)
    with_text = [s for s in used if s.n_text]
    is_text_missing = False
    if with_text:
        for summary in with_text:
            is_category = summary.name != roles.outcome and summary.n_distinct <= MAX_CATEGORIES
            end = ", else the column is taken as categories." if is_category else "."
            st.warning(safe_label(f"{summary.name}: {summary.problem}{end}"), icon=":material/warning:")
        is_text_missing = st.toggle("Take text in columns of numbers as missing", key=f"text-missing-{raw.name}")
    if n_missing or n_infinite:
        st.warning(
            f"In the chosen columns, missing values: {n_missing:,}; infinite ones: {n_infinite:,}.",
            icon=":material/warning:",
        )
    elif not is_text_missing:
        return MissingPolicy.DROP, False
    policy = st.segmented_control(
        "Rows with missing or infinite values",
        list(_POLICIES),
        default=next(iter(_POLICIES)),
        key=f"policy-{raw.name}",
        required=True,
    )
    return _POLICIES[policy or next(iter(_POLICIES))], is_text_missing


def dataset_view(dataset: Dataset, cleaned: CleanTable | None) -> None:
    """Draw what the dataset in use holds, and what was left out on the way to it."""
    st.header(f"In use: {safe_label(dataset.name)}")
    limits = dataset.limits.words(dataset.outcome.unit)
    outcome = f"outcome {dataset.outcome.label}{', ' if limits else ''}{limits}"
    words = [f"{dataset.n_rows:,} complete rows", safe_label(outcome)]
    if dataset.sweep:
        words.append(f"curve over {safe_label(dataset.sweep)}")
    if dataset.density is not None:
        unit = dataset.features[dataset.index(dataset.parts[0])].unit
        words.append(
            f"{len(dataset.parts)} parts adding up to {dataset.density.mean():,.5g} ± {dataset.density.std():,.3g} "
            f"{safe_label(unit)}"
        )
    st.caption(" · ".join(words))
    if origin := cache.catalog().datasets.origin(dataset.digest):
        st.caption(f":material/science: {safe_label(origin)}")
    show_table_notes(dataset)
    if cleaned is not None:
        _left_out(cleaned)
    show_chart("histograms", *cache.histograms(dataset))


def _left_out(cleaned: CleanTable) -> None:
    for notice in cleaned.notices:
        st.caption(f":material/info: {safe_label(notice)}")
    if len(cleaned.dropped):
        with st.expander(f"{len(cleaned.dropped):,} of {cleaned.n_rows_read:,} rows were left out"):
            st.dataframe(cleaned.dropped, hide_index=True, width="stretch", alt="Rows left out, with the reason")
