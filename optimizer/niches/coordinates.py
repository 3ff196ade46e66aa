"""The coordinates that niches search in: what is numeric and can move, between 0 and 1."""

from dataclasses import dataclass

import numpy as np

from optimizer.features.features import Categorical, Numeric, reflect
from optimizer.problem.space import SearchSpace


@dataclass(frozen=True)
class Coordinates:
    """The numeric features that can move as coordinates over their bounds; categories stay with a base candidate.

    Attributes:
        space: whose candidates these are.
        columns: (m,) columns of the numeric features that can move.
        low: (m,) their lower bounds.
        width: (m,) their upper bounds less the lower ones.
        step: (m,) a feature's step in these coordinates, 0 for a continuous one.
        categorical: the free categorical features with their columns.
    """

    space: SearchSpace
    columns: np.ndarray
    low: np.ndarray
    width: np.ndarray
    step: np.ndarray
    categorical: tuple[tuple[int, Categorical], ...]

    @classmethod
    def of(cls, space: SearchSpace) -> "Coordinates":
        """Return the coordinates of a space; there may be none."""
        free = [(j, space.features[j]) for j in space.free.tolist()]
        numeric = [(j, f) for j, f in free if isinstance(f, Numeric) and f.high > f.low]
        width = np.array([f.high - f.low for _, f in numeric])
        return cls(
            space=space,
            columns=np.array([j for j, _ in numeric], dtype=int),
            low=np.array([f.low for _, f in numeric]),
            width=width,
            step=np.array([f.step or 0.0 for _, f in numeric]) / width,
            categorical=tuple((j, f) for j, f in free if isinstance(f, Categorical) and len(f.codes) > 1),
        )

    @property
    def n(self) -> int:
        """How many coordinates there are."""
        return len(self.columns)

    @property
    def is_plain(self) -> bool:
        """Whether candidates are any numbers within bounds: no steps, no categories, no rules."""
        return not (self.step.any() or self.categorical or self.space.has_constraints)

    def candidates(self, U: np.ndarray, bases: np.ndarray) -> np.ndarray:
        """Return (n, d) candidates at ``U`` (n, m), mirrored into the bounds; the rest is that of ``bases`` (n, d)."""
        X = bases.copy()
        X[:, self.columns] = self.low + self.width * reflect(U, np.zeros(self.n), np.ones(self.n))
        return self.space.repair(X)

    def coordinates(self, X: np.ndarray) -> np.ndarray:
        """Return (n, m) the coordinates of candidates ``X`` (n, d)."""
        return (X[:, self.columns] - self.low) / self.width

    def places(self, X: np.ndarray) -> np.ndarray:
        """Return (n, p) coordinates and categories of candidates ``X`` (n, d), in which their neighbours are found.

        Categories are so far apart that whatever has the same ones is nearer than anything that has not.
        """
        columns = [j for j, _ in self.categorical]
        return np.hstack([self.coordinates(X), X[:, columns] * (1 + np.sqrt(self.n))])

    def is_alike(self, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
        """Return (n,) whether rows of ``X`` and ``Y`` (n, d) have the same categories."""
        if not self.categorical:
            return np.ones(np.broadcast_shapes(X.shape, Y.shape)[:-1], dtype=bool)
        columns = [j for j, _ in self.categorical]
        return (X[..., columns] == Y[..., columns]).all(axis=-1)

    def centres(self, U: np.ndarray, bases: np.ndarray) -> np.ndarray:
        """Return (k, d) centres of Gaussians at ``U`` (k, m) in the features' units, not on steps and not repaired."""
        X = bases.copy()
        X[:, self.columns] = self.low + self.width * U
        return X

    def covariances(self, C: np.ndarray) -> np.ndarray:
        """Return (k, d, d) covariances in the features' units of those in coordinates (k, m, m); 0 elsewhere."""
        d = self.space.n_features
        full = np.zeros((len(C), d, d))
        full[:, self.columns[:, None], self.columns] = C * np.outer(self.width, self.width)
        return full
