"""From a table to results with intervals in one call, for any table: what the truth benchmark asks known functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pydantic import Field

from models import Dataset, TrainedModel
from optimizer import Goal
from services.catalog.loading import ModelWithData, with_confidence
from services.problems.defaults import (
    DEFAULT_EXTRAPOLATION_LEVEL,
    EVALUATIONS,
    ExtrapolationLevel,
    default_spec,
    with_extrapolation_level,
)
from services.results.search import run_spec
from services.specs.base import Spec
from services.specs.outcomes import Combine, ModelRef, OutcomeSpec
from services.specs.results import RunResult
from services.specs.run import DatasetRef, RunSpec
from services.studies.training import TrainingSpec, run_training


class TrustSpec(Spec):
    """What to look for in a table, and how far from what was recorded.

    Attributes:
        value: searched for, where the goal is a value.
        extrapolation_level: how far results may leave what was recorded.
    """

    goal: Goal = Goal.MAXIMUM
    value: float | None = None
    extrapolation_level: ExtrapolationLevel = DEFAULT_EXTRAPOLATION_LEVEL
    n_results: int = Field(default=5, ge=1, le=50)
    evaluations: int = Field(default=EVALUATIONS, ge=1)
    level: float = Field(default=0.9, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """Results of a table, best first, and how far to trust them.

    Attributes:
        X: (k, d) settings in the dataset's features; categories as codes.
        predicted: (k,) predicted objectives, in their unit.
        low: (k,) lower ends of their intervals; NaN where the model has none.
        result: all that it found, as the Results page shows it.
    """

    X: np.ndarray
    predicted: np.ndarray
    low: np.ndarray
    high: np.ndarray
    model: TrainedModel
    run: RunSpec
    result: RunResult


def assess(dataset: Dataset, spec: TrustSpec | None = None) -> Assessment:
    """Results of a table with their intervals: trains, calibrates and searches as the app does by default.

    Args:
        dataset: the recorded rows with their roles; `Dataset.from_frame` makes one of a data frame.
        spec: what to look for; by default the maximum.

    Raises:
        TrainingError: the table is too small, or there is nothing to learn.
        SpaceError: there is nothing to search for.
    """
    spec = spec or TrustSpec()
    ref = DatasetRef(name=dataset.name, digest=dataset.digest)
    model = run_training(TrainingSpec(dataset=ref, seed=spec.seed), dataset)
    return search_with(model, dataset, spec)


def search_with(
    model: TrainedModel, dataset: Dataset, spec: TrustSpec, *, revise: Callable[[RunSpec], RunSpec] = lambda run: run
) -> Assessment:
    """Results of a table by a model that was trained on it, calibrated or not; ``revise`` has the last word on the run.

    Raises:
        SpaceError: there is nothing to search for.
    """
    model_data = with_confidence(ModelWithData(dataset, model.predictor), model.card)
    run = default_spec(model_data, dataset, ModelRef(name=dataset.name))
    run = with_extrapolation_level(run, spec.extrapolation_level, has_confidence=model_data.has_confidence)
    own = spec.model_dump(include={"goal", "value", "n_results", "level", "seed"})
    run = revise(run.revised(**own, budget=run.budget.model_copy(update={"evaluations": spec.evaluations})))
    result = run_spec(run, model_data).result
    rows, unknown = result.results, (np.nan,) * len(result.results)
    return Assessment(
        X=np.array(rows.X, dtype=float).reshape(-1, len(model.card.features)),
        predicted=np.array(rows.outcomes),
        low=np.array(unknown if rows.lows is None else rows.lows),
        high=np.array(unknown if rows.highs is None else rows.highs),
        model=model,
        run=run,
        result=result,
    )


@dataclass(frozen=True, slots=True)
class SeveralAssessment:
    """Results of a table with several outcomes, and how far to trust them.

    Attributes:
        X: (k, d) settings in the dataset's features; categories as codes.
        predicted: (k,) of each outcome, in its unit, by its name; formulas are exact as far as what they name is.
        low: (k,) lower ends of the intervals of each outcome that has them.
        high: (k,) upper ends.
        models: of each measured outcome.
        result: all that was found, as the Results page shows it.
    """

    X: np.ndarray
    predicted: dict[str, np.ndarray]
    low: dict[str, np.ndarray]
    high: dict[str, np.ndarray]
    models: dict[str, TrainedModel]
    run: RunSpec
    result: RunResult


def assess_outcomes(
    dataset: Dataset,
    outcomes: Mapping[str, Mapping[str, Any]],
    spec: TrustSpec | None = None,
    *,
    combine: Combine = Combine.FRONT,
    models: Mapping[str, TrainedModel] | None = None,
) -> SeveralAssessment:
    """Results of a table with several outcomes: a model of each is trained and calibrated, then all are searched.

    Args:
        dataset: with the outcomes that are measured; see `Dataset.from_frame`.
        outcomes: what is wanted of each by its name, such as ``{"strength": {"goal": "maximum"}, "cost": {"formula":
            "0.1 * cement", "goal": "minimum"}, "w/c": {"formula": "water / cement", "at_most": 0.55}}``; the fields are
            those of `OutcomeSpec`.
        spec: how far to go, and how long; its goal and value do not count.
        combine: what several goals make.
        models: of measured outcomes that were trained before.

    Raises:
        ValueError: the outcomes make no run.
        DatasetError: the table has no such outcome.
        FormulaError: a formula does not fit the table.
        TrainingError: an outcome has too few rows, or there is nothing to learn.
        SpaceError: there is nothing to search for.
    """
    spec, known = spec or TrustSpec(), dict(models or {})
    for name in (name for name, wanted in outcomes.items() if not wanted.get("formula") and name not in known):
        rows = dataset.for_outcome(name)
        ref = DatasetRef(name=dataset.name, digest=rows.digest)
        known[name] = run_training(TrainingSpec(dataset=ref, seed=spec.seed), rows)
    measured = {
        name: with_confidence(ModelWithData(dataset.for_outcome(name), model.predictor), model.card)
        for name, model in known.items()
        if name in outcomes
    }
    asked = tuple(
        OutcomeSpec(name=name, model=ModelRef(name=f"{dataset.name} {name}") if name in measured else None, **wanted)
        for name, wanted in outcomes.items()
    )
    first = next(iter(measured.values()), None)
    if first is None:
        raise ValueError("None of the outcomes is measured, and a formula alone needs no search: name a measured one.")
    model_data = replace(first, table=dataset, measured=measured)
    run = default_spec(first, dataset, ModelRef(name=dataset.name))
    run = with_extrapolation_level(run, spec.extrapolation_level, has_confidence=first.has_confidence)
    own = spec.model_dump(include={"n_results", "level", "seed"})
    budget = run.budget.model_copy(update={"evaluations": spec.evaluations})
    run = run.revised(**own, budget=budget, outcomes=asked, combine=combine)
    result = run_spec(run, model_data).result
    rows_found = result.results.others or ()
    told = dict(zip(outcomes, rows_found, strict=True))
    return SeveralAssessment(
        X=np.array(result.results.X, dtype=float).reshape(-1, len(dataset.features)),
        predicted={name: np.array(values.values) for name, values in told.items()},
        low={name: np.array(values.lows) for name, values in told.items() if values.lows is not None},
        high={name: np.array(values.highs) for name, values in told.items() if values.highs is not None},
        models={name: model for name, model in known.items() if name in outcomes},
        run=run,
        result=result,
    )
