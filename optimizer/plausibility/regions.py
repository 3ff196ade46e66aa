"""Recorded rows judged by those unlike them, as something new is, instead of by their own family."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.features.scaling import evenly
from optimizer.plausibility.mixture import Mixture, fitted
from optimizer.plausibility.neighbours import Neighbours

N_REGIONS = 5
MAX_ROWS = 5_000  # recorded rows divided into regions, evenly spaced
_SEED = 0


def neighbours_by_regions(scaled: np.ndarray) -> Neighbours:
    """The measure of `Neighbours` with recorded rows judged by those of other regions, of scaled rows (r, p).

    Rows mostly come in families: variations of a recipe, a week on one setting. Judged by its own family, a row says
    only how finely that was varied, and whatever is new would be called implausible. Judged by the other families it
    says how far apart the things are that were really made. Regions are the clusters of K-Means, five at most.
    """

    def judge(rows: np.ndarray, judged: np.ndarray) -> np.ndarray:
        return Neighbours.unjudged(rows).unusualness(judged)

    alone = Neighbours.of_rows(scaled)
    recorded = _judged(scaled, judge)
    return alone if recorded is None else replace(alone, recorded=recorded)


def mixture_by_regions(scaled: np.ndarray) -> Mixture:
    """The measure of `Mixture` with recorded rows judged by mixtures of the other regions."""
    alone = Mixture.of_rows(scaled)
    n_components = len(alone.mixture.log_weights)

    def judge(rows: np.ndarray, judged: np.ndarray) -> np.ndarray:
        return -fitted(rows, min(n_components, len(rows))).log_density(judged)

    recorded = _judged(scaled, judge)
    return alone if recorded is None else replace(alone, recorded=recorded)


def _judged(scaled: np.ndarray, judge: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray | None:
    """Unusualness of the rows of each region by the rows of the others, (m,); None for too few rows."""
    from scipy.cluster.vq import kmeans2  # takes a while to import, and only judging needs it

    rows = scaled[evenly(len(scaled), MAX_ROWS)]
    n_regions = min(N_REGIONS, len(rows) // 2)
    if n_regions < 2:
        return None
    owner = kmeans2(rows, n_regions, minit="++", rng=np.random.default_rng(_SEED), missing="warn")[1]
    parts = [
        judge(rows[owner != region], rows[owner == region])
        for region in range(n_regions)
        if (owner == region).any() and (owner != region).sum() >= 2
    ]
    return np.concatenate(parts) if parts else None
