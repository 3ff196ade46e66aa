"""An uploaded table on its way into use: what was understood of it, its histograms, its details, and the button."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from models import DatasetError, PhysicalLimits
from models.data.limits import HIGHEST, LOWEST
from models.data.split import MINIMUM_ROWS
from services.intake.from_file import clean_by_roles
from services.intake.roles.proposal import Roles
from services.intake.tables.cleaning import CleanTable, MissingPolicy, absent_words, as_numbers, says_missing
from services.intake.tables.outcome_limits import Guess, guess_limits
from services.intake.tables.reading import RawTable
from services.specs.digits import counted, label
from services.specs.errors import USER_ERRORS
from services.specs.run import ConstraintSpec
from ui.data.columns import Columns, columns_table
from ui.data.roles import roles_part
from ui.data.source import reading_remarks, reading_tab
from ui.data.view import histograms_part, left_out_tab, relations_tab
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown, safe_label, show_error, show_table_notes

_POLICIES = {
    "Leave such rows out": MissingPolicy.DROP,
    "Fill features in": MissingPolicy.FILL,
    "Refuse the table": MissingPolicy.REFUSE,
}
Ends = tuple[float | None, float | None]
"""The lowest and the highest possible outcome as they were typed, None for an empty field."""


@dataclass(frozen=True, slots=True)
class _Details:
    """What is chosen under Details.

    Attributes:
        ends: the limits of each outcome, by its name.
        missing: what happens to incomplete rows.
        missing_words: that count as missing among categories.
    """

    name: str
    ends: dict[str, Ends]
    missing: MissingPolicy
    missing_words: tuple[str, ...]


def table_form(session: AppSession, raw: RawTable, key: str) -> None:
    """Draw a table that was read, and take it when the user says so.

    Args:
        key: names the table as it was read.
    """
    left, right = st.columns([5, 6], gap="large")
    was_wrong = f"{key} was wrong"  # the types that may mend it are in sight from then on
    is_open = st.session_state.get(was_wrong, False)
    details = st.expander(
        "Details: columns, first rows, limits, gaps",
        expanded=is_open,
        icon=":material/view_column:",
        key=f"details-{is_open}",
    )
    with details:
        columns_place, rows_place, limits_place, relations_place, left_place = st.tabs(
            ["Columns and units", "First rows", "Limits and gaps", "Relations", "Left out"]
        )
    with rows_place:
        reading_tab(raw)
    with left:
        try:
            with columns_place:
                columns = columns_table(raw)
            roles = roles_part(raw, key, columns)
            if roles is None:
                _open_details(was_wrong, is_open)
                return
            with limits_place:
                chosen = _details(raw, columns, roles)
            cleaned = _cleaned(raw, key, columns, roles, chosen)
        except USER_ERRORS as error:
            _open_details(was_wrong, is_open)
            show_error(error)
            reading_remarks(raw)
            st.caption("Change what is wrong in **How it is read** above, or under Details below.")
            return
    with relations_place:
        rules = relations_tab(session, cleaned.dataset)
    with left_place:
        left_out_tab(cleaned)
    with left:
        _remarks(raw, cleaned)
        _buttons(session, raw, cleaned, rules)
    with right:
        histograms_part(cleaned.dataset)


def _open_details(was_wrong: str, is_open: bool) -> None:
    """Draw the page anew with the details open, unless they are: they hold what mends a table."""
    if not is_open:
        st.session_state[was_wrong] = True
        st.rerun()


def _cleaned(raw: RawTable, key: str, columns: Columns, roles: Roles, chosen: _Details) -> CleanTable:
    """The dataset that all choices come to, and what is left behind.

    Raises:
        TableError: there is none; the text says why.
        DatasetError: the limits of the outcome are none.
    """
    limits = {name: PhysicalLimits(*ends) for name, ends in chosen.ends.items()}
    said = f"{key} {columns.said()} {roles!r} {chosen!r}"
    return cache.cleaned_table(
        hashlib.sha256(said.encode()).hexdigest(),
        lambda: clean_by_roles(
            raw.frame,
            roles,
            limits,
            name=chosen.name,
            units=columns.units,
            missing=chosen.missing,
            kinds=columns.kinds,
            missing_words=chosen.missing_words,
        ),
    )


def _remarks(raw: RawTable, cleaned: CleanTable) -> None:
    """Say what was found and changed on the way, as far as it has to be known before the table is used."""
    reading_remarks(raw)
    if n_dropped := len(cleaned.dropped):
        verb = "is" if n_dropped == 1 else "are"
        incomplete = f"{n_dropped:,} of {cleaned.n_rows_read:,} rows {verb} incomplete and left out"
        st.caption(f":material/warning: {incomplete}: see Details, where gaps can also be filled in.")
    show_table_notes(cleaned.dataset)


def _buttons(session: AppSession, raw: RawTable, cleaned: CleanTable, rules: tuple[ConstraintSpec, ...]) -> None:
    """Draw the button that takes the table and trains, and the quiet one that only takes it."""
    dataset = cleaned.dataset
    is_in_use = session.dataset is not None and session.dataset.digest == dataset.digest
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_in_use and (session.model is not None or session.training_id is not None):
            is_next = st.button("Next: Model", type="primary", icon=":material/arrow_forward:")
            if is_next:
                st.switch_page(frame.MODEL)
            return
        is_training = st.button(
            "Use this table and train",
            type="primary",
            icon=":material/model_training:",
            disabled=max(rows.n_rows for rows in cache.outcome_rows(dataset).values()) < MINIMUM_ROWS,
            help="A model of each outcome, one after another." if dataset.other_outcomes else None,
        )
        is_taken = st.button("Use without training", type="tertiary")
    if not (is_training or is_taken):
        return
    with errors_shown():
        cache.catalog().datasets.save(dataset, dialect=raw.dialect)
        session.use_dataset(dataset, cleaned)
        session.data.rules = rules
        if is_training:
            frame.begin_training(session, dataset)
        st.switch_page(frame.MODEL)


def _details(raw: RawTable, columns: Columns, roles: Roles) -> _Details:
    """Draw the name of the table, the limits of its outcome, and what happens to gaps."""
    left, right = st.columns(2, gap="large")
    with left:
        key = f"table-name-{columns.suffix}"
        name = st.text_input("Name of the table", raw.name, max_chars=60, key=key, persist_state="session")
        policy, missing_words = _incomplete(columns, roles)
    names = (roles.outcome, *roles.further_outcomes)
    with right:
        ends = {each: _limits(columns, each, is_one_of_several=len(names) > 1) for each in names}
    return _Details(name or raw.name, ends, policy, missing_words)


def _limits(columns: Columns, outcome: str, *, is_one_of_several: bool) -> Ends:
    """Draw the lowest and the highest possible outcome, as guessed until somebody types another; return both."""
    unit = columns.units.get(outcome, "")
    guess = guess_limits(outcome, unit, as_numbers(columns.frame, outcome).to_numpy())
    key, guessed, state = f"limits-{columns.suffix}-{outcome}", (guess.limits.low, guess.limits.high), st.session_state
    typed = []
    if is_one_of_several:
        st.markdown(f"**{safe_label(label(outcome, unit))}**")
    for place, title, before, end in zip(
        st.columns(2), (LOWEST, HIGHEST), state.get(key, guessed), guessed, strict=True
    ):
        field = f"{key}-{title}"
        if state.setdefault(field, end) == before:
            state[field] = end  # still as guessed, and a unit typed since may have made another guess
        typed.append(
            place.number_input(
                title, value=None, step=1.0, key=field, placeholder="none", format="%.10g", help=_ENDS_HELP
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
    return f"{source}{outcome} is {limits.words(unit)}. No prediction goes beyond.{mend}"


def _incomplete(columns: Columns, roles: Roles) -> tuple[MissingPolicy, tuple[str, ...]]:
    """Draw what happens to incomplete rows, where there are any; return it, and the words that say missing."""
    features = [columns[name] for name in roles.features]
    outcomes = [columns[name] for name in (roles.outcome, *roles.further_outcomes)]
    # of several outcomes one is enough
    n_without = int(columns.frame[[s.name for s in outcomes]].isna().all(axis=1).sum())
    n_missing = sum(s.n_missing for s in features) + n_without
    n_infinite = sum(s.n_infinite for s in (*features, *outcomes))
    found = sorted({word for name in roles.features for word in absent_words(columns.frame[name])})
    said: list[str] = []
    if found:
        said = st.pills(
            "Words that count as missing",
            found,
            selection_mode="multi",
            default=[word for word in found if says_missing(word)],
            key=f"absent-{columns.suffix}-{'|'.join(found)}",
            help="A word that is not chosen is a category like the others: no ligand is a choice, too.",
        )
    if not (n_missing or n_infinite or said):
        return MissingPolicy.DROP, tuple(said)
    gaps = [counted(n, f"{what} value") for n, what in ((n_missing, "missing"), (n_infinite, "infinite")) if n]
    if gaps:
        st.caption(f":material/warning: In the chosen columns: {' and '.join(gaps)}.")
    has_gaps = bool(said) or any(s.n_missing for s in features)
    choices = [words for words, policy in _POLICIES.items() if has_gaps or policy is not MissingPolicy.FILL]
    chosen = st.segmented_control(
        "Rows with missing or infinite values",
        choices,
        default=choices[0],
        key=f"policy-{columns.suffix}-{has_gaps}",
        required=True,
        help="Filled in are features alone: numbers with the median of their column, categories with one called "
        "'missing'. Rows without outcome are left out.",
    )
    return _POLICIES[chosen or choices[0]], tuple(said)
