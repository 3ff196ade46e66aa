"""The outcomes of a run on the board: a row each, what the browser is sent of it, and what it sends back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from models import Column, Dataset
from models.errors import FormulaError
from models.formulas.parser import parse
from optimizer import Goal, Summary
from services.problems.building import has_more_outcomes
from services.problems.defaults import default_curve
from services.problems.outcomes.drafts import alike, with_combine, with_outcomes
from services.specs.base import validation_message
from services.specs.outcomes import CONFIDENCE, Combine, CurveSpec, OutcomeSpec
from services.specs.run import RunSpec

OUTCOME = "outcome"
"""What is wanted of an outcome where it is the outcome itself, not a summary of its curve."""
AT_LEAST, AT_MOST, BETWEEN, SHOWN = "at_least", "at_most", "between", "shown"
"""What can be wanted of an outcome besides a goal."""
CONFIDENCES = (0.8, 0.9, 0.95, 0.99)
"""With which a limit can hold."""
NO_GOAL = (
    "Nothing would be searched for: set another outcome to Maximise, Minimise or Value first, then change this one."
)
QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the recorded values of an outcome: limits are proposed by them."""
_NUMBERS = {
    "value": "The value searched for",
    "at_least": "At least",
    "at_most": "At most",
    "start": "From",
    "end": "To",
    "at": "At",
    "worst": "Worst",
    "best": "Best",
}
_KEPT = {AT_LEAST: (True, False), AT_MOST: (False, True), BETWEEN: (True, True), SHOWN: (False, False)}


@dataclass(frozen=True, slots=True)
class OutcomeAbout:
    """What the page knows of an outcome beside what is set.

    Attributes:
        column: its name and unit; of the area under a curve, that of the area.
        recorded: its `QUANTILES` over the recorded rows; empty where none is known.
        has_confidence: whether its model knows how uncertain it is.
        warning: what is wrong with its limits or its formula, or "".
    """

    column: Column
    recorded: tuple[float, ...] = ()
    has_confidence: bool = False
    warning: str = ""


def sweepable(dataset: Dataset) -> Sequence[Column]:
    """The features that a curve can run over: none where there is no other."""
    return [column for column in dataset.features if not column.is_categorical] if len(dataset.features) > 1 else []


def outcomes_message(
    spec: RunSpec, dataset: Dataset, about: Mapping[str, OutcomeAbout], note: str = ""
) -> dict[str, Any]:
    """What the browser is sent of the outcomes, JSON only; without rows where there is one outcome without a limit.

    Args:
        dataset: of the objective.
        about: what is known of each outcome, by its name.
        note: why something that was chosen was not taken, or "".
    """
    rows = rows_now(spec, dataset)
    return {
        "note": note,
        "combine": spec.combine.value,
        "confidences": CONFIDENCES,
        "rows": [
            _about(each, dataset, about.get(now["name"], OutcomeAbout(Column(now["name"], unit=each.unit))))
            | {"now": now}
            for each, now in zip(spec.outcomes, rows, strict=False)
        ],
    }


def _about(outcome: OutcomeSpec, dataset: Dataset, about: OutcomeAbout) -> dict[str, Any]:
    return {
        "unit": about.column.unit,
        "formula": _formula_words(outcome.formula),
        "recorded": about.recorded,
        "has_confidence": about.has_confidence,
        "warning": about.warning,
        "sweepable": [] if outcome.formula else [column.name for column in sweepable(dataset)],
    }


def _formula_words(text: str) -> str:
    try:
        return parse(text).words if text else ""
    except FormulaError:  # the page says it
        return text


def rows_now(spec: RunSpec, dataset: Dataset) -> list[dict[str, Any]]:
    """What is set of each outcome, as the board sends it; nothing where there is one outcome without a limit."""
    return [_now(each, dataset.outcome.name) for each in spec.outcomes] if has_more_outcomes(spec) else []


def _now(outcome: OutcomeSpec, own: str) -> dict[str, Any]:
    curve = outcome.curve
    return {
        "name": outcome.name or own,
        "want": wanted_of(outcome),
        "value": outcome.value,
        "at_least": outcome.at_least,
        "at_most": outcome.at_most,
        "confidence": outcome.confidence,
        "of": curve.summary.value if curve else OUTCOME,
        "feature": curve.feature if curve else None,
        "start": curve.start if curve else None,
        "end": curve.end if curve else None,
        "at": curve.at if curve else None,
        "importance": outcome.importance,
        "worst": outcome.worst,
        "best": outcome.best,
    }


def wanted_of(outcome: OutcomeSpec) -> str:
    """What is wanted of an outcome: its goal, else its limits, else that it is shown."""
    if outcome.goal is not None:
        return outcome.goal.value
    kept = outcome.at_least is not None, outcome.at_most is not None
    return next(name for name, each in _KEPT.items() if each == kept)


def leaves_no_goal(sent: Any) -> bool:
    """Whether the rows that the browser sent have no goal any more, so that they cannot be taken."""
    rows = sent.get("outcomes") if isinstance(sent, dict) else None
    if not isinstance(rows, list) or not rows:
        return False
    return all(isinstance(row, dict) and str(row.get("want")) in _KEPT for row in rows)


