"""What searches with lineages of their own share: rows of lineages, newcomers, the user's decisions, and the loop.

Such a search is asked for candidates and told what they are worth, a generation at a time (ask and tell).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from optimizer.checks import AskTellError, SpaceError
from optimizer.features import Numeric, least_distance
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace
from optimizer.trace import (
    NO_HOOKS,
    Budget,
    Decision,
    DecisionKind,
    Generation,
    Hooks,
    LineageState,
    Recorder,
    SearchOutcome,
    check_first_generation,
)

MORE_SHARE = 0.5  # of the newcomers, once the user wants more of some lineages
MORE_PATIENCE = 3  # times the usual patience that such a lineage is given
LEAST_RADIUS = 0.2  # recorded standard deviations: what is nearer is like a dropped lineage, however alike results are


SOURCE_MEANING = "Where lineages begin. Recorded rows, moved inside the bounds, are where the model knows most."


class ImmigrantSource(StrEnum):
    """Where newcomers are drawn from."""

    RANDOM = "random"
    RECORDED = "recorded"
    BOTH = "both"


def usual_source(starts: np.ndarray | None) -> ImmigrantSource:
    """Where newcomers come from unless somebody chose: from both where there are recorded rows (r, d)."""
    return ImmigrantSource.RANDOM if starts is None or not len(starts) else ImmigrantSource.BOTH


class ImmigrantSampler:
    """Draws newcomers: random candidates, recorded rows moved inside the space, or every other one of each.

    Recorded rows come in a random order, each once before any comes again.

    Args:
        starts: (r, d) recorded rows, or None where there are none.

    Raises:
        SpaceError: recorded rows are asked for and there are none.
    """

    def __init__(
        self, space: SearchSpace, source: ImmigrantSource, starts: np.ndarray | None, rng: np.random.Generator
    ) -> None:
        if source is not ImmigrantSource.RANDOM and (starts is None or not len(starts)):
            raise SpaceError(
                f"Newcomers from '{source}' need recorded rows to start from, got none: "
                "give them to the problem as `starts`, or draw newcomers from 'random'."
            )
        self._space = space
        self._source = source
        self._starts = starts
        self._rng = rng
        self._order = np.empty(0, dtype=int)

    def first(self, n: int, begin_at: np.ndarray | None) -> np.ndarray:
        """(n, d) newcomers of the first generation, (g, d) given ones before the others; all g where g > n."""
        if begin_at is None or not len(begin_at):
            return self.draw(n)
        return np.vstack([begin_at, self.draw(max(0, n - len(begin_at)))])

    def draw(self, n: int) -> np.ndarray:
        """(n, d) newcomers within the space."""
        if self._source is ImmigrantSource.RANDOM:
            return self._space.sample(n, self._rng)
        n_recorded = n if self._source is ImmigrantSource.RECORDED else (n + 1) // 2
        recorded = self._recorded(n_recorded)
        return np.vstack([recorded, self._space.sample(n - n_recorded, self._rng)])

    def _recorded(self, n: int) -> np.ndarray:
        assert self._starts is not None
        while len(self._order) < n:
            self._order = np.concatenate([self._order, self._rng.permutation(len(self._starts))])
        rows, self._order = self._order[:n], self._order[n:]
        return self._space.repair(self._starts[rows])


class SteeringState:
    """The decisions that a search goes by.

    The region of a dropped lineage is all that is nearer to its best than two results are to each other, and there
    nothing counts any more: no newcomer survives, no mutant is an improvement, no result is picked. A measure of
    distance and no test for a common hill, because models with a single hill are usual: their results differ by where
    on it they are, and to drop one of them must leave the others.

    Args:
        distinct: least distance between two results, in recorded standard deviations.
    """

    def __init__(self, space: SearchSpace, distinct: float) -> None:
        self._space = space
        self._radius = least_distance(max(distinct, LEAST_RADIUS))
        self._dropped: list[np.ndarray] = []
        self._merged_into: dict[int, int] = {}
        self._favoured: dict[int, np.ndarray] = {}

    @property
    def favoured(self) -> tuple[int, ...]:
        """The lineages that the user wants more of."""
        return tuple(self._favoured)

    def is_dropped(self, X: np.ndarray) -> np.ndarray:
        """(n,) whether each row of ``X`` (n, d) is like a lineage that was dropped."""
        scaled = self._space.scaled(X)
        is_inside = np.zeros(len(X), dtype=bool)
        for centre in self._dropped:
            is_inside |= np.linalg.norm(scaled - centre, axis=1) < self._radius
        return is_inside

    def applied(self, results: Candidates) -> Candidates:
        """Evaluated candidates, those like a dropped lineage with the score infinity."""
        if not self._dropped:
            return results
        return replace(results, scores=np.where(self.is_dropped(results.X), np.inf, results.scores))

    def follow(self, decisions: Iterable[Decision], ids: np.ndarray, X: np.ndarray) -> np.ndarray:
        """Follow decisions; (k,) which lineages are dropped by them: the named ones, and all like them.

        Args:
            ids: (k,) lineages that live or left something.
            X: (k, d) their bests.
        """
        for decision in decisions:
            row = np.flatnonzero(ids == self._successor(decision.lineage))[:1]
            if not len(row) or self.is_dropped(X[row])[0]:
                continue
            if decision.kind is DecisionKind.DROP:
                self._dropped.append(self._space.scaled(X[row])[0])
            else:
                self._favoured[int(ids[row[0]])] = X[row[0]]
        is_dropped = self.is_dropped(X)
        for lineage in np.intersect1d(ids[is_dropped], list(self._favoured)).tolist():
            del self._favoured[lineage]
        return is_dropped

    def note_merged(self, merged_into: Mapping[int, int]) -> None:
        """Remember which lineages merged, and into which."""
        self._merged_into.update({lineage: into for lineage, into in merged_into.items() if into >= 0})

    def note_moves(self, ids: np.ndarray, X: np.ndarray) -> None:
        """Take in where living lineages (k,) are now, at ``X`` (k, d)."""
        for row in np.flatnonzero(np.isin(ids, self.favoured)).tolist() if self._favoured else ():
            self._favoured[int(ids[row])] = X[row]

    def is_favoured(self, ids: np.ndarray) -> np.ndarray:
        """(k,) whether the user wants more of each lineage."""
        return np.isin(ids, self.favoured) if self._favoured else np.zeros(len(ids), dtype=bool)

    def around(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, d) candidates around the bests of favoured lineages, about as far off as results differ."""
        bests = np.array(list(self._favoured.values()))
        return self._wide.mutate(bests[rng.integers(len(bests), size=n)], rng)

    @cached_property
    def _wide(self) -> SearchSpace:
        """The space, with mutation strengths by which a mutant is about a radius away."""
        strengths = [f.strength() for f in self._space.features if isinstance(f, Numeric) and f.is_free]
        factor = self._radius / (float(np.linalg.norm(strengths)) or 1.0)
        features = tuple(
            replace(f, mutation_strength=f.strength() * factor) if isinstance(f, Numeric) else f
            for f in self._space.features
        )
        return replace(self._space, features=features)

    def _successor(self, lineage: int) -> int:
        """The lineage that holds the hill of one that merged, or the lineage itself."""
        while lineage in self._merged_into:
            lineage = self._merged_into[lineage]
        return lineage


