"""From a table to results with intervals in one call, for any table: what the truth benchmark asks known functions."""

from collections.abc import Callable
from dataclasses import dataclass

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
from services.specs.outcomes import ModelRef
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