def read_outcomes(spec: RunSpec, given: Mapping[str, Any], dataset: Dataset) -> tuple[RunSpec, list[str]]:
    """The run with what the browser sent of its outcomes; as it was where none of them had a goal.

    Args:
        given: what the board sent; its ``outcomes`` are a list of rows as `rows_now` makes them, or anything else.
        dataset: of the objective.

    Returns:
        The run, where what was refused is as it was before;
        what was expected, what came and how to mend it, one text each.
    """
    before, sent = rows_now(spec, dataset), given.get("outcomes")
    if not before or not isinstance(sent, list):
        return spec, []
    by_name = {each["name"]: each for each in sent if isinstance(each, dict) and isinstance(each.get("name"), str)}
    refusals: list[str] = []
    outcomes, turned = [], None
    for outcome, now in zip(spec.outcomes, before, strict=True):
        row = by_name.get(now["name"], {})
        row = now | {key: row[key] for key in now.keys() & row.keys()}
        changed, refused = _outcome(outcome, now, row, dataset)
        refusals += refused
        if (changed.curve.feature if changed.curve else None) != (outcome.curve.feature if outcome.curve else None):
            turned = changed
        outcomes.append(changed)
    if turned is not None:
        outcomes = list(alike(outcomes, turned.curve))
    if not any(each.goal is not None for each in outcomes):
        return spec, refusals
    try:
        spec = with_outcomes(spec, outcomes, dataset.outcome.name)
        if str(given.get("combine")) in set(Combine):
            spec = with_combine(spec, given["combine"])
    except ValidationError as error:
        refusals.append(validation_message(error))
    return spec, refusals


def _outcome(
    outcome: OutcomeSpec, now: Mapping[str, Any], row: dict[str, Any], dataset: Dataset
) -> tuple[OutcomeSpec, list[str]]:
    """An outcome with what was sent of it, and what was refused."""
    refusals = []
    for key, words in _NUMBERS.items():
        number = finite(row[key])
        if row[key] is not None and number is None:
            refusals.append(f"{words} of '{now['name']}' is a number, got {row[key]!r:.40}: type one.")
            row[key] = now[key]
        else:
            row[key] = number
    want = row["want"] if str(row["want"]) in {*Goal, *_KEPT} else now["want"]
    is_goal = want in set(Goal)
    if not is_goal:
        row["at_least"], row["at_most"] = (
            row[key] if is_kept else None for key, is_kept in zip((AT_LEAST, AT_MOST), _KEPT[want], strict=True)
        )
    low, high = row["at_least"], row["at_most"]
    if low is not None and high is not None and low > high:
        refusals.append(
            f"'{now['name']}' cannot be at least {low:g} and at most {high:g}: swap the two, or leave one out."
        )
        row["at_least"], row["at_most"] = now["at_least"], now["at_most"]
    curve, refused = outcome.curve, ""
    if outcome.model is not None:
        curve, refused = read_curve(outcome.curve, row, dataset)
    importance = row["importance"] if finite(row["importance"]) in range(1, 6) else outcome.importance
    changes = {
        "goal": Goal(want) if is_goal else None,
        "value": row["value"] if want == Goal.VALUE and curve == outcome.curve else None,
        "at_least": row["at_least"],
        "at_most": row["at_most"],
        "confidence": _confidence(row["confidence"], outcome.confidence),
        "curve": curve,
        "importance": int(importance),
        "worst": row["worst"],
        "best": row["best"],
    }
    return outcome.model_copy(update=changes), [*refusals, *([refused] if refused else [])]


def _confidence(sent: Any, before: float | None) -> float | None:
    number = finite(sent)
    if sent is None or (number is not None and 0.5 < number < 1):
        return number
    return before if before is not None else CONFIDENCE


def read_curve(given: CurveSpec | None, wanted: Mapping[str, Any], dataset: Dataset) -> tuple[CurveSpec | None, str]:
    """The curve that was chosen, and why another one than before could not be; one over another feature is whole."""
    columns = [column.name for column in sweepable(dataset)]
    if wanted["of"] == OUTCOME or not _is_summary(wanted["of"]) or not columns:
        return (None, "") if wanted["of"] == OUTCOME else (given, "")
    feature = wanted["feature"] if str(wanted["feature"]) in columns else dataset.sweep or columns[0]
    summary = Summary(wanted["of"])
    if given is None or given.feature != feature:
        curve = default_curve(dataset, feature)
        if curve is None:
            return given, f"'{feature}' never varied, so there is no curve over it: choose another one."
    else:
        start, end = (given.start if wanted["start"] is None else wanted["start"]), wanted["end"]
        curve = given.model_copy(update={"start": start, "end": given.end if end is None else end})
    middle = (curve.start + curve.end) / 2
    at = (middle if wanted["at"] is None else wanted["at"]) if summary is Summary.POINT else None
    return curve.model_copy(update={"summary": summary, "at": at}), ""


def _is_summary(value: Any) -> bool:
    return isinstance(value, str) and value in set(Summary)


def finite(value: Any) -> float | None:
    """A finite number that came, or None."""
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
