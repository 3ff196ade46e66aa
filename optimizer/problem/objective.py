"""The outcome along one sweep feature, and the number that it is summarised to."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_positive
from optimizer.problem.predictions import (
    Predict,
    PredictWithUncertainty,
    predicted,
    predicted_with_uncertainty,
)


class Summary(StrEnum):
    """How a curve becomes one number."""

    AREA = "area"
    MEAN = "mean"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    POINT = "point"


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
        return predicted(self._rows(X, self.grid), predict).reshape(len(X), len(self.grid))

    def summarise(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """Return (n,) the summary of every candidate's curve, by one call of ``predict``.

        The area is the trapezoidal integral, in the outcome's unit times the sweep's; the mean is the area divided by
        the length of the grid.
        """
        if self.summary is Summary.POINT:
            return predicted(self._rows(X, np.array([self.at])), predict)
        curves = self.values(X, predict)
        return self._taken(curves, self._decisive(curves))

    def summarise_with_uncertainty(
        self, X: np.ndarray, predict_with_uncertainty: PredictWithUncertainty
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) the summary of every candidate's curve and (n,) its uncertainty, by one call.

        Errors along a curve are taken as going together, the cautious end of what could be: the uncertainty of an area
        is the area under the uncertainties, that of a minimum or maximum the uncertainty where the curve attains it.
        """
        grid = np.array([self.at]) if self.summary is Summary.POINT else self.grid
        means, uncertainties = predicted_with_uncertainty(self._rows(X, grid), predict_with_uncertainty)
        if self.summary is Summary.POINT:
            return means, uncertainties
        curves, widths = (values.reshape(len(X), len(grid)) for values in (means, uncertainties))
        places = self._decisive(curves)
        return self._taken(curves, places), self._taken(widths, places)

    def _decisive(self, curves: np.ndarray) -> np.ndarray | None:
        """Return (n, 1) where on the grid every curve (n, m) attains its summary, None where all of it counts."""
        if self.summary is Summary.MINIMUM:
            return curves.argmin(axis=1)[:, None]
        return curves.argmax(axis=1)[:, None] if self.summary is Summary.MAXIMUM else None

    def _taken(self, curves: np.ndarray, places: np.ndarray | None) -> np.ndarray:
        """Return (n,) the values of curves (n, m) at their places, or their area or mean."""
        if places is not None:
            return np.take_along_axis(curves, places, axis=1)[:, 0]
        with np.errstate(invalid="ignore"):  # plus and minus infinity make NaN, which is counted later on
            area = np.trapezoid(curves, self.grid, axis=1)
        return area if self.summary is Summary.AREA else area / (self.grid[-1] - self.grid[0])

    def _rows(self, X: np.ndarray, grid: np.ndarray) -> np.ndarray:
        """Return (n * m, d) every candidate at every value of a grid (m,)."""
        rows = np.repeat(X, len(grid), axis=0)
        rows[:, self.feature] = np.tile(grid, len(X))
        return rows


class Goal(StrEnum):
    """Which way the objective is searched."""

    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    VALUE = "value"


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
        return predicted(X.copy(), predict)  # a function that works in place leaves the candidates alone

    def outcomes_with_uncertainty(
        self, X: np.ndarray, predict_with_uncertainty: PredictWithUncertainty
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (n,) the objective of every candidate and (n,) its uncertainty, in its unit, by one call.

        The uncertainty of a curve's summary is that of `Curve.summarise_with_uncertainty`; NaN where it is below 0.

        Raises:
            SpaceError: the prediction gave something else than one number and one uncertainty per row.
        """
        if self.curve is not None:
            return self.curve.summarise_with_uncertainty(X, predict_with_uncertainty)
        return predicted_with_uncertainty(X.copy(), predict_with_uncertainty)

    def scores(self, outcomes: np.ndarray) -> np.ndarray:
        """Return (n,) scores, smaller is better, in standard deviations of the objective."""
        if self.goal is Goal.MAXIMUM:
            return -outcomes / self.scale
        if self.goal is Goal.MINIMUM:
            return outcomes / self.scale
        assert self.value is not None
        return np.abs(outcomes - self.value) / self.scale
