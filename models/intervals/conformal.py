"""Predictions with how far to trust them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from models.cards.card import IntervalCard, TrainedModel
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.limits import PhysicalLimits
from models.intervals.calibration import calibrate
from models.intervals.errors import ErrorModel
from models.networks.predictor import Predictor


class Direction(StrEnum):
    """Where a search goes: to high outcomes, to low ones, or to either."""

    ABOVE = "above"
    BELOW = "below"
    EITHER = "either"


class Interval(NamedTuple):
    """Predictions (n,) with the limits (n,) of their intervals, all in the outcome's unit."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def within(self, limits: PhysicalLimits) -> "Interval":
        """The same as far as the outcome can be like that at all."""
        return Interval(*map(limits.clip, self))


@dataclass(frozen=True, eq=False)
class ConformalPredictor:
    """A predictor whose intervals were calibrated on rows held out.

    Attributes:
        dataset: the recorded rows.
        direction: where a search goes: a model may err more in what it promises there than elsewhere.
    """

    predictor: Predictor
    encoding: Encoding
    card: IntervalCard
    dataset: Dataset
    direction: Direction = Direction.EITHER

    def toward(self, direction: Direction) -> "ConformalPredictor":
        """The same predictor for a search that goes there."""
        turned = replace(self, direction=direction)
        turned.__dict__["_errors"] = self._errors  # companions serve all directions
        return turned

    def with_predictor(self, predictor: Predictor) -> "ConformalPredictor":
        """The same intervals around another predictor, which gives the same answers."""
        changed = replace(self, predictor=predictor)
        changed.__dict__["_errors"] = replace(self._errors, predictor=predictor)  # companions serve both
        return changed

    @property
    def has_gradient(self) -> bool:
        """Whether predictions and uncertainties know their slopes."""
        return self._errors.has_gradient

    def predict_with_uncertainty(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions (n,) of rows (n, d) and one standard error of each (n,), in the outcome's unit.

        It is the error of the mean outcome, without the noise of measuring it.
        """
        predicted, errors = self._errors.predict(X)
        return predicted, errors * self._times

    def predict_with_uncertainty_and_gradient(
        self, X: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What `predict_with_uncertainty` gives, then the gradients (n, d) of both, per unit of the features.

        Raises:
            TypeError: the predictor does not know its slopes; see `has_gradient`.
        """
        predicted, errors, slopes, gradients = self._errors.predict_with_gradient(X)
        return predicted, errors * self._times, slopes, gradients * self._times

    def predict_interval(self, X: np.ndarray, level: float = 0.9) -> Interval:
        """Predictions of rows (n, d) with the interval that holds the measured outcome in a share ``level`` of cases.

        It is never tighter than that of normal errors. On the side where a search is disappointed, and on that where it
        is surprised, it is as much wider as replays of the search were. All of it keeps to the limits that physics sets
        to the outcome.
        """
        return self.open_interval(X, level).within(self.dataset.limits)

    def open_interval(self, X: np.ndarray, level: float = 0.9) -> Interval:
        """What `predict_interval` gives, also beyond what the outcome can be: a search has a slope everywhere then."""
        predicted, errors = self._errors.predict(X)
        errors = np.hypot(errors, self._noise)
        below, above = self._sides(level)
        return Interval(predicted, predicted - below * errors, predicted + above * errors)

    def open_interval_with_gradient(self, X: np.ndarray, level: float = 0.9) -> tuple[Interval, Interval]:
        """What `open_interval` gives, then the gradients (n, d) of all three, per unit of the features.

        Raises:
            TypeError: the predictor does not know its slopes; see `has_gradient`.
        """
        predicted, errors, slopes, gradients = self._errors.predict_with_gradient(X)
        widths = np.hypot(errors, self._noise)
        shares = np.divide(errors, widths, out=np.zeros_like(widths), where=widths > 0)  # without errors, no slope
        rises = shares[:, None] * gradients
        below, above = self._sides(level)
        return (
            Interval(predicted, predicted - below * widths, predicted + above * widths),
            Interval(slopes, slopes - below * rises, slopes + above * rises),
        )

    @property
    def _noise(self) -> float:
        """The error of measuring, one standard deviation in the outcome's unit."""
        return self.card.noise * self.encoding.outcome_std

    def _sides(self, level: float) -> tuple[float, float]:
        """How many errors an interval of this level reaches below and above a prediction."""
        normal = NormalDist().inv_cdf((1 + level) / 2)
        below, above = (max(self.card.factor(level), times * normal) for times in self._times_of_sides)
        return below, above

    @property
    def _times_of_sides(self) -> tuple[float, float]:
        """What the lower and the upper side of intervals are multiplied by."""
        card = self.card
        above, below = (card.above, card.surprise_above), (card.surprise_below, card.below)
        if self.direction is Direction.EITHER:
            return max(above[0], below[0]), max(above[1], below[1])
        return above if self.direction is Direction.ABOVE else below

    @cached_property
    def _errors(self) -> ErrorModel:
        return ErrorModel.of(self.predictor, self.encoding, self.card.companions, self.dataset)

    @property
    def _times(self) -> float:
        """What standard errors are multiplied by for a search that goes there."""
        if self.direction is Direction.EITHER:
            return max(self.card.above, self.card.below)
        return self.card.above if self.direction is Direction.ABOVE else self.card.below


def calibrated(
    trained: TrainedModel,
    dataset: Dataset,
    *,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """A freshly trained model with its intervals calibrated; as it is after a stop, or where rows are too few.

    Args:
        on_progress: called with the share done, 0 to 1.

    Raises:
        TrainingError: a training diverged.
    """
    card = trained.card
    if card.settings is None:
        return trained
    intervals = calibrate(
        dataset,
        card.encoding,
        card.family,
        card.settings,
        like=trained.predictor,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return replace(trained, card=card.model_copy(update={"intervals": intervals}))
