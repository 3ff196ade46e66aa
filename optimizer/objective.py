"""What is searched for: the maximum, the minimum or a value of the outcome, or of its curve."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_positive, check_predictions

Predict = Callable[[np.ndarray], np.ndarray]
"""Maps candidates (n, d) to predictions (n,), in the outcome's unit."""


class Goal(StrEnum):
    """Which way the objective is searched."""

    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    VALUE = "value"


class Summary(StrEnum):
    """How a curve becomes one number."""

    AREA = "area"
    MEAN = "mean"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    POINT = "point"


def _predicted(rows: np.ndarray, predict: Predict) -> np.ndarray:
    """Return (n,) what ``predict`` gives for rows (n, d), or refuse it."""
    predictions = np.asarray(predict(rows), dtype=float)
    check_predictions(predictions, len(rows))
    return predictions


@dataclass(frozen=True)
class Curve:
    """The outcome along one sweep feature, and the number it is summarised to.

    Attributes:
        feature: column of the sweep feature.
        grid: (m,) increasing values of the sweep feature.
        summary: how the m predictions become one number.
        at: the sweep value of ``Summary.POINT``, else ignored.

    Raises:
        SpaceError: the grid is not increasing, too short for its summary, or the point lies outside it.
    """

    feature: int
    grid: np.ndarray
    summary: Summary = Summary.AREA
    at: float | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be summarised."""
        object.__setattr__(self, "summary", Summary(self.summary))  # "area" is as good as Summary.AREA
        is_increasing = bool(np.isfinite(self.grid).all()) and bool((np.diff(self.grid) > 0).all())
        if self.grid.ndim != 1 or len(self.grid) < 2 or not is_increasing:
            ends = f" from {self.grid.flat[0]:g} to {self.grid.flat[-1]:g}" if self.grid.size else ""
            raise SpaceError(
                f"A curve needs at least two increasing points, got {self.grid.size}{ends}: "
                "set its end above its start."
            )
        if self.summary is Summary.POINT and (self.at is None or not self.grid[0] <= self.at <= self.grid[-1]):
            raise SpaceError(
                f"The point of the curve must lie between {self.grid[0]:g} and {self.grid[-1]:g}, got {self.at}."
            )

    def values(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """Return (n, m) the predicted curve of every candidate in ``X`` (n, d), by one call of ``predict``."""
        return self._predict_along(X, self.grid, predict)

    def summarise(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """Return (n,) the summary of every candidate's curve, by one call of ``predict``.

        The area is the trapezoidal integral, in the outcome's unit times the sweep's; the mean is the area divided by
        the length of the grid.
        """
        if self.summary is Summary.POINT:
            return self._predict_along(X, np.array([self.at]), predict)[:, 0]
        curves = self.values(X, predict)
        if self.summary is Summary.MINIMUM:
            return curves.min(axis=1)
        if self.summary is Summary.MAXIMUM:
            return curves.max(axis=1)
        with np.errstate(invalid="ignore"):  # plus and minus infinity make NaN, which is counted later on
            area = np.trapezoid(curves, self.grid, axis=1)
        return area if self.summary is Summary.AREA else area / (self.grid[-1] - self.grid[0])

    def _predict_along(self, X: np.ndarray, grid: np.ndarray, predict: Predict) -> np.ndarray:
        rows = np.repeat(X, len(grid), axis=0)
        rows[:, self.feature] = np.tile(grid, len(X))
        return _predicted(rows, predict).reshape(len(X), len(grid))


@dataclass(frozen=True)
class Objective:
    """The number that is searched for, and its score.

    Attributes:
        goal: maximum, minimum or value.
        scale: standard deviation of the objective over the recorded rows: the unit of scores.
        value: the value to come near to, for ``Goal.VALUE``.
        curve: searched for instead of the outcome itself, or None.

    Raises:
        SpaceError: the scale is not positive, or a value is missing.
    """

    goal: Goal = Goal.MAXIMUM
    scale: float = 1.0
    value: float | None = None
    curve: Curve | None = None

    def __post_init__(self) -> None:
        """Refuse an objective without a direction or a unit."""
        object.__setattr__(self, "goal", Goal(self.goal))  # "minimum" is as good as Goal.MINIMUM
        check_positive("The scale of the objective", self.scale)
        if self.goal is Goal.VALUE and (self.value is None or not np.isfinite(self.value)):
            raise SpaceError(f"Searching for a value needs that value as a number, got {self.value}.")

    def outcomes(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """Return (n,) the objective of every candidate, by one call of ``predict``.

        Raises:
            SpaceError: ``predict`` gave something else than one number per row.
        """
        if self.curve is not None:
            return self.curve.summarise(X, predict)
        return _predicted(X.copy(), predict)  # a function that works in place leaves the candidates alone

    def scores(self, outcomes: np.ndarray) -> np.ndarray:
        """Return (n,) scores, smaller is better, in standard deviations of the objective."""
        if self.goal is Goal.MAXIMUM:
            return -outcomes / self.scale
        if self.goal is Goal.MINIMUM:
            return outcomes / self.scale
        assert self.value is not None
        return np.abs(outcomes - self.value) / self.scale
