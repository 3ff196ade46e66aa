"""Constraints (pages say rules): from a specification to the engine's, and what recorded rows say about one."""

from collections.abc import Sequence

import numpy as np

from models import Dataset, DatasetError
from models.data.relations import rounding_units
from optimizer import (
    CardinalityConstraint,
    ConditionalConstraint,
    Constraint,
    ForbiddenConstraint,
    OrderConstraint,
    RatioConstraint,
    SpaceError,
    SubspaceConstraint,
    SumConstraint,
)
from optimizer.constraints.constraint import LinearConstraint
from services.specs.digits import number_words, sensible_decimals
from services.specs.run import (
    AtMostConstraintSpec,
    ConditionalConstraintSpec,
    ConstraintSpec,
    ForbiddenConstraintSpec,
    NumericSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    RunSpec,
    SubspaceConstraintSpec,
    SumConstraintSpec,
)


def build_constraints(spec: RunSpec, dataset: Dataset) -> tuple[Constraint, ...]:
    """The constraints of a specification over the columns of a dataset.

    Raises:
        DatasetError: one names a feature or a category that does not exist.
        SpaceError: one speaks of the sweep feature, or says nothing that could be met.
    """
    return tuple(_build(constraint, dataset, spec.swept) for constraint in spec.constraints)


def constraint_words(constraints: Sequence[Constraint], dataset: Dataset) -> tuple[str, ...]:
    """Every constraint as one line for people."""
    return tuple(constraint.words(dataset.feature_names) for constraint in constraints)


def constraint_sentence(constraint: ConstraintSpec, dataset: Dataset) -> str:
    """A constraint as one line for people, its numbers with their unit, whatever the run's curve forbids.

    Raises:
        DatasetError: it names a feature or a category that does not exist.
        SpaceError: it says nothing that could be met.
    """
    words = _build(constraint, dataset).words(dataset.feature_names)
    is_weighted = isinstance(constraint, SumConstraintSpec) and bool(constraint.weights)
    if isinstance(constraint, SumConstraintSpec | AtMostConstraintSpec) and not is_weighted:
        words = f"{words} {_common_unit(constraint.features, dataset)}".rstrip()
    return words


