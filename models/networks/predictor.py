"""What answers "what would the outcome be?"."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from models.data.encoding import Encoding
from models.networks.backward import Tape
from models.networks.network import Network, PerThread, Write, filler


class Predictor(Protocol):
    """Maps rows to predicted outcomes."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        ...

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 outcomes, in their unit, of rows (n, d); NaN where there is no answer."""
        ...


@runtime_checkable
class GradientPredictor(Predictor, Protocol):
    """A predictor that knows its slopes."""

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the outcomes (n,) of `predict` and their gradients (n, d), outcome's unit per feature's unit.

        A categorical feature has gradient 0; a row without an answer has NaN.
        """
        ...


@runtime_checkable
class UncertainPredictor(Predictor, Protocol):
    """A predictor that knows how sure it is."""

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the outcomes (n,) of `predict`, and for each the spread (n,) of what the model does not know.

        The spread is one standard deviation in the outcome's unit, at least 0, NaN where there is no answer.
        """
        ...


@runtime_checkable
class UncertainGradientPredictor(UncertainPredictor, Protocol):
    """A predictor that knows how sure it is, and the slopes of both."""

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return outcomes (n,), spread (n,), and the gradients (n, d) of both, outcome's unit per feature's unit."""
        ...


@dataclass(frozen=True, eq=False)
class MlpPredictor:
    """A trained network with its encoding.

    Attributes:
        encoding: from features to network inputs, and back for the outcome.
        network: from inputs to the standardised outcome.
    """

    encoding: Encoding
    network: Network

    def __post_init__(self) -> None:
        """Refuse parts that do not fit.

        Raises:
            ValueError: the network takes another number of inputs than the encoding makes.
        """
        if self.network.n_inputs != self.encoding.n_inputs:
            raise ValueError(
                f"The features make {self.encoding.n_inputs} network inputs, the network takes {self.network.n_inputs}."
            )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return self.encoding.feature_names

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 outcomes, in their unit, of rows (n, d); categories as codes.

        A row with a missing value, or a code that names no category, gives NaN.

        Raises:
            ValueError: X has another number of columns than there are features.
        """
        rows = as_rows(X, len(self.encoding.features))
        return self.encoding.decode_outcome(self.network.forward_blocks(len(rows), filler(rows, self._encoder())))

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the outcomes (n,) of `predict`, to the bit, and their gradients (n, d) in the features' units.

        A categorical feature has gradient 0; a row without an answer has NaN. At a kink of the network it is the
        gradient of one of the pieces that meet there.

        Raises:
            ValueError: X has another number of columns than there are features, or the network an activation whose
                derivative is not known.
        """
        rows = as_rows(X, len(self.encoding.features))
        outputs, slopes = self._tape().run(len(rows), filler(rows, self._encoder()))
        outcomes, gradients = self.encoding.decode_outcome(outputs), self.encoding.decode_gradient(slopes)
        gradients[np.isnan(outcomes)] = np.nan
        return outcomes, gradients

    @cached_property
    def _encoder(self) -> PerThread[Write]:
        return PerThread(lambda: self.encoding.block_encoder(self.network.block_rows))

    @cached_property
    def _tape(self) -> PerThread[Tape]:
        return PerThread(lambda: Tape(self.network))


def as_rows(X: np.ndarray, n_features: int) -> np.ndarray:
    """Return X as (n, d) float64.

    Raises:
        ValueError: X is not a matrix with one column per feature.
    """
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != n_features:
        raise ValueError(f"Expected rows of {n_features} feature values, shape (n, {n_features}); got {rows.shape}.")
    return rows