class AskTellSearch(ABC):
    """A search by lineages of its own: asked for candidates and told what they are worth, a generation at a time.

    Args:
        begin_at: (g, d) candidates at which lineages begin in the first generation, the best of them where there are
            more than may live at once; or None.
        distinct: least distance between two results; what is nearer to a dropped lineage is like it.
    """

    def __init__(
        self, space: SearchSpace, rng: np.random.Generator, begin_at: np.ndarray | None, distinct: float
    ) -> None:
        self.space = space
        self._rng = rng
        self._begin_at = np.empty((0, space.n_features)) if begin_at is None else begin_at
        self._steering_state = SteeringState(space, distinct)
        self._n_evaluations = self._n_generations = self._n_born = 0
        self._n_waiting: int | None = None  # candidates whose results have not been told

    @property
    @abstractmethod
    def n_asked(self) -> int:
        """How many candidates the next `ask` will give."""

    @property
    @abstractmethod
    def archive(self) -> Candidates:
        """The best candidate of every lineage that ended; the distinct optima where hills are told apart."""

    @property
    @abstractmethod
    def living(self) -> Candidates:
        """The best candidate of every living lineage, in order of birth."""

    @property
    def good(self) -> Candidates | None:
        """Further good candidates that were evaluated on the way, or None where none are kept."""
        return None

    def ask(self) -> np.ndarray:
        """(n_asked, d) candidates to evaluate.

        Raises:
            AskTellError: the results of the last candidates have not been told.
        """
        self._check_told("asking again")
        X = self._candidates()
        self._n_waiting = len(X)
        return X

    def tell(self, results: Candidates) -> Generation:
        """Learn what the candidates of the last `ask` are worth; the generation that they made.

        Raises:
            AskTellError: nothing was asked for, or the number of results differs.
        """
        if self._n_waiting is None:
            raise AskTellError("Ask for candidates before telling their results.")
        if self._n_waiting != len(results):
            expected = f"expected {self._n_waiting}, got {len(results)}"
            raise AskTellError(f"tell() needs one result per candidate of ask(): {expected}.")
        self._n_waiting = None
        results = replace(results, scores=np.where(np.isfinite(results.scores), results.scores, np.inf))
        self._n_evaluations += len(results)
        generation = self._learn(self._steering_state.applied(results), results.n_nonfinite)
        self._n_generations += 1
        return generation

    def steer(self, decisions: Sequence[Decision]) -> Generation:
        """Do what the user decided; a generation that records it, in which nothing is evaluated.

        Raises:
            AskTellError: the results of the last candidates have not been told.
        """
        self._check_told("steering")
        living, ended = self._lineages()
        ids, bests = (np.concatenate([living[0], ended[0]]), Candidates.concatenate([living[1], ended[1]]))
        is_dropped = self._steering_state.follow(decisions, ids, bests.X)
        self._drop(*np.split(is_dropped, [len(living[0])]))
        rows = np.flatnonzero(is_dropped | (np.arange(len(ids)) < len(living[0])))
        rows = rows[np.argsort(ids[rows])]
        generation = Generation(
            number=self._n_generations,
            evaluations=self._n_evaluations,
            ids=ids[rows],
            states=np.where(is_dropped[rows], LineageState.DROPPED, LineageState.STALLED),
            bests=bests.take(rows),
            decisions=tuple(decisions),
        )
        self._n_generations += 1
        return generation

    def _check_told(self, what: str) -> None:
        if self._n_waiting is not None:
            raise AskTellError(f"Tell the results of the last {self._n_waiting} candidates before {what}.")

    @abstractmethod
    def _candidates(self) -> np.ndarray:
        """(n_asked, d) candidates to evaluate."""

    @abstractmethod
    def _learn(self, results: Candidates, n_nonfinite: int) -> Generation:
        """The generation that evaluated candidates made, those like a dropped lineage with the score infinity."""

    @abstractmethod
    def _lineages(self) -> tuple[tuple[np.ndarray, Candidates], tuple[np.ndarray, Candidates]]:
        """Numbers and bests of the living lineages, and of those that left something."""

    @abstractmethod
    def _drop(self, is_living_dropped: np.ndarray, is_ended_dropped: np.ndarray) -> None:
        """Forget dropped lineages, masks of those of `_lineages`, and go on without them."""


def run_ask_tell(search: AskTellSearch, problem: Problem, budget: Budget, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
    """What an ask/tell search finds within the budget; a stop keeps everything found so far.

    A generation that the budget does not reach for is not begun.

    Raises:
        SpaceError: the budget does not reach for the first generation.
    """
    check_first_generation(search.n_asked, budget.evaluations)
    recorder = Recorder(problem, budget, hooks)
    n_evaluations = 0
    while (reason := recorder.stop_reason(n_evaluations, search.n_asked)) is None:
        generation = search.tell(recorder.problem.evaluate(search.ask()))
        n_evaluations = generation.evaluations
        recorder.add(generation)
        if decisions := recorder.decisions(generation.number):
            recorder.add(search.steer(decisions))
    return recorder.outcome(search.archive, search.living, reason, search.good)
