"""The coordinates that niches search in: what is numeric and can move, between 0 and 1; and what else can change."""

from dataclasses import dataclass

import numpy as np

from optimizer.features import Categorical, Numeric, reflect
from optimizer.problem.space import SearchSpace


@dataclass(frozen=True)
class Coordinates:
    """The numeric features that can move as coordinates over their bounds; categories stay with a base candidate.

    Attributes:
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
        """The coordinates of a space; there may be none."""
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
        return not (self.step.any() or self.categorical or self.space.constraints)

    def candidates(self, U: np.ndarray, bases: np.ndarray) -> np.ndarray:
        """(n, d) candidates at ``U`` (n, m), mirrored into the bounds; the rest is that of ``bases`` (n, d)."""
        X = bases.copy()
        X[:, self.columns] = self.low + self.width * reflect(U, np.zeros(self.n), np.ones(self.n))
        return self.space.repair(X)

    def coordinates(self, X: np.ndarray) -> np.ndarray:
        """(n, m) the coordinates of candidates ``X`` (n, d)."""
        return (X[:, self.columns] - self.low) / self.width

    def keys(self, X: np.ndarray) -> np.ndarray:
        """(n, p) coordinates and categories of candidates ``X`` (n, d), by which their neighbours are found.

        Categories are so far apart that whatever has the same ones is nearer than anything that has not.
        """
        columns = [j for j, _ in self.categorical]
        return np.hstack([self.coordinates(X), X[:, columns] * (1 + np.sqrt(self.n))])

    def is_alike(self, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
        """(n,) whether rows of ``X`` and ``Y`` (n, d) have the same categories."""
        if not self.categorical:
            return np.ones(np.broadcast_shapes(X.shape, Y.shape)[:-1], dtype=bool)
        columns = [j for j, _ in self.categorical]
        return (X[..., columns] == Y[..., columns]).all(axis=-1)

    def mixed(self, U: np.ndarray, bases: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Children (n, m) and their bases (n, d), some of them a step or a category away: what no Gaussian does.

        One stepped or categorical feature in ``p`` of every child changes, where there are p of them: a stepped one by
        one step, or by more with falling probability; a categorical one to a category drawn from the recorded
        frequencies. So a Gaussian may shrink far below a step, as in CMA-ES for integers (N. Hansen, "A CMA-ES for
        Mixed-Integer Nonlinear Optimization", INRIA report 7751, 2011).

        Args:
            U: (n, m) children as they were drawn.
            bases: (n, d) what gives them their categories.
        """
        stepped = np.flatnonzero(self.step)
        n_discrete = len(stepped) + len(self.categorical)
        if not n_discrete or not len(U):
            return U, bases
        share = 0.5 / n_discrete
        U, bases = U.copy(), bases.copy()
        if len(stepped):
            shape = len(U), len(stepped)
            steps = rng.geometric(0.5, size=shape) * rng.choice([-1, 1], size=shape)
            U[:, stepped] += np.where(rng.random(shape) < share, steps, 0) * self.step[stepped]
        for j, feature in self.categorical:
            changes = rng.random(len(U)) < share
            # half of the draws are uniform: a category that was never recorded is tried too
            codes = rng.choice(feature.codes, size=len(U), p=0.5 * feature.probabilities + 0.5 / len(feature.codes))
            bases[:, j] = np.where(changes, codes, bases[:, j])
        return U, bases

    def centres(self, U: np.ndarray, bases: np.ndarray) -> np.ndarray:
        """(k, d) centres of Gaussians at ``U`` (k, m) in the features' units, not on steps and not repaired."""
        X = bases.copy()
        X[:, self.columns] = self.low + self.width * U
        return X

    def covariances(self, C: np.ndarray) -> np.ndarray:
        """(k, d, d) covariances in the features' units of those in coordinates (k, m, m); 0 elsewhere."""
        d = self.space.n_features
        full = np.zeros((len(C), d, d))
        full[:, self.columns[:, None], self.columns] = C * np.outer(self.width, self.width)
        return full
