"""What recorded rows say of each other, as rules: sums and copies that hold in all, columns that move together."""

from typing import NamedTuple

from models import Dataset
from models.data.relations import Relation, rounding_units
from optimizer import SubspaceConstraint
from services.specs.run import ConstraintSpec, SubspaceConstraintSpec, SumConstraintSpec


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
    """The rules that the recorded rows suggest; none of the sweep feature, which takes all its values."""
    found = [FoundRule(relation_rule(each), each.sentence, each.is_firm) for each in dataset.relations]
    copies = {each.names[1] for each in dataset.relations if each.is_copy}
    together = [
        j
        for j, column in enumerate(dataset.features)
        if not column.is_categorical and column.name not in {dataset.sweep, *copies} and dataset.stds[j] > 0
    ]
    subspace = SubspaceConstraint.of_rows(dataset.X, together) if together else None
    if subspace is not None:
        rule = SubspaceConstraintSpec(features=tuple(dataset.feature_names[j] for j in together))
        n_patterns = len(subspace.axes)
        how = "one pattern" if n_patterns == 1 else f"{n_patterns} patterns"
        words = f"{subspace.named(dataset.feature_names)} move together: {how} explain nearly all of them"
        found.append(FoundRule(rule, words, is_kept=True))
    return tuple(found)


def relation_rule(relation: Relation) -> SumConstraintSpec:
    """A relation as the rule that results keep it.

    Whole weights add up exactly in numbers of few digits; others, such as 1.8 of degrees Celsius, do so to the rounding
    of the columns.
    """
    is_whole = all(weight == round(weight) for weight in relation.weights)
    slack = 0.0 if is_whole else relation.tolerance
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
