"""Plain lineages, as published: many local searches by mutation, each living while it improves."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from optimizer.methods.asktell import (
    MORE_PATIENCE,
    MORE_SHARE,
    SOURCE_MEANING,
    AskTellSearch,
    ImmigrantSampler,
    ImmigrantSource,
    run_ask_tell,
    usual_source,
)
from optimizer.methods.method import CheckedSettings, setting
from optimizer.problem.candidates import Candidates, Rows
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace
from optimizer.trace import NO_HOOKS, Budget, Generation, Hooks, LineageState, SearchOutcome


@dataclass(frozen=True, slots=True)
class LivingLineages(Rows):
    """The living lineages as arrays, one row each, in order of birth.

    Attributes:
        ids: (m,) number of the lineage.
        anchors: (m,) score from which improvement is counted.
        stalled: (m,) generations since the last improvement.
    """

    ids: np.ndarray
    bests: Candidates
    anchors: np.ndarray
    stalled: np.ndarray


@dataclass(frozen=True, slots=True)
class LineageSettings(CheckedSettings):
    """The search by lineages. Newcomers come from both sources where a gate is on and there are recorded rows."""

    name: ClassVar[str] = "lineages"
    is_steerable: ClassVar[bool] = True
    uses_strengths: ClassVar[bool] = True

    n_lineages: int = setting(
        30,
        "The number of lineages",
        "How many local searches live at once. Each starts at a newcomer and lives while it improves.",
        least=1,
    )
    n_mutants: int = setting(
        8, "The number of mutants per lineage", "Children of each lineage in a generation.", least=1
    )
    n_immigrants: int = setting(
        10, "The number of newcomers", "Candidates that compete for the place of an extinct lineage.", least=1
    )
    patience: int = setting(
        15, "Patience", "A lineage that has not improved for this long goes extinct; its best is kept.", least=1
    )
    min_improvement: float = setting(
        1e-3,
        "The least improvement",
        "What counts as an improvement for patience, in standard deviations of the objective.",
        least=0.0,
    )
    immigrants_from: ImmigrantSource | None = setting(
        None, "Newcomers come from", SOURCE_MEANING, choices=ImmigrantSource
    )

    def n_first(self, n_free: int) -> int:
        """The evaluations of the first generation, in a space of any number of free features."""
        return max(self.n_lineages, self.n_immigrants)

    def run(self, problem: Problem, budget: Budget, rng: np.random.Generator, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
        """What lineages find within the budget; see `Method.run`."""
        source = self.immigrants_from
        if source is None:
            source = usual_source(problem.starts) if problem.gate is not None else ImmigrantSource.RANDOM
        lineages = LineageSearch(
            problem.space,
            replace(self, immigrants_from=source),
            rng,
            problem.passing_starts,
            begin_at=problem.begin_at,
            distinct=hooks.distinct,
        )
        return run_ask_tell(lineages, problem, budget, hooks)


class LineageSearch(AskTellSearch):
    """Many local searches that live while they improve; ask for candidates, tell what they are worth.

    Args:
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
        *,
        begin_at: np.ndarray | None = None,
        distinct: float = 0.0,
    ) -> None:
        super().__init__(space, rng, begin_at, distinct)
        self._immigrants = ImmigrantSampler(space, settings.immigrants_from or ImmigrantSource.RANDOM, starts, rng)
        self.settings = settings
        nothing = Candidates.empty(space.n_features)
        self._living = LivingLineages(np.empty(0, int), nothing, np.empty(0), np.empty(0, int))
        self._extinct = self._living  # in order of extinction

    @property
    def archive(self) -> Candidates:
        """The best candidate of every extinct lineage, in order of extinction."""
        return self._extinct.bests

    @property
    def living(self) -> Candidates:
        """The best candidate of every living lineage, in order of birth."""
        return self._living.bests

    @property
    def n_lineages(self) -> int:
        """How many lineages have been born."""
        return self._n_born

    @property
    def n_asked(self) -> int:
        """How many candidates the next `ask` will give."""
        return len(self._living) * self.settings.n_mutants + self._n_immigrants

    @property
    def _room(self) -> int:
        return self.settings.n_lineages - len(self._living)

    @property
    def _n_immigrants(self) -> int:
        if not len(self._living):
            n_first = self.settings.n_first(len(self.space.free))
            return n_first if self._n_generations else max(n_first, len(self._begin_at))
        return self.settings.n_immigrants if self._room else 0

    def _candidates(self) -> np.ndarray:
        """The mutants of every living lineage, then the newcomers."""
        parents = np.repeat(self._living.bests.X, self.settings.n_mutants, axis=0)
        mutants = self.space.mutate(parents, self._rng)
        return np.vstack([mutants, self._draw(self._n_immigrants)])

    def _learn(self, results: Candidates, n_nonfinite: int) -> Generation:
        n_mutants = len(self._living) * self.settings.n_mutants
        evolved, has_moved = self._evolve(results.take(np.arange(n_mutants)))
        born = self._start(results.take(np.arange(n_mutants, len(results))))
        patience = self.settings.patience * np.where(self._steering_state.is_favoured(evolved.ids), MORE_PATIENCE, 1)
        is_extinct = evolved.stalled >= patience
        self._extinct = self._extinct.joined(evolved.take(is_extinct))
        self._steering_state.note_moves(evolved.ids, evolved.bests.X)
        states = np.where(
            is_extinct, LineageState.EXTINCT, np.where(has_moved, LineageState.IMPROVED, LineageState.STALLED)
        )
        everyone = evolved.joined(born)
        self._living = evolved.take(~is_extinct).joined(born)
        return Generation(
            number=self._n_generations,
            evaluations=self._n_evaluations,
            ids=everyone.ids,
            states=np.concatenate([states, np.full(len(born), LineageState.BORN)]),
            bests=everyone.bests,
            n_nonfinite=n_nonfinite,
        )

    def _lineages(self) -> tuple[tuple[np.ndarray, Candidates], tuple[np.ndarray, Candidates]]:
        return (self._living.ids, self._living.bests), (self._extinct.ids, self._extinct.bests)

    def _drop(self, is_living_dropped: np.ndarray, is_ended_dropped: np.ndarray) -> None:
        self._living = self._living.take(~is_living_dropped)
        self._extinct = self._extinct.take(~is_ended_dropped)

    def _draw(self, n: int) -> np.ndarray:
        """(n, d) newcomers: those that the user gave, then some around lineages that the user favours."""
        if not self._n_generations:
            return self._immigrants.first(n, self._begin_at)
        n_around = int(np.ceil(MORE_SHARE * n)) if self._steering_state.favoured else 0
        usual = self._immigrants.draw(n - n_around)
        return np.vstack([self._steering_state.around(n_around, self._rng), usual]) if n_around else usual

    def _evolve(self, mutants: Candidates) -> tuple[LivingLineages, np.ndarray]:
        """The living lineages after their mutants, and (m,) whether their best moved."""
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

    def _start(self, immigrants: Candidates) -> LivingLineages:
        """The newcomers that become lineages: the best ones that there is room for, none without a score."""
        order = np.argsort(immigrants.scores, kind="stable")
        if not self._n_generations:  # the user gave them: they begin, however good the others are
            order = np.concatenate([order[order < len(self._begin_at)], order[order >= len(self._begin_at)]])
        order = order[: self._room]
        chosen = immigrants.take(np.sort(order[np.isfinite(immigrants.scores[order])]))
        ids = np.arange(self._n_born, self._n_born + len(chosen))
        self._n_born += len(chosen)
        return LivingLineages(ids, chosen, chosen.scores.copy(), np.zeros(len(chosen), dtype=int))
