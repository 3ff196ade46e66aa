"""The hard rules of a run: every result meets all of them, unlike penalties, which it may pay."""

from collections.abc import Callable

import streamlit as st

from models import Dataset
from services.errors import USER_ERRORS
from services.recordedrules import frozen_words, recorded_words, share_met, share_words
from services.rules import check_rule, rule_sentence
from services.rulespec import RuleSpec
from services.runspec import RunSpec
from ui import cache
from ui.components.rule_fields import KINDS, RuleFields
from ui.session import AppSession
from ui.text import safe_label

_MOST_RULES = 100


def rules_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> RunSpec:
    """Draw every rule as a sentence, and the way to add one; return the run as it is."""
    st.subheader("Rules", help="What every result meets. Rules are for what must be; penalties for what is unusual.")
    for number, rule in enumerate(spec.rules):
        if session.open_rule == number:
            _change_form(session, spec, dataset, number)
        else:
            _sentence(session, spec, dataset, number, rule)
    if error := rules_refusal(spec, dataset):
        st.error(safe_label(error), icon=":material/error:")
    _new_form(session, spec, dataset)
    return spec


def rules_refusal(spec: RunSpec, dataset: Dataset) -> str:
    """Return why the rules of a run cannot be met, which is said beside them, or "" where they can."""
    key = spec.model_dump_json(include={"features", "curve", "rules"}) + dataset.digest
    return cache.rules_refusal(key, spec, dataset)


def _sentence(session: AppSession, spec: RunSpec, dataset: Dataset, number: int, rule: RuleSpec) -> None:
    """Draw one rule in words, what recorded rows say to it, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"rule-{number}"):
        with st.container(gap=None, width="stretch"):
            try:
                st.markdown(f":material/rule: {safe_label(rule_sentence(rule, spec, dataset))}")
                words = [share_words(share_met(rule, spec, dataset)), frozen_words(rule, spec, dataset)]
                st.caption(safe_label("; ".join(part for part in words if part)))
            except USER_ERRORS as error:
                st.markdown(safe_label(str(error)))
        st.button(
            "Edit",
            key=session.key(f"edit-rule-{number}"),
            icon=":material/edit:",
            type="tertiary",
            on_click=_open,
            args=(session, number),
        )
        st.button(
            "Remove",
            key=session.key(f"remove-rule-{number}"),
            icon=":material/delete:",
            type="tertiary",
            on_click=_remove,
            args=(session, number),
        )


def _change_form(session: AppSession, spec: RunSpec, dataset: Dataset, number: int) -> None:
    """Draw the fields of a rule in its place."""
    rule = spec.rules[number]
    others = spec.rules[:number] + spec.rules[number + 1 :]
    with st.container(border=True):
        st.markdown(f"**{KINDS[rule.kind]}**")
        fields = RuleFields(session.key(f"rule-{number}"), spec.revised(rules=others), dataset)
        changed = _filled_in(fields, rule.kind, rule, "Keep the change", lambda: _open(session, None))
    if changed is not None:
        _take(session, (*spec.rules[:number], changed, *spec.rules[number + 1 :]))


def _new_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> None:
    """Draw the choice of a kind, and the fields of the kind that was chosen."""
    if len(spec.rules) >= _MOST_RULES:
        st.caption(f"There are {_MOST_RULES} rules, which is as many as there can be.")
        return
    n_categorical = sum(column.is_categorical for column in dataset.features)
    kinds = [kind for kind in KINDS if kind != "forbidden" or n_categorical > 1]
    key = session.key(f"new-rule-{session.rules_begun}")
    columns = st.columns([1, 2], vertical_alignment="bottom")
    with columns[0]:
        kind = st.selectbox(
            "Add a rule",
            kinds,
            index=None,
            format_func=KINDS.__getitem__,
            key=key,
            placeholder="Choose a kind of rule",
        )
    if kind is None:
        return
    with st.container(border=True):
        fields = RuleFields(f"{key}-{kind}", spec, dataset)
        added = _filled_in(fields, kind, None, "Add the rule", lambda: _begin(session))
    if added is not None:
        _begin(session)
        _take(session, (*spec.rules, added))


def _filled_in(
    fields: RuleFields, kind: str, given: RuleSpec | None, label: str, on_cancel: Callable[[], None]
) -> RuleSpec | None:
    """Draw the fields of a rule and its buttons; return the rule once the user wants it and it makes sense."""
    rule, error = None, ""
    try:
        rule = fields.draw(kind, given)
    except USER_ERRORS as refused:
        error = str(refused)
    st.caption(safe_label(recorded_words(rule, fields.dataset)) if rule is not None else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        is_wanted = st.button(label, key=f"{fields.key}-take", type="primary", icon=":material/check:")
        st.button("Cancel", key=f"{fields.key}-cancel", on_click=on_cancel)
    if not is_wanted:
        return None
    try:
        if rule is not None:
            check_rule(rule, fields.spec, fields.dataset)
    except USER_ERRORS as refused:
        error = str(refused)
    if error:
        st.error(safe_label(error), icon=":material/error:")
        return None
    return rule


def _take(session: AppSession, rules: tuple[RuleSpec, ...]) -> None:
    """Give the draft other rules and draw the page anew; what was typed elsewhere stays with its widgets."""
    assert session.draft is not None
    session.draft = session.draft.revised(rules=rules)
    session.open_rule = None
    st.rerun()


def _remove(session: AppSession, number: int) -> None:
    """Take a rule out of the draft."""
    assert session.draft is not None
    rules = session.draft.rules
    session.draft = session.draft.revised(rules=rules[:number] + rules[number + 1 :])
    if session.open_rule is not None and session.open_rule >= number:
        session.open_rule = None if session.open_rule == number else session.open_rule - 1


def _open(session: AppSession, number: int | None) -> None:
    """Show the fields of a rule in its place, or of none."""
    session.open_rule = number


def _begin(session: AppSession) -> None:
    """Let the form of a new rule start empty."""
    session.rules_begun += 1
