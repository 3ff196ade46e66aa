"""How the settings of several runs differ, in words: only what differs, one line each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from optimizer import Goal
from optimizer.constraints.constraint import listed
from services.specs.method import MethodSpec
from services.specs.run import (
    AtMostConstraintSpec,
    ConstraintSpec,
    FeatureSpec,
    ForbiddenConstraintSpec,
    NumericSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    RunSpec,
    SumConstraintSpec,
)
from services.studies.compare.methods_texts import METHOD_NAMES
from services.texts.tables import floor_words

NOTHING = "–"
_GOALS = {Goal.MAXIMUM: "Max", Goal.MINIMUM: "Min", Goal.VALUE: "Value"}
_CHOICES = {"spread": "good and different", "kmeans": "K-Means clusters"}


class Difference(NamedTuple):
    """A setting that is not the same in all runs.

    Attributes:
        name: of the setting, as the pages call it.
        values: one per run, in words; "–" where a run has no such setting.
    """

    name: str
    values: tuple[str, ...]


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


def differences(specs: Sequence[RunSpec], units: Mapping[str, str] | None = None) -> list[Difference]:
    """The settings in which runs differ, in the order in which a run is set up; none where all are alike.

    Names of runs are no settings.
    """
    every = [_settings(spec, units or {}) for spec in specs]
    names = list(dict.fromkeys(name for settings in every for name in settings))
    found = []
    for name in names:
        given = [settings.get(name, _Setting(NOTHING, None)) for settings in every]
        is_detail = any(setting.is_detail for setting in given)
        compared = [setting for setting in given if setting.raw is not None or not is_detail]
        if all(setting.raw == compared[0].raw for setting in compared):
            continue
        words = [setting.words for setting in given]
        if len(set(words)) == 1:  # such as two tables of one name
            words = [f"{text} ({_short(setting.raw)})" for text, setting in zip(words, given, strict=True)]
        found.append(Difference(name, tuple(words)))
    return found


def _settings(spec: RunSpec, units: Mapping[str, str]) -> dict[str, _Setting]:
    """All settings of a run that are on, by their names."""
    known = _problem(spec) | _features(spec, units) | _realism(spec) | _search(spec)
    for field in RunSpec.model_fields:
        value = getattr(spec, field)
        if field not in _HANDLED and value not in (None, (), ""):
            raw = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
            known[field.replace("_", " ").capitalize()] = _Setting(_short(raw), raw)
    return known


_HANDLED = (
    *("version", "name"),  # are no settings
    *("dataset", "model", "goal", "value", "curve", "features", "density", "distance", "plausibility", "risk_aversion"),
    *("level", "constraints", "method", "budget", "n_results", "floor", "choice", "seed", "distinct", "is_compared"),
    *("reference", "starts", "continues", "decisions"),
)


def _problem(spec: RunSpec) -> dict[str, _Setting]:
    goal = _GOALS[spec.goal] + (f" {_number(spec.value)}" if spec.goal is Goal.VALUE and spec.value is not None else "")
    settings = {
        "Table": _Setting(spec.dataset.name, spec.dataset.digest),
        "Model": _Setting(spec.model.name, (spec.model.kind, spec.model.name, spec.model.digest)),
        "Search for": _Setting(goal, (spec.goal, spec.value)),
    }
    if spec.curve is not None:
        at = f" at {_number(spec.curve.at)}" if spec.curve.at is not None else ""
        span = f"{_number(spec.curve.start)} to {_number(spec.curve.end)}"
        words = f"{spec.curve.summary}{at} over {spec.curve.feature} {span}, {spec.curve.points} points"
        settings["Curve"] = _Setting(words.capitalize(), spec.curve)
    if spec.reference is not None:
        row = spec.reference.row
        settings["Reference"] = _Setting(spec.reference.name if row is None else f"Row {row}", spec.reference)
    return settings


def _features(spec: RunSpec, units: Mapping[str, str]) -> dict[str, _Setting]:
    found = {}
    for feature in spec.features:
        unit = units.get(feature.name, "")
        if feature.name == spec.swept:
            continue
        found[feature.name] = _detail(_range_words(feature, unit), _range_raw(feature))
        if feature.is_free:
            found[f"{feature.name}: mutation weight"] = _detail(_number(feature.weight), feature.weight)
        if isinstance(feature, NumericSpec) and feature.tolerance is not None:
            words = f"{_number(feature.tolerance)} {unit}".rstrip()
            found[f"{feature.name}: tolerance"] = _detail(words, feature.tolerance)
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


def _realism(spec: RunSpec) -> dict[str, _Setting]:
    settings: dict[str, _Setting] = {}
    if spec.density is not None and spec.density.weight > 0:
        density = spec.density
        settings["Density penalty"] = _plain(density.weight)
        usual = f"{density.target:,.5g} ± {density.tolerance:,.3g}"
        settings["Usual density"] = _detail(usual, (density.target, density.tolerance))
        settings["Parts that add up"] = _detail(", ".join(density.parts), density.parts)
    if spec.distance is not None and spec.distance.weight > 0:
        settings["Distance penalty"] = _plain(spec.distance.weight)
        if spec.distance.threshold is not None:
            words = f"{_number(spec.distance.threshold)} std. dev."
            settings["Distance from"] = _detail(words, spec.distance.threshold)
        if spec.distance.left_out:
            settings["Left out of the distance"] = _detail(", ".join(spec.distance.left_out), spec.distance.left_out)
    plausibility = spec.plausibility
    if plausibility is not None and (plausibility.weight > 0 or plausibility.is_gate):
        if plausibility.weight > 0:
            settings["Plausibility penalty"] = _plain(plausibility.weight)
        if plausibility.at_least is not None:
            settings["Plausibility at least"] = _plain(plausibility.at_least, "%")
        if plausibility.extrapolation_limit is not None:
            settings["Extrapolation limit"] = _plain(plausibility.extrapolation_limit, "std. dev.")
        settings["Plausibility by"] = _detail(str(plausibility.measure), plausibility.measure)
        if plausibility.left_out:
            settings["Left out of plausibility"] = _detail(", ".join(plausibility.left_out), plausibility.left_out)
    if spec.risk_aversion > 0:
        settings["Risk aversion"] = _plain(spec.risk_aversion)
    if spec.constraints:
        settings["Rules"] = _Setting("; ".join(map(_rule_words, spec.constraints)), spec.constraints)
    return settings


def _search(spec: RunSpec) -> dict[str, _Setting]:
    method = spec.method
    settings = {"Method": _Setting(METHOD_NAMES[method.name], method.name)} | _knobs(method)
    settings["Evaluations"] = _Setting(f"{spec.budget.evaluations:,}", spec.budget.evaluations)
    if spec.budget.seconds is not None:
        settings["Time limit"] = _plain(spec.budget.seconds, "s")
    if spec.budget.stall is not None:
        settings["Stop after"] = _plain(spec.budget.stall, "generations")
    if spec.starts:
        n = len(spec.starts)
        settings["Begins also from"] = _Setting(f"{n} given setting{'s' if n > 1 else ''}", spec.starts)
    if spec.continues:
        settings["Continues"] = _Setting(f"the run {spec.continues}", spec.continues)
    if spec.decisions:
        n = len(spec.decisions)
        settings["Steered by"] = _Setting(f"{n} decision{'s' if n > 1 else ''}", spec.decisions)
    settings["Results wanted"] = _plain(spec.n_results)
    settings["Results come from"] = _Setting(floor_words(spec.floor), spec.floor)
    settings["Results chosen"] = _Setting(_CHOICES[spec.choice], spec.choice)
    settings["Results differ by"] = _plain(spec.distinct, "std. dev.")
    settings["Level of intervals"] = _plain(100 * spec.level, "%")
    settings["Compared without realism"] = _Setting("yes" if spec.is_compared else "no", spec.is_compared)
    settings["Seed"] = _plain(spec.seed)
    return settings


def _knobs(method: MethodSpec) -> dict[str, _Setting]:
    """The knobs of a method, told apart from those of another one by its name."""
    return {
        f"{METHOD_NAMES[method.name]}: {knob.removeprefix('n_').replace('_', ' ')}": _detail(_plain(value).words, value)
        for knob, value in method.model_dump(mode="json").items()
        if knob != "name" and value is not None
    }


def _rule_words(rule: ConstraintSpec) -> str:
    match rule:
        case SumConstraintSpec():
            return f"{' + '.join(rule.features)} {_limits(rule.low, rule.high)}"
        case RatioConstraintSpec():
            ratio = f"({' + '.join(rule.numerator)}) / ({' + '.join(rule.denominator)})"
            return f"{ratio} {_limits(rule.low, rule.high)}"
        case OrderConstraintSpec():
            return f"{rule.smaller} at most {rule.larger}"
        case AtMostConstraintSpec():
            return f"at most {rule.most} of {', '.join(rule.features)} above {_number(rule.threshold)}"
        case ForbiddenConstraintSpec():
            parts = [f"{part.feature} {' or '.join(part.categories)}" for part in rule.combination]
            return f"never {listed(parts)}"


def _limits(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at most {_number(high)}" if low is None else f"at least {_number(low)}"
    return f"= {_number(low)}" if low == high else f"between {_number(low)} and {_number(high)}"


def _plain(value: Any, unit: str = "") -> _Setting:
    words = _number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
    return _Setting(f"{words} {unit}".rstrip(), value)


def _detail(words: str, raw: Any) -> _Setting:
    return _Setting(words, raw, is_detail=True)


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.6g}"


def _short(raw: Any) -> str:
    """Something without words of its own in a few characters."""
    text = raw if isinstance(raw, str) else json.dumps(raw, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"
