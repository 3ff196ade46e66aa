"""From recorded values to network inputs: standardised numbers and one-hot categories."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from models.data.dataset import Column, Dataset


@dataclass(frozen=True)
class Encoding:
    """How rows become network inputs, and network outputs become outcomes.

    A numeric feature gives one input, (value - mean) / std; one that never varied gives a constant 0, so that a
    model says nothing about what it has not seen. A categorical feature gives one input per category, 0 or 1.

    Attributes:
        means: (d,) what is subtracted; 0 for categorical features.
        stds: (d,) what is divided by; 0 for a feature that never varied, 1 for categorical ones.
        outcome_mean: in the outcome's unit.
        outcome_std: in the outcome's unit, positive.
    """

    features: tuple[Column, ...]
    means: np.ndarray
    stds: np.ndarray
    outcome_mean: float
    outcome_std: float
    _scales: np.ndarray = field(init=False, repr=False)
    _starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        n_features = len(self.features)
        if self.means.shape != (n_features,) or self.stds.shape != (n_features,):
            raise ValueError(f"Expected {n_features} means and stds, got {self.means.shape} and {self.stds.shape}.")
        if not (np.isfinite(self.means).all() and np.isfinite(self.stds).all() and (self.stds >= 0).all()):
            raise ValueError("Means have to be finite and standard deviations finite and not negative.")
        if not (np.isfinite(self.outcome_mean) and np.isfinite(self.outcome_std) and self.outcome_std > 0):
            raise ValueError("The outcome's mean has to be finite and its standard deviation finite and positive.")
        varied = self.stds > 0
        scales = np.where(varied, 1.0 / np.where(varied, self.stds, 1.0), 0.0)
        starts = np.concatenate([[0], np.cumsum([len(c.categories) if c.is_categorical else 1 for c in self.features])])
        object.__setattr__(self, "_scales", scales)
        object.__setattr__(self, "_starts", tuple(int(start) for start in starts))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return tuple(column.name for column in self.features)

    @classmethod
    def from_dataset(cls, dataset: Dataset, rows: np.ndarray) -> "Encoding":
        """The encoding whose means and standard deviations are those of some rows (indices) of a dataset."""
        is_numeric = np.array([not column.is_categorical for column in dataset.features])
        X, y = dataset.X[rows], dataset.y[rows]
        stds = X.std(axis=0)
        # A constant column's std may come out as a rounding error instead of 0.
        stds = np.where(stds > 1e-12 * np.abs(X).max(axis=0), stds, 0.0)
        return cls(
            features=dataset.features,
            means=np.where(is_numeric, X.mean(axis=0), 0.0),
            stds=np.where(is_numeric, stds, 1.0),
            outcome_mean=float(y.mean()),
            outcome_std=float(y.std()),
        )

    @property
    def n_inputs(self) -> int:
        """How many inputs the network has (p)."""
        return self._starts[-1]

    @property
    def owners(self) -> np.ndarray:
        """The feature (p,) that each input is of."""
        return np.repeat(np.arange(len(self.features)), np.diff(self._starts))

    def encode(self, X: np.ndarray) -> np.ndarray:
        """Network inputs (n, p) float32 of rows (n, d); NaN for NaN, and where a code names no category."""
        rows = np.asarray(X, dtype=float)
        out = np.empty((len(rows), self.n_inputs), dtype=np.float32)
        self.block_encoder(len(rows))(rows, out)
        return out

    def block_encoder(self, n_block: int) -> Callable[[np.ndarray, np.ndarray], None]:
        """A function that writes the inputs of rows (n, d) float64 into an array (n, p) float32.

        Made for many blocks of at most n_block rows each: it works in memory of its own that is used again.
        """
        if any(column.is_categorical for column in self.features):
            return self._encode_mixed
        means, differences = np.tile(self.means, (n_block, 1)), np.empty((n_block, len(self.means)))
        scales = np.tile(self._scales.astype(np.float32), (n_block, 1))

        def encode_numbers(X: np.ndarray, out: np.ndarray) -> None:
            n = len(X)
            with np.errstate(all="ignore"):
                # The difference in float64: float32 would lose the digits of a large mean.
                np.subtract(X, means[:n], out=differences[:n])
                out[...] = differences[:n]
                np.multiply(out, scales[:n], out=out)

        return encode_numbers

    def _encode_mixed(self, X: np.ndarray, out: np.ndarray) -> None:
        """Write the (n, p) inputs of rows (n, d), feature by feature."""
        with np.errstate(all="ignore"):
            for j, (first, last) in enumerate(pairwise(self._starts)):
                if self.features[j].is_categorical:
                    known = np.arange(last - first)
                    out[:, first:last] = X[:, j, None] == known
                    out[~np.isin(X[:, j], known), first:last] = np.nan
                else:
                    out[:, first] = (X[:, j] - self.means[j]) * self._scales[j]

    def encode_outcome(self, y: np.ndarray) -> np.ndarray:
        """Standardised outcomes (n,) float32."""
        return ((y - self.outcome_mean) / self.outcome_std).astype(np.float32)

    def decode_outcome(self, z: np.ndarray) -> np.ndarray:
        """Outcomes (n,) float64 in their unit, of standardised ones."""
        return z.astype(float) * self.outcome_std + self.outcome_mean

    def decode_gradient(self, slopes: np.ndarray) -> np.ndarray:
        """Gradients (n, d) float64, outcome's unit per feature's unit, of slopes (n, p) by the inputs."""
        is_numeric = np.array([not column.is_categorical for column in self.features])
        first = np.array(self._starts[:-1])
        per_feature = np.where(is_numeric, self._scales * self.outcome_std, 0.0)
        with np.errstate(all="ignore"):
            return np.where(per_feature == 0, 0.0, slopes[:, first] * per_feature)
