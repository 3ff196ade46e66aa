"""The spread choice: the best candidate, then again and again what is good and least like those chosen before."""

import numpy as np

from optimizer.features.scaling import distances_to, least_distance

WORST_COUNTS = 0.6  # what the worst good row counts for, against 1 of the best
SETTLING = 0.1  # share of its distance to the chosen rows that a pick gives up for a better score


def spread(
    scaled: np.ndarray,
    scores: np.ndarray,
    n: int,
    distinct: float,
    worst_counts: float = WORST_COUNTS,
    convergence: float = SETTLING,
) -> np.ndarray:
    """Return (k,) rows of at most ``n`` good candidates that are good and differ, the best one among them.

    Farthest-first (Gonzalez 1985, Clustering to minimize the maximum intercluster distance), changed in three ways, for
    the farthest rows lie on the rim of what passed the floor, where scores are worst. What a row at distance d of the
    nearest chosen one adds is its unlikeness ``1 - exp(-2 d)``: beyond two standard deviations, farther is hardly more
    different. That counts times a quality, which falls from 1 for the best row to ``worst_counts`` for the worst: the
    greedy choice of a determinantal point process (Kulesza and Taskar 2012, Determinantal point processes for machine
    learning, section 3.1), the nearest chosen row standing for all, so that there is no matrix of all pairs. And each
    pick settles: the best row within a tenth of its distance to the chosen ones takes its place, the top for the slope.

    With D the largest smallest distance that any ``n`` rows with the best one have, the nearest two are at least
    ``1 - convergence`` times d apart, where the dissimilarity of d is ``worst_counts`` times that of D / 2. Takes n
    passes over the rows.

    Args:
        scaled: (m, p) good candidates on scaled features, best first.
        scores: (m,) of them, ascending.
        n: rows wanted; fewer come back when every other row is nearer than ``distinct`` to a chosen one.
        distinct: two chosen rows are at least this far apart.
        worst_counts: above 0, and 1 where quality above the floor is not to count.
        convergence: from 0 to below 1.
    """
    if not len(scaled):
        return np.empty(0, dtype=int)
    least = least_distance(distinct)
    quality = worst_counts ** ((scores - scores[0]) / ((scores[-1] - scores[0]) or 1.0))
    chosen = [0]
    gaps = distances_to(scaled, 0)  # (m,) to the nearest chosen row
    while len(chosen) < n and gaps.max() >= least:
        is_apart = gaps >= least
        adds = np.where(is_apart, quality * dissimilarity(gaps), -1.0)
        ties = np.flatnonzero(adds == adds.max())
        pick = ties[gaps[ties].argmax()]  # of rows so far off that all are wholly unlike, the farthest
        is_near = distances_to(scaled, pick) <= convergence * gaps[pick]
        chosen.append(int((is_near & is_apart).argmax()))  # rows stand best first, and the pick itself is one
        gaps = np.minimum(gaps, distances_to(scaled, chosen[-1]))
    return np.array(chosen, dtype=int)


def dissimilarity(distances: np.ndarray) -> np.ndarray:
    """Return how different rows at these distances d are, 0 to 1: the determinant of [[1, e], [e, 1]], e = exp(-d)."""
    return -np.expm1(-2 * distances)
