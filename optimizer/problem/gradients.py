"""How steep the objective is: of a prediction, of its uncertainty, of a curve's summary, of the score."""

from collections.abc import Callable

import numpy as np

from optimizer.problem.objective import Curve, Goal, Objective, Summary
from optimizer.problem.predictions import (
    Field,
    Predict,
    PredictWithGradient,
    PredictWithUncertaintyAndGradient,
    predicted_with_both,
    predicted_with_gradient,
)

MAX_ROWS = 65_536
"""Points of curves whose gradients are held at once: with 8 features 4 MB."""

_Fields = Callable[[np.ndarray], tuple[Field, ...]]
"""Maps rows (n, d) to several values (n,) of each, with their gradients (n, d)."""


def outcomes_with_gradient(
    objective: Objective, X: np.ndarray, predict: Predict, predict_with_gradient: PredictWithGradient
) -> Field:
    """Return the objective (n,) of every candidate in ``X`` (n, d) and its gradient (n, d), per unit of the features.

    The sweep feature of a curve has gradient 0, for the curve sets it.

    Raises:
        SpaceError: a prediction gave something else than one number, and one row of numbers, per row.
    """
    (field,) = _summarised(
        objective.curve, X, predict, lambda rows: predicted_with_gradient(rows, predict_with_gradient)
    )
    return field


def uncertain_outcomes_with_gradient(
    objective: Objective, X: np.ndarray, predict: Predict, predict_with_both: PredictWithUncertaintyAndGradient
) -> tuple[Field, Field]:
    """Return the objective and its uncertainty, (n,) and with gradients (n, d), as `outcomes_with_gradient` does.

    Raises:
        SpaceError: a prediction gave something else than one number, and one row of numbers, per row.
    """
    outcome, uncertainty = _summarised(
        objective.curve, X, predict, lambda rows: predicted_with_both(rows, predict_with_both)
    )
    return outcome, uncertainty


def score_slopes(objective: Objective, outcomes: np.ndarray) -> np.ndarray:
    """Return (n,) the derivative of the score by the outcome, per unit of the outcome; 0 at a value that is met."""
    if objective.goal is Goal.VALUE:
        assert objective.value is not None
        return np.sign(outcomes - objective.value) / objective.scale
    sign = -1.0 if objective.goal is Goal.MAXIMUM else 1.0
    return np.full(len(outcomes), sign / objective.scale)


def _summarised(curve: Curve | None, X: np.ndarray, predict: Predict, fields_of: _Fields) -> tuple[Field, ...]:
    """Return the fields of every candidate, or the summaries (n,) of their curves with gradients (n, d)."""
    if curve is None:
        return fields_of(X.copy())
    if curve.summary in (Summary.AREA, Summary.MEAN):
        fields = _integrated(curve, X, fields_of)
    else:
        rows = X.copy()
        rows[:, curve.feature] = _decisive_points(curve, X, predict)
        fields = fields_of(rows)
    for _, gradients in fields:
        gradients[:, curve.feature] = 0.0
    return fields


def _decisive_points(curve: Curve, X: np.ndarray, predict: Predict) -> np.ndarray:
    """Return (n,) the sweep value at which the summary of every candidate's curve is attained."""
    if curve.summary is Summary.POINT:
        assert curve.at is not None
        return np.full(len(X), curve.at)
    values = curve.values(X, predict)
    return curve.grid[values.argmin(axis=1) if curve.summary is Summary.MINIMUM else values.argmax(axis=1)]


def _integrated(curve: Curve, X: np.ndarray, fields_of: _Fields) -> tuple[Field, ...]:
    """Return the areas (n,) under the fields along every candidate's curve, or their means, with gradients (n, d)."""
    widths = np.diff(curve.grid)
    weights = (np.append(widths, 0.0) + np.append(0.0, widths)) / 2  # the trapezoidal rule
    length = curve.grid[-1] - curve.grid[0] if curve.summary is Summary.MEAN else 1.0
    parts: list[tuple[Field, ...]] = []
    n_block = max(1, MAX_ROWS // len(curve.grid))
    for start in range(0, max(len(X), 1), n_block):
        block = X[start : start + n_block]
        rows = np.repeat(block, len(curve.grid), axis=0)
        rows[:, curve.feature] = np.tile(curve.grid, len(block))
        parts.append(tuple(_areas(field, curve.grid, weights, length, X.shape[1]) for field in fields_of(rows)))
    return tuple(
        (np.concatenate([values for values, _ in several]), np.concatenate([slopes for _, slopes in several]))
        for several in zip(*parts, strict=True)
    )


def _areas(field: Field, grid: np.ndarray, weights: np.ndarray, length: float, n_features: int) -> Field:
    """Return the areas (n,) under a field along curves, and their gradients (n, d)."""
    values, slopes = field
    with np.errstate(invalid="ignore"):  # plus and minus infinity make NaN, which is counted later on
        areas = np.trapezoid(values.reshape(-1, len(weights)), grid, axis=1) / length
        return areas, weights @ slopes.reshape(-1, len(weights), n_features) / length
