"""Python functions as predictors: any that somebody brings, and known ones for learning and tests."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.networks.predictor import as_rows


@dataclass(frozen=True, slots=True)
class CallablePredictor:
    """A function of rows in the place of a model.

    Attributes:
        function: maps (n, d) float64 rows, categories as codes, to (n,) or (n, 1) outcomes in their unit.
    """

    feature_names: tuple[str, ...]
    function: Callable[[np.ndarray], np.ndarray]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outcomes (n,) float64 that the function gives for rows (n, d).

        Raises:
            ValueError: X has another number of columns than there are features, or the function gives anything but one
                number per row.
        """
        rows = as_rows(X, len(self.feature_names))
        given = np.asarray(self.function(rows.copy()), dtype=float)
        if given.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(
                f"The function has to give one number per row, shape ({len(rows)},); it gave {given.shape} for rows of "
                f"shape {rows.shape}."
            )
        return given.reshape(-1)


@dataclass(frozen=True, slots=True)
class KnownFunction:
    """A function of rows (n, d) and its derivatives (n, d), each input from low to high, in the place of a model."""

    feature_names: tuple[str, ...]
    low: float
    high: float
    evaluate: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values (n,) float64 of rows (n, d); a missing value gives NaN.

        Raises:
            ValueError: X has another number of columns than the function has inputs.
        """
        return self.predict_with_gradient(X)[0]

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values (n,) of `predict` and their gradients (n, d); errors as there."""
        rows = as_rows(X, len(self.feature_names))
        with np.errstate(all="ignore"):
            return self.evaluate(rows), self.gradient(rows)


def bumps(x: np.ndarray) -> np.ndarray:
    """A smooth curve over [0, 10] with five peaks and five valleys of different height, like x in shape.

    10 + 4 sin(3 x) + 3 sin(0.7 x - 0.4) + 1.5 cos(1.9 x): the highest peak is 17.48 at x = 2.70 (the next 14.72 at
    0.52), the deepest valley 2.14 at 7.88 (the next 4.50 at 5.73).
    """
    return 10 + 4 * np.sin(3 * x) + 3 * np.sin(0.7 * x - 0.4) + 1.5 * np.cos(1.9 * x)


def _bumps_slope(x: np.ndarray) -> np.ndarray:
    return 12 * np.cos(3 * x) + 2.1 * np.cos(0.7 * x - 0.4) - 2.85 * np.sin(1.9 * x)


FUNCTIONS: dict[str, KnownFunction] = {
    "bumps": KnownFunction(
        feature_names=("x",), low=0.0, high=10.0, evaluate=lambda X: bumps(X[:, 0]), gradient=_bumps_slope
    )
}
"""Every known function by name."""
