"""What each column of a table is for, and what happens to its gaps."""

import pandas as pd
import streamlit as st

from models import DatasetError, PhysicalLimits
from models.data.limits import HIGHEST, LOWEST
from services.intake.tables.cleaning import MissingPolicy, as_numbers, clean
from services.intake.tables.columns import ColumnSummary, Roles, SummaryKind, propose_roles, summarise
from services.intake.tables.limits import MAX_CATEGORIES
from services.intake.tables.outcome_limits import Guess, guess_limits
from services.intake.tables.reading import RawTable
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_POLICIES = {"Leave such rows out": MissingPolicy.DROP, "Refuse the table": MissingPolicy.REFUSE}


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
            "Unit": [raw.units.get(s.name, "") for s in summaries],
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
