"""Gaussian processes and response surfaces: features and outcome in their units around a process on arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.families.process import Process
from models.families.scale import LogScale
from models.networks.predictor import EncodedPredictor


@dataclass(frozen=True, eq=False)
class GaussianProcessPredictor(EncodedPredictor):
    """The mean of a Gaussian process given rows, and its standard deviation without the noise of measuring.

    Attributes:
        log_scale: of the outcome that the process knows; None where it is the standardised outcome itself.
    """

    encoding: Encoding
    process: Process
    log_scale: LogScale | None = None

    def __post_init__(self) -> None:
        if self.process.rows.shape[1] != self.encoding.n_inputs:
            raise ModelFileError(
                f"The features make {self.encoding.n_inputs} inputs, the Gaussian process takes "
                f"{self.process.rows.shape[1]}: bring the two files that were saved together."
            )

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n,) as `Predictor` has them."""
        return self._answers(X)[0]

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their standard deviation (n,) in the outcome's unit."""
        return self._answers(X, has_spread=True)

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their gradients (n, d) as `GradientPredictor` has them."""
        return self._answers(X, has_gradient=True)

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The outcomes and spreads (n,) of `predict_with_spread`, and the gradient (n, d) of each."""
        return self._answers(X, has_spread=True, has_gradient=True)

    def _answers(self, X: np.ndarray, *, has_spread: bool = False, has_gradient: bool = False) -> tuple[Any, ...]:
        """Outcomes (n,), their spreads (n,) and the gradient (n, d) of either, as asked for; NaN without an answer."""
        inputs, is_known = self._inputs(X)
        answers = self.process.answers(
            inputs.astype(self.process.rows.dtype), has_spread=has_spread, has_gradient=has_gradient
        )
        for array in answers:
            array[~is_known] = np.nan
        values, slopes = answers[: 1 + has_spread], answers[1 + has_spread :]
        if self.log_scale is None:
            outcomes = self.encoding.decode_outcome(values[0])
            values = [outcomes, *(spread * self.encoding.outcome_std for spread in values[1:])]
        else:
            values, slopes = _decoded(self.log_scale, values, slopes, self.encoding.outcome_std)
        return *values, *(self._gradient(each, values[0]) for each in slopes)


def _decoded(
    scale: LogScale, values: list[np.ndarray], slopes: list[np.ndarray], std: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Answers (n,) of a process in the outcome's unit, and their slopes (n, p) in standard deviations of it."""
    outcomes, is_within = scale.decode(values[0])
    rates = scale.std * outcomes  # by which an outcome rises with the process' own answer
    decoded = [outcomes, *(spread * rates for spread in values[1:])]
    if not slopes:
        return decoded, []
    rises = [(is_within * rates / std)[:, None] * slopes[0]]
    if len(slopes) > 1:  # the rate rises with the outcome
        rises.append((rates / std)[:, None] * slopes[1] + (scale.std * values[1])[:, None] * rises[0])
    return decoded, rises
