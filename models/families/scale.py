"""The logarithm as the scale of an outcome: there errors are shares of the outcome, and no prediction is negative."""

from dataclasses import dataclass

import numpy as np

_FARTHEST = 300.0  # no logarithm of a prediction is larger: the exponential of 710 overflows


@dataclass(frozen=True, slots=True)
class LogScale:
    """Standardised logarithms of outcomes, and the way back to the outcome's own unit.

    Attributes:
        mean: of the logarithms of the rows that were learned from.
        std: of these logarithms, positive.
        low: least logarithm that a prediction may have.
        high: greatest one.
    """

    mean: float
    std: float
    low: float
    high: float

    @classmethod
    def of(cls, outcomes: np.ndarray) -> "LogScale":
        """The scale of positive outcomes (n,) that are not all equal.

        Logarithms of predictions leave the recorded ones by at most the range of these, so that none overflows.
        """
        logs = np.log(outcomes)
        least, most = float(logs.min()), float(logs.max())
        low, high = max(2 * least - most, -_FARTHEST), min(2 * most - least, _FARTHEST)
        return cls(float(logs.mean()), float(logs.std()), low, high)

    def encode(self, outcomes: np.ndarray) -> np.ndarray:
        """Standardised logarithms (n,) of positive outcomes."""
        return (np.log(outcomes) - self.mean) / self.std

    def decode(self, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Outcomes (n,) in their unit of standardised logarithms, and where these are within what a prediction may be.

        The outcome is the median of the one whose logarithm is normally distributed.
        """
        logs = self.mean + self.std * answers
        with np.errstate(invalid="ignore"):
            return np.exp(np.clip(logs, self.low, self.high)), (logs > self.low) & (logs < self.high)


def is_skewed(outcomes: np.ndarray) -> bool:
    """Whether outcomes (n,) are all positive with a longer tail upwards than their logarithms have on either side."""
    if outcomes.min() <= 0:
        return False
    return _skewness(outcomes) > abs(_skewness(np.log(outcomes)))


def _skewness(values: np.ndarray) -> float:
    """The third standardised moment, 0 where nothing varies."""
    away = values - values.mean()
    std = float(np.sqrt(np.mean(away**2)))
    return float(np.mean(away**3)) / std**3 if std > 0 else 0.0
