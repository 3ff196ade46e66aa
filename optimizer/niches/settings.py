"""The method of niches: settings, search, and a polish at the end where gradients are known."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from optimizer.methods.asktell import SOURCE_MEANING, ImmigrantSampler, ImmigrantSource, run_ask_tell, usual_source
from optimizer.methods.lineages import LineageSettings
from optimizer.methods.method import CheckedSettings, setting
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.search import NicheSearch
from optimizer.polish.descent import EXACT, ROUGH
from optimizer.polish.polish import polish
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem, TimedProblem
from optimizer.results import FloorKind, QualityFloor, representatives
from optimizer.trace import NO_HOOKS, Budget, Climb, Generation, Hooks, LineageState, SearchOutcome, StopReason, is_end

N_REFINED = 12  # of the best different candidates
_EVALUATIONS_EACH = 60
_MOST_SHARE, _MOST = 0.2, 4_000  # of the budget
_LEAST_FRESH = 8
_SCREENED = 5  # candidates looked at for each fresh start
_DISTINCT, _SAME = 0.3, 1e-3  # recorded standard deviations
_FLOOR = QualityFloor(FloorKind.WITHIN_PERCENT, 10.0)


@dataclass(frozen=True, slots=True)
class NicheSettings(CheckedSettings):
    """The search by niches: lineages that are good local searches, each on a hill of its own.

    A lineage climbs by CMA-ES, helped by a quadratic model of its own children. Hill-valley tests end one that climbs
    a known hill (merged); one that comes to its end on a hill of its own (extinct) leaves an optimum in the archive.
    New lineages are drawn anew, crossed from good optima or hopped from one. Where gradients are known, the best
    different candidates and some fresh starts follow them at the end to the very optimum. In a space with nothing
    numeric to move, plain lineages search. Newcomers come from both sources where there are recorded rows.
    """

    name: ClassVar[str] = "niches"
    is_steerable: ClassVar[bool] = True
    uses_strengths: ClassVar[bool] = True

    n_lineages: int = setting(
        40,
        "The number of lineages",
        "How many local searches live at once, fewer where the budget would not bring so many to their end.",
        least=1,
    )
    spread: float = setting(
        0.0,
        "The share of the budget that spreads out",
        "Share of the later budget for different good candidates between and beyond the optima; it finds no optima.",
        least=0.0,
        most=0.5,
    )
    immigrants_from: ImmigrantSource | None = setting(
        None, "Newcomers come from", SOURCE_MEANING, choices=ImmigrantSource
    )

    def n_first(self, n_free: int) -> int:
        """The evaluations of the first generation that it cannot do without."""
        return 1

    def run(self, problem: Problem, budget: Budget, rng: np.random.Generator, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
        """What niches find within the budget; see `Method.run`."""
        source = self.immigrants_from or usual_source(problem.starts)
        if not Coordinates.of(problem.space).n:
            plain = LineageSettings(immigrants_from=source)
            return plain.run(problem, budget, rng, hooks)
        immigrants = ImmigrantSampler(problem.space, source, problem.passing_starts, rng)
        # kept for polishing
        kept = min(_MOST, int(_MOST_SHARE * budget.evaluations)) if problem.has_gradient else 0
        climbing = replace(budget, evaluations=budget.evaluations - kept)
        niches = NicheSearch(
            problem.space,
            self.n_lineages,
            self.spread,
            climbing.evaluations,
            immigrants,
            rng,
            begin_at=problem.begin_at,
            distinct=hooks.distinct,
        )
        outcome = run_ask_tell(niches, problem, climbing, hooks)
        if not kept or outcome.stop_reason is not StopReason.BUDGET or hooks.should_stop():
            return outcome
        left = budget.evaluations - outcome.n_evaluations
        return _polished(problem, outcome, left, immigrants, rng, hooks.on_generation, niches.is_dropped)


def _polished(
    problem: Problem,
    outcome: SearchOutcome,
    evaluations: int,
    immigrants: ImmigrantSampler,
    rng: np.random.Generator,
    on_generation: Callable[[Generation], object],
    is_dropped: Callable[[np.ndarray], np.ndarray],
) -> SearchOutcome:
    """The outcome with its best different candidates and fresh starts polished, as one more generation.

    Climbs that follow known slopes are cheap, so that hills which the search has not seen get a chance. What polishing
    led to is a lineage of its own, born in that generation; of several that came to the same optimum the best one is.

    Args:
        problem: what is searched; its gradient is known.
        evaluations: that polishing may take.
        is_dropped: says (n,) which of (n, d) candidates are like a lineage that the user dropped.
    """
    started = time.perf_counter()
    timed = TimedProblem.of(problem)
    chosen = representatives(outcome.found, problem.space, N_REFINED, _FLOOR, rng, _DISTINCT)
    n_fresh = _n_fresh(outcome, evaluations // (_EVALUATIONS_EACH + _SCREENED) - len(chosen))
    if n_fresh < 1 or not len(chosen):
        return outcome
    screened = timed.evaluate(immigrants.draw(_SCREENED * n_fresh))
    starts = Candidates.concatenate([chosen, _fresh(screened, n_fresh, rng)])
    most = min(evaluations - len(screened), len(starts) * _EVALUATIONS_EACH)
    result = polish(timed, starts, most, rng, precision=ROUGH if problem.risk_aversion else EXACT)
    has_gained = (result.candidates.scores < starts.scores) & ~is_dropped(result.candidates.X)
    gained = np.flatnonzero(has_gained)
    gained = gained[np.argsort(result.candidates.scores[gained], kind="stable")]
    firsts, places = _distinct(result.candidates.X[gained], problem, _SAME)
    born = result.candidates.take(gained[firsts])
    lineages, is_top = np.full(len(starts), -1), np.zeros(len(starts), dtype=bool)
    lineages[gained] = outcome.n_lineages + places
    is_top[gained[_distinct(result.candidates.X[gained], problem, _DISTINCT)[0]]] = True
    # the start that a lineage is comes before those that arrived at its top as well
    order = np.concatenate([gained, np.flatnonzero(~has_gained)])
    climb = Climb(starts.take(order), order >= len(chosen), lineages[order], is_top[order])
    generation = _polish_generation(outcome, born, climb, len(screened) + result.n_evaluations, screened.n_nonfinite)
    on_generation(generation)
    return replace(
        outcome,
        living=Candidates.concatenate([outcome.living, born]),
        trace=(*outcome.trace, generation),
        seconds=outcome.seconds + time.perf_counter() - started,
        seconds_evaluating=outcome.seconds_evaluating + timed.seconds,
    )


def _n_fresh(outcome: SearchOutcome, most: int) -> int:
    """How many fresh starts are worth while: the more, the more of the climbs still led to new hills."""
    n_new = len(outcome.archive)
    share = min(1.0, 2 * n_new / max(n_new + outcome.count(LineageState.MERGED), 1))
    return min(most, max(_LEAST_FRESH, int(np.ceil(share * most))))


def _fresh(screened: Candidates, n: int, rng: np.random.Generator) -> Candidates:
    """``n`` starts: the better half the best ones screened, the others any of the rest with a score."""
    order = np.argsort(screened.scores, kind="stable")
    order = order[np.isfinite(screened.scores[order])]
    n_best = (n + 1) // 2
    return screened.take(np.concatenate([order[:n_best], rng.permutation(order[n_best:])[: n - n_best]]))


def _distinct(X: np.ndarray, problem: Problem, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """The rows of ``X`` (n, d), best first, that are ``apart`` from all before, (k,); and (n,) at which each row is."""
    scaled = problem.space.scaled(X)
    kept: list[int] = []
    places = np.zeros(len(X), dtype=int)
    for row in range(len(X)):
        distances = np.linalg.norm(scaled[kept] - scaled[row], axis=1)
        if (distances > apart).all():
            places[row] = len(kept)
            kept.append(row)
        else:
            places[row] = int(distances.argmin())
    return np.array(kept, dtype=int), places


def _polish_generation(
    outcome: SearchOutcome, born: Candidates, climb: Climb, n_evaluations: int, n_nonfinite: int
) -> Generation:
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
        climb=climb,
    )
