"""The specification that a dataset and a model suggest, before anybody changed anything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models import Column, Dataset
from optimizer import FloorKind, Goal, MeasureName, Summary
from services.catalog.loading import ModelWithData, take_same_features
from services.problems.building import constraints_error
from services.problems.found_rules import FoundRule, found_rules, usual_sum
from services.specs.outcomes import CurveSpec, ModelRef, OutcomeSpec
from services.specs.run import (
    BudgetSpec,
    CategoricalSpec,
    ConstraintSpec,
    DatasetRef,
    DensitySpec,
    FeatureSpec,
    FloorSpec,
    NumericSpec,
    PlausibilitySpec,
    RunSpec,
    SumConstraintSpec,
)

AT_LEAST = 20.0
"""Least plausibility of a result near the recorded rows, in percent."""
BEYOND_AT_LEAST = 10.0
"""The same by default: with 20 % even the true function in the place of a model reaches no more than 0.8 of what is
possible on smooth plants (`benchmarks.truth`)."""


class ExtrapolationLevel(StrEnum):
    """How far a search goes, nearest first."""

    AMONG = "among"
    NEAR = "near"
    BEYOND = "beyond"
    FAR = "far"
    FREE = "free"


DEFAULT_EXTRAPOLATION_LEVEL = ExtrapolationLevel.BEYOND


@dataclass(frozen=True, slots=True)
class LevelSettings:
    """What one level sets."""

    label: str
    meaning: str
    plausibility: PlausibilitySpec | None
    risk_aversion: float


LEVEL_SETTINGS: dict[ExtrapolationLevel, LevelSettings] = {
    ExtrapolationLevel.AMONG: LevelSettings(
        "Among the records",
        "Results lie as near to recorded rows as four in five of these lie to each other.",
        PlausibilitySpec(at_least=AT_LEAST, measure=MeasureName.NEIGHBOURS),
        1.0,
    ),
    ExtrapolationLevel.NEAR: LevelSettings(
        "Near them",
        "Results go beyond the recorded rows while predictions are uncertain by at most half a standard deviation of "
        "the outcome.",
        PlausibilitySpec(at_least=AT_LEAST, extrapolation_limit=0.5),
        1.0,
    ),
    ExtrapolationLevel.BEYOND: LevelSettings(
        "Beyond, with care",
        "Results go beyond the recorded rows while predictions are uncertain by at most one standard deviation of the "
        "outcome.",
        PlausibilitySpec(at_least=BEYOND_AT_LEAST, extrapolation_limit=1.0),
        1.0,
    ),
    ExtrapolationLevel.FAR: LevelSettings(
        "Far",
        "Results may lie so far from the recorded rows that predictions are uncertain by two standard deviations.",
        PlausibilitySpec(at_least=2.0, extrapolation_limit=2.0),
        0.5,
    ),
    ExtrapolationLevel.FREE: LevelSettings(
        "Explore",
        "Nothing is asked but the best prediction: where the model is wrong, this finds it.",
        None,
        0.0,
    ),
}
"""What each level sets, nearest first."""


def with_extrapolation_level(spec: RunSpec, level: ExtrapolationLevel, *, has_confidence: bool) -> RunSpec:
    """A run at a level; a model that does not know how uncertain it is has neither risk aversion nor a limit."""
    chosen = LEVEL_SETTINGS[level]
    risk_aversion = chosen.risk_aversion if has_confidence else 0.0
    return spec.revised(plausibility=chosen.plausibility, risk_aversion=risk_aversion)


def extrapolation_level_of(spec: RunSpec) -> ExtrapolationLevel | None:
    """The level that a run's settings are those of, or None where they are of its own."""
    for level, one in LEVEL_SETTINGS.items():
        if spec.plausibility == one.plausibility and spec.risk_aversion in (one.risk_aversion, 0.0):
            return level
    return None


MAX_CURVE_POINTS = 100
DENSITY_WEIGHT = 5.0  # results end a twentieth of a tolerance beyond what is usual, where the objective drives them out
EVALUATIONS = 8_000  # niches have found by then what they find in 15,000, and nobody waits long
MOST_BEHIND = 0.5  # standard deviations of the outcome that a result is worse than the best, by default


