"""Distances between candidates on scaled features, in recorded standard deviations."""

import numpy as np

_RESOLUTION = 1e-9  # rows nearer than this are the same but for rounding


def distances_to(scaled: np.ndarray, row: int) -> np.ndarray:
    """Return (m,) how far every row of ``scaled`` (m, p) is from one of them."""
    return np.linalg.norm(scaled - scaled[row], axis=1)


def pairwise_distances(scaled: np.ndarray) -> np.ndarray:
    """Return (m, m) distances between the rows of ``scaled`` (m, p): for a few rows only."""
    return np.linalg.norm(scaled[:, None] - scaled[None], axis=2)


def least_distance(distinct: float) -> float:
    """Return the smallest distance at which two rows count as different: ``distinct`` but for rounding."""
    return max(distinct * (1 - _RESOLUTION), _RESOLUTION)  # one category apart is 1 but for rounding
