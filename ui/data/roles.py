"""What each column of a table is for: said in one paragraph, changed by chips, asked where it is not clear."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from optimizer.constraints.constraint import listed
from services.intake.roles.proposal import Roles, propose_roles
from services.intake.tables.reading import RawTable
from services.specs.digits import counted
from ui.data.columns import Columns
from ui.data.outcomes import (
    Outcomes,
    chosen_outcomes,
    features_key,
    n_measured,
    outcome_chips,
    predicted_words,
    serve_once,
    show_problems,
)
from ui.shared import cache
from ui.shared.widgets import safe_label

MEASURED, SET = "Measured", "Set"
_MAX_NAMED = 3
_MAX_ASKED = 4
_MIN_ORDERED = 5


def roles_part(raw: RawTable, key: str, columns: Columns) -> Roles | None:
    """Draw the paragraph, the chips and the questions; return the roles that they come to.

    None where an outcome cannot be one, which is said beside what mends it.

    Args:
        key: names the table as it was read.

    Raises:
        TableError: no column can be the outcome, or none is left as a feature.
    """
    proposal = _proposed(raw, key, columns)
    outcome_key = f"outcome-{columns.suffix}"
    outcome = _kept(outcome_key, proposal.outcome, columns.numeric)
    if outcome != proposal.outcome:
        proposal = replace(_proposed(raw, key, columns, outcome), outcomes=proposal.outcomes)
    outcomes = chosen_outcomes(columns, proposal, outcome_key, outcome)
    chosen_key = features_key(columns, outcome)
    usable = [s.name for s in columns.summaries if s.name != outcome and s.is_usable]
    free = [name for name in usable if name not in outcomes.further]
    features = _kept_all(chosen_key, proposal.features, free)
    chips = _Chips(columns, proposal, outcomes, features)
    roles = chips.roles()
    st.markdown(_understood(columns, roles))
    _left_out(columns, roles)
    with st.container(horizontal=True, gap="xsmall"):
        outcome_chips(columns, proposal, outcomes, features)
        with st.popover(counted(len(features), "feature"), icon=":material/tune:", key=f"chip-{chosen_key}"):
            help_ = "The columns that can be set, and that the outcome depends on."
            st.multiselect(
                "Features",
                usable,
                key=chosen_key,
                help=help_,
                on_change=serve_once,
                args=(chosen_key, outcomes.further_key),
                persist_state="session",
            )
        chips.draw()
    is_refused = show_problems(columns, outcomes)
    _questions(proposal, outcomes, chosen_key, features)
    return None if is_refused else roles


def _proposed(raw: RawTable, key: str, columns: Columns, outcome: str | None = None) -> Roles:
    """What each column is probably for, found out once for a table with these types, units and outcome."""
    return cache.proposed_roles(
        f"{key} {outcome} {columns.said()} {raw.dates}",
        lambda: propose_roles(columns.frame, columns.summaries, dates=raw.dates, units=columns.units, outcome=outcome),
    )


def _kept(key: str, proposed: str, options: Sequence[str]) -> str:
    """What is chosen under a key, the proposal where nothing possible is; known before its widget is drawn."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = proposed
    return str(st.session_state[key])


def _kept_all(key: str, proposed: Sequence[str], options: Sequence[str]) -> list[str]:
    """The same where several are chosen."""
    chosen = st.session_state.get(key, proposed)
    st.session_state[key] = [name for name in options if name in chosen]
    return list(st.session_state[key])


def _kept_or_none(key: str, proposed: str | None, options: Sequence[str]) -> str | None:
    """The same where nothing may be chosen."""
    st.session_state.setdefault(key, proposed if proposed in options else None)
    chosen: str | None = st.session_state[key]
    return chosen


