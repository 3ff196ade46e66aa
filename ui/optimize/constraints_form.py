"""The hard rules of a run: every result meets all of them, unlike penalties, which it may pay."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import Dataset
from optimizer import SpaceError
from services.problems.constraints import (
    check_constraint,
    constraint_sentence,
    features_that_may_be_0,
    frozen_words,
    recorded_words,
    share_met,
    share_words,
)
from services.specs.errors import USER_ERRORS
from services.specs.run import (
    AtMostConstraintSpec,
    CategoriesSpec,
    ConditionalConstraintSpec,
    ConstraintSpec,
    ForbiddenConstraintSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    RunSpec,
    SumConstraintSpec,
)
from ui.shared import cache
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label, show_error

KINDS = {
    "sum": "Sum of features",
    "weighted": "Weighted sum of features",
    "ratio": "Ratio of features",
    "order": "One feature at most another",
    "at most": "At most so many of some features",
    "enough": "Zero, or at least so much",
    "if": "If a category, then an amount",
    "forbidden": "Categories that never go together",
}
_NEEDS_CATEGORIES = {"if": 1, "forbidden": 2}
_EQUAL, _BETWEEN = "equal to", "between"
_MOST_RULES = 100
NEW_RULE = "new rule"  # its form starts empty again once a rule was added


@dataclass(frozen=True, slots=True)
class ConstraintFields:
    """The fields of one rule on screen; ``key`` is the prefix of its widgets."""

    key: str
    spec: RunSpec
    dataset: Dataset

    def draw(self, kind: str, given: ConstraintSpec | None) -> ConstraintSpec:
        """Draw the fields of a kind, filled with a given rule of that kind; return the rule as it stands.

        Raises:
            SpaceError: something that the kind cannot do without is not chosen yet.
        """
        forms: dict[str, Callable[[Any], ConstraintSpec]] = {
            "sum": self._sum,
            "weighted": self._weighted,
            "ratio": self._ratio,
            "order": self._order,
            "at most": self._at_most,
            "enough": self._enough,
            "if": self._if,
            "forbidden": self._forbidden,
        }
        return forms[kind](given)

    @property
    def numeric(self) -> list[str]:
        """Features that rules on numbers may name; that of a curve takes all its values, so none can hold it."""
        swept = self.spec.swept
        return [f.name for f in self.dataset.features if not f.is_categorical and f.name != swept]

    def _sum(self, given: SumConstraintSpec | None) -> SumConstraintSpec:
        features = self._features("Features that add up", given.features if given else self.dataset.parts)
        low, high = self._limits(given)
        return SumConstraintSpec(features=features, low=low, high=high)

    def _weighted(self, given: SumConstraintSpec | None) -> SumConstraintSpec:
        features = self._features("Features that add up", given.features if given else ())
        before = dict(zip(given.features, given.weights, strict=False)) if given else {}
        columns, weights = st.columns(max(min(len(features), 4), 1)), []
        for i, name in enumerate(features):
            weight = columns[i % 4].number_input(
                f"{safe_label(name)} times", value=before.get(name, 1.0), format="%.6g", key=f"{self.key}-weight-{name}"
            )
            weights.append(float(weight))
        low, high = self._limits(given)
        return SumConstraintSpec(features=features, low=low, high=high, weights=tuple(weights))

    def _ratio(self, given: RatioConstraintSpec | None) -> RatioConstraintSpec:
        columns = st.columns(2)
        with columns[0]:
            above = self._features("Above the line", given.numerator if given else (), "One, or several that add up.")
        with columns[1]:
            below = self._features("Below the line", given.denominator if given else (), "One, or several that add up.")
        low, high = self._limits(given)
        return RatioConstraintSpec(numerator=above, denominator=below, low=low, high=high)

    def _order(self, given: OrderConstraintSpec | None) -> OrderConstraintSpec:
        columns = st.columns(2)
        with columns[0]:
            smaller = self._feature("This feature", given.smaller if given else None)
        with columns[1]:
            larger = self._feature("is at most this one", given.larger if given else None)
        if smaller is None or larger is None:
            raise SpaceError("An order rule compares two features: choose both.")
        if smaller == larger:
            raise SpaceError(f"An order rule compares two features, got '{smaller}' twice: choose another one.")
        return OrderConstraintSpec(smaller=smaller, larger=larger)

    def _at_most(self, given: AtMostConstraintSpec | None) -> AtMostConstraintSpec:
        suggested = features_that_may_be_0(self.spec)
        features = self._features("Of these features", given.features if given else suggested)
        columns, start = st.columns(3), given.most if given else max(len(suggested) - 1, 1)
        most = columns[0].number_input("at most", 0, 1_000, start, key=f"{self.key}-most")
        threshold = columns[1].number_input(
            "are above",
            min_value=0.0,
            value=given.threshold if given else 0.0,
            format="%.6g",
            key=f"{self.key}-threshold",
            help="What is not above it counts as absent.",
        )
        return AtMostConstraintSpec(features=features, most=int(most), threshold=float(threshold))

    def _enough(self, given: AtMostConstraintSpec | None) -> AtMostConstraintSpec:
        features = self._features("Each of these features is 0, or", given.features if given else ())
        least = st.columns(3)[0].number_input(
            "at least", min_value=0.0, value=given.least if given else None, format="%.6g", key=f"{self.key}-least"
        )
        if not least:
            raise SpaceError("Zero, or at least so much: give the least amount that is worth dosing, above 0.")
        return AtMostConstraintSpec(features=features, most=len(features), least=float(least))

    def _if(self, given: ConditionalConstraintSpec | None) -> ConditionalConstraintSpec:
        known = {f.name: f.categories for f in self.dataset.features if f.is_categorical}
        columns, names = st.columns(3), list(known)
        index = names.index(given.feature) if given and given.feature in names else 0
        name = columns[0].selectbox("If", names, index=index, key=f"{self.key}-if")
        categories = columns[1].multiselect(
            "is",
            list(known[name]),
            default=[c for c in (given.categories if given else ()) if c in known[name]],
            key=f"{self.key}-is-{name}",
            placeholder="One or several",
        )
        with columns[2]:
            target = self._feature("then", given.then if given else None)
        low, high = self._limits(given)
        if target is None or not categories:
            raise SpaceError("An if-then rule needs a category, and a feature that it holds: choose both.")
        return ConditionalConstraintSpec(feature=name, categories=tuple(categories), then=target, low=low, high=high)

    def _forbidden(self, given: ForbiddenConstraintSpec | None) -> ForbiddenConstraintSpec:
        known = {f.name: f.categories for f in self.dataset.features if f.is_categorical}
        before = {part.feature: part.categories for part in given.combination} if given else {}
        names = st.multiselect(
            "Features",
            list(known),
            default=[name for name in before if name in known],
            key=f"{self.key}-features",
            placeholder="Choose two or more",
        )
        columns = st.columns(max(len(names), 2)) if len(names) < 4 else [st.container() for _ in names]
        parts = []
        for name, column in zip(names, columns, strict=False):
            chosen = column.multiselect(
                safe_label(name),
                list(known[name]),
                default=[c for c in before.get(name, ()) if c in known[name]],
                key=f"{self.key}-categories-{name}",
                placeholder="One or several",
            )
            parts.append(CategoriesSpec(feature=name, categories=tuple(chosen)))
        if any(not part.categories for part in parts):
            missing = next(part.feature for part in parts if not part.categories)
            raise SpaceError(f"A forbidden combination needs a category of every feature: choose one of '{missing}'.")
        return ForbiddenConstraintSpec(combination=tuple(parts))

    def _features(self, label: str, given: Sequence[str], help: str | None = None) -> tuple[str, ...]:
        options, key = self.numeric, f"{self.key}-{label}"
        known = [name for name in given if name in options]
        return tuple(st.multiselect(label, options, known, key=key, placeholder="Choose features", help=help))

    def _feature(self, label: str, given: str | None) -> str | None:
        options = self.numeric
        index = options.index(given) if given in options else None
        return st.selectbox(label, options, index=index, key=f"{self.key}-{label}", placeholder="Choose a feature")

    def _limits(
        self, given: SumConstraintSpec | RatioConstraintSpec | ConditionalConstraintSpec | None
    ) -> tuple[float | None, float | None]:
        """Draw the limits of a rule: one number, or two of which one may be missing."""
        columns, (low, high) = st.columns(3), (given.low, given.high) if given else (None, None)
        kind = columns[0].segmented_control(
            "is",
            [_EQUAL, _BETWEEN],
            default=_EQUAL if low is not None and low == high else _BETWEEN,
            key=f"{self.key}-limits",
            required=True,
        )

        def limit(place: DeltaGenerator, label: str, start: float | None, absent: str = "no limit") -> float | None:
            key = f"{self.key}-{label.lower()}"
            value = place.number_input(label, value=start, format="%.6g", step=1.0, placeholder=absent, key=key)
            return None if value is None else float(value)

        if kind == _EQUAL:
            value = limit(columns[1], "Value", low, "none")
            return value, value
        return limit(columns[1], "At least", low), limit(columns[2], "At most", high)


def constraints_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> RunSpec:
    """Draw every rule as a sentence, and the way to add one; return the run as it is."""
    st.subheader("Rules", help="What every result meets. Rules are for what must be; penalties for what is unusual.")
    for number, rule in enumerate(spec.constraints):
        if session.optimize.open_constraint == number:
            _change_form(session, spec, dataset, number)
        else:
            _sentence(session, spec, dataset, number, rule)
    if error := constraints_refusal(spec, dataset):
        show_error(error)
    _found(session, spec, dataset)
    _new_form(session, spec, dataset)
    return spec


def constraints_refusal(spec: RunSpec, dataset: Dataset) -> str:
    """Why the rules of a run cannot be met, which is said beside them, or "" where they can."""
    key = spec.model_dump_json(include={"features", "curve", "constraints"}) + dataset.digest
    return cache.constraints_refusal(key, spec, dataset)


def _sentence(session: AppSession, spec: RunSpec, dataset: Dataset, number: int, rule: ConstraintSpec) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"rule-{number}"):
        with st.container(gap=None, width="stretch"):
            try:
                st.markdown(f":material/rule: {safe_label(constraint_sentence(rule, dataset))}")
                words = [share_words(share_met(rule, dataset)), frozen_words(rule, spec, dataset)]
                st.caption(safe_label("; ".join(part for part in words if part)))
            except USER_ERRORS as error:
                st.markdown(safe_label(str(error)))
        acts = (("Edit", ":material/edit:", _open), ("Remove", ":material/delete:", _remove))
        for label, icon, act in acts if _kind_of(rule) in KINDS else acts[1:]:
            key = session.forms.key(f"{label.lower()}-rule-{number}")
            st.button(label, key=key, icon=icon, type="tertiary", on_click=act, args=(session, number))


def _kind_of(rule: ConstraintSpec) -> str:
    """Which form a rule is filled in by; one that the table alone tells has none."""
    if isinstance(rule, SumConstraintSpec) and rule.weights:
        return "weighted"
    if isinstance(rule, AtMostConstraintSpec) and rule.least and rule.most == len(rule.features):
        return "enough"
    return rule.kind


def _found(session: AppSession, spec: RunSpec, dataset: Dataset) -> None:
    """Draw what the table suggests and the run does not have, each with the button that makes it a rule."""
    for number, found in enumerate(cache.found_rules(dataset)):
        if found.rule in spec.constraints:
            continue
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f":material/lightbulb: Found in the table: {safe_label(found.words)}", width="stretch")
            key = session.forms.key(f"found-rule-{number}")
            st.button("Add as a rule", key=key, type="tertiary", on_click=_add, args=(session, found.rule))


def _add(session: AppSession, rule: ConstraintSpec) -> None:
    assert session.draft is not None
    session.draft = session.draft.revised(constraints=(*session.draft.constraints, rule))


def _change_form(session: AppSession, spec: RunSpec, dataset: Dataset, number: int) -> None:
    rule = spec.constraints[number]
    others = spec.constraints[:number] + spec.constraints[number + 1 :]
    with st.container(border=True):
        kind = _kind_of(rule)
        st.markdown(f"**{KINDS[kind]}**")
        fields = ConstraintFields(session.forms.key(f"rule-{number}"), spec.revised(constraints=others), dataset)
        changed = _filled_in(fields, kind, rule, "Keep the change", lambda: _open(session, None))
    if changed is not None:
        _take(session, (*spec.constraints[:number], changed, *spec.constraints[number + 1 :]))


def _new_form(session: AppSession, spec: RunSpec, dataset: Dataset) -> None:
    if len(spec.constraints) >= _MOST_RULES:
        st.caption(f"There are {_MOST_RULES} rules, which is as many as there can be.")
        return
    n_categorical = sum(column.is_categorical for column in dataset.features)
    kinds = [kind for kind in KINDS if n_categorical >= _NEEDS_CATEGORIES.get(kind, 0)]
    key = session.forms.key("new-rule", NEW_RULE)
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
        fields = ConstraintFields(f"{key}-{kind}", spec, dataset)
        added = _filled_in(fields, kind, None, "Add the rule", lambda: session.forms.renew(NEW_RULE))
    if added is not None:
        session.forms.renew(NEW_RULE)
        _take(session, (*spec.constraints, added))


def _filled_in(
    fields: ConstraintFields, kind: str, given: ConstraintSpec | None, label: str, on_cancel: Callable[[], None]
) -> ConstraintSpec | None:
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
            check_constraint(rule, fields.spec, fields.dataset)
    except USER_ERRORS as refused:
        error = str(refused)
    if error:
        show_error(error)
        return None
    return rule


def _take(session: AppSession, constraints: tuple[ConstraintSpec, ...]) -> None:
    """Give the draft other rules and draw the page anew; what was typed elsewhere stays with its widgets."""
    assert session.draft is not None
    session.draft = session.draft.revised(constraints=constraints)
    session.optimize.open_constraint = None
    st.rerun()


def _remove(session: AppSession, number: int) -> None:
    assert session.draft is not None
    constraints = session.draft.constraints
    session.draft = session.draft.revised(constraints=constraints[:number] + constraints[number + 1 :])
    being_edited = session.optimize.open_constraint
    if being_edited is not None and being_edited >= number:
        session.optimize.open_constraint = None if being_edited == number else being_edited - 1


def _open(session: AppSession, number: int | None) -> None:
    session.optimize.open_constraint = number
