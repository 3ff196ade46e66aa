"""Predictions with how far to trust them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models.cards.card import ErrorCard, IntervalCard, TrainedModel
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.limits import PhysicalLimits
from models.intervals.calibration import calibrate
from models.intervals.nearness import NearbyOutcomes, Nearness
from models.networks.predictor import GradientPredictor, Predictor, UncertainGradientPredictor, UncertainPredictor


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
        direction: where a search goes; beyond the recorded outcomes a model may err more on one side than on the other.
    """

    predictor: Predictor
    encoding: Encoding
    card: IntervalCard
    dataset: Dataset
    direction: Direction = Direction.EITHER

    def toward(self, direction: Direction) -> "ConformalPredictor":
        """The same predictor for a search that goes there."""
        turned = replace(self, direction=direction)
        turned.__dict__.update(nearness=self.nearness, _nearby=self._nearby)  # search trees serve both
        return turned

    @property
    def has_gradient(self) -> bool:
        """Whether predictions and uncertainties know their slopes."""
        if isinstance(self.predictor, UncertainPredictor):
            return isinstance(self.predictor, UncertainGradientPredictor)
        return isinstance(self.predictor, GradientPredictor)

    def predict_with_uncertainty(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions (n,) of rows (n, d) and one standard error of each (n,), in the outcome's unit.

        The error expected beyond the recorded rows, or among them where that is larger; it grows with the distance to
        the rows and with the model's spread.
        """
        predicted, spread = self._predicted(X)
        distance = self.nearness.distance(X)
        errors = np.maximum(self.card.among.expected(spread, distance), self._beyond.expected(spread, distance))
        return predicted, errors * self.encoding.outcome_std

    def predict_with_uncertainty_and_gradient(
        self, X: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What `predict_with_uncertainty` gives, then the gradients (n, d) of both, per unit of the features.

        Raises:
            TypeError: the predictor does not know its slopes; see `has_gradient`.
        """
        predicted, spread, slopes, spread_slopes = self._predicted_with_gradient(X)
        distance, rises = self.nearness.distance_with_gradient(X)
        errors, gradients = self.card.among.expected_with_gradient(spread, distance, spread_slopes, rises)
        other, other_gradients = self._beyond.expected_with_gradient(spread, distance, spread_slopes, rises)
        is_other = other > errors
        std = self.encoding.outcome_std
        return (
            predicted,
            np.where(is_other, other, errors) * std,
            slopes,
            np.where(is_other[:, None], other_gradients, gradients) * std,
        )

    def predict_interval(self, X: np.ndarray, level: float = 0.9, *, is_sought: bool = False) -> Interval:
        """Predictions of rows (n, d) with the interval that holds the outcome in a share ``level`` of cases.

        All of it keeps to the limits that physics sets to the outcome.

        Args:
            is_sought: the rows were found by looking for extreme predictions. Such predictions err as those beyond the
                recorded outcomes do, even where some neighbour was measured higher. And they were chosen for their
                error, too: only half as many may miss as otherwise, which is what it took on known functions.
        """
        predicted, spread = self._predicted(X)
        distance = self.nearness.distance(X)
        outside = np.ones(len(X)) if is_sought else self._nearby.outside(X, predicted)
        level = (1 + level) / 2 if is_sought else level
        among = self.card.among.factor(level) * self.card.among.expected(spread, distance)
        beyond = self._beyond.factor(level) * self._beyond.expected(spread, distance)
        half = np.maximum(among, outside * beyond) * self.encoding.outcome_std
        return Interval(predicted, predicted - half, predicted + half).within(self.dataset.limits)

    def extrapolation_limit(self, limit: float) -> float:
        """The distance to the recorded rows at which one standard error beyond them is ``limit``.

        Args:
            limit: in standard deviations of the outcome.

        Returns:
            In standard deviations of the features; infinite where errors do not grow with distance. Never less than
            what is usual between recorded rows.
        """
        return max(self._beyond.extrapolation_limit(limit), self.nearness.usual)

    @cached_property
    def nearness(self) -> Nearness:
        """How far rows lie from the recorded ones."""
        sweep = self.dataset.sweep
        return Nearness(self.encoding, self.dataset.X, () if sweep is None else (self.dataset.index(sweep),))

    @cached_property
    def _nearby(self) -> NearbyOutcomes:
        return NearbyOutcomes(self.encoding, self.dataset.X, self.dataset.y)

    @property
    def _beyond(self) -> ErrorCard:
        """The errors beyond the recorded outcomes on the side that the search goes to."""
        if self.direction is Direction.EITHER:
            return max(self.card.above, self.card.below, key=lambda card: card.distance)
        return self.card.above if self.direction is Direction.ABOVE else self.card.below

    def _predicted(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions (n,) in their unit, and spreads (n,) in standard deviations of the outcome."""
        if isinstance(self.predictor, UncertainPredictor):
            predicted, spread = self.predictor.predict_with_spread(X)
            return predicted, spread / self.encoding.outcome_std
        return self.predictor.predict(X), np.zeros(len(X))

    def _predicted_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Predictions and spreads (n,) as above, then the gradient (n, d) of either."""
        if isinstance(self.predictor, UncertainGradientPredictor):
            predicted, spread, slopes, spread_slopes = self.predictor.predict_with_spread_and_gradient(X)
            std = self.encoding.outcome_std
            return predicted, spread / std, slopes, spread_slopes / std
        if isinstance(self.predictor, UncertainPredictor) or not isinstance(self.predictor, GradientPredictor):
            raise TypeError("This predictor does not know the slopes of its uncertainty: ask has_gradient first.")
        predicted, slopes = self.predictor.predict_with_gradient(X)
        return predicted, np.zeros(len(X)), slopes, np.zeros(slopes.shape)


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
