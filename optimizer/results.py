"""From many good candidates to a few different ones: a quality floor, a choice, and what that is worth."""

import warnings
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, repeat

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_positive
from optimizer.features import distances_to, least_distance, pairwise_distances
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace

DEFAULT_PERCENT = 10.0
_ROUNDING = 1e-12  # of the best's size: what equals the floor passes, however it was computed
WORST_COUNTS = 0.6  # what the worst good row counts for, against 1 of the best
SETTLING = 0.1  # share of its distance to the chosen rows that a pick gives up for a better score
THETA = 1.0  # of the Solow-Polasky diversity, per recorded standard deviation
_SINGULAR = 1e-12  # eigenvalues below this share of the largest belong to rows that are one


class FloorKind(StrEnum):
    """How the quality floor is stated."""

    WITHIN_PERCENT = "within percent"
    WITHIN = "within"
    BEST_SHARE = "best share"


@dataclass(frozen=True, slots=True)
class QualityFloor:
    """Which candidates are good enough to become representatives.

    A percentage needs a zero. That of ``FloorKind.WITHIN_PERCENT`` is the outcome's own zero when a maximum or minimum
    is searched for, whatever the sign, and the value itself when a value is: a candidate passes if its score, penalties
    included, is worse than the best one's by at most ``amount`` percent of how far the best outcome lies from zero, or
    from that value. Where that is less than one standard deviation of the objective, it is the percentage of one
    standard deviation, so that an outcome near zero, or a value that was reached, leaves room for others.

    Attributes:
        kind: all within a percentage of the best, all within a distance of the best score, or the best share of all.
        amount: the percentage, the distance in standard deviations of the objective, or the share (0 to 1).

    Raises:
        SpaceError: the amount is out of range.
    """

    kind: FloorKind = FloorKind.WITHIN_PERCENT
    amount: float = DEFAULT_PERCENT

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", FloorKind(self.kind))  # "within" is as good as FloorKind.WITHIN
        check_at_least("The quality floor", self.amount, 0.0)
        if self.kind is FloorKind.BEST_SHARE and not 0 < self.amount <= 1:
            raise SpaceError(f"The best share must lie above 0 and at most at 1, got {self.amount}.")

    def passing(self, found: Candidates) -> np.ndarray:
        """Whether each candidate passes, (n,); the best always does, one with an infinite score never."""
        finite = np.isfinite(found.scores)
        if not finite.any():
            return finite
        if self.kind is FloorKind.WITHIN_PERCENT:
            return finite & (gaps_to_best(found) <= self.amount / 100 + _ROUNDING)
        if self.kind is FloorKind.WITHIN:
            return finite & (found.scores <= found.scores[finite].min() + self.amount)
        n_kept = max(1, int(np.ceil(self.amount * finite.sum())))
        return finite & (found.scores <= np.sort(found.scores[finite])[n_kept - 1])


def gaps_to_best(found: Candidates) -> np.ndarray:
    """How far each candidate's score lies behind the best one's, as a share of the best's size, (n,).

    That size is the best score without its penalties, in amount: how far the best outcome lies from zero, or from the
    value searched for, in standard deviations of the objective; 1 at least. The gap of the best is 0, that of a
    candidate without a finite score infinite.
    """
    finite = np.isfinite(found.scores)
    if not finite.any():
        return np.full(len(found), np.inf)
    best = int(np.where(finite, found.scores, np.inf).argmin())
    size = max(abs(float(found.scores[best] - found.penalties[best])), 1.0)
    return np.where(finite, (np.where(finite, found.scores, 0.0) - found.scores[best]) / size, np.inf)


