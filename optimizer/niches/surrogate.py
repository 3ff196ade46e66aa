"""A quadratic model of each lineage's last children, whose minimum is one more child.

The idea is that of N. Hansen, "A Global Surrogate Assisted CMA-ES", GECCO 2019 (lq-CMA-ES): a full quadratic, fitted by
weighted least squares to the candidates that were evaluated anyway,

    q(z) = a + g'z + z'Hz / 2,    minimum at z* = -H^-1 g,

with z in standard deviations of the lineage's Gaussian. On a smooth hill its minimum is the optimum after a few
generations; on a rough one it fits badly, and nothing is lost but one child.
"""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.niches.gaussians import Gaussians
from optimizer.problem.candidates import Rows

MAX_COORDINATES = 10  # above, the fit costs more than it saves
MAX_MISFIT = 0.5
_FEW = 4  # coordinates, for which a model costs little: up to so many it is fitted anew in every generation
_WAIT = 0.5  # of its age a lineage waits after a model that did not fit
_HUGE = 1e100  # values whose squares are no numbers
_TRUSTED_RADIUS = 2.0  # times the distance within which there are as many candidates as coefficients


def n_coefficients(n: int) -> int:
    """How many numbers a quadratic of ``n`` coordinates has."""
    return (n + 1) * (n + 2) // 2


def n_remembered(n: int, n_children: int) -> int:
    """How many generations of children a model is fitted to, 0 where there are too many coordinates."""
    return int(np.ceil(1.3 * n_coefficients(n) / n_children)) + 1 if n <= MAX_COORDINATES else 0


@dataclass(frozen=True, slots=True)
class Surrogates(Rows):
    """One quadratic model per lineage, with the children that it is fitted to.

    Attributes:
        children: (k, h, c, m) coordinates of the last h generations of children, newest first, NaN before.
        scores: (k, h, c) their scores.
        minima: (k, m) where the model has its minimum.
        misfits: (k,) error of the model, in standard deviations of the scores it was fitted to; infinite without one.
        due: (k,) age at which it is worth while to fit the next one.
    """

    children: np.ndarray
    scores: np.ndarray
    minima: np.ndarray
    misfits: np.ndarray
    due: np.ndarray

    @classmethod
    def unfitted(cls, k: int, m: int, n_children: int) -> "Surrogates":
        """No models yet, of ``k`` lineages in ``m`` coordinates."""
        h = n_remembered(m, n_children)
        return cls(
            children=np.full((k, h, n_children, m), np.nan),
            scores=np.full((k, h, n_children), np.nan),
            minima=np.full((k, m), np.nan),
            misfits=np.full(k, np.inf),
            due=np.full(k, h),
        )

    @property
    def has_minimum(self) -> np.ndarray:
        """(k,) whether there is a model of the lineage that may be followed."""
        return np.isfinite(self.misfits)

    def remembering(self, U: np.ndarray, scores: np.ndarray) -> "Surrogates":
        """The models with the newest children (k, c, m) and their scores (k, c) in the place of the oldest."""
        if not self.children.shape[1]:
            return self
        return replace(
            self,
            children=np.concatenate([U[:, None], self.children[:, :-1]], axis=1),
            scores=np.concatenate([scores[:, None], self.scores[:, :-1]], axis=1),
        )

    def fitted(self, gaussians: Gaussians, bests: np.ndarray, ages: np.ndarray, is_settled: np.ndarray) -> "Surrogates":
        """The models fitted anew, of every lineage for which that is due.

        Args:
            gaussians: of the lineages.
            bests: (k,) their best scores.
            ages: (k,) generations since their birth.
            is_settled: (k,) whether they have no more children.
        """
        unfitted = replace(self, misfits=np.full(len(self), np.inf))
        rows = np.flatnonzero((ages >= self.due) & ~is_settled)
        if not self.children.shape[1] or not len(rows):
            return unfitted
        means = gaussians.means[rows]
        k, m = means.shape
        Z = gaussians.whitened(self.children[rows].reshape(k, -1, m) - means[:, None], rows)
        steps, found = _minima(Z, self.scores[rows].reshape(k, -1) - bests[rows, None])
        minima, misfits, due = self.minima.copy(), unfitted.misfits, self.due.copy()
        minima[rows] = means + gaussians.unwhitened(steps[:, None], rows)[:, 0]
        misfits[rows] = found
        # on a rough hill the next model will not fit either: wait longer and longer for one that does
        waits = np.where(np.isfinite(found), 1 if m <= _FEW else 2, ages[rows] * _WAIT)
        due[rows] = ages[rows] + waits.astype(int)
        return replace(self, minima=minima, misfits=misfits, due=due)


