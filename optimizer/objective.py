"""What is searched for: the maximum, the minimum or a value of the outcome, or of its curve."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_positive
from optimizer.curve import Curve
from optimizer.predictions import Predict, PredictWithUncertainty, predicted, predicted_with_uncertainty


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
