"""How steep the objective is: of a prediction, of a curve's summary, of the score."""

from collections.abc import Callable

import numpy as np

from optimizer.checks import SpaceError, check_predictions
from optimizer.objective import Curve, Goal, Objective, Predict, Summary

PredictWithGradient = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Maps candidates (n, d) to predictions (n,) and their gradients (n, d), per unit of each feature."""

MAX_ROWS = 65_536
"""Points of curves whose gradients are held at once: with 8 features 4 MB."""


def outcomes_with_gradient(
    objective: Objective, X: np.ndarray, predict: Predict, predict_with_gradient: PredictWithGradient
) -> tuple[np.ndarray, np.ndarray]:
    """Return the objective (n,) of every candidate in ``X`` (n, d) and its gradient (n, d), per unit of the features.

    The sweep feature of a curve has gradient 0, for the curve sets it.

    Raises:
        SpaceError: a prediction gave something else than one number, and one row of numbers, per row.
    """
    if objective.curve is None:
        return _predicted(X.copy(), predict_with_gradient)
    return _summarised(objective.curve, X, predict, predict_with_gradient)


def score_slopes(objective: Objective, outcomes: np.ndarray) -> np.ndarray:
    """Return (n,) the derivative of the score by the outcome, per unit of the outcome; 0 at a value that is met."""
    if objective.goal is Goal.VALUE:
        assert objective.value is not None
        return np.sign(outcomes - objective.value) / objective.scale
    sign = -1.0 if objective.goal is Goal.MAXIMUM else 1.0
    return np.full(len(outcomes), sign / objective.scale)


def _summarised(
    curve: Curve, X: np.ndarray, predict: Predict, predict_with_gradient: PredictWithGradient
) -> tuple[np.ndarray, np.ndarray]:
    """Return the summary (n,) of every candidate's curve and its gradient (n, d)."""
    if curve.summary in (Summary.AREA, Summary.MEAN):
        outcomes, gradients = _integrated(curve, X, predict_with_gradient)
    else:
        rows = X.copy()
        rows[:, curve.feature] = _decisive_points(curve, X, predict)
        outcomes, gradients = _predicted(rows, predict_with_gradient)
    gradients[:, curve.feature] = 0.0
    return outcomes, gradients


def _decisive_points(curve: Curve, X: np.ndarray, predict: Predict) -> np.ndarray:
    """Return (n,) the sweep value at which the summary of every candidate's curve is attained."""
    if curve.summary is Summary.POINT:
        assert curve.at is not None
        return np.full(len(X), curve.at)
    values = curve.values(X, predict)
    return curve.grid[values.argmin(axis=1) if curve.summary is Summary.MINIMUM else values.argmax(axis=1)]


def _integrated(
    curve: Curve, X: np.ndarray, predict_with_gradient: PredictWithGradient
) -> tuple[np.ndarray, np.ndarray]:
    """Return the area (n,) under every candidate's curve, or its mean, and the gradient (n, d)."""
    widths = np.diff(curve.grid)
    weights = (np.append(widths, 0.0) + np.append(0.0, widths)) / 2  # the trapezoidal rule
    length = curve.grid[-1] - curve.grid[0] if curve.summary is Summary.MEAN else 1.0
    outcomes, gradients = np.empty(len(X)), np.empty(X.shape)
    n_block = max(1, MAX_ROWS // len(curve.grid))
    for start in range(0, len(X), n_block):
        block = slice(start, start + n_block)
        rows = np.repeat(X[block], len(curve.grid), axis=0)
        rows[:, curve.feature] = np.tile(curve.grid, len(X[block]))
        values, slopes = _predicted(rows, predict_with_gradient)
        with np.errstate(invalid="ignore"):  # plus and minus infinity make NaN, which is counted later on
            outcomes[block] = np.trapezoid(values.reshape(-1, len(weights)), curve.grid, axis=1) / length
            gradients[block] = weights @ slopes.reshape(-1, len(weights), X.shape[1]) / length
    return outcomes, gradients


def _predicted(rows: np.ndarray, predict_with_gradient: PredictWithGradient) -> tuple[np.ndarray, np.ndarray]:
    """Return what is predicted for rows (n, d), (n,) and (n, d), or refuse it."""
    values, slopes = predict_with_gradient(rows)
    predictions, gradients = np.asarray(values, dtype=float), np.array(slopes, dtype=float)
    check_predictions(predictions, len(rows))
    if gradients.shape != rows.shape:
        raise SpaceError(f"predict_with_gradient must return gradients of shape {rows.shape}, got {gradients.shape}.")
    return predictions, gradients
