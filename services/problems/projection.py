"""The map of candidates: two principal components of the recorded rows."""

from dataclasses import dataclass

import numpy as np

from optimizer import Numeric, SearchSpace


@dataclass(frozen=True, slots=True)
class MapProjection:
    """Principal components of the recorded rows' free features, in units in which distances compare.

    Attributes:
        mean: (p,) of the scaled recorded rows.
        axes: (p, 2) unit vectors; the second is zero where one feature is free.
        explained: shares of the recorded variation along the two axes.
    """

    space: SearchSpace
    mean: np.ndarray
    axes: np.ndarray
    explained: tuple[float, float]

    @classmethod
    def of(cls, X: np.ndarray, space: SearchSpace) -> "MapProjection":
        """The projection of recorded rows ``X`` (n, d), by an eigendecomposition of their covariance."""
        scaled = space.scaled(X)
        mean = scaled.mean(axis=0)
        centred = scaled - mean
        values, vectors = np.linalg.eigh(centred.T @ centred)
        values, vectors = values[::-1], vectors[:, ::-1]  # largest first
        # an eigenvector has no sign of its own: its largest entry is positive, so that maps look the same everywhere
        vectors = vectors * np.where(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(values))] < 0, -1, 1)
        axes = np.zeros((scaled.shape[1], 2))
        axes[:, : min(2, len(values))] = vectors[:, :2]
        shares = np.zeros(2)
        shares[: min(2, len(values))] = values[:2] / (values.sum() or 1.0)
        return cls(space, mean, axes, (float(shares[0]), float(shares[1])))

    def project(self, X: np.ndarray) -> np.ndarray:
        """Where candidates ``X`` (n, d) lie on the map, (n, 2)."""
        return (self.space.scaled(X) - self.mean) @ self.axes

    def ellipses(self, means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
        """Gaussians as the map shows them, (n, 5): centre, then the variances' xx, xy and yy.

        The image of a Gaussian under a linear map is one: ``A.T C A``. Categories spread nothing; a Gaussian that is
        NaN throughout gives NaN.

        Args:
            means: (n, d) centres, in the features' units.
            covariances: (n, d, d) of them.
        """
        to_map = self._to_map
        known = np.isfinite(covariances)
        spread = to_map.T @ np.where(known, covariances, 0.0) @ to_map
        spread[~known.any(axis=(1, 2))] = np.nan
        return np.column_stack([self.project(means), spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1]])

    @property
    def _to_map(self) -> np.ndarray:
        """(d, 2) how far a point of the map moves with each feature, in the feature's unit."""
        moves, column = np.zeros((self.space.n_features, 2)), 0
        for j in self.space.free:
            feature = self.space.features[j]
            if isinstance(feature, Numeric):
                moves[j] = self.axes[column] / feature.std
            column += 1 if isinstance(feature, Numeric) else len(feature.frequencies)
        return moves
