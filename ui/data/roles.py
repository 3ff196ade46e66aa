"""What each column of a table is for: said in one paragraph, changed by chips, asked where it is not clear."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from optimizer.constraints.constraint import listed
from services.intake.roles.proposal import Roles, propose_roles
from services.intake.tables.reading import RawTable
from services.specs.digits import counted, label
from ui.data.columns import Columns
from ui.shared import cache
from ui.shared.widgets import safe_label

MEASURED, SET = "Measured", "Set"
_MAX_NAMED = 3
_MAX_ASKED = 4
_MIN_ORDERED = 5


def roles_part(raw: RawTable, key: str, columns: Columns) -> Roles:
    """Draw the paragraph, the chips and the questions; return the roles that they come to.

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
    features_key = f"features-{columns.suffix}-{outcome}"
    usable = [s.name for s in columns.summaries if s.name != outcome and s.is_usable]
    features = _kept_all(features_key, proposal.features, usable)
    chips = _Chips(columns, proposal, outcome, features)
    roles = chips.roles()
    st.markdown(_understood(columns, roles))
    _left_out(columns, roles)
    with st.container(horizontal=True, gap="xsmall"):
        _outcome_chip(columns, proposal, outcome_key, outcome)
        with st.popover(counted(len(features), "feature"), icon=":material/tune:", key=f"chip-{features_key}"):
            help_ = "The columns that can be set, and that the outcome depends on."
            st.multiselect("Features", usable, key=features_key, help=help_, persist_state="session")
        chips.draw()
    _questions(proposal, features_key, features)
    return roles


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

    def __init__(self, columns: Columns, proposal: Roles, outcome: str, features: Sequence[str]) -> None:
        suffix, self._features, self._outcome, self._proposal = columns.suffix, features, outcome, proposal
        numeric = [name for name in features if name in columns.numeric]
        self._numeric, self._sweep_key = numeric, f"sweep-{suffix}-{'|'.join(numeric)}"
        self.sweep = _kept_or_none(self._sweep_key, proposal.sweep, numeric)
        self._others = [name for name in numeric if name != self.sweep]
        self._parts_key = f"parts-{suffix}-{'|'.join(self._others)}"
        self.parts = _kept_all(self._parts_key, proposal.parts, self._others)
        taken = {outcome, *features, *proposal.other_outcomes}
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
        labels = [name for name in self._proposal.labels if name not in self._features]
        labels += [name for name in (self.group, self.order) if name]
        copies = {name: words for name, words in self._proposal.copies.items() if name not in self._features}
        return Roles(
            self._outcome,
            tuple(self._features),
            self.sweep,
            tuple(self.parts),
            tuple(dict.fromkeys(labels)),
            self.group,
            self.order,
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


def _outcome_chip(columns: Columns, proposal: Roles, key: str, outcome: str) -> None:
    """Draw the chip of the outcome, with other likely ones as buttons."""
    with _chip(outcome, ":material/flag:", key):
        st.selectbox(
            "Outcome",
            columns.numeric,
            key=key,
            help="The column that a model shall predict. It was measured, not set.",
            persist_state="session",
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


def _questions(proposal: Roles, key: str, features: Sequence[str]) -> None:
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
                args=(asked, key, name),
                width="content",
            )
    if more := [name for name in proposal.other_outcomes[_MAX_ASKED:] if name not in features]:
        st.caption(
            f":material/help: {_names(more)} look measured, too, and are left out: choose under features what was set."
        )


def _answer(asked: str, key: str, name: str) -> None:
    """Make a column a feature, or none, as the user just said."""
    others = [feature for feature in st.session_state.get(key, ()) if feature != name]
    st.session_state[key] = [*others, name] if st.session_state[asked] == SET else others


def _understood(columns: Columns, roles: Roles) -> str:
    """What the roles come to, as one paragraph."""
    over = f", as a curve over {_names([roles.sweep])}" if roles.sweep else ""
    outcome = safe_label(label(roles.outcome, columns.units.get(roles.outcome, "")))
    words = [
        f"**{len(columns.frame):,} rows.** A model will predict **{outcome}** from "
        f"{counted(len(roles.features), 'feature')}{over}."
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
    more = f". {len(reasons) - _MAX_NAMED:,} more columns are left out: see the notes under Details"
    words = ". ".join(reasons[:_MAX_NAMED]) + (more if len(reasons) > _MAX_NAMED else "")
    st.caption(f":material/block: {safe_label(words)}.")


def _names(names: Sequence[str | None]) -> str:
    return listed([safe_label(str(name)) for name in names])
