"""What recorded rows say of each other, as rules: sums and copies that hold in all, columns that move together."""

from typing import NamedTuple

import numpy as np

from models import Dataset
from models.data.relations import Relation, rounding_units
from optimizer import SubspaceConstraint
from optimizer.constraints.subspace import MIN_COLUMNS
from services.specs.run import ConstraintSpec, SubspaceConstraintSpec, SumConstraintSpec

_CLOSE, _FEW = 0.8, 3  # correlation of columns that move together, and with how many others at least


class FoundRule(NamedTuple):
    """A rule that a table suggests.

    Attributes:
        words: what was found, in a sentence without its end.
        is_kept: whether new runs have it, unless somebody decides otherwise: it holds in all rows.
    """

    rule: ConstraintSpec
    words: str
    is_kept: bool


def found_rules(dataset: Dataset) -> tuple[FoundRule, ...]:
    """The rules that the recorded rows suggest; none of the sweep feature, which takes all its values.

    Equations among columns that move together need no rule of their own: their components keep them.
    """
    together = _columns_together(dataset)
    subspace = SubspaceConstraint.of_rows(dataset.X, together) if together else None
    inside = {dataset.feature_names[j] for j in together} if subspace is not None else set()
    relations = [each for each in dataset.relations if not set(each.names) <= inside]
    if subspace is not None and any(set(each.names) & inside for each in relations):
        # one rule for one column, so that each can be kept: equations tell more
        inside -= {name for each in relations for name in each.names}
        together = [j for j in together if dataset.feature_names[j] in inside]
        subspace = SubspaceConstraint.of_rows(dataset.X, together) if together else None
    found = [FoundRule(relation_rule(each), each.sentence, each.is_firm) for each in relations]
    if subspace is not None:
        rule = SubspaceConstraintSpec(features=tuple(dataset.feature_names[j] for j in together))
        n_patterns = len(subspace.axes)
        how = "one pattern explains" if n_patterns == 1 else f"{n_patterns} patterns explain"
        words = f"{subspace.named(dataset.feature_names)} move together: {how} nearly all of them"
        found.append(FoundRule(rule, words, is_kept=True))
    return tuple(found)


def _columns_together(dataset: Dataset) -> list[int]:
    """Numeric features that may move together: each goes closely with several others."""
    numbers = [
        j
        for j, column in enumerate(dataset.features)
        if not column.is_categorical and column.name != dataset.sweep and dataset.stds[j] > 0
    ]
    if len(numbers) < MIN_COLUMNS:
        return []
    n_close = (np.abs(np.corrcoef(dataset.X[:, numbers], rowvar=False)) >= _CLOSE).sum(axis=1) - 1
    return [j for j, n in zip(numbers, n_close.tolist(), strict=True) if n >= _FEW]


def relation_rule(relation: Relation) -> SumConstraintSpec:
    """A relation as the rule that results keep it.

    A sum is its value, also where the parts were rounded; totals, averages and copies that were rounded by themselves
    hold to that rounding.
    """
    slack = 0.0 if relation.is_sum else relation.tolerance
    return SumConstraintSpec(
        features=relation.names,
        low=_short(relation.value - slack),
        high=_short(relation.value + slack),
        weights=() if relation.is_sum else relation.weights,
    )


def usual_sum(dataset: Dataset, parts: tuple[str, ...]) -> tuple[float, float]:
    """The usual sum of the parts, and how far from it is usual: mean and standard deviation of the recorded rows.

    Where the sums are one round number but for rounding it is that number; and the tolerance is never less than what
    the rounding of the parts makes of a sum.
    """
    columns = dataset.indices(parts)
    sums = dataset.X[:, columns].sum(axis=1)
    rounding = float(rounding_units(dataset.X[:, columns]).sum()) / 2
    target, tolerance = float(sums.mean()), max(float(sums.std()), rounding)
    for relation in dataset.relations:
        if relation.is_sum and set(relation.names) == set(parts):
            target = relation.value
    if tolerance <= 0:  # all rows weigh the same: a percent of that, for a penalty needs a unit
        tolerance = max(abs(target) * 0.01, 1e-9)
    return target, tolerance


def _short(value: float) -> float:
    return float(f"{value:.10g}")
