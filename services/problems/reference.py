"""What results are compared with: a recorded row or a setting that was typed in, and which features may leave it."""

import math
from collections.abc import Collection, Mapping

import numpy as np

from models import Column, Dataset, DatasetError
from optimizer import Goal
from services.specs.digits import sensible_decimals, step_decimals
from services.specs.results import ResultSet, RunResult
from services.specs.run import CategoricalSpec, FeatureSpec, ReferenceSpec, RunSpec

_NEAR = 1e-6  # relative: a value this near to a bound or a step is on it


def reference_of(result: RunResult) -> tuple[str, ResultSet]:
    """What results are compared with, its name and its one row: the run's reference, else the best recorded row.

    The set is empty where nothing was recorded that could be judged.
    """
    asked = result.spec.reference
    if result.reference is not None and asked is not None:
        return reference_name(asked), result.reference
    best = result.best_recorded.only(0)
    return (f"Row {best.rows[0]}" if best.rows else "Best recorded"), best


def reference_name(reference: ReferenceSpec) -> str:
    """What a reference is called."""
    return reference.name if reference.row is None else f"Row {reference.row}"


def reference_row_words(result: RunResult) -> str:
    """The reference of a result in one line, with its values; "" where it has none."""
    asked = result.spec.reference
    if asked is None:
        return ""
    values = zip(result.spec.features, asked.values, strict=True)
    settings = ", ".join(
        f"{feature.name} {value if isinstance(value, str) else format(value, '.6g')}" for feature, value in values
    )
    return f"{reference_name(asked)}: {settings}"


def recorded_reference(spec: RunSpec, dataset: Dataset, number: int) -> ReferenceSpec:
    """A recorded row as the reference of a run.

    Raises:
        DatasetError: no row has that number.
    """
    row = row_numbered(dataset, number)
    values: dict[str, float | str] = {
        column.name: column.categories[int(value)] if column.is_categorical else float(value)
        for column, value in zip(dataset.features, dataset.X[row], strict=True)
    }
    return ReferenceSpec(row=int(number), values=tuple(values[feature.name] for feature in spec.features))


def typed_reference(
    spec: RunSpec, dataset: Dataset, values: Mapping[str, float | str], name: str = "Reference"
) -> ReferenceSpec:
    """A setting as the reference of a run.

    Raises:
        DatasetError: a feature has no value, or one that is no number or an unknown category.
    """
    absent = [feature.name for feature in spec.features if feature.name not in values]
    if absent:
        raise DatasetError(f"The reference says nothing about {absent}: give every feature a value.")
    words = " ".join(name.split()) or "Reference"
    reference = ReferenceSpec(values=tuple(values[feature.name] for feature in spec.features), name=words)
    reference_row(spec.revised(reference=reference), dataset)
    return reference


def reference_row(spec: RunSpec, dataset: Dataset) -> np.ndarray:
    """The reference of a run in the order of the dataset, (d,), categories as codes.

    Raises:
        DatasetError: it does not fit the features, or is not the recorded row that it says it is.
    """
    reference = spec.reference
    if reference is None:
        raise DatasetError("The run has no reference: choose a recorded row, or type a setting in.")
    if len(reference.values) != len(spec.features):
        raise DatasetError(
            f"The reference has one value for each of the {len(spec.features)} features of the run, got "
            f"{len(reference.values)}."
        )
    values = {feature.name: value for feature, value in zip(spec.features, reference.values, strict=True)}
    row = np.array([_number(column, values[column.name]) for column in dataset.features])
    if reference.row is not None and not np.allclose(row, dataset.X[row_numbered(dataset, reference.row)], rtol=1e-9):
        raise DatasetError(
            f"The reference says that it is recorded row {reference.row}, and its values are not those of that row: "
            "choose the row again."
        )
    return row


def with_reference(spec: RunSpec, reference: ReferenceSpec | None) -> RunSpec:
    """The run with another reference; what was held at the former one is held at this one."""
    if reference is None or spec.reference is None:
        return spec.revised(reference=reference)
    former = zip(spec.features, spec.reference.values, strict=True)
    held = {feature.name for feature, value in former if not feature.is_free and feature.value == value}
    return _holding(spec.revised(reference=reference), held, freed=set())


