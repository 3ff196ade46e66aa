"""When a search ends, and what it found."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_positive
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem, TimedProblem
from optimizer.trace.trace import Decision, Generation, LineageState

LEAST_GAIN = 1e-6
"""Of a score, in standard deviations of the objective: what is less is polish, and no news to a user."""


MAX_SHAPE_BYTES = 64 * 2**20
"""Of Gaussians kept in the trace of a search; those of later generations are shown, and not kept."""


class StopReason(StrEnum):
    """Why a search ended."""

    BUDGET = "budget"
    TIME = "time"
    NO_IMPROVEMENT = "no improvement"
    USER = "stopped"


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a search may go on.

    Attributes:
        evaluations: candidates at most.
        seconds: wall time at most, or None. A search that ends by it is not repeatable to the bit.
        stall: generations without a better best after which the search ends, or None.

    Raises:
        SpaceError: a limit is not positive.
    """

    evaluations: int = 20_000
    seconds: float | None = None
    stall: int | None = None

    def __post_init__(self) -> None:
        """Refuse a budget that allows nothing."""
        check_at_least("The budget of evaluations", self.evaluations, 1)
        if self.seconds is not None:
            check_positive("The budget of seconds", self.seconds)
        if self.stall is not None:
            check_at_least("The number of generations without improvement", self.stall, 1)


