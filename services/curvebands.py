"""The interval of the outcome at every point of a result's curves."""

import numpy as np

from services.confidence import confidence_of
from services.material import Material
from services.results import ResultSet, RunResult

MAX_ROWS = 5_000  # that the model is asked for at once


def curve_bands(result: RunResult, rows: ResultSet, material: Material) -> tuple[np.ndarray, np.ndarray] | None:
    """Return (k, m) low and high ends of the interval along the k curves of a set, in the outcome's unit.

    Each point has the interval of its own candidate at the level of the run. None where the result has no curves, the
    model no calibrated intervals, or there are more curves than anybody could look at.

    Args:
        result: that the set belongs to, for its sweep.
        rows: the set, features in the order of the material.
        material: recorded rows and model of the run.
    """
    confidence = confidence_of(result.spec, material)
    if confidence is None or result.sweep is None or not len(rows):
        return None
    grid = np.array(result.sweep.grid, dtype=float)
    if len(rows) * len(grid) > MAX_ROWS:
        return None
    X = np.repeat(np.array(rows.X, dtype=float), len(grid), axis=0)
    X[:, material.dataset.index(result.sweep.feature)] = np.tile(grid, len(rows))
    interval = confidence.predict_interval(X, result.spec.level, is_sought=True)
    return interval.low.reshape(len(rows), -1), interval.high.reshape(len(rows), -1)
