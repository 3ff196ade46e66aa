"""Descents of a search for several objectives whose slopes are known: candidates go where all objectives gain.

Of the convex combinations of a candidate's slopes the shortest one points to where every objective gets worse, or is
zero where no direction gains in all (J.-A. Désidéri, "Multiple-gradient descent algorithm", Comptes Rendus Mathematique
350, 2012). A candidate steps against it, by as much as it trusts; what does not dominate it makes it trust less.
"""

import numpy as np

from optimizer.niches.coordinates import Coordinates
from optimizer.niches.front.dominance import Scaling
from optimizer.problem.front import FrontCandidates, FrontProblem

_FIRST_STEP, _LAST_STEP = 0.02, 1e-6  # of the bounds' width
_GROW, _SHRINK = 1.6, 0.4
_N_WEIGHING = 60  # steps towards the shortest combination
_AT_BOUND = 1e-9


def descend(
    problem: FrontProblem, candidates: FrontCandidates, alone: np.ndarray, scaling: Scaling, budget: int
) -> tuple[FrontCandidates, int]:
    """Candidates (n), each moved to where it is better in every objective, or in the one that it follows alone.

    Args:
        candidates: evaluated; the best first, where the budget does not reach for all.
        alone: (n,) the objective that a candidate follows, whatever the others lose; -1 for all of them.
        scaling: the unit in which slopes compare.
        budget: evaluations at most, of which one with its gradients counts as one.

    Returns:
        The candidates as they are now, and how many evaluations were spent.
    """
    coordinates = Coordinates.of(problem.space)
    n = min(len(candidates), budget // 2)
    if not n or not coordinates.n or not problem.has_gradient:
        return candidates, 0
    now, gradients = problem.evaluate_with_gradient(candidates.X[:n])
    spent, steps = n, np.full(n, _FIRST_STEP)
    while spent < budget:
        rows = np.flatnonzero(steps > _LAST_STEP)[: budget - spent]
        if not len(rows):
            break
        ways = _ways(gradients[rows], now.X[rows], alone[rows], coordinates, scaling)
        lengths = np.abs(ways).max(axis=1, initial=0.0)
        moves = ways * (steps[rows] / np.where(lengths > 0, lengths, 1.0))[:, None]
        U = np.clip(coordinates.coordinates(now.X[rows]) - moves, 0.0, 1.0)
        tried, slopes = problem.evaluate_with_gradient(coordinates.candidates(U, now.X[rows]))
        spent += len(rows)
        with np.errstate(invalid="ignore"):  # infinity less infinity is no gain
            gains = now.scores[rows] - tried.scores
        own = np.where(alone[rows] >= 0, gains[np.arange(len(rows)), alone[rows]], gains.min(axis=1))
        is_better = (own >= 0) & (gains > 0).any(axis=1) & (tried.violations <= now.violations[rows])
        is_better &= (own > 0) | (alone[rows] < 0)
        steps[rows] = np.where(lengths > 0, steps[rows] * np.where(is_better, _GROW, _SHRINK), 0.0)
        moved = rows[is_better]
        both = FrontCandidates.concatenate([now, tried])
        order = np.arange(n)
        order[moved] = n + np.flatnonzero(is_better)
        now = both.take(order)
        gradients[moved] = slopes[is_better]
    return FrontCandidates.concatenate([now, candidates.take(np.arange(n, len(candidates)))]), spent


def _ways(
    gradients: np.ndarray, X: np.ndarray, alone: np.ndarray, coordinates: Coordinates, scaling: Scaling
) -> np.ndarray:
    """(n, p) the way, in coordinates, along which all objectives of candidates ``X`` (n, d) get worse, or one alone.

    Args:
        gradients: (n, m + 1, d) of scores and violations.
        alone: (n,) the objective that counts, -1 for all.
    """
    rows = np.flatnonzero(alone >= 0)
    gradients = gradients.copy()
    gradients[rows] = gradients[rows, alone[rows]][:, None]  # all slopes are the one that counts
    slopes = gradients[:, :-1, coordinates.columns] * coordinates.width / scaling.width[:, None]
    U = coordinates.coordinates(X)[:, None]
    is_held = ((U < _AT_BOUND) & (slopes > 0).all(axis=1, keepdims=True)) | (
        (U > 1 - _AT_BOUND) & (slopes < 0).all(axis=1, keepdims=True)
    )
    slopes = np.where(is_held, 0.0, slopes)
    gram = slopes @ slopes.transpose(0, 2, 1)
    n, m = gram.shape[:2]
    weights = np.full((n, m), 1 / m)
    for _ in range(_N_WEIGHING):  # Frank and Wolfe: towards the objective that the combination gains least in
        pulls = np.einsum("nij,nj->ni", gram, weights)
        towards = np.eye(m)[pulls.argmin(axis=1)] - weights
        curve = np.einsum("ni,nij,nj->n", towards, gram, towards)
        share = -np.einsum("ni,ni->n", towards, pulls) / np.where(curve > 0, curve, 1.0)
        weights = weights + np.clip(share, 0.0, 1.0)[:, None] * towards
    return np.einsum("ni,nip->np", weights, slopes)
