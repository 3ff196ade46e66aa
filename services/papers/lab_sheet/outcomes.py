"""What of a run's results a laboratory measures, and what is expected there."""

from typing import NamedTuple

import numpy as np

from optimizer import Summary
from services.catalog.loading import ModelWithData, confidence_of
from services.problems.outcomes.run_outcomes import Interval, RunOutcomes
from services.specs.outcomes import CurveSpec
from services.specs.results import RunResult


class LabOutcome(NamedTuple):
    """One measured outcome of a run, which the laboratory fills in.

    Attributes:
        name: of its column.
        unit: of its column; of a curve, not that of the area under it.
        place: among `RunResult.outcomes`; None where the run has one outcome and no limits.
        curve: whose summary is looked at, or None.
    """

    name: str
    unit: str
    place: int | None = None
    curve: CurveSpec | None = None


def lab_outcomes(result: RunResult) -> tuple[LabOutcome, ...]:
    """What the laboratory can measure, in the order of the run: all outcomes but those that are calculated."""
    if not result.outcomes:
        return (LabOutcome(result.outcome_name, result.outcome_unit, None, result.spec.curve),)
    units = {feature.name: feature.unit for feature in result.features}
    found = []
    for place, (info, outcome) in enumerate(zip(result.outcomes, result.spec.outcomes, strict=True)):
        if not info.formula:
            unit, curve = info.unit, outcome.curve
            if curve is not None and curve.summary is Summary.AREA:
                unit = unit.removesuffix(f"·{units[curve.feature]}")
            found.append(LabOutcome(info.name, unit, place, curve))
    return tuple(found)


def lab_outcome(result: RunResult, name: str = "") -> LabOutcome | None:
    """The measured outcome of a name, "" for the only one; None where there is no such, or more than one."""
    every = lab_outcomes(result)
    if not name:
        return every[0] if len(every) == 1 else None
    return next((outcome for outcome in every if outcome.name == name), None)


def searched_curve(result: RunResult) -> CurveSpec | None:
    """The curve of the objective, else of the first outcome that has one; None where none is looked at."""
    curves = (outcome.curve for outcome in result.spec.outcomes if outcome.curve is not None)
    return result.spec.curve or next(curves, None)


def expected_at(result: RunResult, model_data: ModelWithData, outcome: LabOutcome, X: np.ndarray) -> Interval:
    """What will be measured of an outcome at settings (n, d), by the model of the run and at its level, (n,) each.

    The ends are NaN where the model has no intervals.
    """
    if outcome.place is None:
        own, confidence = model_data, confidence_of(result.spec, model_data)
    else:
        outcomes = RunOutcomes.of(result.spec, model_data)
        own, confidence = outcomes.measured[outcome.name], outcomes.confidence(outcome.name)
    if confidence is None:
        unknown = np.full(len(X), np.nan)
        return Interval(own.dataset.limits.clip(own.predictor.predict(X)), unknown, unknown)
    found = confidence.predict_interval(X, result.spec.level)
    return Interval(found.mean, found.low, found.high)
