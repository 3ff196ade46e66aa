"""The family of Gaussian processes: features and outcome in their units around a process on arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.families.process import Process
from models.networks.predictor import EncodedPredictor


@dataclass(frozen=True, eq=False)
class GaussianProcessPredictor(EncodedPredictor):
    """The mean of a Gaussian process given rows, and its standard deviation without the noise of measuring."""

    encoding: Encoding
    process: Process

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
        answers = self.process.answers(inputs.astype(float), has_spread=has_spread, has_gradient=has_gradient)
        for array in answers:
            array[~is_known] = np.nan
        outcomes = self.encoding.decode_outcome(answers[0])
        spreads = [spread * self.encoding.outcome_std for spread in answers[1 : 1 + has_spread]]
        return outcomes, *spreads, *(self._gradient(slopes, outcomes) for slopes in answers[1 + has_spread :])