def moving_only(spec: RunSpec, names: Collection[str]) -> RunSpec:
    """The run in which these features alone are free and all others are held at its reference.

    Bounds stay, but for features that are held outside of them: there the bounds are moved to hold the value.
    The sweep feature of a curve is left as it is.

    Raises:
        DatasetError: the run has no reference.
    """
    if spec.reference is None:
        raise DatasetError("The run has no reference to hold features at: choose one first.")
    everything = {feature.name for feature in spec.features} - {spec.swept}
    return _holding(spec, everything - set(names), freed=everything & set(names))


def outside_words(spec: RunSpec, dataset: Dataset) -> str:
    """Which free features of the reference lie outside their bounds, off their step or not allowed, or ""."""
    if spec.reference is None:
        return ""
    named = zip(spec.features, spec.reference.values, strict=True)
    found = [_outside(f, value, dataset) for f, value in named if f.is_free and f.name != spec.swept]
    words = "; ".join(filter(None, found))
    return f"The search cannot return to the reference itself: {words}." if words else ""


def setting_words(spec: RunSpec, dataset: Dataset) -> str:
    """The reference in one line, such as "cement 540 kg/m³, water 162 kg/m³"; the sweep feature is left out."""
    row, swept = reference_row(spec, dataset), spec.swept
    words = []
    for j, column in enumerate(dataset.features):
        if column.name == swept:
            continue
        if column.is_categorical:
            words.append(f"{column.name} {column.categories[int(row[j])]}")
        else:
            step = spec.step_of(column.name, is_integer=column.is_integer)
            decimals = step_decimals(step) if step and step > 0 else sensible_decimals(float(dataset.stds[j]))
            words.append(f"{column.name} {row[j]:,.{decimals}f} {column.unit}".rstrip())
    return ", ".join(words)


def suggested_row(spec: RunSpec, dataset: Dataset) -> int:
    """The number of the recorded row that was measured best by the goal; of a curve's value, the highest."""
    if spec.goal is Goal.MINIMUM:
        row = np.argmin(dataset.y)
    elif spec.goal is Goal.VALUE and spec.curve is None and spec.value is not None:
        row = np.argmin(np.abs(dataset.y - spec.value))
    else:
        row = np.argmax(dataset.y)
    return int(dataset.numbers[row])


def _holding(spec: RunSpec, held: Collection[str], freed: Collection[str]) -> RunSpec:
    assert spec.reference is not None
    features: list[FeatureSpec] = []
    for feature, value in zip(spec.features, spec.reference.values, strict=True):
        if feature.name in held:
            changes: dict[str, object] = {"is_free": False, "value": value}
            if not isinstance(feature, CategoricalSpec) and not isinstance(value, str):
                changes |= {"low": min(feature.low, value), "high": max(feature.high, value)}
            feature = feature.model_copy(update=changes)
        elif feature.name in freed:
            feature = feature.model_copy(update={"is_free": True})
        features.append(feature)
    return spec.revised(features=tuple(feature.model_dump() for feature in features))


def row_numbered(dataset: Dataset, number: int) -> int:
    """The place of the recorded row of a number, as the table counts it.

    Raises:
        DatasetError: no row has that number.
    """
    rows = np.flatnonzero(dataset.numbers == number)
    if not len(rows):
        low, high = int(dataset.numbers.min()), int(dataset.numbers.max())
        raise DatasetError(
            f"There is no recorded row {number}: rows are numbered {low} to {high}, without those that were left out "
            "when the table was read."
        )
    return int(rows[0])


def _number(column: Column, value: float | str) -> float:
    if column.is_categorical:
        if value not in column.categories:
            raise DatasetError(f"The reference has '{value}' for '{column.name}', expected one of {column.categories}.")
        return float(column.categories.index(str(value)))
    if isinstance(value, str) or not math.isfinite(value):
        raise DatasetError(f"The reference has '{value}' for '{column.name}', expected a number.")
    return float(value)


def _outside(feature: FeatureSpec, value: float | str, dataset: Dataset) -> str:
    """Why the search cannot give a free feature this value, or ""."""
    if isinstance(feature, CategoricalSpec):
        return "" if value in feature.allowed else f"{feature.name} {value} is not allowed"
    if isinstance(value, str):
        return ""
    near = _NEAR * max(abs(feature.low), abs(feature.high))
    unit = dataset.units.get(feature.name, "")
    setting = f"{feature.name} {value:,.6g} {unit}".rstrip()
    if value < feature.low - near or value > feature.high + near:
        return f"{setting} is not between {feature.low:,.6g} and {feature.high:,.6g}"
    if feature.step and not math.isclose(value / feature.step, round(value / feature.step), abs_tol=_NEAR):
        return f"{setting} is no multiple of its step {feature.step:g}"
    return ""
