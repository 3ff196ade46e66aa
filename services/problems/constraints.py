"""From the rules of a specification to those of the engine, and to what a result says of them."""

from collections.abc import Sequence

import numpy as np

from models import Dataset, DatasetError
from optimizer import (
    CardinalityConstraint,
    Constraint,
    ForbiddenConstraint,
    OrderConstraint,
    RatioConstraint,
    SpaceError,
    SumConstraint,
)
from services.specs.constraints import (
    AtMostConstraintSpec,
    ConstraintSpec,
    ForbiddenConstraintSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    SumConstraintSpec,
)
from services.specs.run import RunSpec


def build_constraints(spec: RunSpec, dataset: Dataset) -> tuple[Constraint, ...]:
    """Return the rules of a specification over the columns of a dataset.

    Raises:
        DatasetError: a rule names a feature or a category that does not exist.
        SpaceError: a rule speaks of the sweep feature, or says nothing that could be met.
    """
    return tuple(_build(rule, spec, dataset) for rule in spec.constraints)


def constraint_words(constraints: Sequence[Constraint], dataset: Dataset) -> tuple[str, ...]:
    """Return every rule as one line for people."""
    return tuple(rule.words(dataset.feature_names) for rule in constraints)


def constraint_sentence(rule: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> str:
    """Return a rule as one line for people, its numbers with their unit, even where the run's curve forbids it.

    Raises:
        DatasetError: the rule names a feature or a category that does not exist.
        SpaceError: the rule says nothing that could be met.
    """
    built = _build(rule, spec.revised(curve=None), dataset)
    unit = ""
    if isinstance(rule, SumConstraintSpec | AtMostConstraintSpec):
        units = {dataset.features[column].unit for column in built.columns}
        unit = units.pop() if len(units) == 1 else ""
    return f"{built.words(dataset.feature_names)} {unit}".rstrip()


def check_constraint(rule: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> None:
    """Raise unless a rule could be one of a specification, whatever its others and the bounds say.

    Raises:
        DatasetError: it names a feature or a category that does not exist.
        SpaceError: it says nothing that could be met, speaks of the sweep feature, or is there already.
    """
    _build(rule, spec, dataset)
    if rule in spec.constraints:
        raise SpaceError(f"There is this rule already: {constraint_sentence(rule, spec, dataset)}.")


def constraints_met(constraints: Sequence[Constraint], X: np.ndarray) -> tuple[tuple[bool, ...], ...] | None:
    """Return, for each row of ``X`` (n, d), whether it meets each rule; None without rules."""
    if not constraints:
        return None
    return tuple(tuple(row) for row in np.stack([rule.holds(X) for rule in constraints], axis=1).tolist())


def _build(rule: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> Constraint:
    """Return one rule of the engine."""
    match rule:
        case SumConstraintSpec():
            return SumConstraint(_columns(rule.features, spec, dataset), *_limits(rule))
        case RatioConstraintSpec():
            numerator, denominator = (_columns(side, spec, dataset) for side in (rule.numerator, rule.denominator))
            return RatioConstraint(numerator, denominator, *_limits(rule))
        case OrderConstraintSpec():
            return OrderConstraint(*_columns((rule.smaller, rule.larger), spec, dataset))
        case AtMostConstraintSpec():
            return CardinalityConstraint(_columns(rule.features, spec, dataset), rule.most, rule.threshold)
        case ForbiddenConstraintSpec():
            columns = _columns([part.feature for part in rule.combination], spec, dataset)
            codes = [
                _codes(column, part.categories, dataset) for column, part in zip(columns, rule.combination, strict=True)
            ]
            labels = tuple(part.categories for part in rule.combination)
            return ForbiddenConstraint(tuple(zip(columns, codes, strict=True)), labels)


def _columns(names: Sequence[str], spec: RunSpec, dataset: Dataset) -> tuple[int, ...]:
    """Return the columns of features that a rule names."""
    unknown = [name for name in names if name not in dataset.feature_names]
    if unknown:
        raise DatasetError(
            f"A rule speaks of {unknown}, which the model does not use; its features are {list(dataset.feature_names)}."
        )
    if spec.curve is not None and spec.curve.feature in names:
        raise SpaceError(
            f"The curve runs over all values of '{spec.curve.feature}', so no rule can speak of it: leave it out of "
            "the rule, or search for the outcome at one value of it."
        )
    return tuple(dataset.indices(tuple(names)))


def _codes(column: int, categories: Sequence[str], dataset: Dataset) -> tuple[int, ...]:
    """Return the codes of categories that a rule names."""
    feature = dataset.features[column]
    if not feature.is_categorical:
        raise SpaceError(f"A forbidden combination is for categorical features, and '{feature.name}' is numeric.")
    unknown = [name for name in categories if name not in feature.categories]
    if unknown:
        raise DatasetError(
            f"A forbidden combination speaks of {unknown}, but '{feature.name}' has the categories "
            f"{list(feature.categories)}."
        )
    return tuple(feature.categories.index(name) for name in categories)


def _limits(rule: SumConstraintSpec | RatioConstraintSpec) -> tuple[float, float]:
    """Return both limits, infinite where there is none."""
    return -np.inf if rule.low is None else rule.low, np.inf if rule.high is None else rule.high
