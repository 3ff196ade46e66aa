"""How far the predictions of a run can be trusted: the intervals of its model, of outcomes and of curves."""

import numpy as np

from models.intervals.conformal import ConformalPredictor, Direction
from optimizer import Goal
from services.catalog.loading import ModelWithData
from services.specs.results import ResultSet, RunResult
from services.specs.run import RunSpec

_DIRECTIONS = {Goal.MAXIMUM: Direction.ABOVE, Goal.MINIMUM: Direction.BELOW, Goal.VALUE: Direction.EITHER}


MAX_ROWS = 5_000  # that the model is asked for at once


def confidence_of(spec: RunSpec, model_data: ModelWithData) -> ConformalPredictor | None:
    """The model with its calibrated intervals, for a search that goes where this one does; None without any."""
    return None if model_data.confidence is None else model_data.confidence.toward(_DIRECTIONS[spec.goal])


def curve_bands(result: RunResult, rows: ResultSet, model_data: ModelWithData) -> tuple[np.ndarray, np.ndarray] | None:
    """(k, m) low and high ends of the interval along the k curves of a set, in the outcome's unit.

    Each point has the interval of its own candidate at the level of the run. None where the result has no curves, the
    model no calibrated intervals, or there are more curves than anybody could look at.

    Args:
        result: that the set belongs to, for its sweep.
        rows: the set, features in the order of the material.
    """
    confidence = confidence_of(result.spec, model_data)
    if confidence is None or result.sweep is None or not len(rows):
        return None
    grid = np.array(result.sweep.grid, dtype=float)
    if len(rows) * len(grid) > MAX_ROWS:
        return None
    X = np.repeat(np.array(rows.X, dtype=float), len(grid), axis=0)
    X[:, model_data.dataset.index(result.sweep.feature)] = np.tile(grid, len(rows))
    interval = confidence.predict_interval(X, result.spec.level, is_sought=True)
    return interval.low.reshape(len(rows), -1), interval.high.reshape(len(rows), -1)