def kmeans(scaled: np.ndarray, n: int, distinct: float, rng: np.random.Generator) -> np.ndarray:
    """Rows of at most ``n`` good candidates, (k,): the best member of each K-Means cluster, never a centroid.

    A member counts only if it differs from those taken before. Clusters that cannot give one are made up for by the
    best of the rest. The same bits on any number of threads.

    Args:
        scaled: (m, p) good candidates on scaled features, best first.
        n: clusters; fewer rows come back when every other row is nearer than ``distinct`` to a chosen one.
        distinct: two chosen rows are at least this far apart.
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


class Choice(StrEnum):
    """How representatives are chosen from what passed the floor."""

    SPREAD = "spread"
    KMEANS = "kmeans"


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
        distinct: two representatives are at least this far apart, in recorded standard deviations.

    Raises:
        SpaceError: ``n`` or ``distinct`` is out of range.
        ValueError: there is no such choice.
    """
    check_at_least("The number of results", n, 1)
    check_at_least("The least difference between results", distinct, 0.0)
    good = found.take(floor.passing(found)).by_score()
    scaled = space.scaled(good.X)
    is_spread = Choice(choice) is Choice.SPREAD
    chosen = spread(scaled, good.scores, n, distinct) if is_spread else kmeans(scaled, n, distinct, rng)
    return good.take(np.sort(chosen))


@dataclass(frozen=True, slots=True)
class Diversity:
    """Quality and diversity of representatives; the second without the first is won by random search.

    Distances are in recorded standard deviations over the free features; None where there is no pair.

    Attributes:
        share_within: share of all candidates found, those with a finite score, that pass the quality floor.
        worst_over_best: what the worst representative reaches of the best candidate found, 1 being all of it; see
            `gaps_to_best` for its unit, which is that of ``FloorKind.WITHIN_PERCENT``.
        smallest_distance: between two representatives.
        mean_distance: over all pairs of representatives.
        solow_polasky: how many representatives they are worth, 1 to k, where those that resemble each other count less.
        theta: of the Solow-Polasky diversity, per standard deviation.
    """

    share_within: float
    worst_over_best: float
    smallest_distance: float | None
    mean_distance: float | None
    solow_polasky: float
    theta: float = THETA

    @classmethod
    def of(cls, chosen: Candidates, found: Candidates, space: SearchSpace, floor: QualityFloor) -> "Diversity | None":
        """The figures of representatives, or None where there are none.

        Args:
            found: all candidates they were chosen from.
            floor: that they were chosen above.
        """
        if not len(chosen):
            return None
        scaled = space.scaled(chosen.X)
        pairs = pairwise_distances(scaled)[np.triu_indices(len(chosen), k=1)]
        both = Candidates.concatenate([chosen, found])
        return cls(
            share_within=float(floor.passing(found).sum() / max(np.isfinite(found.scores).sum(), 1)),
            worst_over_best=1 - float(gaps_to_best(both)[: len(chosen)].max()),
            smallest_distance=float(pairs.min()) if len(pairs) else None,
            mean_distance=float(pairs.mean()) if len(pairs) else None,
            solow_polasky=solow_polasky(scaled),
        )


def solow_polasky(scaled: np.ndarray, theta: float = THETA) -> float:
    """How many different rows ``scaled`` (k, p) is worth: from 1, all alike, to k, all far apart.

    The sum of all elements of the inverse of C, with C[i, j] = exp(-theta d[i, j]) and d the Euclidean distance: Solow
    and Polasky (1994), Measuring biological diversity, Environmental and Ecological Statistics 1, 95-103. A row that
    occurs twice counts once, one row more never takes away, and a larger theta tells smaller differences apart. 0 for
    no rows.

    Args:
        scaled: (k, p) rows on scaled features.
        theta: likeness of two rows fades to 1/e over a distance of 1/theta.

    Raises:
        SpaceError: theta is not above 0.
    """
    check_positive("Theta of the Solow-Polasky diversity", theta)
    if not len(scaled):
        return 0.0
    values, vectors = np.linalg.eigh(np.exp(-theta * pairwise_distances(scaled)))
    is_regular = values > _SINGULAR * values[-1]
    shares = vectors[:, is_regular].sum(axis=0) ** 2 / values[is_regular]
    return float(shares.sum())
