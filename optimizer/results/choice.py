"""Which of the good candidates become representatives: by spread, or by K-Means."""

import warnings
from collections.abc import Callable
from enum import StrEnum
from itertools import chain, repeat

import numpy as np

from optimizer.checks import check_at_least
from optimizer.features.scaling import distances_to, least_distance
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace
from optimizer.results.floor import QualityFloor


def kmeans(scaled: np.ndarray, n: int, distinct: float, rng: np.random.Generator) -> np.ndarray:
    """Rows of at most ``n`` good candidates, (k,): the best member of each K-Means cluster, never a centroid.

    A member counts only if it differs from those taken before. Clusters that cannot give one are made up for by the
    best of the rest. The same bits on any number of threads.

    Args:
        scaled: (m, p) good candidates on scaled features, best first.
        n: clusters; fewer rows come back when every other row is nearer than ``distinct`` to a chosen one.
        distinct: two chosen rows are at least this far apart.
        rng: of the K-Means starts.
    """
    if not len(scaled):
        return np.empty(0, dtype=int)
    labels = _clusters(scaled, n, rng)
    least = least_distance(distinct)
    chosen: list[int] = []
    gaps = np.full(len(scaled), np.inf)  # (m,) to the nearest chosen row
    first_of_cluster = np.unique(labels, return_index=True)[1]  # rows stand best first, so the first is the best
    clusters = (labels == cluster for cluster in labels[np.sort(first_of_cluster)])
    the_rest = repeat(np.ones(len(scaled), dtype=bool))
    for members in chain(clusters, the_rest):
        fits = members & (gaps >= least)
        if fits.any():
            chosen.append(int(fits.argmax()))
            gaps = np.minimum(gaps, distances_to(scaled, chosen[-1]))
        if len(chosen) == n or not (gaps >= least).any():
            break
    return np.array(chosen, dtype=int)


def _clusters(scaled: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    _, row_of, which = np.unique(scaled, axis=0, return_index=True, return_inverse=True)
    if len(row_of) <= n:
        return which.reshape(-1)

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1), warnings.catch_warnings():
        # rows that differ by rounding alone make fewer clusters, which the best of the rest make up for
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(n_clusters=n, n_init=10, random_state=int(rng.integers(2**31))).fit_predict(scaled)


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
    """Rows of at most ``n`` good candidates that are good and differ, the best one among them, (k,).

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
    """How different rows at these distances d are, 0 to 1: the determinant of [[1, e], [e, 1]], e = exp(-d)."""
    return -np.expm1(-2 * distances)


Choose = Callable[[np.ndarray, np.ndarray, int, float, np.random.Generator], np.ndarray]
"""Maps good candidates on scaled features (m, p), best first, with their scores (m,), the number wanted, the least
distance and a generator to the rows chosen (k,)."""


class Choice(StrEnum):
    """How representatives are chosen from what passed the floor."""

    SPREAD = "spread"
    KMEANS = "kmeans"


CHOICES: dict[Choice, Choose] = {
    Choice.SPREAD: lambda scaled, scores, n, distinct, rng: spread(scaled, scores, n, distinct),
    Choice.KMEANS: lambda scaled, scores, n, distinct, rng: kmeans(scaled, n, distinct, rng),
}
"""The strategy of every choice."""


def representatives(
    found: Candidates,
    space: SearchSpace,
    n: int,
    floor: QualityFloor,
    rng: np.random.Generator,
    distinct: float = 1e-6,
    choice: Choice = Choice.SPREAD,
) -> Candidates:
    """At most ``n`` different good candidates, best first; the best of all is one of them.

    Those that pass the floor are chosen from on scaled features. Fewer than ``n`` different ones are all returned, and
    none is invented.

    Args:
        found: archive and living lineages.
        space: for scaled distances.
        n: representatives wanted.
        floor: which candidates are good enough.
        rng: for choices with an element of chance.
        distinct: two representatives are at least this far apart, in recorded standard deviations.
        choice: the strategy.

    Raises:
        SpaceError: ``n`` or ``distinct`` is out of range.
        ValueError: there is no such choice.
    """
    check_at_least("The number of results", n, 1)
    check_at_least("The least difference between results", distinct, 0.0)
    good = found.take(floor.passing(found)).by_score()
    chosen = CHOICES[Choice(choice)](space.scaled(good.X), good.scores, n, distinct, rng)
    return good.take(np.sort(chosen))
