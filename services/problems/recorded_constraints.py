"""What the recorded rows say about a rule, for whoever sets one: how many meet it, and what its numbers usually are."""

import numpy as np

from models import Dataset
from optimizer import SpaceError
from services.problems.constraints import build_constraints
from services.specs.constraints import AtMostConstraintSpec, ConstraintSpec, RatioConstraintSpec, SumConstraintSpec
from services.specs.digits import number_words, sensible_decimals
from services.specs.run import NumericSpec, RunSpec


def recorded_words(rule: ConstraintSpec, dataset: Dataset) -> str:
    """Return the recorded range of what a rule limits, in a sentence; "" for rules without such a number."""
    match rule:
        case SumConstraintSpec(features=features) if features:
            unit = _common_unit(features, dataset)
            return _range_words("this sum" if len(features) > 1 else features[0], _sums(features, dataset), unit)
        case RatioConstraintSpec(numerator=above, denominator=below) if above and below:
            denominators = _sums(below, dataset)
            is_known = denominators > 0
            if not is_known.any():
                return "The denominator is above 0 in no recorded row."
            return _range_words("this ratio", _sums(above, dataset)[is_known] / denominators[is_known], "")
        case AtMostConstraintSpec(features=features) if features:
            counts = (dataset.X[:, dataset.indices(features)] > rule.threshold).sum(axis=1)
            return f"Recorded rows have {counts.min()} to {counts.max()} of them above {rule.threshold:g}."
    return ""


def share_met(rule: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> float:
    """Return the share of the recorded rows that meet a rule, 0 to 1.

    Raises:
        DatasetError: the rule names a feature or a category that does not exist.
        SpaceError: the rule says nothing that could be met.
    """
    built = build_constraints(spec.revised(constraints=(rule,), curve=None), dataset)[0]
    return float(built.holds(dataset.X).mean())


def share_words(share: float) -> str:
    """Return a share of the recorded rows in words, told from none and all."""
    if share in (0.0, 1.0):
        return "no recorded row meets it" if share == 0 else "every recorded row meets it"
    percent = 100 * share
    words = "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"
    return f"{words} of the recorded rows meet it"


def frozen_words(rule: ConstraintSpec, spec: RunSpec, dataset: Dataset) -> str:
    """Return which features of a rule are held and where, such as "water is frozen at 180 kg/m³", or ""."""
    try:
        built = build_constraints(spec.revised(constraints=(rule,), curve=None), dataset)[0]
    except SpaceError:
        return ""
    named = {dataset.feature_names[column] for column in built.columns}
    held = [feature for feature in spec.features if feature.name in named and not feature.is_free]
    units = dataset.units
    return ", ".join(
        f"{f.name} is frozen at {f'{f.value:,.6g}' if isinstance(f, NumericSpec) else f.value} {units.get(f.name, '')}"
        for f in held
    ).rstrip()


def amounts_that_may_be_absent(spec: RunSpec) -> tuple[str, ...]:
    """Return the free numeric features that may be 0 by their bounds, the sweep feature left out."""
    swept = spec.curve.feature if spec.curve else None
    return tuple(
        f.name for f in spec.features if isinstance(f, NumericSpec) and f.is_free and f.low == 0 and f.name != swept
    )


def _sums(features: tuple[str, ...], dataset: Dataset) -> np.ndarray:
    """Return (n,) the recorded sums of some features."""
    return dataset.X[:, dataset.indices(features)].sum(axis=1)


def _common_unit(features: tuple[str, ...], dataset: Dataset) -> str:
    units = {dataset.features[column].unit for column in dataset.indices(features)}
    return units.pop() if len(units) == 1 else ""


def _range_words(what: str, values: np.ndarray, unit: str) -> str:
    """Return lowest, highest and mean of recorded values as a sentence."""
    if values.min() == values.max():
        return f"Recorded: {what} is {values[0]:,.6g}{f' {unit}' if unit else ''} in every row."
    decimals = sensible_decimals(float(values.std()))
    low, high, mean = (number_words(float(v), decimals) for v in (values.min(), values.max(), values.mean()))
    return f"Recorded: {what} lies between {low} and {high}{f' {unit}' if unit else ''}, on average {mean}."
