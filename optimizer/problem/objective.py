"""What is searched for: a prediction or the summary of its curve, its direction, and the score; with gradients."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_positive

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

UNCERTAIN_POINTS = 8
"""Points of a curve whose uncertainty a search asks for: it varies slowly, and costs several times the prediction."""

MAX_ROWS = 65_536
"""Points of curves whose gradients are held at once: with 8 features 4 MB."""


def predicted(rows: np.ndarray, predict: Predict) -> np.ndarray:
    """Checked predictions of rows (n, d), (n,)."""
    return _predictions(predict(rows), len(rows))


def predicted_with_uncertainty(rows: np.ndarray, predict: PredictWithUncertainty) -> tuple[np.ndarray, np.ndarray]:
    """Checked predictions and uncertainties of rows (n, d), (n,) each; an uncertainty below 0 becomes NaN."""
    means, uncertainties = predict(rows)
    return _predictions(means, len(rows)), _uncertainties(uncertainties, len(rows))


def _predictions(values: np.ndarray, n_rows: int) -> np.ndarray:
    predictions = np.asarray(values, dtype=float)
    if predictions.shape != (n_rows,):
        raise SpaceError(f"predict must return one number per row, shape ({n_rows},), got {predictions.shape}.")
    return predictions


def _uncertainties(values: np.ndarray, n_rows: int) -> np.ndarray:
    uncertainties = np.asarray(values, dtype=float)
    if uncertainties.shape != (n_rows,):
        raise SpaceError(
            f"A prediction with uncertainty must return one uncertainty per row, shape ({n_rows},), got "
            f"{uncertainties.shape}."
        )
    return np.where(uncertainties >= 0, uncertainties, np.nan)


def _gradients(slopes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    gradients = np.array(slopes, dtype=float)  # a copy: the column of a sweep feature is set to 0 later on
    if gradients.shape != shape:
        raise SpaceError(f"predict_with_gradient must return gradients of shape {shape}, got {gradients.shape}.")
    return gradients


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
        object.__setattr__(self, "summary", Summary(self.summary))  # a plain "area" will do
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

    def thinned(self, most: int) -> "Curve":
        """The same over at most so many of its points, its ends among them."""
        if len(self.grid) <= most:
            return self
        return replace(self, grid=self.grid[np.linspace(0, len(self.grid) - 1, most).round().astype(int)])

    def values(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """The predicted curve of every candidate in ``X`` (n, d), (n, m), by one call of ``predict``."""
        return predicted(self._rows(X, self.grid), predict).reshape(len(X), len(self.grid))

    def summarise(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """The summary of every candidate's curve, (n,), by one call of ``predict``.

        The area is the trapezoidal integral, in the outcome's unit times the sweep's; the mean is the area divided by
        the length of the grid.
        """
        return self._summaries(X, lambda rows: (predicted(rows, predict),))[0]

    def summarise_with_uncertainty(
        self, X: np.ndarray, predict_with_uncertainty: PredictWithUncertainty
    ) -> tuple[np.ndarray, np.ndarray]:
        """The summary of every candidate's curve and its uncertainty, (n,) each, by one call.

        Errors along a curve are taken as going together, the cautious end of what could be: the uncertainty of an area
        is the area under the uncertainties, that of a minimum or maximum the uncertainty where the curve attains it.
        """
        means, widths = self._summaries(X, lambda rows: predicted_with_uncertainty(rows, predict_with_uncertainty))
        return means, widths

    @property
    def is_long(self) -> bool:
        """Whether a search asks for the uncertainty of fewer points: of a long curve that counts as a whole."""
        return self.summary in (Summary.AREA, Summary.MEAN) and len(self.grid) > UNCERTAIN_POINTS

    def summarise_with_gradient(
        self, X: np.ndarray, predict: Predict, fields_of: Callable[[np.ndarray], tuple[Field, ...]]
    ) -> tuple[Field, ...]:
        """The summaries of several fields along every candidate's curve, (n,) with gradients (n, d).

        The sweep feature has gradient 0, for the curve sets it.

        Args:
            X: (n, d) candidates.
            predict: tells where a minimum or maximum is attained.
            fields_of: maps rows (n, d) to fields.
        """
        if self.summary in (Summary.AREA, Summary.MEAN):
            fields = self._integrated(X, fields_of)
        else:  # by the envelope theorem the gradient is that of the point where the summary is attained
            rows = X.copy()
            at = None if self.summary is Summary.POINT else self._decisive(self.values(X, predict))
            rows[:, self.feature] = self.at if at is None else self.grid[at[:, 0]]
            fields = fields_of(rows)
        for _, gradients in fields:
            gradients[:, self.feature] = 0.0
        return fields

    def _summaries(
        self, X: np.ndarray, values_of: Callable[[np.ndarray], tuple[np.ndarray, ...]]
    ) -> tuple[np.ndarray, ...]:
        """The summaries of several values along every candidate's curve, (n,) each; the first decides where."""
        if self.summary is Summary.POINT:
            return values_of(self._rows(X, np.array([self.at])))
        curves = [values.reshape(len(X), len(self.grid)) for values in values_of(self._rows(X, self.grid))]
        at = self._decisive(curves[0])
        if at is None:
            return tuple(self._integral(curve) for curve in curves)
        return tuple(np.take_along_axis(curve, at, axis=1)[:, 0] for curve in curves)

    def _decisive(self, curves: np.ndarray) -> np.ndarray | None:
        """Where on the grid every curve (n, m) attains its summary, (n, 1); None where all of it counts."""
        if self.summary is Summary.MINIMUM:
            return curves.argmin(axis=1)[:, None]
        return curves.argmax(axis=1)[:, None] if self.summary is Summary.MAXIMUM else None

    def _integral(self, curves: np.ndarray) -> np.ndarray:
        """Areas under curves (n, m), or their means, (n,)."""
        with np.errstate(invalid="ignore"):  # plus and minus infinity make NaN, which is counted later on
            return np.trapezoid(curves, self.grid, axis=1) / self._length

    def _integrated(self, X: np.ndarray, fields_of: Callable[[np.ndarray], tuple[Field, ...]]) -> tuple[Field, ...]:
        widths = np.diff(self.grid)
        weights = (np.append(widths, 0.0) + np.append(0.0, widths)) / 2  # the trapezoidal rule
        m, d = len(self.grid), X.shape[1]
        parts: list[list[Field]] = []
        n_block = max(1, MAX_ROWS // m)
        for start in range(0, max(len(X), 1), n_block):
            fields = fields_of(self._rows(X[start : start + n_block], self.grid))
            parts.append([])
            for values, slopes in fields:
                with np.errstate(invalid="ignore"):
                    gradients = weights @ slopes.reshape(-1, m, d) / self._length
                parts[-1].append((self._integral(values.reshape(-1, m)), gradients))
        return tuple(
            (np.concatenate([values for values, _ in blocks]), np.concatenate([slopes for _, slopes in blocks]))
            for blocks in zip(*parts, strict=True)
        )

    @property
    def _length(self) -> float:
        """What an area is divided by: the length of the grid for a mean."""
        return self.grid[-1] - self.grid[0] if self.summary is Summary.MEAN else 1.0

    def _rows(self, X: np.ndarray, grid: np.ndarray) -> np.ndarray:
        """Every candidate at every value of a grid (m,), (n * m, d)."""
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
        object.__setattr__(self, "goal", Goal(self.goal))  # a plain "minimum" will do
        check_positive("The scale of the objective", self.scale)
        if self.goal is Goal.VALUE and (self.value is None or not np.isfinite(self.value)):
            raise SpaceError(f"Searching for a value needs that value as a number, got {self.value}.")

    def outcomes(self, X: np.ndarray, predict: Predict) -> np.ndarray:
        """The objective of every candidate, (n,), by one call of ``predict``.

        Raises:
            SpaceError: ``predict`` gave something else than one number per row.
        """
        if self.curve is not None:
            return self.curve.summarise(X, predict)
        return predicted(X.copy(), predict)  # a function that works in place leaves the candidates alone

    def outcomes_with_uncertainty(
        self, X: np.ndarray, predict_with_uncertainty: PredictWithUncertainty, *, predict: Predict | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The objective of every candidate and its uncertainty, (n,) each in its unit, by one call.

        The uncertainty of a curve's summary is that of `Curve.summarise_with_uncertainty`; NaN where it is below 0.

        Args:
            predict: predictions alone: with them the uncertainty of a long curve is asked for at a few of its points.

        Raises:
            SpaceError: the prediction gave something else than one number and one uncertainty per row.
        """
        if self.curve is not None and self.curve.is_long and predict is not None:
            few = self.curve.thinned(UNCERTAIN_POINTS)
            return self.curve.summarise(X, predict), few.summarise_with_uncertainty(X, predict_with_uncertainty)[1]
        if self.curve is not None:
            return self.curve.summarise_with_uncertainty(X, predict_with_uncertainty)
        return predicted_with_uncertainty(X.copy(), predict_with_uncertainty)

    def outcomes_with_gradient(
        self, X: np.ndarray, predict: Predict, predict_with_gradient: Callable[[np.ndarray], tuple[np.ndarray, ...]]
    ) -> tuple[Field, ...]:
        """The objective of every candidate in ``X`` (n, d), (n,), and its gradient (n, d), per unit of the features.

        Its uncertainty follows, alike, where the prediction tells it.

        Args:
            X: (n, d) candidates.
            predict: the predictions alone.
            predict_with_gradient: a `PredictWithGradient`, or a `PredictWithUncertaintyAndGradient`.

        Raises:
            SpaceError: a prediction gave something else than one number, and one row of numbers, per row.
        """

        def fields_of(rows: np.ndarray) -> tuple[Field, ...]:
            found, checks = predict_with_gradient(rows), (_predictions, _uncertainties)
            pairs = zip(checks, found, found[len(found) // 2 :], strict=False)
            return tuple((check(values, len(rows)), _gradients(slopes, rows.shape)) for check, values, slopes in pairs)

        return fields_of(X.copy()) if self.curve is None else self.curve.summarise_with_gradient(X, predict, fields_of)

    def outcomes_and_uncertainty_with_gradient(
        self,
        X: np.ndarray,
        predict: Predict,
        predict_with_gradient: PredictWithGradient | None,
        predict_with_both: PredictWithUncertaintyAndGradient,
    ) -> tuple[Field, ...]:
        """The objective and its uncertainty of every candidate, (n,) each with its gradient (n, d).

        With the gradient of predictions alone, the uncertainty of a long curve is asked for at a few of its points.
        """
        if self.curve is None or not self.curve.is_long or predict_with_gradient is None:
            return self.outcomes_with_gradient(X, predict, predict_with_both)
        (outcomes,) = self.outcomes_with_gradient(X, predict, predict_with_gradient)
        few = replace(self, curve=self.curve.thinned(UNCERTAIN_POINTS))
        return outcomes, few.outcomes_with_gradient(X, predict, predict_with_both)[1]

    def scores(self, outcomes: np.ndarray) -> np.ndarray:
        """Scores, smaller is better, in standard deviations of the objective, (n,)."""
        if self.goal is Goal.MAXIMUM:
            return -outcomes / self.scale
        if self.goal is Goal.MINIMUM:
            return outcomes / self.scale
        assert self.value is not None
        return np.abs(outcomes - self.value) / self.scale

    def score_slopes(self, outcomes: np.ndarray) -> np.ndarray:
        """The derivative of the score by the outcome, (n,), per unit of the outcome; 0 at a value that is met."""
        if self.goal is Goal.VALUE:
            assert self.value is not None
            return np.sign(outcomes - self.value) / self.scale
        return np.full(len(outcomes), (-1.0 if self.goal is Goal.MAXIMUM else 1.0) / self.scale)
