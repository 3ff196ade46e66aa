"""What one search is worth beside what there is to find."""

from dataclasses import dataclass

import numpy as np

from benchmarks.search.cases import Case
from benchmarks.search.references import Reference, distances, is_within
from benchmarks.search.runs import Run
from optimizer import Candidates
from optimizer.features.scaling import distances_to

DISTINCT = 1.0  # recorded standard deviations between two distinct results, at least
MAX_DISTINCT = 500
SHARES = (0.05, 0.10)  # of the optimum
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
    within_5, within_10 = n_distinct(found, case, reference.best)
    return Figures(
        regret=max(case.in_percent(best - reference.best, reference.best), 0.0),
        within_5=within_5,
        within_10=within_10,
        optima=n_optima_found(found, case, reference),
        evaluations=run.evaluations,
        seconds=run.seconds,
    )


def n_distinct(found: Candidates, case: Case, best: float) -> tuple[int, ...]:
    """Return, for each share, how many results within it of the best score are distinct, at most 500.

    They are picked farthest first, beginning with the best result; those within a larger share are picked after those
    within a smaller one, so that they are never fewer.
    """
    good = found.take(is_within(found, best, max(SHARES))).by_score()
    scaled = case.problem.space.scaled(good.X)
    gaps = np.full(len(good), np.inf)  # to the nearest pick
    n_picked, counts = 0, []
    for share in SHARES:
        n_within = int(is_within(good, best, share).sum())  # they stand best first
        while n_picked < MAX_DISTINCT and n_within and gaps[:n_within].max() >= DISTINCT:
            gaps = np.minimum(gaps, distances_to(scaled, int(gaps[:n_within].argmax())))
            n_picked += 1
        counts.append(n_picked)
    return tuple(counts)


def n_optima_found(found: Candidates, case: Case, reference: Reference) -> int:
    """Return how many of the proven local optima have a result near them that is nearly as good."""
    if not len(found) or not len(reference.optima):
        return 0
    behind = case.in_percent(found.scores[None] - reference.optima.scores[:, None], reference.best)
    is_near = distances(case.problem, reference.optima, found) <= FOUND_DISTANCE
    return int((is_near & (behind <= FOUND_PERCENT)).any(axis=1).sum())
