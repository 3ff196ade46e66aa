"""Several runs side by side: how their settings differ, which measure the same, and what they found in figures."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from models import Dataset
from optimizer import Goal
from optimizer.constraints.constraint import listed
from services.problems.building import build_space, has_more_outcomes
from services.problems.defaults import LEVEL_SETTINGS, extrapolation_level_of
from services.problems.projection import MapProjection
from services.results.verdict import objective_decimals
from services.specs.digits import clipped, common_decimals, counted, label, number_words
from services.specs.outcomes import CurveSpec
from services.specs.results import ResultSet, RunResult
from services.specs.run import (
    AtMostConstraintSpec,
    ConditionalConstraintSpec,
    ConstraintSpec,
    FeatureSpec,
    ForbiddenConstraintSpec,
    NumericSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    RunSpec,
    SubspaceConstraintSpec,
    SumConstraintSpec,
)
from services.specs.wanted import floor_words, goal_words
from services.studies.compare.methods import METHOD_NAMES
from services.texts.distance import distance_level
from services.texts.specs import COMBINED, outcome_words

NOTHING = "–"
SEVERAL_GOALS = "Several goals make"
_LEVEL = "How far to go"
_BY_HAND = _PENALTY, _FARTHEST, _LIMIT, _MEASURE, _LEFT_OUT, _MARGIN = (
    "Penalty for the distance from records",
    "No farther out than",
    "Extrapolation limit",
    "Distance from records by",
    "Left out of the distance from records",
    "Taken off predictions",
)
"""What a level of how far to go sets: it says all of it where every run has one."""
_CHOICES = {"spread": "good and different", "kmeans": "K-Means clusters"}


class _Setting(NamedTuple):
    """One setting of one run.

    Attributes:
        words: how it reads.
        raw: what it is: two that differ may read the same.
        is_detail: whether it says something only beside a run that has it as well, such as a knob of a method.
    """

    words: str
    raw: Any
    is_detail: bool = False


def differences(specs: Sequence[RunSpec], units: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """The settings in which runs differ, as the pages call them, and their values in words, one per run.

    They stand in the order in which a run is set up; the value is "–" where a run has no such setting. Names of runs
    are no settings.
    """
    every = [_settings(spec, units or {}) for spec in specs]
    left_out = _BY_HAND if all(_LEVEL in settings for settings in every) else (_LEVEL,)
    every = [{name: one for name, one in settings.items() if name not in left_out} for settings in every]
    names = list(dict.fromkeys(name for settings in every for name in settings))
    found = {}
    for name in names:
        given = [settings.get(name, _Setting(NOTHING, None)) for settings in every]
        is_detail = any(setting.is_detail for setting in given)
        compared = [setting for setting in given if setting.raw is not None or not is_detail]
        if all(setting.raw == compared[0].raw for setting in compared):
            continue
        words = [setting.words for setting in given]
        if len(set(words)) == 1:  # such as two tables of one name
            words = [f"{text} ({clipped(str(setting.raw), 40)})" for text, setting in zip(words, given, strict=True)]
        found[name] = tuple(words)
    return found


def _settings(spec: RunSpec, units: Mapping[str, str]) -> dict[str, _Setting]:
    """All settings of a run that are on, by their names."""
    density, distance, asked, budget = spec.density, spec.distance, spec.plausibility, spec.budget
    if density is not None and density.weight <= 0:
        density = None
    if distance is not None and distance.weight <= 0:
        distance = None
    if asked is not None and asked.weight <= 0 and not asked.is_gate:
        asked = None
    reference, method = spec.reference, METHOD_NAMES[spec.method.name]
    rules = "; ".join(map(_rule_words, spec.constraints))
    known: dict[str, Any] = {
        "Table": _Setting(spec.dataset.name, spec.dataset.digest),
        "Model": _Setting(spec.model.name, (spec.model.kind, spec.model.name, spec.model.digest)),
        **_searched_for(spec, units),
        "Reference": reference
        and _Setting(reference.name if reference.row is None else f"Row {reference.row}", reference),
        **_features(spec, units),
        "Density penalty": density and _plain(density.weight),
        "Usual density": density
        and _detail(f"{density.target:,.5g} ± {density.tolerance:,.3g}", (density.target, density.tolerance)),
        "Parts that add up": density and _names(density.parts),
        "Distance penalty": distance and _plain(distance.weight),
        "Distance from": distance and _plain(distance.threshold, "std. dev.", is_detail=True),
        "Left out of the distance": distance and _names(distance.left_out),
        _LEVEL: _level(spec),
        _PENALTY: asked and _plain(asked.weight or None),
        _FARTHEST: asked and asked.at_least and _plain(100 - asked.at_least, "% of the records"),
        _LIMIT: asked and _plain(asked.extrapolation_limit, "std. dev."),
        _MEASURE: asked and _detail(str(asked.measure), asked.measure),
        _LEFT_OUT: asked and _names(asked.left_out),
        _MARGIN: _plain(spec.risk_aversion or None, "standard errors"),
        "Rules": spec.constraints and _Setting(rules, spec.constraints),
        "Method": _Setting(method, spec.method.name),
    }
    # The knobs of a method are told apart from those of another one by its name.
    for knob, value in spec.method.model_dump(mode="json").items():
        if knob != "name":
            known[f"{method}: {knob.removeprefix('n_').replace('_', ' ')}"] = _plain(value, is_detail=True)
    known |= {
        "Budget": _Setting(f"{budget.evaluations:,}", budget.evaluations),
        "Time limit": _plain(budget.seconds, "s"),
        "Stop after": _plain(budget.stall, "generations"),
        "Begins also from": spec.starts and _Setting(counted(len(spec.starts), "given setting"), spec.starts),
        "Continues": spec.continues and _Setting(f"the run {spec.continues}", spec.continues),
        "Steered by": spec.decisions and _Setting(counted(len(spec.decisions), "decision"), spec.decisions),
        "Results wanted": _plain(spec.n_results),
        "Results come from": _Setting(floor_words(spec.floor), spec.floor),
        "Results chosen": _Setting(_CHOICES[spec.choice], spec.choice),
        "Results differ by": _plain(spec.distinct, "std. dev."),
        "Only new settings": _Setting("yes" if spec.unmeasured_only else "no", spec.unmeasured_only),
        "Level of intervals": _plain(100 * spec.level, "%"),
        "Compared without realism": _Setting("yes" if spec.is_compared else "no", spec.is_compared),
        "Seed": _plain(spec.seed),
    }
    return {name: setting for name, setting in known.items() if setting}


def _searched_for(spec: RunSpec, units: Mapping[str, str]) -> dict[str, _Setting | None]:
    """What is searched for; of several outcomes, what is wanted of each by its name."""
    if not has_more_outcomes(spec):
        return {
            "Search for": _Setting(goal_words(spec.objective).capitalize(), (spec.goal, spec.value)),
            "Curve": None if spec.curve is None else _Setting(_curve_words(spec.curve), spec.curve),
        }
    found: dict[str, _Setting | None] = {
        each.name or "Outcome": _Setting(outcome_words(each, units.get(each.name, each.unit)), each)
        for each in spec.outcomes
    }
    if len(spec.objectives) > 1:
        found[SEVERAL_GOALS] = _Setting(COMBINED[spec.combine], spec.combine)
    return found


def _level(spec: RunSpec) -> _Setting | None:
    """What "How far to go" stands on, or None where all that it sets was set by hand."""
    level = extrapolation_level_of(spec)
    if level is None or spec.risk_aversion != LEVEL_SETTINGS[level].risk_aversion:
        return None
    return _Setting(LEVEL_SETTINGS[level].label, level)


def _curve_words(curve: CurveSpec) -> str:
    at = f" at {_number(curve.at)}" if curve.at is not None else ""
    span = f"{_number(curve.start)} to {_number(curve.end)}"
    return f"{curve.summary}{at} over {curve.feature} {span}, {curve.points} points".capitalize()


def _features(spec: RunSpec, units: Mapping[str, str]) -> dict[str, _Setting | None]:
    found: dict[str, _Setting | None] = {}
    for feature in spec.features:
        unit = units.get(feature.name, "")
        if feature.name == spec.swept:
            continue
        found[feature.name] = _detail(_range_words(feature, unit), _range_raw(feature))
        if feature.is_free:
            strength = "usual" if feature.mutation_strength is None else feature.mutation_strength
            found[f"{feature.name}: mutation strength"] = _plain(strength, is_detail=True)
        if isinstance(feature, NumericSpec):
            found[f"{feature.name}: tolerance"] = _plain(feature.tolerance, unit, is_detail=True)
    return found


def _range_words(feature: FeatureSpec, unit: str) -> str:
    """What a feature may be, such as "Between 8 and 11", "Frozen at 0"."""
    if not isinstance(feature, NumericSpec):
        return f"One of {', '.join(feature.allowed)}" if feature.is_free else f"Frozen at {feature.value}"
    if not feature.is_free:
        return f"Frozen at {_number(feature.value)} {unit}".rstrip()
    step = f", in steps of {_number(feature.step)}" if feature.step else ""
    return f"Between {_number(feature.low)} and {_number(feature.high)} {unit}".rstrip() + step


def _range_raw(feature: FeatureSpec) -> Any:
    """What counts of a feature: bounds of a frozen one do not."""
    if not feature.is_free:
        return ("frozen", feature.value)
    return (feature.low, feature.high, feature.step) if isinstance(feature, NumericSpec) else feature.allowed


def _rule_words(rule: ConstraintSpec) -> str:
    match rule:
        case SumConstraintSpec():
            weights = rule.weights or (1.0,) * len(rule.features)
            terms = [
                name if w == 1 else f"{_number(w)} {name}" for w, name in zip(weights, rule.features, strict=False)
            ]
            return f"{' + '.join(terms)} {_limits(rule.low, rule.high)}"
        case RatioConstraintSpec():
            ratio = f"({' + '.join(rule.numerator)}) / ({' + '.join(rule.denominator)})"
            return f"{ratio} {_limits(rule.low, rule.high)}"
        case OrderConstraintSpec():
            return f"{rule.smaller} at most {rule.larger}"
        case AtMostConstraintSpec():
            words = f"at most {rule.most} of {', '.join(rule.features)} above {_number(rule.threshold)}"
            return f"{words}, at least {_number(rule.least)}" if rule.least else words
        case ConditionalConstraintSpec():
            when = f"if {rule.feature} is {' or '.join(rule.categories)}"
            return f"{when} then {rule.then} {_limits(rule.low, rule.high)}"
        case SubspaceConstraintSpec():
            return f"{len(rule.features)} features move together"
        case ForbiddenConstraintSpec():
            parts = [f"{part.feature} {' or '.join(part.categories)}" for part in rule.combination]
            return f"never {listed(parts)}"


def _limits(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {_number(high)}" if low is None else f"at least {_number(low)}"
    return f"= {_number(low)}" if low == high else f"between {_number(low)} and {_number(high)}"


def _plain(value: Any, unit: str = "", *, is_detail: bool = False) -> _Setting | None:
    """A setting that reads as its value; None where it has none."""
    if value is None:
        return None
    words = _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    return _Setting(f"{words} {unit}".rstrip(), value, is_detail)


def _names(names: Sequence[str]) -> _Setting | None:
    return _detail(", ".join(names), names) if names else None


def _detail(words: str, raw: Any) -> _Setting:
    return _Setting(words, raw, is_detail=True)


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.6g}"


def alike(results: Sequence[RunResult]) -> list[list[int]]:
    """The places of the runs in groups that search for the same outcome in the same unit, in their order.

    Fronts go with fronts of the same goals.
    """
    return _grouped([_searched(result) for result in results])


def _searched(result: RunResult) -> object:
    """What a run searches for, to be told from what others do."""
    if result.front is None:
        return result.objective_name, result.objective_unit
    return tuple((each.label, each.unit, each.goal, each.value) for each in result.outcomes if each.goal is not None)


def on_one_map(results: Sequence[RunResult]) -> list[list[int]]:
    """The places of the runs in groups that one map can show: the same table and the same features."""
    return _grouped(
        [(result.spec.dataset.digest, tuple((f.name, f.categories) for f in result.features)) for result in results]
    )


def map_of(specs: Sequence[RunSpec], dataset: Dataset) -> MapProjection:
    """One map for runs of the same table and features: by all features that any of them leaves free.

    Raises:
        SpaceError: the runs and the table do not fit together.
        DatasetError: a named feature does not exist.
    """
    features = {feature.name: feature for feature in specs[0].features}
    for spec in specs[1:]:
        features |= {f.name: f for f in spec.features if f.is_free and not features[f.name].is_free}
    curves = [spec.curve for spec in specs if spec.curve is not None]
    common = specs[0].revised(
        features=tuple(features.values()), constraints=(), curve=curves[0] if len(curves) == len(specs) else None
    )
    return MapProjection.of(dataset.X, build_space(common, dataset))


def figures_of_runs(results: Sequence[RunResult], names: Sequence[str]) -> pd.DataFrame:
    """The results of runs that measure the same as a table of words: a figure per row, a run per column.

    Figures that no run has are left out.
    """
    figures = _figures(results[0])
    columns = [[figure(result) for figure in figures.values()] for result in results]
    frame = pd.DataFrame({"": list(figures)} | dict(zip(names, columns, strict=True)))
    return frame[(frame[list(names)] != NOTHING).any(axis=1)].reset_index(drop=True)


def _figures(first: RunResult) -> dict[str, Callable[[RunResult], str]]:
    """The figures of every run, the most important first."""
    unit = first.objective_unit
    if first.front is not None:
        return _figures_of_fronts(first) | _figures_of_all(first)
    return {
        label(f"Best {first.objective_short}", unit): lambda result: _outcome(result.results, 0),
        label("At least, up to", unit): _interval,
        label("Worst result", unit): lambda result: _outcome(result.results, -1),
        **_figures_of_all(first),
        label("Best recorded", unit): lambda result: _outcome(result.best_recorded, 0),
    }


def _figures_of_fronts(first: RunResult) -> dict[str, Callable[[RunResult], str]]:
    """What results on a front reach: the best of each goal, and how much of the front they have."""
    found: dict[str, Callable[[RunResult], str]] = {}
    for info in first.outcomes:
        if info.goal is not None:
            side = {Goal.MAXIMUM: "Highest", Goal.MINIMUM: "Lowest"}.get(info.goal, "Nearest")
            found[label(f"{side} {info.label}", info.unit)] = partial(_best_of_goal, name=info.name)
    share = "Of the front that it found"
    return found | {share: lambda result: f"{100 * result.front.share:.0f} %" if result.front is not None else NOTHING}


def _best_of_goal(result: RunResult, name: str) -> str:
    """The best that any result of a front reaches in one goal."""
    found = zip(result.outcomes, result.results.others or (), strict=False)
    info, values = next((pair for pair in found if pair[0].name == name), (None, None))
    if info is None or values is None or not values.values:
        return NOTHING
    best = {Goal.MAXIMUM: max, Goal.MINIMUM: min}.get(info.goal or Goal.VALUE)
    wanted = info.value or 0.0
    value = best(values.values) if best else min(values.values, key=lambda one: abs(one - wanted))
    return number_words(value, common_decimals(values.values))


def _figures_of_all(first: RunResult) -> dict[str, Callable[[RunResult], str]]:
    return {
        "Results": lambda result: f"{len(result.results)} of {result.spec.n_results}",
        "Nearest two [std. dev.]": lambda result: _fixed(result.min_distance, 2),
        label("Density", first.density.unit if first.density else ""): lambda result: _range(result.results.densities),
        "Distance from records, farthest": _distance,
        "Evaluations": lambda result: f"{result.statistics.n_evaluations:,}",
        "Search [s]": lambda result: f"{result.statistics.seconds:.1f}",
    }


def _outcome(rows: ResultSet, k: int) -> str:
    return number_words(rows.outcomes[k], common_decimals(rows.outcomes)) if rows.outcomes else NOTHING


def _fixed(value: float | None, decimals: int) -> str:
    return NOTHING if value is None else f"{value:.{decimals}f}"


def _interval(result: RunResult) -> str:
    lows, highs, decimals = result.results.lows, result.results.highs, objective_decimals(result)
    if not lows or not highs or not np.isfinite(lows[0]):
        return NOTHING
    return f"{number_words(lows[0], decimals)} to {number_words(highs[0], decimals)}"


def _distance(result: RunResult) -> str:
    values = result.results.plausibility
    return str(distance_level(min(values))) if values else NOTHING


def _range(values: Sequence[float] | None) -> str:
    finite = [value for value in values or () if np.isfinite(value)]
    if not finite:
        return NOTHING
    decimals = common_decimals(finite)
    low, high = number_words(min(finite), decimals), number_words(max(finite), decimals)
    return low if low == high else f"{low} to {high}"


def _grouped(keys: Sequence[object]) -> list[list[int]]:
    return [[k for k, key in enumerate(keys) if key == one] for one in dict.fromkeys(keys)]
