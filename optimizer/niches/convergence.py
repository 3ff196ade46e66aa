"""When a lineage has come to its end."""

import numpy as np
from scipy.spatial import cKDTree

from optimizer.methods.asktell import MORE_PATIENCE, SteeringState
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.population import Population
from optimizer.niches.strategy import Strategy

_LEAST_REACH = 1e-13  # of the bounds' width
_LEAST_SPREAD = 1e-13  # of scores
_LEAST_GAIN = 1e-10  # what counts as an improvement
_LEAST_GUESSED_GAIN = 1e-12
_PATIENCE = 10
_FAR = 1e-3  # from the best score: a hill that far below need not be climbed to the last digit
_COARSE, _COARSE_HOP = 1e-2, 0.3  # spread of the parents' scores, as a share of what is missing
_COARSE_AGE, _COARSE_HOP_AGE = 10, 4
_PAIRED_AGE = 8
_N_NEIGHBOURS = 4


class ConvergenceTest:
    """Judges which lineages have come to their end.

    Args:
        strategy: for the patience that a number of coordinates asks for.
        steering_state: of the user: a lineage of which more is wanted gets more patience, and is not given up
            for being poor.
    """

    def __init__(self, strategy: Strategy, steering_state: SteeringState) -> None:
        self._steering_state = steering_state
        self._patience = _PATIENCE + 30 * strategy.n / strategy.n_children

    def judge(self, lineages: Population, best: float, heads: np.ndarray, fits: np.ndarray, gains: np.ndarray) -> None:
        """Mark the lineages that are settled, and count generations without improvement.

        A lineage is settled when its Gaussian or its scores have shrunk to nothing, when it stalls, when a model that
        fits well has no more to gain, or when its scores are so alike that it cannot reach what it would have to.

        Args:
            lineages: changed in place.
            best: score so far.
            heads: (k,) score of the optimum that a lineage hopped from, minus infinity for the others.
            fits: (k,) whether the guess of a model that fits well was the best child.
            gains: (k,) by which the best score of each improved in this generation.
        """
        with np.errstate(invalid="ignore"):  # a lineage without a finite score waits for one
            has_improved = lineages.bests.scores < lineages.anchors - _LEAST_GAIN
            gaps = np.nan_to_num(lineages.bests.scores - best, nan=0.0, posinf=0.0)
            missing = lineages.bests.scores - heads
        lineages.anchors = np.where(has_improved, lineages.bests.scores, lineages.anchors)
        lineages.stalled = np.where(has_improved, 0, lineages.stalled + 1)
        has_shrunk = (lineages.reaches < _LEAST_REACH) | ((lineages.spreads < _LEAST_SPREAD) & (lineages.ages > 5))
        is_coarse = (gaps > _FAR) & (lineages.spreads < _COARSE * gaps) & (lineages.ages > _COARSE_AGE)
        is_lost = np.isfinite(heads) & (lineages.spreads < _COARSE_HOP * missing) & (lineages.ages > _COARSE_HOP_AGE)
        is_exact = fits & (gains <= _LEAST_GUESSED_GAIN)
        is_favoured = self._steering_state.is_favoured(lineages.ids)
        is_stuck = lineages.stalled > self._patience * np.where(is_favoured, MORE_PATIENCE, 1)
        lineages.is_settled = has_shrunk | is_stuck | (~is_favoured & (is_coarse | is_lost)) | is_exact


def duplicates(lineages: Population, coordinates: Coordinates) -> list[tuple[int, int]]:
    """Return pairs of ids: a lineage, and the better one within whose Gaussian it has come to lie."""
    rows = np.flatnonzero(lineages.ages > _PAIRED_AGE)
    if len(rows) < 2:
        return []
    X, scores, ids = lineages.bests.X[rows], lineages.bests.scores[rows], lineages.ids[rows]
    bests = coordinates.coordinates(X)
    k = min(_N_NEIGHBOURS + 1, len(rows))
    _, near = cKDTree(bests).query(bests, k=k)
    moves = bests[near] - bests[:, None]
    lengths = np.linalg.norm(lineages.whitened(moves, rows), axis=2)
    rank = np.empty(len(rows), dtype=int)
    rank[np.lexsort((ids, scores))] = np.arange(len(rows))
    is_near = (lengths < 1) & (np.linalg.norm(moves, axis=2) < 3 * lineages.reaches[rows][near])
    is_near &= (rank[near] < rank[:, None]) & coordinates.is_alike(X[near], X[:, None])
    return [(int(ids[i]), int(ids[near[i, is_near[i].argmax()]])) for i in np.flatnonzero(is_near.any(axis=1))]
