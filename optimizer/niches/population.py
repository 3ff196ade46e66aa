"""The living lineages of a search by niches, and how they climb."""

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from optimizer.niches.coordinates import Coordinates
from optimizer.niches.gaussians import Gaussians, Strategy, Surrogates
from optimizer.problem.candidates import Candidates, Rows

_GOOD_MISFIT = 0.1
_SHRINK = 0.2  # of the step size, when the minimum of a model that fits well was the best child
_LEAST_GUESSED_GAIN = 1e-12


class Origin(IntEnum):
    """How a lineage began."""

    DRAWN = 0
    CROSSED = 1
    HOPPED = 2


@dataclass(frozen=True, slots=True)
class Population(Rows):
    """Living lineages, one row each, in order of birth.

    Attributes:
        ids: (k,) number of the lineage.
        bests: (k) its best candidate so far.
        origins: (k,) ``Origin`` codes.
        chains: (k,) the hopping chain that it comes from, -1 for the others.
        gaussians: (k) what it draws its children from.
        surrogates: (k) model of its last children.
        ages: (k,) generations since birth.
        anchors: (k,) score from which improvement is counted.
        stalled: (k,) generations since the last improvement.
        spreads: (k,) how far apart the scores of its last parents were.
        tested: (k,) age at its last hill-valley test.
        is_settled: (k,) whether it has come to its end but for the last tests.
    """

    ids: np.ndarray
    bests: Candidates
    origins: np.ndarray
    chains: np.ndarray
    gaussians: Gaussians
    surrogates: Surrogates
    ages: np.ndarray
    anchors: np.ndarray
    stalled: np.ndarray
    spreads: np.ndarray
    tested: np.ndarray
    is_settled: np.ndarray

    @classmethod
    def born(
        cls, ids: np.ndarray, bests: Candidates, gaussians: Gaussians, origins: np.ndarray, chains: np.ndarray, c: int
    ) -> "Population":
        """New lineages that will have ``c`` children in every generation."""
        k, m = gaussians.means.shape
        return cls(
            ids=ids,
            bests=bests,
            origins=origins,
            chains=chains,
            gaussians=gaussians,
            surrogates=Surrogates.unfitted(k, m, c),
            ages=np.zeros(k, dtype=int),
            anchors=bests.scores.copy(),
            stalled=np.zeros(k, dtype=int),
            spreads=np.full(k, np.inf),
            tested=np.zeros(k, dtype=int),
            is_settled=np.zeros(k, dtype=bool),
        )

    @property
    def scores(self) -> np.ndarray:
        """(k,) best score of each lineage."""
        return self.bests.scores

    @property
    def scores_by_id(self) -> dict[int, float]:
        """The best score of every lineage by its number."""
        return dict(zip(self.ids.tolist(), self.scores.tolist(), strict=True))


def children_of(
    lineages: Population, strategy: Strategy, coordinates: Coordinates, rng: np.random.Generator
) -> np.ndarray:
    """(k * c, d) children of every lineage; the last one is the minimum of its surrogate where it has one."""
    U = lineages.gaussians.drawn(strategy.n_children, rng)
    has_minimum = lineages.surrogates.has_minimum
    U[has_minimum, -1] = lineages.surrogates.minima[has_minimum]
    bases = np.repeat(lineages.bests.X, strategy.n_children, axis=0)
    U, bases = coordinates.mixed(U.reshape(len(bases), coordinates.n), bases, rng)
    return coordinates.candidates(U, bases)


def climbed(
    lineages: Population, children: Candidates, strategy: Strategy, coordinates: Coordinates
) -> tuple[Population, np.ndarray]:
    """The lineages after their children (k * c), and (k,) whether a surrogate says that no more is to be gained."""
    k, c = len(lineages), strategy.n_children
    if not k:
        return lineages, np.empty(0, dtype=bool)
    scores = children.scores.reshape(k, c)
    U = coordinates.coordinates(children.X).reshape(k, c, coordinates.n)
    champions = scores.argmin(axis=1)
    best_children = children.take(champions + np.arange(k) * c)
    better = np.flatnonzero(best_children.scores < lineages.scores)
    bests = lineages.bests.with_rows(better, best_children.take(better))
    ages = lineages.ages + 1
    gaussians = lineages.gaussians.updated(strategy, U, scores, ages, is_plain=coordinates.is_plain)

    # Where the minimum of the surrogate was the best child, the mean jumps there; where the surrogate also fits well,
    # the optimum is near, and a Gaussian that is much wider than the way to it only wastes children.
    surrogates = lineages.surrogates
    is_led = surrogates.has_minimum & (champions == c - 1) & (scores[:, -1] <= lineages.scores)
    fits = is_led & (surrogates.misfits < _GOOD_MISFIT)
    gaussians = replace(
        gaussians,
        means=np.where(is_led[:, None], U[:, -1], gaussians.means),
        sigmas=np.where(fits, gaussians.sigmas * _SHRINK, gaussians.sigmas),
    )
    with np.errstate(invalid="ignore"):  # infinity less infinity: nothing is known of gain and spread
        is_exact = fits & (lineages.scores - bests.scores <= _LEAST_GUESSED_GAIN)
        parents = np.sort(scores, axis=1)[:, : len(strategy.weights)]
        spreads = parents[:, -1] - parents[:, 0]
    return replace(
        lineages,
        bests=bests,
        gaussians=gaussians,
        surrogates=surrogates.remembering(U, scores),
        ages=ages,
        spreads=np.where(np.isfinite(spreads), spreads, np.inf),
    ), is_exact
