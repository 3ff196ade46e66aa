"""How well predictions agree with measurements."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Metrics:
    """Agreement over some rows.

    Attributes:
        r2: share of the outcome's variance that is explained; 1 is perfect, 0 no better than the mean.
        rmse: root of the mean squared error, in the outcome's unit.
        mae: mean absolute error, in the outcome's unit.
    """

    r2: float
    rmse: float
    mae: float


def score(measured: np.ndarray, predicted: np.ndarray) -> Metrics:
    """The agreement of predictions with measurements, both (n,) in the outcome's unit.

    Where all measurements are equal, R2 is 1 for exact predictions and 0 for others.

    Raises:
        ValueError: there are no rows, or the two lengths differ.
    """
    if len(measured) == 0 or measured.shape != predicted.shape:
        raise ValueError(f"Expected as many predictions as measurements, got {predicted.shape} and {measured.shape}.")
    errors = predicted - measured
    residual = float(np.square(errors).sum())
    total = float(np.square(measured - measured.mean()).sum())
    r2 = 1.0 - residual / total if total > 0 else float(residual == 0)
    return Metrics(r2, float(np.sqrt(residual / len(errors))), float(np.abs(errors).mean()))
