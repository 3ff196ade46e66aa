"""The map of candidates: two principal components of the recorded rows."""

from dataclasses import dataclass, replace

import numpy as np

from models import Dataset
from optimizer import Numeric, SearchSpace

MAP_WIDTH = 5  # of an ellipse on the components: centre, then the variances' xx, xy and yy
ELLIPSE_WIDTH = MAP_WIDTH + 3  # and its variances on the pair of features, around the lineage's best


@dataclass(frozen=True, slots=True)
class MapProjection:
    """Principal components of the recorded rows' free features, in units in which distances compare.

    Attributes:
        mean: (p,) of the scaled recorded rows.
        axes: (p, 2) unit vectors; the second is zero where one feature is free.
        explained: shares of the recorded variation along the two axes.
        pair: the two features that tell most of the outcome, by their places, or None.
    """

    space: SearchSpace
    mean: np.ndarray
    axes: np.ndarray
    explained: tuple[float, float]
    pair: tuple[int, int] | None = None

    @classmethod
    def of_table(cls, dataset: Dataset, space: SearchSpace, swept: str | None = None) -> "MapProjection":
        """The projection of a table's rows, and its most telling features but for the one that a curve runs over."""
        return replace(cls.of(dataset.X, space), pair=telling_axes(dataset, space, swept))

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
        """Gaussians as the map shows them, (n, 8): centre and variances (xx, xy, yy), then variances on the pair.

        The image of a Gaussian under a linear map is one: ``A.T C A``. Categories spread nothing; a Gaussian that is
        NaN throughout gives NaN, as all do on the pair where there is none.

        Args:
            means: (n, d) centres, in the features' units.
            covariances: (n, d, d) of them.
        """
        to_map = self._to_map
        known = np.isfinite(covariances)
        spread = to_map.T @ np.where(known, covariances, 0.0) @ to_map
        spread[~known.any(axis=(1, 2))] = np.nan
        on_pair = np.full((len(means), 3), np.nan)
        if self.pair is not None:
            i, j = self.pair
            on_pair = np.column_stack([covariances[:, i, i], covariances[:, i, j], covariances[:, j, j]])
        return np.column_stack([self.project(means), spread[:, 0, 0], spread[:, 0, 1], spread[:, 1, 1], on_pair])

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


def telling_axes(dataset: Dataset, space: SearchSpace, swept: str | None = None) -> tuple[int, int] | None:
    """The two free features whose values tell most of the recorded outcome, or None where fewer than two are free.

    A feature tells the share of the outcome's variance that lies between groups of its values, eight or its categories.
    """
    free = [int(j) for j in space.free if dataset.features[int(j)].name != swept]
    if len(free) < 2:
        return None
    known = np.isfinite(dataset.y)
    y, X = dataset.y[known], dataset.X[known]
    shares = [_told_share(X[:, j], y, is_category=bool(dataset.features[j].categories)) for j in free]
    first, second = (free[k] for k in np.argsort(shares, kind="stable")[::-1][:2])
    return first, second


def _told_share(x: np.ndarray, y: np.ndarray, *, is_category: bool) -> float:
    """Which share of the variance of ``y`` (n,) lies between groups of ``x`` (n,), less what chance gives, 0 to 1."""
    n_groups = max(2, min(8, len(x) // 5))
    edges = np.unique(np.quantile(x, np.linspace(0, 1, n_groups + 1)[1:-1])) if len(x) else x
    groups = x if is_category else np.searchsorted(edges, x, side="right")
    _, group = np.unique(groups, return_inverse=True)
    n, k, total = len(y), int(group.max(initial=-1)) + 1, float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    if total <= 0 or n <= k:
        return 0.0
    means = np.bincount(group, weights=y) / np.bincount(group)
    within = float(((y - means[group]) ** 2).sum())
    return max(0.0, 1 - (within / (n - k)) / (total / (n - 1)))
