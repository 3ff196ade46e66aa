"""The search by lineages, ask/tell.

The algorithm is the one published for Dataiku's diverse outcome optimisation: many local searches by mutation, each of
which lives while it improves, and an archive of the extinct ones' bests, from which representatives are picked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from optimizer.candidates import Candidates
from optimizer.checks import AskTellError, check_at_least, check_choice, check_lengths
from optimizer.methods.asktell import run_ask_tell
from optimizer.methods.newcomers import Newcomers, NewcomersFrom, usual_source
from optimizer.outcome import Budget, SearchOutcome
from optimizer.problem import Problem
from optimizer.space import SearchSpace
from optimizer.trace import Generation, LineageState


@dataclass(frozen=True, slots=True)
class LineageSettings:
    """The search by lineages, with its knobs.

    Attributes:
        n_lineages: how many may live at once.
        n_mutants: children of each living lineage per generation.
        n_newcomers: candidates drawn in a generation that has room for a new lineage.
        patience: generations without improvement after which a lineage goes extinct.
        min_improvement: what counts as an improvement for patience, in standard deviations of the objective.
        newcomers_from: random candidates, recorded rows moved inside the space (`Problem.passing_starts`), or both;
            None for both where a gate is on and there are recorded rows, else random.

    Raises:
        SpaceError: a setting is out of range.
    """

    name: ClassVar[str] = "lineages"

    n_lineages: int = 30
    n_mutants: int = 8
    n_newcomers: int = 10
    patience: int = 15
    min_improvement: float = 1e-3
    newcomers_from: NewcomersFrom | None = None

    def __post_init__(self) -> None:
        """Refuse settings that leave nothing to search with."""
        check_at_least("The number of lineages", self.n_lineages, 1)
        check_at_least("The number of mutants per lineage", self.n_mutants, 1)
        check_at_least("The number of newcomers", self.n_newcomers, 1)
        check_at_least("Patience", self.patience, 1)
        check_at_least("The least improvement", self.min_improvement, 0.0)
        if self.newcomers_from is not None:
            source = check_choice("Newcomers come from", self.newcomers_from, NewcomersFrom)
            object.__setattr__(self, "newcomers_from", source)  # "recorded" is as good as NewcomersFrom.RECORDED

    def n_first(self, n_free: int) -> int:
        """Return the evaluations of the first generation, in a space of any number of free features."""
        return max(self.n_lineages, self.n_newcomers)

    def run(
        self,
        problem: Problem,
        budget: Budget,
        rng: np.random.Generator,
        *,
        on_generation: Callable[[Generation], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> SearchOutcome:
        """Return what lineages find within the budget; see `Method.run`."""
        source = self.newcomers_from
        if source is None:
            source = usual_source(problem.starts) if problem.gate is not None else NewcomersFrom.RANDOM
        lineages = LineageSearch(problem.space, replace(self, newcomers_from=source), rng, problem.passing_starts)
        return run_ask_tell(lineages, problem, budget, on_generation=on_generation, should_stop=should_stop)


@dataclass(frozen=True, slots=True)
class _Living:
    """The living lineages as arrays, one row each, in order of birth.

    Attributes:
        ids: (m,) number of the lineage.
        bests: its best candidate so far.
        anchors: (m,) score from which improvement is counted.
        stalled: (m,) generations since the last improvement.
    """

    ids: np.ndarray
    bests: Candidates
    anchors: np.ndarray
    stalled: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> "_Living":
        return _Living(self.ids[rows], self.bests.take(rows), self.anchors[rows], self.stalled[rows])

    def joined(self, other: "_Living") -> "_Living":
        return _Living(
            np.concatenate([self.ids, other.ids]),
            Candidates.concatenate([self.bests, other.bests]),
            np.concatenate([self.anchors, other.anchors]),
            np.concatenate([self.stalled, other.stalled]),
        )


class LineageSearch:
    """Many local searches that live while they improve; ask for candidates, tell what they are worth.

    Args:
        space: where candidates live.
        settings: the knobs.
        rng: the only source of randomness: the same seed gives the same trace.
        starts: (r, d) recorded rows that newcomers may come from, or None.

    Raises:
        SpaceError: newcomers shall come from recorded rows, and there are none.
    """

    def __init__(
        self,
        space: SearchSpace,
        settings: LineageSettings,
        rng: np.random.Generator,
        starts: np.ndarray | None = None,
    ) -> None:
        self._newcomers = Newcomers(space, settings.newcomers_from or NewcomersFrom.RANDOM, starts, rng)
        self.space = space
        self.settings = settings
        self._rng = rng
        nothing = Candidates.empty(space.n_features)
        self._living = _Living(np.empty(0, int), nothing, np.empty(0), np.empty(0, int))
        self._extinct: list[Candidates] = []
        self._asked: np.ndarray | None = None
        self._n_born = 0
        self._n_generations = 0
        self._n_evaluations = 0

    @property
    def archive(self) -> Candidates:
        """The best candidate of every extinct lineage, in order of extinction."""
        return Candidates.concatenate([Candidates.empty(self.space.n_features), *self._extinct])

    @property
    def living(self) -> Candidates:
        """The best candidate of every living lineage, in order of birth."""
        return self._living.bests

    @property
    def good(self) -> None:
        """None: what lineages keep is their bests."""

    @property
    def n_lineages(self) -> int:
        """How many lineages have been born."""
        return self._n_born

    @property
    def n_asked(self) -> int:
        """How many candidates the next `ask` will give."""
        return len(self._living) * self.settings.n_mutants + self._n_newcomers

    @property
    def _room(self) -> int:
        return self.settings.n_lineages - len(self._living)

    @property
    def _n_newcomers(self) -> int:
        if not len(self._living):
            return self.settings.n_first(len(self.space.free))
        return self.settings.n_newcomers if self._room else 0

    def ask(self) -> np.ndarray:
        """Return (n, d) the mutants of every living lineage, then the newcomers.

        Raises:
            AskTellError: the results of the last candidates have not been told.
        """
        if self._asked is not None:
            raise AskTellError(f"Tell the results of the last {len(self._asked)} candidates before asking again.")
        parents = np.repeat(self._living.bests.X, self.settings.n_mutants, axis=0)
        mutants = self.space.mutate(parents, self._rng)
        newcomers = self._newcomers.draw(self._n_newcomers)
        self._asked = np.vstack([mutants, newcomers])
        return self._asked

    def tell(self, results: Candidates) -> Generation:
        """Take in what the candidates of the last `ask` are worth, and return the generation they made.

        Raises:
            AskTellError: nothing was asked for, or the number of results differs.
        """
        if self._asked is None:
            raise AskTellError("Ask for candidates before telling their results.")
        check_lengths(len(self._asked), len(results))
        self._asked = None
        results = replace(results, scores=np.where(np.isfinite(results.scores), results.scores, np.inf))
        n_mutants = len(self._living) * self.settings.n_mutants
        evolved, has_moved = self._evolve(results.take(np.arange(n_mutants)))
        born = self._start(results.take(np.arange(n_mutants, len(results))))
        is_extinct = evolved.stalled >= self.settings.patience
        self._extinct.append(evolved.bests.take(is_extinct))
        states = np.where(
            is_extinct, LineageState.EXTINCT, np.where(has_moved, LineageState.IMPROVED, LineageState.STALLED)
        )
        everyone = evolved.joined(born)
        self._n_evaluations += len(results)
        generation = Generation(
            number=self._n_generations,
            evaluations=self._n_evaluations,
            ids=everyone.ids,
            states=np.concatenate([states, np.full(len(born), LineageState.BORN)]),
            bests=everyone.bests,
            n_nonfinite=results.n_nonfinite,
        )
        self._living = everyone.take(np.concatenate([~is_extinct, np.ones(len(born), dtype=bool)]))
        self._n_generations += 1
        return generation

    def _evolve(self, mutants: Candidates) -> tuple[_Living, np.ndarray]:
        """Return the living lineages after their mutants, and (m,) whether their best moved."""
        living = self._living
        if not len(living):
            return living, np.empty(0, dtype=bool)
        scores = mutants.scores.reshape(len(living), self.settings.n_mutants)
        champions = mutants.take(scores.argmin(axis=1) + np.arange(len(living)) * self.settings.n_mutants)
        has_moved = champions.scores < living.bests.scores
        both = Candidates.concatenate([living.bests, champions])
        bests = both.take(np.arange(len(living)) + has_moved * len(living))
        has_improved = bests.scores < living.anchors - self.settings.min_improvement
        return replace(
            living,
            bests=bests,
            anchors=np.where(has_improved, bests.scores, living.anchors),
            stalled=np.where(has_improved, 0, living.stalled + 1),
        ), has_moved

    def _start(self, newcomers: Candidates) -> _Living:
        """Return the newcomers that become lineages: the best ones that there is room for, none without a score."""
        order = np.argsort(newcomers.scores, kind="stable")[: self._room]
        chosen = newcomers.take(np.sort(order[np.isfinite(newcomers.scores[order])]))
        ids = np.arange(self._n_born, self._n_born + len(chosen))
        self._n_born += len(chosen)
        return _Living(ids, chosen, chosen.scores.copy(), np.zeros(len(chosen), dtype=int))