def default_spec(
    model_data: ModelWithData,
    dataset: Dataset,
    model: ModelRef,
    name: str = "Run",
    rules: tuple[ConstraintSpec, ...] | None = None,
) -> RunSpec:
    """The run that somebody new would start.

    Every feature is free within its recorded range; with a sweep feature the area under the curve over its recorded
    range is searched for; with parts that add up the density penalty is on. Results of a model stay believable: they
    are plausible, within the extrapolation limit, and found with risk aversion, as far as it knows its uncertainty.

    Args:
        model_data: holds the rows in the model's order.
        dataset: what the run names, as is ``model``.
        rules: which of the relations found in the rows results have to keep; None for those that all rows keep.
    """
    aligned = model_data.dataset
    found = found_rules(aligned)
    features = _free_of_steps([default_feature(aligned, column) for column in aligned.features], found)
    curve = default_curve(aligned, aligned.sweep) if aligned.sweep else None
    rules = tuple(each.rule for each in found if (each.is_kept if rules is None else each.rule in rules))
    own = aligned.outcome.name if dataset.other_outcomes else ""
    spec = RunSpec(
        name=name,
        dataset=DatasetRef(name=dataset.name, digest=dataset.digest),
        outcomes=(OutcomeSpec(name=own, model=model, goal=Goal.MAXIMUM, curve=curve),),
        features=features,
        constraints=rules,
        # a sum that a rule holds costs nothing anywhere
        density=None if holds_sum(rules, aligned.parts) else default_density(aligned, aligned.parts),
        distinct=default_distinct(sum(feature.is_free for feature in features)),
        floor=default_floor(aligned),
        budget=BudgetSpec(evaluations=EVALUATIONS),
    )
    if constraints_error(spec, aligned):  # what steps cannot meet together is no rule: a search is worth more
        kept: tuple[ConstraintSpec, ...] = ()
        for rule in rules:
            if not constraints_error(spec.revised(constraints=(*kept, rule)), aligned):
                kept = (*kept, rule)
        density = None if holds_sum(kept, aligned.parts) else default_density(aligned, aligned.parts)
        spec = spec.revised(constraints=kept, density=density)
    if model.kind == "function":  # known everywhere, and right: nothing to be careful about, nor to measure
        return spec
    spec = spec.revised(unmeasured_only=True)
    return with_extrapolation_level(spec, DEFAULT_EXTRAPOLATION_LEVEL, has_confidence=model_data.has_confidence)


def default_spec_of(
    dataset: Dataset,
    models: Mapping[str, ModelRef],
    pair: Callable[[Dataset, ModelRef], ModelWithData],
    name: str = "Run",
    rules: tuple[ConstraintSpec, ...] | None = None,
) -> RunSpec:
    """The run that somebody new would start with the models of a table's outcomes.

    The first outcome of the table that has a model is the objective, as in `default_spec`; the others are only shown,
    in the table's order. Left out are those whose models take other features than that of the objective.

    Args:
        models: by the outcome that they predict; at least one.
        pair: gives rows and model, such as `Catalog.pair`; errors as there.
        rules: as in `default_spec`.
    """
    known = [each for each in dataset.outcome_names if each in models]
    loaded = {each: pair(dataset, models[each]) for each in known}
    own = loaded[known[0]]
    spec = default_spec(own, dataset, models[known[0]], name, rules)
    shown = [each for each in known if take_same_features(own.dataset, loaded[each].dataset)]
    return with_models(spec, dataset, {each: models[each] for each in shown})


def with_models(spec: RunSpec, dataset: Dataset, models: Mapping[str, ModelRef]) -> RunSpec:
    """The run with these models of its table's outcomes, by their names.

    What the run looks at already keeps all that is asked of it; other outcomes come after that and are only shown.
    Where it has a curve, they have the same one.
    """
    names = [each.name or dataset.outcome.name for each in spec.outcomes]
    own = [
        each.model_copy(update={"model": models.get(name, each.model)}) if each.model is not None else each
        for name, each in zip(names, spec.outcomes, strict=True)
    ]
    curve = next((each.curve for each in spec.outcomes if each.curve is not None), None)
    new = [
        OutcomeSpec(name=name, model=models[name], curve=curve)
        for name in dataset.outcome_names
        if name in models and name not in names
    ]
    if new:
        own = [each.model_copy(update={"name": name}) for name, each in zip(names, own, strict=True)]
    return spec.revised(outcomes=(*own, *new))