def _minima(Z: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, m) where the quadratics through ``values`` at ``Z`` (k, n, m) are smallest, and (k,) their misfits.

    The misfit is infinite where values are not finite, the quadratic has no minimum, or it fits badly.
    """
    k, _, m = Z.shape
    first, second = np.triu_indices(m)
    squares = (Z**2).sum(axis=2)
    near = np.sort(squares, axis=1)[:, min(n_coefficients(m), squares.shape[1] - 1)]
    near = np.maximum(near, 1e-200)
    # a lineage with a value that is no number gets none, and must not spoil the matrices of the others
    is_known = (np.abs(values) < _HUGE).all(axis=1) & np.isfinite(squares).all(axis=1)
    values = np.where(is_known[:, None], values, 0.0)
    Z = np.where(is_known[:, None, None], Z, 0.0)
    # weighted least squares: the nearest children, as many as there are coefficients, count for most
    weights = np.where(is_known[:, None], 1 / (1 + squares / near[:, None]), 1.0)
    terms = np.concatenate([np.ones((*Z.shape[:2], 1)), Z, Z[:, :, first] * Z[:, :, second]], axis=2)
    units = 1 / (np.abs(terms).max(axis=1) + 1e-300)
    weighted = terms * units[:, None] * weights[:, :, None]
    targets = values * weights
    gram = np.matmul(weighted.transpose(0, 2, 1), weighted)
    diagonal = np.arange(gram.shape[1])
    gram[:, diagonal, diagonal] = gram[:, diagonal, diagonal] * (1 + 1e-12) + 1e-14  # children may lie on one line
    coefficients = np.linalg.solve(gram, np.matmul(weighted.transpose(0, 2, 1), targets[:, :, None]))[:, :, 0]
    errors = np.matmul(weighted, coefficients[:, :, None])[:, :, 0] - targets
    misfits = np.sqrt((errors**2).mean(axis=1)) / (targets.std(axis=1) + 1e-300)
    coefficients *= units
    slope, hessian = coefficients[:, 1 : m + 1], np.zeros((k, m, m))
    hessian[:, first, second] = coefficients[:, m + 1 :]
    hessian = hessian + hessian.transpose(0, 2, 1)
    is_known &= np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(slope).all(axis=1)
    curvatures, axes = np.linalg.eigh(np.where(is_known[:, None, None], hessian, np.eye(m)))
    has_minimum = curvatures[:, 0] > 1e-8 * np.abs(curvatures[:, -1])  # else a saddle, a ridge or a plain
    along = np.einsum("kmj,km->kj", axes, np.where(is_known[:, None], slope, 0.0))
    steps = -np.einsum("kmj,kj->km", axes, along / np.where(has_minimum[:, None], curvatures, 1.0))
    # a minimum outside of the children is an extrapolation: go towards it no farther than the model can be trusted
    radius = _TRUSTED_RADIUS * np.sqrt(near)
    steps *= np.minimum(1, radius / (np.linalg.norm(steps, axis=1) + 1e-300))[:, None]
    is_useful = is_known & has_minimum & (misfits < MAX_MISFIT)
    return steps, np.where(is_useful, misfits, np.inf)
