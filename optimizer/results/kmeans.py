"""The published choice: K-Means clusters, the best member of each."""

import warnings
from itertools import chain, repeat

import numpy as np

from optimizer.features.scaling import distances_to, least_distance


def kmeans(scaled: np.ndarray, n: int, distinct: float, rng: np.random.Generator) -> np.ndarray:
    """Return (k,) rows of at most ``n`` good candidates: the best member of each K-Means cluster, never a centroid.

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
    """Return (m,) the K-Means cluster of each row."""
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
