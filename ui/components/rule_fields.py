"""The fields of one hard rule, a set for each kind: what the user says becomes the rule's specification."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from models import Dataset
from optimizer import SpaceError
from services.recordedrules import amounts_that_may_be_absent
from services.rulespec import (
    AtMostRuleSpec,
    CategoriesSpec,
    ForbiddenRuleSpec,
    OrderRuleSpec,
    RatioRuleSpec,
    RuleSpec,
    SumRuleSpec,
)
from services.runspec import RunSpec
from ui.text import safe_label

KINDS = {
    "sum": "Sum of features",
    "ratio": "Ratio of features",
    "order": "One feature at most another",
    "at most": "At most so many of some features",
    "forbidden": "Categories that never go together",
}
_EQUAL, _BETWEEN = "equal to", "between"


@dataclass(frozen=True, slots=True)
class RuleFields:
    """The fields of one rule on screen.

    Attributes:
        key: prefix of the widgets' keys.
        spec: the run so far.
        dataset: its recorded rows.
    """

    key: str
    spec: RunSpec
    dataset: Dataset

    def draw(self, kind: str, given: RuleSpec | None) -> RuleSpec:
        """Draw the fields of a kind, filled with a given rule of that kind; return the rule as it stands.

        Raises:
            SpaceError: something that the kind cannot do without is not chosen yet.
        """
        match kind:
            case "sum":
                return self._sum(given if isinstance(given, SumRuleSpec) else None)
            case "ratio":
                return self._ratio(given if isinstance(given, RatioRuleSpec) else None)
            case "order":
                return self._order(given if isinstance(given, OrderRuleSpec) else None)
            case "at most":
                return self._at_most(given if isinstance(given, AtMostRuleSpec) else None)
        return self._forbidden(given if isinstance(given, ForbiddenRuleSpec) else None)

    @property
    def numeric(self) -> list[str]:
        """Features that rules on numbers may name; that of a curve takes all its values, so none can hold it."""
        swept = self.spec.curve.feature if self.spec.curve else None
        return [f.name for f in self.dataset.features if not f.is_categorical and f.name != swept]

    def _sum(self, given: SumRuleSpec | None) -> SumRuleSpec:
        features = self._features("Features that add up", given.features if given else self.dataset.parts)
        low, high = self._limits(given.low if given else None, given.high if given else None)
        return SumRuleSpec(features=features, low=low, high=high)

    def _ratio(self, given: RatioRuleSpec | None) -> RatioRuleSpec:
        columns = st.columns(2)
        with columns[0]:
            above = self._features("Above the line", given.numerator if given else (), "One, or several that add up.")
        with columns[1]:
            below = self._features("Below the line", given.denominator if given else (), "One, or several that add up.")
        low, high = self._limits(given.low if given else None, given.high if given else None)
        return RatioRuleSpec(numerator=above, denominator=below, low=low, high=high)

    def _order(self, given: OrderRuleSpec | None) -> OrderRuleSpec:
        columns = st.columns(2)
        with columns[0]:
            smaller = self._feature("This feature", given.smaller if given else None)
        with columns[1]:
            larger = self._feature("is at most this one", given.larger if given else None)
        if smaller is None or larger is None:
            raise SpaceError("An order rule compares two features: choose both.")
        if smaller == larger:
            raise SpaceError(f"An order rule compares two features, got '{smaller}' twice: choose another one.")
        return OrderRuleSpec(smaller=smaller, larger=larger)

    def _at_most(self, given: AtMostRuleSpec | None) -> AtMostRuleSpec:
        suggested = amounts_that_may_be_absent(self.spec)
        features = self._features("Of these features", given.features if given else suggested)
        columns = st.columns(3)
        with columns[0]:
            start = given.most if given else max(len(suggested) - 1, 1)
            most = st.number_input("at most", 0, 1_000, start, key=f"{self.key}-most")
        with columns[1]:
            threshold = st.number_input(
                "are above",
                min_value=0.0,
                value=given.threshold if given else 0.0,
                format="%.6g",
                key=f"{self.key}-threshold",
                help="What is not above it counts as absent.",
            )
        return AtMostRuleSpec(features=features, most=int(most), threshold=float(threshold))

    def _forbidden(self, given: ForbiddenRuleSpec | None) -> ForbiddenRuleSpec:
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
        return ForbiddenRuleSpec(combination=tuple(parts))

    def _features(self, label: str, given: Sequence[str], help: str | None = None) -> tuple[str, ...]:
        options = self.numeric
        chosen = st.multiselect(
            label,
            options,
            default=[name for name in given if name in options],
            key=f"{self.key}-{label}",
            placeholder="Choose features",
            help=help,
        )
        return tuple(chosen)

    def _feature(self, label: str, given: str | None) -> str | None:
        options = self.numeric
        index = options.index(given) if given in options else None
        return st.selectbox(label, options, index=index, key=f"{self.key}-{label}", placeholder="Choose a feature")

    def _limits(self, low: float | None, high: float | None) -> tuple[float | None, float | None]:
        """Draw the limits of a rule: one number, or two of which one may be missing."""
        columns = st.columns(3)
        with columns[0]:
            is_one = low is not None and low == high
            kind = st.segmented_control(
                "is",
                [_EQUAL, _BETWEEN],
                default=_EQUAL if is_one else _BETWEEN,
                key=f"{self.key}-limits",
                required=True,
            )
        if kind == _EQUAL:
            with columns[1]:
                value = self._limit("Value", low, "none")
            return value, value
        with columns[1]:
            least = self._limit("At least", low, "no limit")
        with columns[2]:
            most = self._limit("At most", high, "no limit")
        return least, most

    def _limit(self, label: str, given: float | None, absent: str) -> float | None:
        value = st.number_input(
            label, value=given, format="%.6g", step=1.0, placeholder=absent, key=f"{self.key}-{label.lower()}"
        )
        return None if value is None else float(value)