class _Chips:
    """The roles that a table may do without: the curve, parts, and which labels bind rows or tell their order.

    What is chosen is known before its chip is drawn, for the chip says it.
    """

    def __init__(self, columns: Columns, proposal: Roles, outcomes: Outcomes, features: Sequence[str]) -> None:
        suffix, self._features, self._outcomes, self._proposal = columns.suffix, features, outcomes, proposal
        numeric = [name for name in features if name in columns.numeric]
        self._numeric, self._sweep_key = numeric, f"sweep-{suffix}-{'|'.join(numeric)}"
        self.sweep = _kept_or_none(self._sweep_key, proposal.sweep, numeric)
        self._others = [name for name in numeric if name != self.sweep]
        self._parts_key = f"parts-{suffix}-{'|'.join(self._others)}"
        self.parts = _kept_all(self._parts_key, proposal.parts, self._others)
        taken = {*outcomes.names, *features, *proposal.other_outcomes}
        unused = [s for s in columns.summaries if s.name not in taken and s.n_distinct >= 2]
        self._groups = [s.name for s in unused if s.distinct_share < 1 and not s.is_mostly_empty]
        self._orders = [
            s.name
            for s in unused
            if s.n_distinct >= _MIN_ORDERED and (s.is_number or proposal.reasons.get(s.name) == "dates")
        ]
        self._group_key = f"group-{suffix}-{'|'.join(self._groups)}"
        self._order_key = f"order-{suffix}-{'|'.join(self._orders)}"
        self.group = _kept_or_none(self._group_key, proposal.group, self._groups)
        self.order = _kept_or_none(self._order_key, proposal.order, self._orders)

    def roles(self) -> Roles:
        """What is chosen."""
        taken = {*self._features, *self._outcomes.names}
        labels = [name for name in self._proposal.labels if name not in taken]
        labels += [name for name in (self.group, self.order) if name]
        copies = {name: words for name, words in self._proposal.copies.items() if name not in taken}
        return Roles(
            self._outcomes.first,
            tuple(self._features),
            self.sweep,
            tuple(self.parts),
            tuple(dict.fromkeys(labels)),
            self.group,
            self.order,
            further_outcomes=self._outcomes.further,
            copies=copies,
        )

    def draw(self) -> None:
        """Draw a chip for each that the table allows."""
        if self._numeric:
            words = f"Curve over {self.sweep}" if self.sweep else "No curve"
            with _chip(words, ":material/show_chart:", self._sweep_key):
                _optional(
                    "Sweep feature (optional)",
                    self._numeric,
                    self._sweep_key,
                    "A feature to see the outcome along, as a curve: strength over age. It is not searched.",
                )
                if self.sweep:
                    st.caption(
                        f"{safe_label(self.sweep)} will not be searched: results are judged by the curve over it. "
                        "Clear it to search it like the others."
                    )
        if len(self._others) > 1:
            words = f"{len(self.parts)} parts add up" if self.parts else "No parts"
            with _chip(words, ":material/stacks:", self._parts_key):
                st.multiselect(
                    "Parts that add up (optional)",
                    self._others,
                    placeholder="None",
                    key=self._parts_key,
                    help="Ingredients whose sum is usual, such as the mass of one cubic metre. It is their density.",
                    persist_state="session",
                )
        if self._groups:
            with _chip(f"Grouped by {self.group}" if self.group else "No groups", ":material/join:", self._group_key):
                _optional(
                    "Rows that belong together (optional)",
                    self._groups,
                    self._group_key,
                    "Rows of one batch, block or sample. They stay together when a model is checked.",
                )
        if self._orders:
            words = f"In order of {self.order}" if self.order else "No order"
            with _chip(words, ":material/schedule:", self._order_key):
                _optional(
                    "Order of the rows (optional)",
                    self._orders,
                    self._order_key,
                    "When each row was made: a date, or the order of the runs. The quality check tells of drift.",
                )


def _chip(words: str, icon: str, key: str) -> st.delta_generator.DeltaGenerator:
    """A chip that says a role and opens what changes it."""
    return st.popover(safe_label(words), icon=icon, key=f"chip-{key}")


def _optional(label: str, names: Sequence[str], key: str, words: str) -> None:
    """Draw a choice of one column or none, which can be cleared: a box that began with an index could not be."""
    st.selectbox(label, names, index=None, placeholder="None", key=key, help=words, persist_state="session")


def _questions(proposal: Roles, outcomes: Outcomes, key: str, features: Sequence[str]) -> None:
    """Ask whether a column that looks measured was set; an answer changes the features."""
    for name in proposal.other_outcomes[:_MAX_ASKED]:
        reason = f"{proposal.reasons[name]}."
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                f":material/help: Is **{safe_label(name)}** set or measured? "
                f":small[{safe_label(reason[:1].upper() + reason[1:])}]",
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
                args=(asked, key, name, outcomes.further_key if name in proposal.further_outcomes else ""),
                width="content",
            )
    used = {*features, *outcomes.names}
    if more := [name for name in proposal.other_outcomes[_MAX_ASKED:] if name not in used]:
        st.caption(
            f":material/help: {_names(more)} look measured, too, and are left out: choose under features what was set."
        )


def _answer(asked: str, key: str, name: str, further_key: str) -> None:
    """Make a column a feature, or none, as the user just said; what may be an outcome is one then, under its key."""
    is_set = st.session_state[asked] == SET
    others = [feature for feature in st.session_state.get(key, ()) if feature != name]
    st.session_state[key] = [*others, name] if is_set else others
    if further_key:
        outcomes = [outcome for outcome in st.session_state.get(further_key, ()) if outcome != name]
        st.session_state[further_key] = outcomes if is_set else [*outcomes, name]


def _understood(columns: Columns, roles: Roles) -> str:
    """What the roles come to, as one paragraph."""
    over = f", as a curve over {_names([roles.sweep])}" if roles.sweep else ""
    n_rows = {name: n_measured(columns, name) for name in (roles.outcome, *roles.further_outcomes)}
    words = [
        f"**{len(columns.frame):,} rows.** "
        + predicted_words(n_rows, columns.units, len(columns.frame), is_to_come=True)
        + f" from {counted(len(roles.features), 'feature')}{over}."
    ]
    if roles.parts:
        words.append(f"{len(roles.parts)} parts add up.")
    if roles.labels:
        verb, them = ("labels", "it") if len(roles.labels) == 1 else ("label", "them")
        words.append(f"{_names(roles.labels)} {verb} the rows; no model learns from {them}.")
    if roles.group:
        words.append(f"Rows of one {_names([roles.group])} stay together when a model is checked.")
    if roles.order:
        words.append(f"{_names([roles.order])} tells their order.")
    return " ".join(words)


def _left_out(columns: Columns, roles: Roles) -> None:
    """Say which columns are left out because of what they hold, the first few of them with the reason."""
    used = {roles.outcome, *roles.further_outcomes, *roles.features, *roles.labels}
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
    more = f". {len(reasons) - _MAX_NAMED:,} more columns are left out: see the notes under Details"
    words = ". ".join(reasons[:_MAX_NAMED]) + (more if len(reasons) > _MAX_NAMED else "")
    st.caption(f":material/block: {safe_label(words)}.")


def _names(names: Sequence[str | None]) -> str:
    return listed([safe_label(str(name)) for name in names])
