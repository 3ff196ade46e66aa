"""What each lineage did by generations, what users decided on the way, when a search ends and what it found."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_choice, check_positive
from optimizer.problem.candidates import Candidates, Rows
from optimizer.problem.problem import Problem, TimedProblem

SHAPES_EVERY = 4  # generations after which the Gaussian of a lineage is recorded although the lineage stalled
MAX_SHAPE_BYTES = 64 * 2**20  # of Gaussians kept in the trace of a search; those of later generations are not kept
LEAST_GAIN = 1e-6  # of a score, in standard deviations of the objective: what is less is polish, and no news to a user


class LineageState(IntEnum):
    """What happened to a lineage in a generation; after EXTINCT, MERGED and DROPPED it is gone.

    Dropped is one that the user dropped, or that was like it; one that went extinct before leaves the archive then.
    """

    BORN = 0
    IMPROVED = 1
    STALLED = 2
    EXTINCT = 3
    MERGED = 4
    DROPPED = 5


def is_end(states: np.ndarray) -> np.ndarray:
    """(m,) whether these states are the last of their lineages."""
    return np.isin(states, (LineageState.EXTINCT, LineageState.MERGED, LineageState.DROPPED))


def last_of_lineages(ids: np.ndarray) -> np.ndarray:
    """(k,) the place of the last of each lineage's rows (m,), by number of the lineage."""
    return len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]


def is_improvement(scores: np.ndarray, best: float = np.inf) -> np.ndarray:
    """(m,) whether each score is better than ``best`` and all before it; none that is not finite is."""
    finite = np.where(np.isfinite(scores), scores, np.inf)
    return finite < np.minimum.accumulate(np.append(best, finite))[:-1]


class DecisionKind(StrEnum):
    """What is decided about a lineage."""

    DROP = "drop"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about one lineage; one that is gone or was never born changes nothing.

    Attributes:
        after: number of the generation after which it was taken.
        kind: ``drop``: the lineage ends, and nothing like its best becomes a result; ``more``: new lineages begin
            around its best, and it lives for longer.
        lineage: its number. What is decided about a lineage that merged holds for the one that has its hill.

    Raises:
        SpaceError: a number is negative, or there is no such kind.
    """

    after: int
    kind: DecisionKind
    lineage: int

    def __post_init__(self) -> None:
        check_at_least("The generation of a decision", self.after, 0)
        check_at_least("The lineage of a decision", self.lineage, 0)
        object.__setattr__(self, "kind", check_choice("A decision is", self.kind, DecisionKind))


@dataclass(frozen=True, slots=True)
class Climb:
    """The last phase of a search whose slopes are known: candidates follow them to the exact tops.

    Attributes:
        starts: (s,) where each began, evaluated: first the best different candidates found, then fresh ones.
        is_fresh: (s,) whether a start was drawn anew.
        lineages: (s,) the lineage, born in this generation, at whose best each arrived; -1 where nothing better was
            found, or what was found is like a dropped lineage. The first start of a lineage is the one that it is.
        is_top: (s,) whether it arrived at a top of its own: at least 0.3 recorded standard deviations from all better.
    """

    starts: Candidates
    is_fresh: np.ndarray
    lineages: np.ndarray
    is_top: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def n_tops(self) -> int:
        """How many different tops were reached."""
        return int(self.is_top.sum())

    @property
    def n_lineages(self) -> int:
        """How many lineages were born of it: more than tops, as a climb ends near a top and not on it."""
        return len(np.unique(self.lineages[self.lineages >= 0]))


@dataclass(frozen=True, slots=True)
class FrontPlaces(Rows):
    """Where the lineages of a search for several objectives are.

    Attributes:
        outcomes: (m, k) all outcomes of the best of each.
        violations: (m,) by how much it breaks limits, 0 where it keeps them.
        directions: (m,) number of the reference direction that each lineage follows.
        hills: (m,) number of the hill that it stands on.
        is_front: (m,) whether nothing found so far is better in every objective.
    """

    outcomes: np.ndarray
    violations: np.ndarray
    directions: np.ndarray
    hills: np.ndarray
    is_front: np.ndarray


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: every lineage that lived in it, with its best candidate so far.

    Attributes:
        evaluations: candidates evaluated up to and including this generation.
        ids: (m,) number of each lineage, in order of birth.
        states: (m,) ``LineageState`` codes.
        bests: the best candidate of each of the m lineages.
        n_nonfinite: predictions of this generation that were not finite.
        covariances: (m, d, d) of the Gaussian that each lineage draws from, in the features' units; NaN for a lineage
            without one, None where no lineage has one.
        means: (m, d) centres of these Gaussians, or None where they are the lineages' bests.
        merged_into: (m,) the lineage whose hill a merged one was climbing, -1 where there is none or it is not known;
            None where no lineage of this generation merged into a known one.
        decisions: of the user, that this generation records; nothing is evaluated in it then.
        climb: what the last phase did, where this generation is one.
        places: (m) where they are among several objectives; None where there is one. The scores of the bests then tell
            how far each is behind the front, as shares of its width.
    """

    number: int
    evaluations: int
    ids: np.ndarray
    states: np.ndarray
    bests: Candidates
    n_nonfinite: int = 0
    covariances: np.ndarray | None = None
    means: np.ndarray | None = None
    merged_into: np.ndarray | None = None
    decisions: tuple[Decision, ...] = ()
    climb: Climb | None = None
    places: FrontPlaces | None = None

    @property
    def n_living(self) -> int:
        """How many lineages live on."""
        return int((~is_end(self.states)).sum())

    def without_shapes(self) -> "Generation":
        """The generation without its Gaussians: what a long trace can afford to keep."""
        return self if self.covariances is None else replace(self, covariances=None, means=None)


