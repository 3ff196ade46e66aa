"""A whole search: generations until a stop rule says enough."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from optimizer.candidates import Candidates
from optimizer.checks import SpaceError, check_at_least, check_positive
from optimizer.lineages import LineageSearch, LineageSettings
from optimizer.problem import Problem
from optimizer.trace import Generation


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


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What a search found.

    Attributes:
        archive: best candidate of every extinct lineage.
        living: best candidate of every lineage that was alive at the end.
        trace: every generation, in order.
        stop_reason: why it ended.
        seconds: wall time of the whole search.
        seconds_evaluating: of which within ``Problem.evaluate``.
    """

    archive: Candidates
    living: Candidates
    trace: tuple[Generation, ...]
    stop_reason: StopReason
    seconds: float
    seconds_evaluating: float

    @property
    def found(self) -> Candidates:
        """Archive and living lineages together, best first."""
        return Candidates.concatenate([self.archive, self.living]).by_score()

    @property
    def n_evaluations(self) -> int:
        """Candidates evaluated."""
        return self.trace[-1].evaluations if self.trace else 0

    @property
    def n_lineages(self) -> int:
        """Lineages born."""
        return len(self.archive) + len(self.living)

    @property
    def n_nonfinite(self) -> int:
        """Candidates whose prediction was not finite."""
        return sum(generation.n_nonfinite for generation in self.trace)

    @property
    def last_improvement(self) -> int:
        """Number of the generation that last bettered the best score, 0 for an empty trace."""
        bests = [generation.bests.scores.min(initial=np.inf) for generation in self.trace]
        return int(np.argmin(bests)) if bests else 0


@dataclass(slots=True)
class _Progress:
    """What the stop rules look at."""

    budget: Budget
    should_stop: Callable[[], bool]
    started: float = field(default_factory=time.perf_counter)
    best: float = np.inf
    stalled: int = 0

    def stop_reason(self, n_evaluations: int, n_next: int) -> StopReason | None:
        """Return why to stop before the next ``n_next`` candidates, or None."""
        if self.should_stop():
            return StopReason.USER
        if n_evaluations + n_next > self.budget.evaluations:
            return StopReason.BUDGET
        if self.budget.seconds is not None and time.perf_counter() - self.started >= self.budget.seconds:
            return StopReason.TIME
        if self.budget.stall is not None and self.stalled >= self.budget.stall:
            return StopReason.NO_IMPROVEMENT
        return None

    def note(self, generation: Generation) -> None:
        """Count generations without a better best."""
        best = float(generation.bests.scores.min(initial=np.inf))
        self.stalled = 0 if best < self.best else self.stalled + 1
        self.best = min(self.best, best)


def search(
    problem: Problem,
    settings: LineageSettings,
    budget: Budget,
    rng: np.random.Generator,
    *,
    on_generation: Callable[[Generation], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> SearchOutcome:
    """Return what lineages find within the budget; a stop keeps everything found so far.

    Args:
        problem: what is searched.
        settings: knobs of the lineages.
        budget: when to end.
        rng: the same state gives the same trace.
        on_generation: called with every generation, in order.
        should_stop: asked before every generation; True ends the search.

    Raises:
        SpaceError: the budget does not reach for the first generation.
    """
    lineages = LineageSearch(problem.space, settings, rng)
    if budget.evaluations < lineages.n_asked:
        raise SpaceError(
            f"The first generation needs {lineages.n_asked} evaluations, the budget allows {budget.evaluations}: "
            "raise the budget, or lower the number of lineages."
        )
    progress = _Progress(budget, should_stop)
    trace: list[Generation] = []
    seconds_evaluating = 0.0
    while (reason := progress.stop_reason(trace[-1].evaluations if trace else 0, lineages.n_asked)) is None:
        X = lineages.ask()
        before = time.perf_counter()
        results = problem.evaluate(X)
        seconds_evaluating += time.perf_counter() - before
        generation = lineages.tell(results)
        trace.append(generation)
        progress.note(generation)
        if on_generation is not None:
            on_generation(generation)
    return SearchOutcome(
        archive=lineages.archive,
        living=lineages.living,
        trace=tuple(trace),
        stop_reason=reason,
        seconds=time.perf_counter() - progress.started,
        seconds_evaluating=seconds_evaluating,
    )
