"""What was measured: one outcome or several, said in words, changed by chips, with what is wrong beside its cure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from optimizer.constraints.constraint import listed
from services.intake.from_file import MAX_FURTHER
from services.intake.roles.outcome_problems import outcome_problems
from services.intake.roles.proposal import Roles
from services.specs.digits import counted, label
from services.specs.outcomes import MAX_OUTCOMES
from ui.data.columns import Columns
from ui.shared.widgets import safe_label


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The chosen outcomes and the keys of their widgets.

    Attributes:
        first: the main one.
        further: the others, in the table's order.
    """

    first: str
    further: tuple[str, ...]
    key: str
    further_key: str

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, the main one first."""
        return (self.first, *self.further)


def chosen_outcomes(columns: Columns, proposal: Roles, key: str, outcome: str) -> Outcomes:
    """The main outcome and the others that are chosen beside it, those of the proposal until somebody chose.

    Known before their chips are drawn.
    """
    further_key = _further_key(columns, outcome)
    chosen = st.session_state.get(further_key, proposal.further_outcomes[:MAX_FURTHER])
    further = [s.name for s in columns.summaries if s.name in chosen and s.name != outcome]
    st.session_state[further_key] = further
    return Outcomes(outcome, tuple(further), key, further_key)


def _further_key(columns: Columns, outcome: str) -> str:
    return f"further-{columns.suffix}-{outcome}"


def outcome_chips(columns: Columns, proposal: Roles, outcomes: Outcomes, features: Sequence[str]) -> None:
    """Draw a chip for each outcome: the first chooses it and adds others, the others can go first or be taken off."""
    first, units = outcomes.first, columns.units
    words = label(first, units.get(first, "")) if outcomes.further else first
    with st.popover(safe_label(words), icon=":material/flag:", key=f"chip-{outcomes.key}"):
        st.selectbox(
            "Outcome",
            columns.numeric,
            key=outcomes.key,
            help="The column that a model shall predict. It was measured, not set.",
            persist_state="session",
        )
        _other_likely(proposal, outcomes)
        offered = [s.name for s in columns.summaries if s.name != first and (s.is_number or s.name in outcomes.further)]
        if offered:
            st.multiselect(
                "Further outcomes (optional)",
                offered,
                key=outcomes.further_key,
                placeholder="None",
                max_selections=MAX_OUTCOMES - 1,
                help="What else was measured of the same rows. Each gets a model of its own, to be limited, traded off "
                "or only shown; gaps in it cost no rows.",
                on_change=serve_once,
                args=(outcomes.further_key, features_key(columns, first)),
                persist_state="session",
            )
    for name in outcomes.further:
        title = label(name, units.get(name, ""))
        with st.popover(safe_label(title), icon=":material/flag:", key=f"chip-{outcomes.further_key}-{name}"):
            st.markdown(
                f"**{safe_label(name)}** was measured in {n_measured(columns, name):,} of {len(columns.frame):,} rows. "
                "A model of its own predicts it."
            )
            with st.container(horizontal=True):
                st.button(
                    "Make it the first",
                    key=f"first-{outcomes.further_key}-{name}",
                    on_click=_make_first,
                    args=(columns, outcomes, name, list(features)),
                    help="The first outcome is the goal until another one is chosen on Optimize.",
                )
                _off_button(outcomes, name, "off")


def _other_likely(proposal: Roles, outcomes: Outcomes) -> None:
    """Draw a button for each other column that may be the outcome."""
    others = [name for name in proposal.outcomes if name != outcomes.first]
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("or", width="content")
        for name in others:
            st.button(
                safe_label(name),
                key=f"{outcomes.key}-{name}",
                on_click=st.session_state.__setitem__,
                args=(outcomes.key, name),
                help=safe_label(f"Predict {name}: {proposal.reasons.get(name, '')}."),
            )


def _off_button(outcomes: Outcomes, name: str, place: str) -> None:
    st.button(
        "Take it off",
        key=f"{place}-{outcomes.further_key}-{name}",
        icon=":material/close:",
        on_click=_take_off,
        args=(outcomes.further_key, name),
    )


def _take_off(key: str, name: str) -> None:
    st.session_state[key] = [other for other in st.session_state[key] if other != name]


def _make_first(columns: Columns, outcomes: Outcomes, name: str, features: list[str]) -> None:
    """Make another outcome the main one; the others and the features stay what they are."""
    st.session_state[outcomes.key] = name
    st.session_state[_further_key(columns, name)] = [other for other in outcomes.names if other != name]
    st.session_state[features_key(columns, name)] = features


def serve_once(chosen: str, other: str) -> None:
    """Take what was just chosen under one key out of what is chosen under another: a column serves once."""
    st.session_state[other] = [name for name in st.session_state.get(other, ()) if name not in st.session_state[chosen]]


def features_key(columns: Columns, outcome: str) -> str:
    """The key of the features that are chosen for an outcome."""
    return f"features-{columns.suffix}-{outcome}"


def show_problems(columns: Columns, outcomes: Outcomes) -> bool:
    """Say what is wrong with the outcomes beside the first, each with the button that takes it off.

    Whether no table can be made with them is returned.
    """
    problems = outcome_problems(columns.frame, outcomes.names)
    for problem in problems:
        words, cure = st.columns([5, 2], vertical_alignment="center")
        if problem.is_refused:
            words.error(safe_label(problem.words), icon=":material/error:")
        else:
            words.warning(safe_label(problem.words), icon=":material/warning:")
        with cure:
            _off_button(outcomes, problem.outcome, "wrong")
    return any(problem.is_refused for problem in problems)


def n_measured(columns: Columns, name: str) -> int:
    """In how many rows a column holds a number."""
    summary = columns[name]
    return summary.n_rows - summary.n_missing - summary.n_infinite


def predicted_words(n_rows: Mapping[str, int], units: Mapping[str, str], n_all: int, *, is_to_come: bool) -> str:
    """Which outcomes models predict and, where not all rows have them, how many do: the begin of a sentence.

    Args:
        n_rows: of each outcome, the first one first.
        n_all: rows of the table.
        is_to_come: whether the table is not in use yet.
    """
    names = [f"**{safe_label(label(name, units.get(name, '')))}**" for name in n_rows]
    if len(names) == 1:
        return f"A model {'will predict' if is_to_come else 'predicts'} {names[0]}"
    if any(n != n_all for n in n_rows.values()):
        names = [f"{name} ({counted(n, 'row')})" for name, n in zip(names, n_rows.values(), strict=True)]
    return f"Models {'will predict' if is_to_come else 'predict'} {listed(names)}"
