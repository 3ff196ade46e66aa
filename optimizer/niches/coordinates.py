"""The coordinates that niches search in: what is numeric and may move, between 0 and 1; and what else may change.

Features whose mutation strength is 0 are no coordinates: a lineage keeps their values, and lineages with different ones
are on different hills, as those with different categories are.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.features import Categorical, Numeric, reflect
from optimizer.problem.space import SearchSpace

FIRST_SIGMAS = 0.01, 0.1
"""First step sizes of drawn lineages as usual, shares of the bounds' width: one for each, spread by its logarithm."""
USUAL_SIGMA = float(
    np.sqrt((FIRST_SIGMAS[1] ** 2 - FIRST_SIGMAS[0] ** 2) / (2 * np.log(FIRST_SIGMAS[1] / FIRST_SIGMAS[0])))
)
"""The standard deviation of the first children of all these lineages together, likewise: what a strength says."""
_ALL_CHANGES = 0.5  # stepped and categorical features that change in a child, on average
_SAME_VALUE = 1e-9  # of the bounds' width


@dataclass(frozen=True)
class Coordinates:
    """The numeric features that may move as coordinates over their bounds; the others stay with a base candidate.

    Attributes:
        columns: (m,) columns of the numeric features that may move.
        low: (m,) their lower bounds.
        width: (m,) their upper bounds less the lower ones.
        step: (m,) a feature's step in these coordinates, 0 for a continuous one.
        scale: (m,) how far they are drawn at first by their mutation strengths, 1 for as usual.
        categorical: the categorical features that may change, with their columns.
        apart: (p,) columns of all categorical features and of numbers that are kept.
        unit: (p,) what differs by more than that in these is different.
    """

    space: SearchSpace
    columns: np.ndarray
    low: np.ndarray
    width: np.ndarray
    step: np.ndarray
    scale: np.ndarray
    categorical: tuple[tuple[int, Categorical], ...]
    apart: np.ndarray
    unit: np.ndarray

    @classmethod
    def of(cls, space: SearchSpace) -> "Coordinates":
        """The coordinates of a space; there may be none."""
        free = [(j, space.features[j]) for j in space.free.tolist()]
        moving = [(j, f) for j, f in free if (f.high > f.low if isinstance(f, Numeric) else len(f.codes) > 1)]
        numeric = [(j, f) for j, f in moving if isinstance(f, Numeric) and not f.is_kept]
        categorical = [(j, f) for j, f in moving if isinstance(f, Categorical)]
        kept = [(j, f) for j, f in moving if isinstance(f, Numeric) and f.is_kept]
        usuals = [usual_strength(f.low, f.high, f.std) for _, f in numeric]
        width = np.array([f.high - f.low for _, f in numeric])
        return cls(
            space=space,
            columns=np.array([j for j, _ in numeric], dtype=int),
            low=np.array([f.low for _, f in numeric]),
            width=width,
            step=np.array([f.step or 0.0 for _, f in numeric]) / width,
            scale=np.array([f.strength(usual) / usual for usual, (_, f) in zip(usuals, numeric, strict=True)]),
            categorical=tuple((j, f) for j, f in categorical if not f.is_kept),
            apart=np.array([j for j, _ in [*categorical, *kept]], dtype=int),
            unit=np.array([1.0] * len(categorical) + [_SAME_VALUE * (f.high - f.low) for _, f in kept]),
        )

    @property
    def n(self) -> int:
        """How many coordinates there are."""
        return len(self.columns)

    @property
    def kept(self) -> np.ndarray:
        """Columns of the free features that lineages keep."""
        return np.array([j for j in self.space.free.tolist() if self.space.features[j].is_kept], dtype=int)

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
        """(n, m + p) coordinates and what lineages keep, of candidates ``X`` (n, d), by which neighbours are found.

        Categories and kept numbers are so far apart that what has the same ones is nearer than anything that has not.
        """
        return np.hstack([self.coordinates(X), X[:, self.apart] / self.unit * (1 + np.sqrt(self.n))])

    def is_alike(self, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
        """(n,) whether rows of ``X`` and ``Y`` (n, d) have the same categories and kept numbers."""
        if not len(self.apart):
            return np.ones(np.broadcast_shapes(X.shape, Y.shape)[:-1], dtype=bool)
        differences = np.abs(X[..., self.apart] - Y[..., self.apart])
        return (differences < self.unit).all(axis=-1)

    def mixed(self, U: np.ndarray, bases: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Children (n, m) and their bases (n, d), some of them a step or a category away: what no Gaussian does.

        One stepped or categorical feature in ``p`` of every child changes, where there are p of them: a stepped one by
        one step, or by more with falling probability; a categorical one, with the probability that is its mutation
        strength where one is set, to a category drawn from the recorded frequencies. So a Gaussian may shrink far below
        a step, as in CMA-ES for integers (N. Hansen, "A CMA-ES for Mixed-Integer Nonlinear Optimization", INRIA report
        7751, 2011).

        Args:
            U: (n, m) children as they were drawn.
            bases: (n, d) what gives them their categories.
        """
        stepped = np.flatnonzero(self.step)
        n_discrete = len(stepped) + len(self.categorical)
        if not n_discrete or not len(U):
            return U, bases
        share = usual_chance(n_discrete)
        U, bases = U.copy(), bases.copy()
        if len(stepped):
            shape = len(U), len(stepped)
            steps = rng.geometric(0.5, size=shape) * rng.choice([-1, 1], size=shape)
            U[:, stepped] += np.where(rng.random(shape) < share, steps, 0) * self.step[stepped]
        for j, feature in self.categorical:
            changes = rng.random(len(U)) < feature.strength(share)
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


def usual_strength(low: float, high: float, std: float) -> float:
    """How far first children are drawn as usual between two bounds, in recorded standard deviations."""
    return USUAL_SIGMA * (high - low) / std


def usual_chance(n_discrete: int) -> float:
    """The probability of a new category in a child as usual, where so many features have steps or categories."""
    return _ALL_CHANGES / max(1, n_discrete)
