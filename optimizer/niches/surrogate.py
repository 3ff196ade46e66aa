"""A quadratic model of each lineage's last children, whose minimum is one more child.

The idea is that of N. Hansen, "A Global Surrogate Assisted CMA-ES", GECCO 2019 (lq-CMA-ES): a full quadratic, fitted by
weighted least squares to the candidates that were evaluated anyway. On a smooth hill its minimum is the optimum after a
few generations; on a rough one it fits badly, and nothing is lost but one child.
"""

import numpy as np

from optimizer.niches.population import Population

MAX_COORDINATES = 10  # above, the fit costs more than it saves
MAX_MISFIT = 0.5
_FEW = 4  # coordinates, for which a model costs little: up to so many it is fitted anew in every generation
_WAIT = 0.5  # of its age a lineage waits after a model that did not fit
_HUGE = 1e100  # values whose squares are no numbers
_TRUSTED_RADIUS = 2.0  # times the distance within which there are as many candidates as coefficients


def n_coefficients(n: int) -> int:
    """Return how many numbers a quadratic of ``n`` coordinates has."""
    return (n + 1) * (n + 2) // 2


def n_remembered(n: int, n_children: int) -> int:
    """Return how many generations of children a model is fitted to, 0 where there are too many coordinates."""
    return int(np.ceil(1.3 * n_coefficients(n) / n_children)) + 1 if n <= MAX_COORDINATES else 0


def remember(population: Population, U: np.ndarray, scores: np.ndarray) -> None:
    """Put the newest children (k, c, m) and their scores (k, c) before the older ones, and forget the oldest."""
    if not population.recent_children.shape[1] or not len(population):
        return
    population.recent_children = np.concatenate([U[:, None], population.recent_children[:, :-1]], axis=1)
    population.recent_scores = np.concatenate([scores[:, None], population.recent_scores[:, :-1]], axis=1)


def guess(population: Population) -> None:
    """Set the guesses and misfits of every lineage that has lived long enough to be modelled."""
    population.misfits = np.full(len(population), np.inf)
    n_generations = population.recent_children.shape[1]
    if not n_generations:
        return
    rows = np.flatnonzero((population.ages >= population.model_ages) & ~population.is_settled)
    if not len(rows):
        return
    means = population.means[rows]
    k, m = means.shape
    Z = population.whitened(population.recent_children[rows].reshape(k, -1, m) - means[:, None], rows)
    values = population.recent_scores[rows].reshape(k, -1) - population.bests.scores[rows, None]
    steps, misfits = _minima(Z, values)
    population.guesses[rows] = means + population.unwhitened(steps[:, None], rows)[:, 0]
    population.misfits[rows] = misfits
    # on a rough hill the next model will not fit either: wait longer and longer for one that does
    waits = np.where(np.isfinite(misfits), 1 if m <= _FEW else 2, population.ages[rows] * _WAIT)
    population.model_ages[rows] = population.ages[rows] + waits.astype(int)


def _minima(Z: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (k, m) where the quadratics through ``Z`` (k, n, m) are smallest, and (k,) their misfits.

    The misfit is infinite where values are not finite, the quadratic has no minimum, or it fits badly.
    """
    k, _, m = Z.shape
    first, second = np.triu_indices(m)
    squares = (Z**2).sum(axis=2)
    near = np.sort(squares, axis=1)[:, min(n_coefficients(m), squares.shape[1] - 1)]
    near = np.maximum(near, 1e-200)
    is_known = (np.abs(values) < _HUGE).all(axis=1) & np.isfinite(squares).all(axis=1)
    values = np.where(is_known[:, None], values, 0.0)
    Z = np.where(is_known[:, None, None], Z, 0.0)
    weights = np.where(is_known[:, None], 1 / (1 + squares / near[:, None]), 1.0)
    terms = np.concatenate([np.ones((*Z.shape[:2], 1)), Z, Z[:, :, first] * Z[:, :, second]], axis=2)
    units = 1 / (np.abs(terms).max(axis=1) + 1e-300)
    weighted = terms * units[:, None] * weights[:, :, None]
    targets = values * weights
    gram = np.matmul(weighted.transpose(0, 2, 1), weighted)
    diagonal = np.arange(gram.shape[1])
    gram[:, diagonal, diagonal] = gram[:, diagonal, diagonal] * (1 + 1e-12) + 1e-14
    coefficients = np.linalg.solve(gram, np.matmul(weighted.transpose(0, 2, 1), targets[:, :, None]))[:, :, 0]
    errors = np.matmul(weighted, coefficients[:, :, None])[:, :, 0] - targets
    misfits = np.sqrt((errors**2).mean(axis=1)) / (targets.std(axis=1) + 1e-300)
    coefficients *= units
    slope, hessian = coefficients[:, 1 : m + 1], np.zeros((k, m, m))
    hessian[:, first, second] = coefficients[:, m + 1 :]
    hessian = hessian + hessian.transpose(0, 2, 1)
    is_known &= np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(slope).all(axis=1)
    curvatures, axes = np.linalg.eigh(np.where(is_known[:, None, None], hessian, np.eye(m)))
    has_minimum = curvatures[:, 0] > 1e-8 * np.abs(curvatures[:, -1])
    along = np.einsum("kmj,km->kj", axes, np.where(is_known[:, None], slope, 0.0))
    steps = -np.einsum("kmj,kj->km", axes, along / np.where(has_minimum[:, None], curvatures, 1.0))
    radius = _TRUSTED_RADIUS * np.sqrt(near)
    steps *= np.minimum(1, radius / (np.linalg.norm(steps, axis=1) + 1e-300))[:, None]
    is_useful = is_known & has_minimum & (misfits < MAX_MISFIT)
    return steps, np.where(is_useful, misfits, np.inf)