def _free_of_steps(features: Sequence[FeatureSpec], found: Sequence[FoundRule]) -> tuple[FeatureSpec, ...]:
    """Features of which the last one of each equation has no step, so that it follows the others wherever they go."""
    following = {
        each.rule.features[-1] for each in found if isinstance(each.rule, SumConstraintSpec) and each.rule.weights
    }
    return tuple(
        feature.model_copy(update={"step": None}) if feature.name in following else feature for feature in features
    )


def default_floor(dataset: Dataset) -> FloorSpec:
    """Which candidates are good enough: within a percentage of the best, where that means something.

    Of an outcome far from its zero, such as a temperature in kelvins, ten percent may be more than all that the table
    records: there it is half a standard deviation.
    """
    percent = FloorSpec()
    far, std = float(np.abs(dataset.y).max()), float(dataset.y.std())
    if percent.amount / 100 * far <= MOST_BEHIND * std or std == 0:
        return percent
    return FloorSpec(kind=FloorKind.WITHIN, amount=MOST_BEHIND)


def default_distinct(n_free: int) -> float:
    """How far apart results are at least: 1 standard deviation, less for a few free features."""
    return round(min(1.0, 0.4 * float(np.sqrt(max(n_free, 1)))), 2)


def default_feature(dataset: Dataset, column: Column) -> FeatureSpec:
    """A feature free within its recorded range, or frozen where it never varied."""
    values = dataset.X[:, dataset.index(column.name)]
    if column.is_categorical:
        recorded = dataset.frequencies(column.name)
        return CategoricalSpec(
            name=column.name,
            is_free=len(column.categories) > 1,
            allowed=column.categories,
            value=column.categories[int(np.argmax(recorded))],
        )
    low, high = float(values.min()), float(values.max())
    return NumericSpec(
        name=column.name,
        is_free=low < high,
        low=low,
        high=high,
        value=float(np.sort(values)[(len(values) - 1) // 2]),  # one that was recorded
        step=recorded_step(values),
    )


def recorded_step(values: np.ndarray) -> float | None:
    """The step that all recorded values are multiples of (1, 0.1 or 0.01), or None.

    Results then have no more digits than the records. Unless the values are whole numbers, a step that is coarse
    against their spread is not one to search on.
    """
    if (values == np.round(values)).all():
        return 1.0
    for decimals in (1, 2):
        is_multiple = np.allclose(values, np.round(values, decimals), rtol=0, atol=1e-9)
        if is_multiple and values.std() >= 20 * 10.0**-decimals:
            return 10.0**-decimals
    return None


def default_curve(dataset: Dataset, sweep: str) -> CurveSpec | None:
    """The area under the curve over the recorded range of a feature, or None where that never varied."""
    values = dataset.X[:, dataset.index(sweep)]
    low, high = float(values.min()), float(values.max())
    if low == high:
        return None
    return CurveSpec(feature=sweep, start=low, end=high, points=MAX_CURVE_POINTS, summary=Summary.AREA)


def holds_sum(rules: Sequence[ConstraintSpec], parts: tuple[str, ...]) -> bool:
    """Whether one of the rules holds the sum of the parts at a value."""
    sums = [rule for rule in rules if isinstance(rule, SumConstraintSpec) and not rule.weights]
    return any(set(rule.features) == set(parts) and rule.low == rule.high for rule in sums)


def default_density(dataset: Dataset, parts: tuple[str, ...]) -> DensitySpec | None:
    """The density penalty with the usual sum of the recorded rows, or None without parts."""
    if not parts:
        return None
    target, tolerance = usual_sum(dataset, parts)
    return DensitySpec(parts=parts, target=target, tolerance=tolerance, weight=DENSITY_WEIGHT)
