"""What answers "what would the outcome be?"."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from models.data.encoding import Encoding
from models.networks.ensemble import Ensemble, PerThread, Weigh, Write, mean_of

if TYPE_CHECKING:
    from models.networks.graph import Graph


class Predictor(Protocol):
    """Maps rows to predicted outcomes."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        ...

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outcomes (n,) float64, in their unit, of rows (n, d), categories as codes.

        A row with a missing value, or a code that names no category, gives NaN.

        Raises:
            ValueError: X has another number of columns than there are features.
        """
        ...


@runtime_checkable
class GradientPredictor(Predictor, Protocol):
    """A predictor that knows its slopes."""

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their gradients (n, d), outcome's unit per feature's unit.

        A categorical feature has gradient 0; a row without an answer has NaN.
        """
        ...


@runtime_checkable
class UncertainPredictor(Predictor, Protocol):
    """A predictor that knows how sure it is."""

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict`, and for each the spread (n,) of what the model does not know.

        The spread is one standard deviation in the outcome's unit, at least 0, NaN where there is no answer.
        """
        ...


@runtime_checkable
class UncertainGradientPredictor(UncertainPredictor, Protocol):
    """A predictor that knows how sure it is, and the slopes of both."""

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Outcomes (n,), spread (n,), and the gradients (n, d) of both, outcome's unit per feature's unit."""
        ...


class EncodedPredictor:
    """What all predictors have in common that encode their rows."""

    encoding: Encoding

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return self.encoding.feature_names

    def _inputs(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (n, p) float32 of rows (n, d), 0 where a row has no answer, and whether it has one (n,)."""
        inputs = self.encoding.encode(as_rows(X, len(self.encoding.features)))
        is_known = np.isfinite(inputs).all(axis=1)
        inputs[~is_known] = 0
        return inputs, is_known

    def _gradient(self, slopes: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
        """Gradients (n, d) in the features' units, of slopes (n, p) by the inputs; NaN where there is no outcome."""
        gradients = self.encoding.decode_gradient(slopes)
        gradients[np.isnan(outcomes)] = np.nan
        return gradients


@dataclass(frozen=True, eq=False)
class EnsemblePredictor(EncodedPredictor):
    """Networks trained on rows of their own, or a graph from elsewhere, with the encoding that they share."""

    encoding: Encoding
    networks: "Ensemble | Graph"

    def __post_init__(self) -> None:
        if self.networks.n_inputs != self.encoding.n_inputs:
            raise ValueError(
                f"The features make {self.encoding.n_inputs} network inputs, the networks take "
                f"{self.networks.n_inputs}."
            )

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n,) as `Predictor` has them: the mean over the members."""
        return self.encoding.decode_outcome(mean_of(self._outputs(X)))

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict`, to the bit, and the members' standard deviation (n,) around them.

        The spread is in the outcome's unit, with K - 1 in its denominator, and 0 of one member alone.
        """
        outputs = self._outputs(X)
        return self.encoding.decode_outcome(mean_of(outputs)), spread_of(outputs) * self.encoding.outcome_std

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict`, to the bit, and their gradients (n, d) in the features' units.

        At a kink of a network it is the gradient of one of the pieces that meet there.
        """
        outputs, slopes = self._outputs_and_slopes(X, _weights_of_mean, 1)
        outcomes = self.encoding.decode_outcome(mean_of(outputs))
        return outcomes, self._gradient(slopes[0], outcomes)

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The outcomes (n,), their spread (n,), and the gradients (n, d) of both.

        With f_k the members and s their spread, ds/dx = sum of (f_k - mean) df_k/dx over the members, divided by
        (K - 1) s; 0 where the spread is 0.
        """
        outputs, slopes = self._outputs_and_slopes(X, _weights_of_mean_and_spread, 2)
        outcomes = self.encoding.decode_outcome(mean_of(outputs))
        spread = spread_of(outputs) * self.encoding.outcome_std
        return outcomes, spread, self._gradient(slopes[0], outcomes), self._gradient(slopes[1], outcomes)

    def _outputs(self, X: np.ndarray) -> np.ndarray:
        """(K, n) standardised outputs of the members."""
        return self._outputs_and_slopes(X, None, 0)[0]

    def _outputs_and_slopes(
        self, X: np.ndarray, weigh: Weigh | None, n_functions: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Standardised outputs (K, n), and the slopes (m, n, p) by the inputs of m functions of them."""
        return self.networks.run(as_rows(X, len(self.encoding.features)), self._encoder(), weigh, n_functions)

    @cached_property
    def _encoder(self) -> PerThread[Write]:
        return PerThread(lambda: self.encoding.block_encoder(self.networks.block_rows))


def as_rows(X: np.ndarray, n_features: int) -> np.ndarray:
    """Rows as (n, d) float64.

    Raises:
        ValueError: X is not a matrix with one column per feature.
    """
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != n_features:
        raise ValueError(f"Expected rows of {n_features} feature values, shape (n, {n_features}); got {rows.shape}.")
    return rows


def spread_of(answers: np.ndarray) -> np.ndarray:
    """Standard deviation (n,) float64 over members (K, n), with K - 1 in its denominator.

    It is 0 of a single member, and NaN where there is no answer.
    """
    if len(answers) == 1:
        return np.where(np.isnan(answers[0]), np.nan, 0.0)
    with np.errstate(all="ignore"):
        return answers.std(axis=0, dtype=float, ddof=1)


def _weights_of_mean(outputs: np.ndarray) -> np.ndarray:
    """Derivatives (1, K, n) of the mean by each member: 1 / K."""
    return np.full((1, *outputs.shape), 1 / len(outputs), dtype=np.float32)


def _weights_of_mean_and_spread(outputs: np.ndarray) -> np.ndarray:
    """Derivatives (2, K, n) of the mean and of the spread by each member."""
    spread = spread_of(outputs)
    with np.errstate(all="ignore"):
        by_spread = (outputs - mean_of(outputs)) / (max(len(outputs) - 1, 1) * spread)
    by_spread = np.where(spread > 0, by_spread, 0.0).astype(np.float32)
    return np.concatenate([_weights_of_mean(outputs), by_spread[None]])
