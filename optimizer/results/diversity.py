"""How good and how different a set of representatives is, in numbers that are only given together."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import check_positive
from optimizer.features.scaling import pairwise_distances
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace
from optimizer.results.floor import QualityFloor, gaps_to_best

THETA = 1.0  # of the Solow-Polasky diversity, per recorded standard deviation
_SINGULAR = 1e-12  # eigenvalues below this share of the largest belong to rows that are one


@dataclass(frozen=True, slots=True)
class Diversity:
    """Quality and diversity of representatives; the second without the first is won by random search.

    Distances are in recorded standard deviations over the free features; NaN where there is no pair.

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
    smallest_distance: float
    mean_distance: float
    solow_polasky: float
    theta: float = THETA

    @classmethod
    def of(
        cls,
        chosen: Candidates,
        found: Candidates,
        space: SearchSpace,
        floor: QualityFloor,
    ) -> "Diversity | None":
        """The figures of representatives, or None where there are none.

        Args:
            chosen: the representatives.
            found: all candidates they were chosen from.
            space: for scaled distances.
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
            smallest_distance=float(pairs.min()) if len(pairs) else float("nan"),
            mean_distance=float(pairs.mean()) if len(pairs) else float("nan"),
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


def min_distance(X: np.ndarray, space: SearchSpace) -> float:
    """The smallest distance between two rows of ``X`` (n, d), in recorded standard deviations; NaN below two."""
    if len(X) < 2:
        return float("nan")
    return float(pairwise_distances(space.scaled(X))[np.triu_indices(len(X), k=1)].min())
