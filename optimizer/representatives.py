"""From many good candidates to a few different ones."""

import warnings
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.candidates import Candidates
from optimizer.checks import SpaceError, check_at_least
from optimizer.space import SearchSpace


class FloorKind(StrEnum):
    """How the quality floor is stated."""

    BEST_SHARE = "best share"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class QualityFloor:
    """Which candidates are good enough to become representatives.

    Attributes:
        kind: the best share of all, or all within a distance of the best score.
        amount: the share (0 to 1), or the distance in standard deviations of the objective.

    Raises:
        SpaceError: the amount is out of range.
    """

    kind: FloorKind = FloorKind.BEST_SHARE
    amount: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a floor that nothing passes."""
        object.__setattr__(self, "kind", FloorKind(self.kind))  # "within" is as good as FloorKind.WITHIN
        check_at_least("The quality floor", self.amount, 0.0)
        if self.kind is FloorKind.BEST_SHARE and not 0 < self.amount <= 1:
            raise SpaceError(f"The best share must lie above 0 and at most at 1, got {self.amount}.")

    def passing(self, scores: np.ndarray) -> np.ndarray:
        """Return (n,) whether each score passes; the best always does, an infinite one never."""
        finite = np.isfinite(scores)
        if not finite.any():
            return finite
        if self.kind is FloorKind.WITHIN:
            return finite & (scores <= scores[finite].min() + self.amount)
        n_kept = max(1, int(np.ceil(self.amount * finite.sum())))
        return finite & (scores <= np.sort(scores[finite])[n_kept - 1])


def representatives(
    found: Candidates,
    space: SearchSpace,
    n: int,
    floor: QualityFloor,
    rng: np.random.Generator,
    distinct: float = 1e-6,
) -> Candidates:
    """Return at most ``n`` different good candidates, best first.

    Those that pass the floor are clustered by K-Means on scaled features; each cluster gives its best member, never a
    centroid, that differs from those taken before. Clusters that cannot are made up for by the best of the rest. Fewer
    than ``n`` different ones are all returned, and none is invented.

    Args:
        found: archive and living lineages.
        space: for scaled distances.
        n: representatives wanted.
        floor: which candidates are good enough.
        rng: of the K-Means starts.
        distinct: two representatives are at least this far apart, in recorded standard deviations.
    """
    check_at_least("The number of results", n, 1)
    check_at_least("The least difference between results", distinct, 0.0)
    good = found.take(floor.passing(found.scores)).by_score()
    if not len(good):
        return good
    scaled = space.scaled(good.X)
    labels = _clusters(scaled, n, rng)
    first_of_cluster = np.unique(labels, return_index=True)[1]  # sorted by score, so the first is the best
    chosen: list[int] = []
    for cluster in labels[np.sort(first_of_cluster)]:
        _take_first_distinct(chosen, np.flatnonzero(labels == cluster), scaled, distinct)
    while len(chosen) < n and _take_first_distinct(chosen, np.arange(len(good)), scaled, distinct):
        pass
    return good.take(np.sort(chosen))


def _take_first_distinct(chosen: list[int], members: np.ndarray, scaled: np.ndarray, distinct: float) -> bool:
    """Append the first member that is far enough from all chosen ones; return whether there was one."""
    distances = np.linalg.norm(scaled[members, None] - scaled[None, chosen], axis=2)
    least = max(distinct * (1 - 1e-9), 1e-9)  # one category apart is 1 but for rounding
    is_far = (distances >= least).all(axis=1)
    if not is_far.any():
        return False
    chosen.append(int(members[is_far.argmax()]))
    return True


def min_distance(X: np.ndarray, space: SearchSpace) -> float:
    """Return the smallest distance between two rows of ``X`` (n, d), in recorded standard deviations; NaN below two."""
    if len(X) < 2:
        return float("nan")
    scaled = space.scaled(X)
    distances = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
    return float(distances[np.triu_indices(len(X), k=1)].min())


def _clusters(scaled: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return (m,) the K-Means cluster of each row, the same bits on any number of threads."""
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
