"""Which of the good candidates become representatives."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from optimizer.checks import check_at_least
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace
from optimizer.results.floor import QualityFloor
from optimizer.results.kmeans import kmeans
from optimizer.results.spread import spread

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
    """Return at most ``n`` different good candidates, best first; the best of all is one of them.

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
