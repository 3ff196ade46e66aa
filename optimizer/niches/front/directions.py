"""Reference directions: evenly spread weights of the objectives, each of which some candidate serves best."""

from itertools import combinations
from math import comb

import numpy as np

_LEAST_WEIGHT = 1e-3


def even_directions(n_objectives: int, at_most: int) -> np.ndarray:
    """Evenly spread directions (k, m) with the sum 1, at most so many, m at least.

    I. Das, J. E. Dennis, "Normal-Boundary Intersection", SIAM Journal on Optimization 8, 1998: all weights that are
    multiples of 1/p, for the largest p that gives no more than ``at_most``.
    """
    p = 1
    while comb(p + n_objectives, n_objectives - 1) <= at_most:
        p += 1
    bars = np.array(list(combinations(range(p + n_objectives - 1), n_objectives - 1)))
    ends = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), p + n_objectives - 1)])
    return (np.diff(ends, axis=1) - 1) / p


def distances_along(scaled: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """How far each row of ``scaled`` (n, m) is from the best along each direction (k, m), (n, k): Chebyshev."""
    weights = np.maximum(directions, _LEAST_WEIGHT)
    along = np.full((len(scaled), len(directions)), -np.inf)
    for j in range(scaled.shape[1]):
        np.maximum(along, scaled[:, [j]] / weights[:, j], out=along)
    return along


def nearest_directions(scaled: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """(n,) the direction (k, m) that passes nearest to each row of ``scaled`` (n, m)."""
    units = np.maximum(scaled, 0.0) + 1e-12
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    return (units @ (directions / np.linalg.norm(directions, axis=1, keepdims=True)).T).argmax(axis=1)
