"""What each column of a table is for, and what happens to its gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from models import ColumnKind, DatasetError, PhysicalLimits
from models.data.limits import HIGHEST, LOWEST
from optimizer.constraints.constraint import listed
from services.intake.roles.proposal import Roles, propose_roles
from services.intake.roles.summaries import ColumnSummary, SummaryKind, summarise
from services.intake.tables.cleaning import MissingPolicy, absent_words, as_numbers, clean, says_missing, with_kinds
from services.intake.tables.outcome_limits import Guess, guess_limits
from services.intake.tables.reading import RawTable
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label

_POLICIES = {
    "Leave such rows out": MissingPolicy.DROP,
    "Fill features in": MissingPolicy.FILL,
    "Refuse the table": MissingPolicy.REFUSE,
}
_TYPES = {
    SummaryKind.NUMERIC: "number",
    SummaryKind.CATEGORICAL: "category",
    SummaryKind.TEXT: "text",
}
_KINDS = {"number": ColumnKind.NUMERIC, "category": ColumnKind.CATEGORICAL}
MEASURED, SET = "Measured", "Set"
_MAX_NAMED = 3
_MAX_ASKED = 4
_MIN_ORDERED = 5

Ends = tuple[float | None, float | None]
"""The lowest and the highest possible outcome as they were typed, None for an empty field."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """The table with the types and units that the user chose, and what each column holds."""

    frame: pd.DataFrame
    summaries: tuple[ColumnSummary, ...]
    units: dict[str, str]
    kinds: dict[str, ColumnKind]
    suffix: str

    def __getitem__(self, name: str) -> ColumnSummary:
        return next(summary for summary in self.summaries if summary.name == name)


def roles_form(session: AppSession, raw: RawTable) -> None:
    """Draw the columns and their roles; take the table when the user says so.

    Raises:
        TableError: the table cannot be used; the text says why.
        DatasetError: the limits of the outcome are none.
    """
    understood = st.container()
    with st.expander("Columns: types, ranges, missing values", icon=":material/view_column:", expanded=False):
        columns = _columns_table(raw)
    proposal = propose_roles(columns.frame, columns.summaries, dates=raw.dates, units=columns.units)
    roles, ends = _choose(raw, columns, proposal)
    with understood:
        st.markdown(_understood(roles))
        _left_out(columns, roles)
    policy, missing_words = _incomplete_form(raw, columns, roles)
    name = st.text_input("Name of the table", raw.name, max_chars=60, key=f"table-name-{raw.name}")
    if st.button("Use this table", type="primary", icon=":material/check:"):
        table = clean(
            raw.frame,
            name=name or raw.name,
            outcome=roles.outcome,
            features=roles.features,
            sweep=roles.sweep,
            parts=roles.parts,
            labels=roles.labels,
            group=roles.group,
            order=roles.order,
            units=columns.units,
            limits=PhysicalLimits(*ends),
            missing=policy,
            kinds=columns.kinds,
            missing_words=missing_words,
        )
        cache.catalog().datasets.save(table.dataset, dialect=raw.dialect)
        session.use_dataset(table.dataset, table)


def _columns_table(raw: RawTable) -> _Columns:
    """Draw what each column holds; return the table with the types and units chosen there.

    The editor is always given the columns as they were read: fed with its own output, it would lose edits.
    """
    as_read = summarise(raw.frame)
    known = dict(raw.units)
    suffix = f"{raw.name}-{len(raw.frame)}-{len(as_read)}"
    shown = pd.DataFrame(
        {
            "Column": [s.name for s in as_read],
            "Unit": [known.get(s.name, "") for s in as_read],
            "Type": [_TYPES[s.kind] for s in as_read],
            "Lowest": [s.low for s in as_read],
            "Mean": [s.mean for s in as_read],
            "Highest": [s.high for s in as_read],
            "Distinct": [s.n_distinct for s in as_read],
            "Missing": [s.n_missing for s in as_read],
            "Infinite": [s.n_infinite for s in as_read],
            "Note": [s.problem for s in as_read],
        }
    )
    config = st.column_config
    edited = st.data_editor(
        shown,
        key=f"columns-{raw.name}-{len(as_read)}",
        hide_index=True,
        disabled=[column for column in shown.columns if column not in ("Unit", "Type")],
        width="stretch",
        alt="Columns of the table",
        column_config={
            **{column: config.NumberColumn(format="%.5g") for column in ("Lowest", "Mean", "Highest")},
            "Type": config.SelectboxColumn(
                options=list(_TYPES.values()),
                required=True,
                help="A number whose values are names, such as a machine's, is a category. A text only labels rows.",
            ),
        },
    )
    rows = edited.to_dict("records")
    kinds = {
        s.name: _KINDS[str(row["Type"])]
        for s, row in zip(as_read, rows, strict=True)
        if row["Type"] in _KINDS and row["Type"] != _TYPES[s.kind]
    }
    frame = with_kinds(raw.frame, kinds)
    summaries = tuple(
        replace(s, kind=SummaryKind.TEXT, is_usable=False, problem="a text, as you chose: it only labels the rows")
        if row["Type"] == _TYPES[SummaryKind.TEXT] and s.kind is not SummaryKind.TEXT
        else s
        for s, row in zip(summarise(frame), rows, strict=True)
    )
    units = {str(row["Column"]): str(row["Unit"]) for row in rows if row["Unit"]}
    return _Columns(frame, summaries, units, kinds, suffix)


def _understood(roles: Roles) -> str:
    """What the roles come to, in a few plain sentences."""
    n = len(roles.features)
    over = f", seen as a curve over {_names([roles.sweep])}" if roles.sweep else ""
    words = [f"A model will predict **{safe_label(roles.outcome)}** from {n} feature{'s' * (n != 1)}{over}."]
    if roles.labels:
        verb, them = ("labels", "it") if len(roles.labels) == 1 else ("label", "them")
        words.append(
            f"{_names(roles.labels)} {verb} the rows, and no model learns from {them}: choose {them} under Features "
            "if that is wrong."
        )
    if roles.group:
        words.append(
            f"Rows of one {_names([roles.group])} stay together when a model is checked, if there are enough of them."
        )
    if roles.order:
        words.append(f"{_names([roles.order])} tells the order of the rows, and so whether the outcome drifts.")
    return " ".join(words)


def _left_out(columns: _Columns, roles: Roles) -> None:
    """Say which columns are left out because of what they hold, the first few of them with the reason."""
    used = {roles.outcome, *roles.features, *roles.labels}
    reasons = [
        f"{s.name} is left out: {s.problem}"
        if not s.is_usable
        else f"{s.name} is left out: {s.n_missing:,} of its {s.n_rows:,} cells are empty"
        for s in columns.summaries
        if s.name not in used and (not s.is_usable or s.is_mostly_empty)
    ]
    reasons += [f"{name} is left out: {words}" for name, words in roles.copies.items()]
    if not reasons:
        return
    more = f". {len(reasons) - _MAX_NAMED:,} more columns are left out: see the notes under Columns"
    words = ". ".join(reasons[:_MAX_NAMED]) + (more if len(reasons) > _MAX_NAMED else "")
    st.caption(f":material/block: {safe_label(words)}.")


def _names(names: Sequence[str | None]) -> str:
    return listed([safe_label(str(name)) for name in names])


def _choose(raw: RawTable, columns: _Columns, proposal: Roles) -> tuple[Roles, Ends]:
    numeric = [s.name for s in columns.summaries if s.is_number]
    left, right = st.columns([1, 2])
    with left:
        outcome = _outcome(numeric, proposal, columns.suffix)
        ends = _limits_fields(columns, outcome)
    if outcome != proposal.outcome:
        proposal = replace(
            propose_roles(
                *(columns.frame, columns.summaries),
                dates=raw.dates,
                units=columns.units,
                outcome=outcome,
            ),
            outcomes=proposal.outcomes,
        )
    with right:
        features = _features(columns, proposal)
    labels = tuple(name for name in proposal.labels if name not in features)
    chosen_numeric = [name for name in features if name in numeric]
    left, right = st.columns([1, 2])
    with left:
        sweep = _optional(
            "Sweep feature (optional)",
            chosen_numeric,
            proposal.sweep,
            f"sweep-{columns.suffix}-{'|'.join(chosen_numeric)}",
            "A feature to see the outcome along, as a curve: strength over age. It is not searched.",
        )
    with right:
        others = [name for name in chosen_numeric if name != sweep]
        parts = st.multiselect(
            "Parts that add up (optional)",
            others,
            default=[name for name in proposal.parts if name in others],
            placeholder="None",
            key=f"parts-{columns.suffix}-{'|'.join(others)}",
            help="Ingredients whose sum is usual, such as the mass of one cubic metre. Their sum is the density.",
        )
    if sweep:
        st.caption(
            f":material/info: {safe_label(sweep)} will not be searched: results are judged by the curve over it. "
            "Clear the sweep feature to search it like the others."
        )
    group, order = _group_and_order(columns, proposal, outcome, features)
    copies = {name: words for name, words in proposal.copies.items() if name not in features}
    chosen = Roles(outcome, tuple(features), sweep, tuple(parts), labels, group, order, copies=copies)
    return replace(chosen, labels=tuple(dict.fromkeys([*labels, *(each for each in (group, order) if each)]))), ends


def _outcome(numeric: list[str], proposal: Roles, suffix: str) -> str:
    """Draw the choice of the outcome, other likely ones as buttons; return it."""
    key = f"outcome-{suffix}"
    if st.session_state.get(key) not in numeric:
        st.session_state[key] = proposal.outcome
    outcome: str = st.selectbox(
        "Outcome", numeric, key=key, help="The column that a model shall predict. It was measured, not set."
    )
    others = [name for name in proposal.outcomes if name != outcome]
    if others:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("or", width="content")
            for name in others:
                st.button(
                    safe_label(name),
                    key=f"{key}-{name}",
                    on_click=st.session_state.__setitem__,
                    args=(key, name),
                    help=safe_label(f"Predict {name}: {proposal.reasons.get(name, '')}."),
                )
    return outcome


def _features(columns: _Columns, proposal: Roles) -> list[str]:
    """Draw the choice of features, and the question whether a column that looks measured was set; return them."""
    usable = [s.name for s in columns.summaries if s.name != proposal.outcome and s.is_usable]
    key = f"features-{columns.suffix}-{proposal.outcome}"
    chosen = st.session_state.get(key, proposal.features)
    st.session_state[key] = [name for name in usable if name in chosen]
    features: list[str] = st.multiselect(
        "Features", usable, key=key, help="The columns that can be set, and that the outcome depends on."
    )
    for name in proposal.other_outcomes[:_MAX_ASKED]:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                f":material/help: Is **{safe_label(name)}** set or measured? "
                f":small[{safe_label(_sentence(proposal.reasons[name]))}]",
                width="content",
            )
            asked = f"{key}-measured-{name}"
            st.session_state[asked] = SET if name in features else MEASURED
            st.segmented_control(
                f"{name}: set or measured?",
                [MEASURED, SET],
                key=asked,
                label_visibility="collapsed",
                required=True,
                on_change=_answer,
                args=(asked, key, name),
                width="content",
            )
    if more := [name for name in proposal.other_outcomes[_MAX_ASKED:] if name not in features]:
        st.caption(
            f":material/help: {_names(more)} look measured, too, and are left out: choose under Features what was set."
        )
    return features


def _answer(asked: str, key: str, name: str) -> None:
    """Make a column a feature, or none, as the user just said."""
    others = [feature for feature in st.session_state.get(key, ()) if feature != name]
    st.session_state[key] = [*others, name] if st.session_state[asked] == SET else others


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _group_and_order(
    columns: _Columns, proposal: Roles, outcome: str, features: Sequence[str]
) -> tuple[str | None, str | None]:
    """Draw which column binds rows together and which tells their order, where any may; return them."""
    taken = {outcome, *features, *proposal.other_outcomes}
    unused = [s for s in columns.summaries if s.name not in taken and s.n_distinct >= 2]
    groups = [s.name for s in unused if s.distinct_share < 1 and not s.is_mostly_empty]
    orders = [
        s.name
        for s in unused
        if s.n_distinct >= _MIN_ORDERED and (s.is_number or proposal.reasons.get(s.name) == "dates")
    ]
    left, right = st.columns([1, 2])
    group = order = None
    if groups:
        with left:
            group = _optional(
                "Rows that belong together (optional)",
                groups,
                proposal.group,
                f"group-{columns.suffix}-{'|'.join(groups)}",
                "Rows of one batch, block or sample. They stay together when a model is checked on rows held out.",
            )
    if orders:
        with right if groups else left:
            order = _optional(
                "Order of the rows (optional)",
                orders,
                proposal.order,
                f"order-{columns.suffix}-{'|'.join(orders)}",
                "When each row was made: a date, or the order of the runs. The quality check tells of drift along it.",
            )
    return group, order


def _optional(label: str, names: Sequence[str], proposed: str | None, key: str, words: str) -> str | None:
    """Draw a choice of one column or none, which can be cleared: a box that began with an index could not be."""
    st.session_state.setdefault(key, proposed if proposed in names else None)
    chosen: str | None = st.selectbox(label, names, index=None, placeholder="None", key=key, help=words)
    return chosen


def _limits_fields(columns: _Columns, outcome: str) -> Ends:
    """Draw the lowest and the highest possible outcome, as guessed until somebody types another; return both."""
    unit = columns.units.get(outcome, "")
    guess = guess_limits(outcome, unit, as_numbers(columns.frame, outcome).to_numpy())
    key, guessed, state = f"limits-{columns.suffix}-{outcome}", (guess.limits.low, guess.limits.high), st.session_state
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


def _incomplete_form(raw: RawTable, columns: _Columns, roles: Roles) -> tuple[MissingPolicy, tuple[str, ...]]:
    """Draw what happens to incomplete rows, where there are any; return it, and the words that say missing."""
    features = [columns[name] for name in roles.features]
    n_missing = sum(s.n_missing for s in (*features, columns[roles.outcome]))
    n_infinite = sum(s.n_infinite for s in (*features, columns[roles.outcome]))
    found = sorted({word for name in roles.features for word in absent_words(columns.frame[name])})
    said: list[str] = []
    if found:
        said = st.pills(
            "Words that count as missing",
            found,
            selection_mode="multi",
            default=[word for word in found if says_missing(word)],
            key=f"absent-{raw.name}-{'|'.join(found)}",
            help="A word that is not chosen is a category like the others: no ligand is a choice, too.",
        )
    if not (n_missing or n_infinite or said):
        return MissingPolicy.DROP, tuple(said)
    if n_missing or n_infinite:
        st.warning(
            f"In the chosen columns, missing values: {n_missing:,}; infinite ones: {n_infinite:,}.",
            icon=":material/warning:",
        )
    has_gaps = bool(said) or any(s.n_missing for s in features)
    choices = [words for words, policy in _POLICIES.items() if has_gaps or policy is not MissingPolicy.FILL]
    chosen = st.segmented_control(
        "Rows with missing or infinite values",
        choices,
        default=choices[0],
        key=f"policy-{raw.name}-{has_gaps}",
        required=True,
        help="Filled in are features alone: numbers with the median of their column, categories with one called "
        "'missing'. Rows without outcome are left out.",
    )
    return _POLICIES[chosen or choices[0]], tuple(said)
