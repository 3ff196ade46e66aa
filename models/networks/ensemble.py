"""The predictor that knows what it does not know: several networks, their mean and how far they disagree."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.data.encoding import Encoding
from models.networks.network import PerThread, Write, filler
from models.networks.predictor import MlpPredictor, as_rows
from models.networks.stacked import StackedNetworks, spread_of
from models.networks.stacked_backward import StackedTape, Weigh


@dataclass(frozen=True, eq=False)
class EnsemblePredictor:
    """Networks trained on rows of their own, with the encoding that they share.

    Attributes:
        encoding: from features to network inputs, and back for the outcome.
        networks: from inputs to the standardised outcome, one member each.
    """

    encoding: Encoding
    networks: StackedNetworks

    def __post_init__(self) -> None:
        """Refuse parts that do not fit.

        Raises:
            ValueError: the networks take another number of inputs than the encoding makes.
        """
        if self.networks.n_inputs != self.encoding.n_inputs:
            raise ValueError(
                f"The features make {self.encoding.n_inputs} network inputs, the networks take "
                f"{self.networks.n_inputs}."
            )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return self.encoding.feature_names

    @property
    def n_members(self) -> int:
        """How many networks there are (K)."""
        return self.networks.n_members

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 outcomes, in their unit, of rows (n, d): the mean over the members.

        A row with a missing value, or a code that names no category, gives NaN.

        Raises:
            ValueError: X has another number of columns than there are features.
        """
        return self.encoding.decode_outcome(_mean(self._outputs(X)))

    def predict_members(self, X: np.ndarray) -> np.ndarray:
        """Return (K, n) float64 what each member predicts, in the outcome's unit; errors as `predict`."""
        return self.encoding.decode_outcome(self._outputs(X))

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the outcomes (n,) of `predict`, to the bit, and the members' standard deviation (n,) around them.

        The spread is in the outcome's unit, with K - 1 in its denominator, and 0 of one member alone; errors as
        `predict`.
        """
        outputs = self._outputs(X)
        return self.encoding.decode_outcome(_mean(outputs)), spread_of(outputs) * self.encoding.outcome_std

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the outcomes (n,) of `predict`, to the bit, and their gradients (n, d) in the features' units.

        A categorical feature has gradient 0; a row without an answer has NaN. At a kink of a network it is the
        gradient of one of the pieces that meet there.

        Raises:
            ValueError: X has another number of columns than there are features, or the networks an activation whose
                derivative is not known.
        """
        outputs, slopes = self._taped(X, _weights_of_mean, 1)
        outcomes = self.encoding.decode_outcome(_mean(outputs))
        return outcomes, self._gradient(slopes[0], outcomes)

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the outcomes (n,), their spread (n,), and the gradients (n, d) of both; errors as above.

        With f_k the members and s their spread, ds/dx = sum of (f_k - mean) df_k/dx over the members, divided by
        (K - 1) s; 0 where the spread is 0.
        """
        outputs, slopes = self._taped(X, _weights_of_mean_and_spread, 2)
        outcomes = self.encoding.decode_outcome(_mean(outputs))
        spread = spread_of(outputs) * self.encoding.outcome_std
        return outcomes, spread, self._gradient(slopes[0], outcomes), self._gradient(slopes[1], outcomes)

    def _outputs(self, X: np.ndarray) -> np.ndarray:
        """Return (K, n) standardised outputs of the members."""
        rows = as_rows(X, len(self.encoding.features))
        return self.networks.forward_blocks(len(rows), filler(rows, self._encoder()))

    def _taped(self, X: np.ndarray, weigh: Weigh, n_functions: int) -> tuple[np.ndarray, np.ndarray]:
        """Return standardised outputs (K, n), and the slopes (m, n, p) by the inputs of m functions of them."""
        rows = as_rows(X, len(self.encoding.features))
        return self._tape().run(len(rows), filler(rows, self._encoder()), weigh, n_functions)

    def _gradient(self, slopes: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
        """Return (n, d) gradients in the features' units, NaN where there is no outcome."""
        gradients = self.encoding.decode_gradient(slopes)
        gradients[np.isnan(outcomes)] = np.nan
        return gradients

    @cached_property
    def _encoder(self) -> PerThread[Write]:
        return PerThread(lambda: self.encoding.block_encoder(self.networks.block_rows))

    @cached_property
    def _tape(self) -> PerThread[StackedTape]:
        return PerThread(lambda: StackedTape(self.networks))


def predictor_of(encoding: Encoding, networks: StackedNetworks) -> EnsemblePredictor | MlpPredictor:
    """Return what answers for an ensemble, or for one member alone, which knows no spread."""
    if networks.n_members == 1:
        return MlpPredictor(encoding, networks.members[0])
    return EnsemblePredictor(encoding, networks)


def _mean(outputs: np.ndarray) -> np.ndarray:
    """Return (n,) float64 the mean over members (K, n)."""
    return outputs.mean(axis=0, dtype=float)


def _weights_of_mean(outputs: np.ndarray) -> np.ndarray:
    """Return (1, K, n) how the mean changes with each member: 1 / K."""
    return np.full((1, *outputs.shape), 1 / len(outputs), dtype=np.float32)


def _weights_of_mean_and_spread(outputs: np.ndarray) -> np.ndarray:
    """Return (2, K, n) how the mean and the spread change with each member."""
    spread = spread_of(outputs)
    with np.errstate(all="ignore"):
        by_spread = (outputs - _mean(outputs)) / (max(len(outputs) - 1, 1) * spread)
    by_spread = np.where(spread > 0, by_spread, 0.0).astype(np.float32)
    return np.concatenate([_weights_of_mean(outputs), by_spread[None]])
