"""What predictions are to the engine: functions of arrays, whose answers are checked."""

from collections.abc import Callable

import numpy as np

from optimizer.checks import SpaceError, check_predictions

Predict = Callable[[np.ndarray], np.ndarray]
"""Maps candidates (n, d) to predictions (n,), in the outcome's unit."""

PredictWithGradient = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Maps candidates (n, d) to predictions (n,) and their gradients (n, d), per unit of each feature."""

PredictWithUncertainty = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Maps candidates (n, d) to predictions (n,) and one standard error of each (n,), both in the outcome's unit."""

PredictWithUncertaintyAndGradient = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]
"""Maps candidates (n, d) to predictions (n,), standard errors (n,) and the gradients (n, d) of either."""

Field = tuple[np.ndarray, np.ndarray]
"""Values (n,) and their gradients (n, d)."""


def predicted(rows: np.ndarray, predict: Predict) -> np.ndarray:
    """Return (n,) what ``predict`` gives for rows (n, d), or refuse it."""
    predictions = np.asarray(predict(rows), dtype=float)
    check_predictions(predictions, len(rows))
    return predictions


def predicted_with_uncertainty(rows: np.ndarray, predict: PredictWithUncertainty) -> tuple[np.ndarray, np.ndarray]:
    """Return (n,) predictions and (n,) uncertainties of rows (n, d), or refuse them; one below 0 becomes NaN."""
    means, uncertainties = (np.asarray(values, dtype=float) for values in predict(rows))
    check_predictions(means, len(rows))
    return means, _uncertainties(uncertainties, len(rows))


def predicted_with_gradient(rows: np.ndarray, predict: PredictWithGradient) -> tuple[Field]:
    """Return what is predicted for rows (n, d) with its gradients, or refuse it."""
    values, slopes = predict(rows)
    predictions = np.asarray(values, dtype=float)
    check_predictions(predictions, len(rows))
    return ((predictions, _gradients(slopes, rows.shape)),)


def predicted_with_both(rows: np.ndarray, predict: PredictWithUncertaintyAndGradient) -> tuple[Field, Field]:
    """Return what is predicted for rows (n, d) and its uncertainty, each with gradients, or refuse it."""
    means, uncertainties, slopes, widening = predict(rows)
    predictions = np.asarray(means, dtype=float)
    check_predictions(predictions, len(rows))
    widths = _uncertainties(np.asarray(uncertainties, dtype=float), len(rows))
    return (predictions, _gradients(slopes, rows.shape)), (widths, _gradients(widening, rows.shape))


def _uncertainties(uncertainties: np.ndarray, n_rows: int) -> np.ndarray:
    """Return the uncertainties with NaN for what is none, or refuse anything but one number per row."""
    if uncertainties.shape != (n_rows,):
        raise SpaceError(
            f"A prediction with uncertainty must return one uncertainty per row, shape ({n_rows},), got "
            f"{uncertainties.shape}."
        )
    return np.where(uncertainties >= 0, uncertainties, np.nan)


def _gradients(slopes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return gradients of their own memory, or refuse those of another shape."""
    gradients = np.array(slopes, dtype=float)
    if gradients.shape != shape:
        raise SpaceError(f"predict_with_gradient must return gradients of shape {shape}, got {gradients.shape}.")
    return gradients
