"""A run's specification in readable rows: what was searched for, by what, and what every feature may do."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd
from pydantic import BaseModel

from optimizer import Decision, DecisionKind
from services.specs.outcomes import OF_OBJECTIVE, Combine, CurveSpec, OutcomeSpec
from services.specs.results import FeatureInfo, OutcomeInfo, RunResult
from services.specs.run import CategoricalSpec, NumericSpec
from services.specs.wanted import bound_words, goal_words, sureness_words

# told in sheets or rows of their own
_ELSEWHERE = frozenset({"features", "constraints", "version", "name", "outcomes", "combine"})
_UNITS = {
    "risk_aversion": "standard errors",
    "distinct": "std. dev.",
    "plausibility.at_least": "%",
    "plausibility.extrapolation_limit": "std. dev. of the outcome",
    "distance.threshold": "std. dev.",
    "budget.evaluations": "evaluations",
    "budget.seconds": "s",
    "budget.stall": "generations",
    "level": "share",
}
COMBINED = {Combine.FRONT: "a front", Combine.DESIRABILITY: "one desirability"}
"""What several goals make."""
_LONGEST_FORMULA = 60  # characters of it in a sentence
REPEATED = (
    "The specification of this result holds these decisions: the same run, from the file or the command line, repeats "
    "them at the same generations and finds the same."
)


class Row(NamedTuple):
    """One thing that a run was told."""

    what: str
    value: object
    unit: str = ""


def specification_frame(result: RunResult) -> pd.DataFrame:
    """What a run was told, one row each: what, value and unit; features have a table of their own."""
    rows = [Row("run", result.spec.name), Row("searched for", result.objective_name, result.objective_unit)]
    rows += _outcomes(result)
    rows += _rows(result, result.spec, "")
    rows += [Row(f"rule {number}", words) for number, words in enumerate(result.constraints, start=1)]
    return pd.DataFrame(rows, columns=["what", "value", "unit"], dtype=object)


def features_frame(result: RunResult) -> pd.DataFrame:
    """Every feature with what it may do and what was recorded of it, one row each, in the order of the run."""
    given = {feature.name: feature for feature in result.spec.features}
    return pd.DataFrame([_feature(given[feature.name], feature) for feature in result.features])


def _rows(result: RunResult, part: BaseModel, prefix: str, only: Sequence[str] = ()) -> Iterator[Row]:
    """The fields of a part of the specification, those of its own parts with its name before theirs.

    Args:
        only: fields that are told, in this order; all of them where there are none.
    """
    for name in only or type(part).model_fields:
        value, path = getattr(part, name), f"{prefix}{name}"
        if path in _ELSEWHERE or value is None or value in ("", ()):
            continue
        if isinstance(value, BaseModel):
            yield from _rows(result, value, f"{path}.")
        elif isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value):
            yield from (Row(f"{_words(path)} {n}", one.model_dump_json()) for n, one in enumerate(value, start=1))
        elif path == "starts":  # a hundred settings are nothing to read
            yield Row(path, len(value), "settings")
        else:
            yield Row(_words(path), _readable(value), _unit(result, path))


def _outcomes(result: RunResult) -> Iterator[Row]:
    """What is looked at: of the one outcome what is searched for, of several all that is asked of each, by its name."""
    spec = result.spec
    if not result.outcomes:
        yield from _rows(result, spec.outcomes[0], "", only=OF_OBJECTIVE)
        return
    if len(spec.objectives) > 1:
        is_front = spec.combine is Combine.FRONT
        words = "a front, on which none gains without another losing" if is_front else "one desirability"
        yield Row("several goals make", words)
    for info, outcome in zip(result.outcomes, spec.outcomes, strict=True):
        yield from _outcome(result, info, outcome)


def _outcome(result: RunResult, info: OutcomeInfo, outcome: OutcomeSpec) -> Iterator[Row]:
    for row in _rows(result, outcome, "", only=("formula", "model", "curve", "goal")):
        yield Row(f"{info.name}: {row.what}", row.value, row.unit)
    limits = {"value": outcome.value, "at least": outcome.at_least, "at most": outcome.at_most}
    for what, value in limits.items():
        if value is not None:
            yield Row(f"{info.name}: {what}", value, info.unit)
    if info.is_limited and not info.formula:
        how = (
            "the prediction"
            if info.confidence is None
            else f"its interval, with {100 * info.confidence:g} % confidence"
        )
        yield Row(f"{info.name}: limits hold by", how)
    if result.spec.is_desirability and outcome.goal is not None:
        yield Row(f"{info.name}: importance", outcome.importance, "of 5")
        for what, value in (("worst", outcome.worst), ("best", outcome.best)):
            if value is not None:
                yield Row(f"{info.name}: {what}", value, info.unit)


def _words(path: str) -> str:
    return path.replace(".", ": ").replace("_", " ")


def _readable(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, (int, float)) else str(value)


def _unit(result: RunResult, path: str) -> str:
    """The unit of a field: one that it always has, or that of what it is measured in."""
    if path == "value":
        return result.objective_unit
    if path in ("curve.start", "curve.end", "curve.at"):
        return result.sweep.unit if result.sweep is not None else ""
    if path in ("density.target", "density.tolerance"):
        return result.density.unit if result.density is not None else ""
    return _UNITS.get(path, "")


def _feature(given: NumericSpec | CategoricalSpec, known: FeatureInfo) -> dict[str, object]:
    row: dict[str, object] = {"feature": known.name, "unit": known.unit}
    row["free or frozen"] = "free" if given.is_free else "frozen"
    if isinstance(given, CategoricalSpec):
        kinds = {"kind": "category", "allowed": ", ".join(given.allowed), "value when frozen": given.value}
        return (
            row
            | kinds
            | {"mutation strength": given.mutation_strength, "recorded categories": ", ".join(known.categories)}
        )
    return row | {
        "kind": "whole number" if known.is_integer else "number",
        "min": given.low,
        "max": given.high,
        "value when frozen": given.value,
        "step": given.step,
        "dosing tolerance": given.tolerance,
        "mutation strength": given.mutation_strength,
        "recorded min": known.low,
        "recorded max": known.high,
        "recorded std. dev.": known.std,
    }


def decisions_sentence(decisions: Sequence[Decision]) -> str:
    """The decisions in order as a sentence, generations counted from 1 as on screen; "" without any."""
    words = [
        f"{'dropped' if each.kind is DecisionKind.DROP else 'asked for more like'} lineage {each.lineage} after "
        f"generation {each.after + 1:,}"
        for each in decisions
    ]
    return f"You {'; '.join(words)}." if words else ""


def outcome_words(outcome: OutcomeSpec, unit: str = "", *, has_formula: bool = True) -> str:
    """All that is wanted of an outcome, such as "At most 100 US$/m³"; goal first, then limits, curve and formula."""
    parts = [goal_words(outcome), bound_words(outcome, unit)]
    if outcome.is_limited and outcome.model is not None:
        parts.append(sureness_words(outcome.confidence))
    if not any(parts):
        parts = ["only shown"]
    if outcome.curve is not None:
        parts.append(_curve_words(outcome.curve))
    if outcome.formula and has_formula:
        is_long = len(outcome.formula) > _LONGEST_FORMULA
        parts.append(f"= {outcome.formula[: _LONGEST_FORMULA - 1]}…" if is_long else f"= {outcome.formula}")
    words = ", ".join(filter(None, parts))
    return words[:1].upper() + words[1:]


def _curve_words(curve: CurveSpec) -> str:
    if curve.at is not None:
        return f"at {curve.feature} {curve.at:g}"
    return f"{curve.summary} over {curve.feature} {curve.start:g} to {curve.end:g}"