Decide = Callable[[int], tuple[Decision, ...]]
"""Asked once after every generation, with its number: gives what was decided since. What time it takes, as a pause
does, is none of the search's."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a search calls back.

    Attributes:
        on_generation: called with every generation, in order.
        should_stop: asked before candidates are evaluated; True ends the search, which keeps what it found.
        decide: asked after every generation what the user decided about lineages, or None; only for methods whose
            lineages are their own (`is_steerable`).
        distinct: what is nearer to the best of a dropped lineage is like it, in recorded standard deviations.

    Raises:
        SpaceError: the distance is negative.
    """

    on_generation: Callable[[Generation], object] = lambda generation: None
    should_stop: Callable[[], bool] = lambda: False
    decide: Decide | None = None
    distinct: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a negative distance."""
        check_at_least("The least difference between results", self.distinct, 0.0)


NO_HOOKS = Hooks()


def replaying(decisions: Iterable[Decision]) -> Decide:
    """What gives each of these decisions once, as soon as its generation is over: for one search only."""
    waiting = sorted(decisions, key=lambda decision: decision.after)

    def decide(generation: int) -> tuple[Decision, ...]:
        due = tuple(decision for decision in waiting if decision.after <= generation)
        del waiting[: len(due)]
        return due

    return decide


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search found.

    Attributes:
        archive: best candidate of every extinct lineage; with niches, the distinct optima.
        living: best candidate of every lineage that was alive at the end.
        trace: every generation, in order.
        stop_reason: why it ended.
        seconds: wall time of the whole search.
        seconds_evaluating: of which within ``Problem.evaluate``.
        good: further good candidates that were evaluated on the way, or None where the method keeps none.
    """

    archive: Candidates
    living: Candidates
    trace: tuple[Generation, ...]
    stop_reason: StopReason
    seconds: float
    seconds_evaluating: float
    good: Candidates | None = None

    @property
    def found(self) -> Candidates:
        """Archive, living lineages and what else was good, best first."""
        return found_by(self.archive, self.living, self.good)

    @property
    def n_evaluations(self) -> int:
        """Candidates evaluated."""
        return self.trace[-1].evaluations if self.trace else 0

    @property
    def n_lineages(self) -> int:
        """Lineages born."""
        return self._count(LineageState.BORN)

    @property
    def n_merged(self) -> int:
        """Lineages that ended because they climbed a known hill."""
        return self._count(LineageState.MERGED)

    @property
    def n_dropped(self) -> int:
        """Lineages that the user dropped, and those that were like them."""
        return self._count(LineageState.DROPPED)

    def _count(self, state: LineageState) -> int:
        return sum(int((generation.states == state).sum()) for generation in self.trace)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What the user decided while it ran, in order."""
        return tuple(decision for generation in self.trace for decision in generation.decisions)

    @property
    def n_nonfinite(self) -> int:
        """Candidates whose prediction was not finite."""
        return sum(generation.n_nonfinite for generation in self.trace)

    @property
    def last_improvement(self) -> int:
        """Number of the generation that came within `LEAST_GAIN` of the best score, 0 for an empty trace."""
        ends = np.cumsum([len(generation.bests) for generation in self.trace])
        if not len(ends) or not ends[-1]:
            return 0
        scores = np.concatenate([generation.bests.scores for generation in self.trace])
        return int(np.searchsorted(ends, first_as_good(scores), side="right"))


def found_by(archive: Candidates, living: Candidates, good: Candidates | None) -> Candidates:
    """All that a search found, best first: the bests of its lineages, and what else it kept."""
    others = [] if good is None else [good]
    return Candidates.concatenate([archive, living, *others]).by_score()


def first_as_good(scores: np.ndarray) -> int:
    """The first place of ``scores`` (n,), one at least, that is within `LEAST_GAIN` of the best."""
    return int((scores <= scores.min() + LEAST_GAIN).argmax())


class Recorder:
    """What every loop around a search needs: the trace, the clock, when to stop, and what the user wants.

    Args:
        problem: what is searched.
        budget: the limits.
        hooks: called on the way.

    Attributes:
        problem: the same, with the time of its evaluations.
        trace: the generations so far; without Gaussians once these take `MAX_SHAPE_BYTES`.
    """

    def __init__(self, problem: Problem, budget: Budget, hooks: Hooks) -> None:
        self.problem = TimedProblem.of(problem)
        self.trace: list[Generation] = []
        self._budget = budget
        self._hooks = hooks
        self._started = time.perf_counter()
        self._n_shape_bytes = 0
        self._best = np.inf  # score from which gains are counted
        self._n_stalled = 0  # generations since it was bettered by more than `LEAST_GAIN`

    def stop_reason(self, n_evaluations: int, n_next: int) -> StopReason | None:
        """Why to stop before the next ``n_next`` candidates, or None."""
        budget = self._budget
        if self._hooks.should_stop():
            return StopReason.USER
        if n_evaluations + n_next > budget.evaluations:
            return StopReason.BUDGET
        if budget.seconds is not None and self._seconds >= budget.seconds:
            return StopReason.TIME
        if budget.stall is not None and self._n_stalled >= budget.stall:
            return StopReason.NO_IMPROVEMENT
        return None

    def add(self, generation: Generation) -> None:
        """Keep one more generation, and hand it on."""
        if generation.covariances is not None:
            self._n_shape_bytes += generation.covariances.nbytes
        self.trace.append(generation if self._n_shape_bytes <= MAX_SHAPE_BYTES else generation.without_shapes())
        best = float(generation.bests.scores.min(initial=np.inf))
        has_gained = best < self._best - LEAST_GAIN
        self._n_stalled = 0 if has_gained else self._n_stalled + 1
        self._best = best if has_gained else self._best
        if generation.decisions:  # another best may have to be bettered from now on: count gains anew
            self._best, self._n_stalled = np.inf, 0
        self._hooks.on_generation(generation)

    def decisions(self, generation: int) -> tuple[Decision, ...]:
        """What the user decided after a generation; the clock stands still meanwhile."""
        if self._hooks.decide is None:
            return ()
        before = time.perf_counter()
        decisions = tuple(self._hooks.decide(generation))
        self._started += time.perf_counter() - before
        return decisions

    def outcome(
        self, archive: Candidates, living: Candidates, stop_reason: StopReason, good: Candidates | None = None
    ) -> SearchOutcome:
        """What was found, with the trace that led to it; see `SearchOutcome`."""
        seconds = self._seconds
        return SearchOutcome(archive, living, tuple(self.trace), stop_reason, seconds, self.problem.seconds, good)

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self._started


def check_first_generation(n_first: int, evaluations: int) -> None:
    """Refuse a budget that does not reach for the first generation.

    Raises:
        SpaceError: the budget is too small.
    """
    if evaluations < n_first:
        raise SpaceError(
            f"The first generation needs {n_first:,} evaluations, the budget allows {evaluations:,}: raise the budget, "
            "or lower the number of lineages, newcomers or candidates per generation in the method's settings."
        )
