"""What one search is worth beside what there is to find."""

from dataclasses import dataclass

import numpy as np

from benchmarks.search.cases import Case
from benchmarks.search.references import Reference, distances, is_within
from benchmarks.search.runs import Run
from optimizer import Candidates
from optimizer.representatives.spread import spread

DISTINCT = 1.0  # recorded standard deviations between two distinct results, at least
MAX_DISTINCT = 500
FOUND_DISTANCE = 0.1  # recorded standard deviations between a local optimum and what counts as having found it
FOUND_PERCENT = 0.1  # of the optimum, between their scores


@dataclass(frozen=True, slots=True)
class Figures:
    """One search in numbers.

    Attributes:
        regret: percent of the optimum, or of the value searched for, by which the best result is worse.
        within_5: results within 5 % of the optimum that are at least one recorded standard deviation apart.
        within_10: the same within 10 %.
        optima: proven local optima found.
        evaluations: candidates evaluated.
        seconds: wall time.
    """

    regret: float
    within_5: int
    within_10: int
    optima: int
    evaluations: int
    seconds: float


def figures(run: Run, case: Case, reference: Reference) -> Figures:
    """Return what a search is worth."""
    found = run.found
    best = float(found.scores.min(initial=np.inf))
    return Figures(
        regret=max(case.in_percent(best - reference.best, reference.best), 0.0),
        within_5=n_distinct(found, case, reference.best, 0.05),
        within_10=n_distinct(found, case, reference.best, 0.10),
        optima=n_optima_found(found, case, reference),
        evaluations=run.evaluations,
        seconds=run.seconds,
    )


def n_distinct(found: Candidates, case: Case, best: float, share: float) -> int:
    """Return how many results within a share of the best score farthest-first picks at a distance, at most 500."""
    good = found.take(is_within(found, best, share)).by_score()
    scaled = case.problem.space.scaled(good.X)
    return len(spread(scaled, good.scores, MAX_DISTINCT, DISTINCT, worst_counts=1.0, settling=0.0))


def n_optima_found(found: Candidates, case: Case, reference: Reference) -> int:
    """Return how many of the proven local optima have a result near them that is nearly as good."""
    if not len(found) or not len(reference.optima):
        return 0
    behind = case.in_percent(found.scores[None] - reference.optima.scores[:, None], reference.best)
    is_near = distances(case.problem, reference.optima, found) <= FOUND_DISTANCE
    return int((is_near & (behind <= FOUND_PERCENT)).any(axis=1).sum())
