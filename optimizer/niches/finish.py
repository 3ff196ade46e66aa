"""The last act where gradients are known: good candidates and fresh starts follow their slopes to the very optimum."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer.methods.asktell import ImmigrantSampler
from optimizer.polish import EXACT, ROUGH, polish
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem
from optimizer.results import FloorKind, QualityFloor, representatives
from optimizer.trace.outcome import SearchOutcome
from optimizer.trace.trace import Generation, LineageState, is_end

N_REFINED = 12  # of the best different candidates
_EVALUATIONS_EACH = 60
_MOST_SHARE, _MOST = 0.2, 4_000  # of the budget
_LEAST_FRESH = 8
_SCREENED = 5  # candidates looked at for each fresh start
_DISTINCT, _SAME = 0.3, 1e-3  # recorded standard deviations
_PREDICTIONS = (
    "predict",
    "predict_with_gradient",
    "predict_with_uncertainty",
    "predict_with_uncertainty_and_gradient",
)
_FLOOR = QualityFloor(FloorKind.WITHIN_PERCENT, 10.0)


def budget_of_polish(problem: Problem, evaluations: int) -> int:
    """Return how many of the evaluations are kept for polishing, 0 where no gradient is known."""
    return min(_MOST, int(_MOST_SHARE * evaluations)) if problem.has_gradient else 0


def polished(
    problem: Problem,
    outcome: SearchOutcome,
    evaluations: int,
    immigrants: ImmigrantSampler,
    rng: np.random.Generator,
    on_generation: Callable[[Generation], object],
    is_dropped: Callable[[np.ndarray], np.ndarray] = lambda X: np.zeros(len(X), dtype=bool),
) -> SearchOutcome:
    """Return the outcome with its best different candidates and fresh starts polished, told as one more generation.

    Climbs that follow known slopes are cheap, so that hills which the search has not seen get a chance. What polishing
    led to is a lineage of its own, born in that generation; of several that came to the same optimum the best one is.

    Args:
        problem: what is searched; its gradient is known.
        outcome: of the search so far.
        evaluations: that polishing may take.
        immigrants: draws fresh starts.
        rng: for the choice of starts, and for steps and categories.
        on_generation: told of the generation.
        is_dropped: tells (n,) which of (n, d) candidates are like a lineage that the user dropped.
    """
    started = time.perf_counter()
    timed = _Timed()
    problem = timed.problem(problem)
    chosen = representatives(outcome.found, problem.space, N_REFINED, _FLOOR, rng, _DISTINCT)
    n_fresh = _n_fresh(outcome, evaluations // (_EVALUATIONS_EACH + _SCREENED) - len(chosen))
    if n_fresh < 1 or not len(chosen):
        return outcome
    screened = problem.evaluate(immigrants.draw(_SCREENED * n_fresh))
    starts = Candidates.concatenate([chosen, _fresh(screened, n_fresh, rng)])
    most = min(evaluations - len(screened), len(starts) * _EVALUATIONS_EACH)
    result = polish(problem, starts, most, rng, precision=ROUGH if problem.risk_aversion else EXACT)
    has_gained = (result.candidates.scores < starts.scores) & ~is_dropped(result.candidates.X)
    born = _distinct(result.candidates.take(has_gained).by_score(), problem)
    generation = _generation(outcome, born, len(screened) + result.n_evaluations, screened.n_nonfinite)
    on_generation(generation)
    return replace(
        outcome,
        living=Candidates.concatenate([outcome.living, born]),
        trace=(*outcome.trace, generation),
        seconds=outcome.seconds + time.perf_counter() - started,
        seconds_evaluating=outcome.seconds_evaluating + timed.seconds,
    )


def _n_fresh(outcome: SearchOutcome, most: int) -> int:
    """Return how many fresh starts are worth while: the more, the more of the climbs still led to new hills."""
    n_new = len(outcome.archive)
    share = min(1.0, 2 * n_new / max(n_new + outcome.n_merged, 1))
    return min(most, max(_LEAST_FRESH, int(np.ceil(share * most))))


def _fresh(screened: Candidates, n: int, rng: np.random.Generator) -> Candidates:
    """Return ``n`` starts: the better half the best ones screened, the others any of the rest with a score."""
    order = np.argsort(screened.scores, kind="stable")
    order = order[np.isfinite(screened.scores[order])]
    n_best = (n + 1) // 2
    return screened.take(np.concatenate([order[:n_best], rng.permutation(order[n_best:])[: n - n_best]]))


def _distinct(sorted_by_score: Candidates, problem: Problem) -> Candidates:
    """Return the candidates without those that are the same as a better one."""
    scaled = problem.space.scaled(sorted_by_score.X)
    kept: list[int] = []
    for row in range(len(sorted_by_score)):
        if (np.linalg.norm(scaled[kept] - scaled[row], axis=1) > _SAME).all():
            kept.append(row)
    return sorted_by_score.take(np.array(kept, dtype=int))


def _generation(outcome: SearchOutcome, born: Candidates, n_evaluations: int, n_nonfinite: int) -> Generation:
    """Return the generation in which the living stay as they are and the polished are born."""
    last = outcome.trace[-1]
    is_living = ~is_end(last.states)
    first = outcome.n_lineages
    states = [np.full(is_living.sum(), LineageState.STALLED), np.full(len(born), LineageState.BORN)]
    return Generation(
        number=last.number + 1,
        evaluations=last.evaluations + n_evaluations,
        ids=np.concatenate([last.ids[is_living], np.arange(first, first + len(born))]),
        states=np.concatenate(states).astype(int),
        bests=Candidates.concatenate([last.bests.take(is_living), born]),
        n_nonfinite=n_nonfinite,
    )


class _Timed:
    """Takes the time of predictions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def problem(self, problem: Problem) -> Problem:
        """Return the problem with predictions that are timed."""
        known = {name: getattr(problem, name) for name in _PREDICTIONS}
        timed: dict[str, Any] = {name: self._timed(predict) for name, predict in known.items() if predict is not None}
        return replace(problem, **timed)

    def _timed(self, predict: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
        def timed(X: np.ndarray) -> Any:
            started = time.perf_counter()
            try:
                return predict(X)
            finally:
                self.seconds += time.perf_counter() - started

        return timed
