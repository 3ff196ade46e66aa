"""What answers "what would the outcome be?"."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from models.encoding import Encoding
from models.network import Network


class Predictor(Protocol):
    """Maps rows to predicted outcomes."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        ...

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 outcomes, in their unit, of rows (n, d); NaN where there is no answer."""
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
        return tuple(column.name for column in self.encoding.features)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 outcomes, in their unit, of rows (n, d); categories as codes.

        A row with a missing value, or a code that names no category, gives NaN.

        Raises:
            ValueError: X has another number of columns than there are features.
        """
        rows = as_rows(X, len(self.encoding.features))
        encode = self._block_encoder()

        def fill(start: int, stop: int, block: np.ndarray) -> None:
            encode(rows[start:stop], block)

        return self.encoding.decode_outcome(self.network.forward_blocks(len(rows), fill))

    def _block_encoder(self) -> Callable[[np.ndarray, np.ndarray], None]:
        """Return what encodes a block of rows; every thread has its own, made once."""
        kept = self._kept
        if not hasattr(kept, "encode"):
            kept.encode = self.encoding.block_encoder(self.network.block_rows)
        return kept.encode

    @cached_property
    def _kept(self) -> threading.local:
        return threading.local()


def as_rows(X: np.ndarray, n_features: int) -> np.ndarray:
    """Return X as (n, d) float64.

    Raises:
        ValueError: X is not a matrix with one column per feature.
    """
    rows = np.asarray(X, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != n_features:
        raise ValueError(f"Expected rows of {n_features} feature values, shape (n, {n_features}); got {rows.shape}.")
    return rows