def check_constraint(constraint: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> None:
    """Raise unless a constraint could be one of a specification, whatever its others and the bounds say.

    Raises:
        DatasetError: it names a feature or a category that does not exist.
        SpaceError: it says nothing that could be met, speaks of the sweep feature, or is there already.
    """
    _build(constraint, dataset, spec.swept)
    if constraint in spec.constraints:
        raise SpaceError(f"There is this rule already: {constraint_sentence(constraint, dataset)}.")


def share_met(constraint: ConstraintSpec, dataset: Dataset) -> float:
    """The share of the recorded rows that meet a constraint, 0 to 1; errors as `constraint_sentence`."""
    return float(recorded_rows_meeting((_build(constraint, dataset),), dataset).mean())


def recorded_rows_meeting(
    constraints: Sequence[Constraint], dataset: Dataset, rows: np.ndarray | None = None
) -> np.ndarray:
    """Whether each recorded row meets each of r constraints, (n, r), as well as the rows were written down.

    Numbers that were rounded to 0.1 add up to 100 within half of that each. Where the rows nearly add up to a round
    number, as shares that were weighed do, all of them count as meeting a constraint that says so.

    Args:
        rows: (n, d) some recorded rows; all of them if None.
    """
    X = dataset.X if rows is None else rows
    met, units = np.zeros((len(X), len(constraints)), dtype=bool), rounding_units(dataset.X)
    for i, constraint in enumerate(constraints):
        met[:, i] = constraint.holds(X)
        if not isinstance(constraint, LinearConstraint):
            continue
        names = {dataset.feature_names[j] for j in constraint.rows[0].columns}
        sums = [each for each in dataset.relations if each.is_firm and each.is_sum and set(each.names) == names]
        weighed = max((max(each.value - each.low, each.high - each.value) for each in sums), default=0.0)
        is_near = np.ones(len(X), dtype=bool)
        for row in constraint.rows:
            rounded = float(np.abs(row.coefficients) @ units[list(row.columns)]) / 2
            is_near &= row.excess(X) <= max(rounded, weighed) * (1 + 1e-6)
        met[:, i] |= is_near
    return met


def share_words(share: float) -> str:
    """A share of the recorded rows that meet a constraint, told from none and all."""
    if share in (0.0, 1.0):
        return "no recorded row meets it" if share == 0 else "every recorded row meets it"
    percent = 100 * share
    words = "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"
    return f"{words} of the recorded rows meet it"


def recorded_words(constraint: ConstraintSpec, dataset: Dataset) -> str:
    """The recorded range of what a constraint limits, in a sentence; "" where it limits no number."""
    match constraint:
        case SumConstraintSpec(features=features) if features:
            what = "this sum" if len(features) > 1 or constraint.weights else features[0]
            sums = _sums(features, dataset, constraint.weights)
            return _range_words(what, sums, "" if constraint.weights else _common_unit(features, dataset))
        case RatioConstraintSpec(numerator=above, denominator=below) if above and below:
            denominators = _sums(below, dataset)
            is_known = denominators > 0
            if not is_known.any():
                return "The denominator is above 0 in no recorded row."
            return _range_words("this ratio", _sums(above, dataset)[is_known] / denominators[is_known], "")
        case AtMostConstraintSpec(features=features) if features:
            counts = (dataset.X[:, dataset.indices(features)] > constraint.threshold).sum(axis=1)
            return f"Recorded rows have {counts.min()} to {counts.max()} of them above {constraint.threshold:g}."
    return ""


def frozen_words(constraint: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> str:
    """Which features of a constraint are frozen and where, such as "water is frozen at 180 kg/m³", or ""."""
    try:
        columns = _build(constraint, dataset).columns
    except SpaceError:
        return ""
    named, units = {dataset.feature_names[column] for column in columns}, dataset.units
    return ", ".join(
        f"{f.name} is frozen at {f'{f.value:,.6g}' if isinstance(f, NumericSpec) else f.value} {units.get(f.name, '')}"
        for f in spec.features
        if f.name in named and not f.is_free
    ).rstrip()


def features_that_may_be_0(spec: RunSpec) -> tuple[str, ...]:
    """The free numeric features whose lower bound is 0, the sweep feature left out."""
    free = [f for f in spec.features if isinstance(f, NumericSpec) and f.is_free and f.name != spec.swept]
    return tuple(f.name for f in free if f.low == 0)


def _build(constraint: ConstraintSpec, dataset: Dataset, swept: str | None = None) -> Constraint:
    match constraint:
        case SumConstraintSpec():
            return SumConstraint(
                _columns(constraint.features, dataset, swept), *_limits(constraint), constraint.weights
            )
        case RatioConstraintSpec(numerator=above, denominator=below):
            sides = _columns(above, dataset, swept), _columns(below, dataset, swept)
            return RatioConstraint(*sides, *_limits(constraint))
        case OrderConstraintSpec():
            return OrderConstraint(*_columns((constraint.smaller, constraint.larger), dataset, swept))
        case AtMostConstraintSpec():
            columns = _columns(constraint.features, dataset, swept)
            return CardinalityConstraint(columns, constraint.most, constraint.threshold, constraint.least)
        case ConditionalConstraintSpec(feature=name, categories=categories):
            column, target = _columns((name, constraint.then), dataset, swept)
            own = _codes(column, categories, dataset, "An if-then rule")
            return ConditionalConstraint(column, own, target, *_limits(constraint), categories)
        case SubspaceConstraintSpec():
            together = SubspaceConstraint.of_rows(dataset.X, _columns(constraint.features, dataset, swept))
            if together is None:
                raise SpaceError(
                    f"The {len(constraint.features)} features of a rule of moving together do not move together in the "
                    "recorded rows: remove the rule."
                )
            return together
        case ForbiddenConstraintSpec(combination=combination):
            columns = _columns([part.feature for part in combination], dataset, swept)
            codes = [_codes(j, part.categories, dataset) for j, part in zip(columns, combination, strict=True)]
            labels = tuple(part.categories for part in combination)
            return ForbiddenConstraint(tuple(zip(columns, codes, strict=True)), labels)


def _columns(names: Sequence[str], dataset: Dataset, swept: str | None) -> tuple[int, ...]:
    unknown = [name for name in names if name not in dataset.feature_names]
    if unknown:
        raise DatasetError(
            f"A rule speaks of {unknown}, which the model does not use; its features are {list(dataset.feature_names)}."
        )
    if swept in names:  # a candidate stands for all values of it, so nothing could be held
        raise SpaceError(
            f"The curve runs over all values of '{swept}', so no rule can speak of it: leave it out of "
            "the rule, or search for the outcome at one value of it."
        )
    return tuple(dataset.indices(tuple(names)))


def _codes(
    column: int, categories: Sequence[str], dataset: Dataset, what: str = "A forbidden combination"
) -> tuple[int, ...]:
    feature = dataset.features[column]
    if not feature.is_categorical:
        raise SpaceError(f"{what} is for categorical features, and '{feature.name}' is numeric.")
    unknown = [name for name in categories if name not in feature.categories]
    if unknown:
        raise DatasetError(
            f"{what} speaks of {unknown}, but '{feature.name}' has the categories {list(feature.categories)}."
        )
    return tuple(feature.categories.index(name) for name in categories)


def _limits(constraint: SumConstraintSpec | RatioConstraintSpec | ConditionalConstraintSpec) -> tuple[float, float]:
    low, high = constraint.low, constraint.high
    return -np.inf if low is None else low, np.inf if high is None else high


def _sums(features: tuple[str, ...], dataset: Dataset, weights: tuple[float, ...] = ()) -> np.ndarray:
    return dataset.X[:, dataset.indices(features)] @ np.array(weights or (1.0,) * len(features))


def _common_unit(features: tuple[str, ...], dataset: Dataset) -> str:
    units = {dataset.features[column].unit for column in dataset.indices(features)}
    return units.pop() if len(units) == 1 else ""


def _range_words(what: str, values: np.ndarray, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if values.min() == values.max():
        return f"Recorded: {what} is {values[0]:,.6g}{unit} in every row."
    decimals = sensible_decimals(float(values.std()))
    low, high, mean = (number_words(float(v), decimals) for v in (values.min(), values.max(), values.mean()))
    return f"Recorded: {what} lies between {low} and {high}{unit}, on average {mean}."
