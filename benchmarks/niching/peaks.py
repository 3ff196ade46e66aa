"""A function with known global maxima, and how many of them a set of points has found."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ACCURACIES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class PeakFunction:
    """A function whose global maxima are counted.

    Attributes:
        name: as in the suite, with its dimension.
        evaluate: maps (n, d) to (n,), larger is better.
        bounds: (low, high) of each of the d variables.
        n_peaks: how many global maxima there are.
        height: their value.
        radius: two points nearer than this are on one peak.
        budget: evaluations that the suite allows.
    """

    name: str
    evaluate: Callable[[np.ndarray], np.ndarray]
    bounds: tuple[tuple[float, float], ...]
    n_peaks: int
    height: float
    radius: float
    budget: int

    @property
    def n_variables(self) -> int:
        """How many variables it has."""
        return len(self.bounds)


def n_peaks_found(function: PeakFunction, X: np.ndarray, accuracy: float) -> int:
    """Return how many global maxima the points ``X`` (n, d) have found.

    As the CEC 2013 suite counts: a point counts if its value is within the accuracy of the height, and it is farther
    than the radius from every better point that counts.
    """
    values = function.evaluate(X)
    order = np.argsort(-values, kind="stable")
    order = order[np.abs(values[order] - function.height) <= accuracy]
    found = np.empty((0, function.n_variables))
    for x in X[order]:
        if len(found) == function.n_peaks:
            break
        if (np.linalg.norm(found - x, axis=1) > function.radius).all():
            found = np.vstack([found, x])
    return len(found)


def peak_ratio(function: PeakFunction, X: np.ndarray, accuracy: float) -> float:
    """Return the share of the global maxima that the points ``X`` (n, d) have found."""
    return n_peaks_found(function, X, accuracy) / function.n_peaks


def static_f1(function: PeakFunction, X: np.ndarray, accuracy: float) -> float:
    """Return the harmonic mean of the peak ratio and the share of the points ``X`` (n, d) that found a peak each."""
    n_found = n_peaks_found(function, X, accuracy)
    return 2 * n_found / (function.n_peaks + len(X)) if n_found else 0.0
