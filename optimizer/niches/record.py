"""What happened to every lineage in a generation, for the trace."""

import numpy as np

from optimizer.niches.coordinates import Coordinates
from optimizer.niches.population import Population
from optimizer.trace.trace import Generation, LineageState


def scores_by_id(*several: Population) -> dict[int, float]:
    """Return the best score of every lineage by its number."""
    return {
        lineage: score
        for lineages in several
        for lineage, score in zip(lineages.ids.tolist(), lineages.bests.scores.tolist(), strict=True)
    }


def record(
    coordinates: Coordinates,
    living: Population,
    ended: Population,
    before: dict[int, float],
    merged_into: dict[int, int],
    counts: tuple[int, int, int],
) -> Generation:
    """Return the generation in which these lineages live on and those ended.

    Args:
        coordinates: the coordinates.
        living: the lineages that go on, newborn ones among them.
        ended: those that do not.
        before: best scores of the lineages that were there before, by number.
        merged_into: by the number of a merged lineage, the one whose hill it climbed, -1 where that is not known.
        counts: number of the generation, evaluations so far, and predictions of this generation that were not finite.
    """
    everyone = living.joined(ended)
    everyone = everyone.take(np.argsort(everyone.ids))
    gone = set(ended.ids.tolist())

    def state(lineage: int, score: float) -> LineageState:
        if lineage not in before:
            return LineageState.BORN
        if lineage in gone:
            return LineageState.MERGED if lineage in merged_into else LineageState.EXTINCT
        return LineageState.IMPROVED if score < before[lineage] else LineageState.STALLED

    scores = scores_by_id(everyone)
    states = np.array([state(lineage, score) for lineage, score in scores.items()], dtype=int)
    is_merged = states == LineageState.MERGED
    into = np.array([merged_into.get(lineage, -1) for lineage in scores], dtype=int)
    number, evaluations, n_nonfinite = counts
    return Generation(
        number=number,
        evaluations=evaluations,
        ids=everyone.ids,
        states=states,
        bests=everyone.bests,
        n_nonfinite=n_nonfinite,
        covariances=coordinates.covariances(everyone.covariances * everyone.sigmas[:, None, None] ** 2),
        means=coordinates.centres(everyone.means, everyone.bests.X),
        merged_into=np.where(is_merged, into, -1) if is_merged.any() else None,
    )