@dataclass(frozen=True, slots=True)
class Events:
    """A trace without what can be inferred: a lineage that stalls stays where it was.

    The Gaussian of a lineage moves on while the lineage stalls: it is recorded in every fourth generation
    (`SHAPES_EVERY`), with the state STALLED.

    Attributes:
        generations: (e,) number of the generation of each event.
        ids: (e,) lineage.
        states: (e,) born, improved, extinct, merged or dropped; stalled for a Gaussian only.
        bests: the best candidate of the lineage after the event.
        covariances: (e, d, d) of the Gaussian that the lineage draws from, NaN where it has none; None where no event
            has one.
        means: (e, d) centres of these Gaussians, given together with the covariances.
        merged_into: (e,) the lineage whose hill a merged one was climbing, else -1; None where there is none.
        places: (e) where the lineages are among several objectives; None where there is one.
    """

    generations: np.ndarray
    ids: np.ndarray
    states: np.ndarray
    bests: Candidates
    covariances: np.ndarray | None = None
    means: np.ndarray | None = None
    merged_into: np.ndarray | None = None
    places: FrontPlaces | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, generations: Iterable[Generation], n_features: int) -> "Events":
        """The events of these generations, in order."""
        trace = list(generations)
        if not trace:
            return cls(np.empty(0, int), np.empty(0, int), np.empty(0, int), Candidates.empty(n_features))
        states = np.concatenate([generation.states for generation in trace])
        has_shapes = any(generation.covariances is not None for generation in trace)
        has_hills = any(generation.merged_into is not None for generation in trace)
        is_event = states != LineageState.STALLED
        if has_shapes:
            is_event |= np.concatenate([_is_shape_due(generation) for generation in trace])
        rows = np.flatnonzero(is_event)

        def taken(name: str, absent: Callable[[Generation], np.ndarray]) -> np.ndarray:
            """The events' rows of what some generations have, and what stands for it in the others."""
            given = [(getattr(generation, name), generation) for generation in trace]
            return np.concatenate([absent(each) if values is None else values for values, each in given])[rows]

        def no_shapes(generation: Generation) -> np.ndarray:
            return np.full((len(generation.ids), n_features, n_features), np.nan)

        places = [generation.places for generation in trace if generation.places is not None]
        return cls(
            generations=np.repeat([g.number for g in trace], [len(g.ids) for g in trace])[rows],
            ids=np.concatenate([generation.ids for generation in trace])[rows],
            states=states[rows],
            bests=Candidates.concatenate([generation.bests for generation in trace]).take(rows),
            covariances=taken("covariances", no_shapes) if has_shapes else None,
            means=taken("means", lambda generation: generation.bests.X) if has_shapes else None,
            merged_into=taken("merged_into", lambda each: np.full(len(each.ids), -1)) if has_hills else None,
            places=FrontPlaces.concatenate(places).take(rows) if len(places) == len(trace) else None,
        )


def _is_shape_due(generation: Generation) -> np.ndarray:
    """(m,) whether the Gaussian of each lineage is recorded in this generation whatever the lineage did."""
    if generation.covariances is None or generation.number % SHAPES_EVERY:
        return np.zeros(len(generation.ids), dtype=bool)
    return np.isfinite(generation.covariances).any(axis=(1, 2))


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
        return self.count(LineageState.BORN)

    def count(self, state: LineageState) -> int:
        """How many lineages were ever in that state."""
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


class RunLog:
    """What every loop around a search needs: the trace, the clock, when to stop, and what the user wants.

    Attributes:
        trace: the generations so far; without Gaussians once these take `MAX_SHAPE_BYTES`.
    """

    def __init__(self, budget: Budget, hooks: Hooks) -> None:
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
        if budget.seconds is not None and self.seconds >= budget.seconds:
            return StopReason.TIME
        if budget.stall is not None and self._n_stalled >= budget.stall:
            return StopReason.NO_IMPROVEMENT
        return None

    def add(self, generation: Generation, best: float | None = None) -> None:
        """Keep one more generation, and hand it on.

        Args:
            best: from which gains are counted, smaller is better; by default the best score of its lineages.
        """
        if generation.covariances is not None:
            self._n_shape_bytes += generation.covariances.nbytes
        self.trace.append(generation if self._n_shape_bytes <= MAX_SHAPE_BYTES else generation.without_shapes())
        best = float(generation.bests.scores.min(initial=np.inf)) if best is None else best
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

    @property
    def seconds(self) -> float:
        """Since it began, without the pauses in which the user decided."""
        return time.perf_counter() - self._started


class Recorder(RunLog):
    """A `RunLog` of a search for one objective.

    Attributes:
        problem: the same, with the time of its evaluations.
    """

    def __init__(self, problem: Problem, budget: Budget, hooks: Hooks) -> None:
        super().__init__(budget, hooks)
        self.problem = TimedProblem.of(problem)

    def outcome(
        self, archive: Candidates, living: Candidates, stop_reason: StopReason, good: Candidates | None = None
    ) -> SearchOutcome:
        """What was found, with the trace that led to it; see `SearchOutcome`."""
        seconds = self.seconds
        return SearchOutcome(archive, living, tuple(self.trace), stop_reason, seconds, self.problem.seconds, good)


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
