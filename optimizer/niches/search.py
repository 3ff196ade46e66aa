"""The search by niches, ask and tell: lineages that are good local searches, each on a hill of its own.

One generation::

                                       plan, as far as the budget reaches
                 +---------------------+---------------------+---------------------+
                 |                     |                     |                     |
            children of            starts of             points of            candidates
         climbing lineages        new lineages       hill-valley tests      that spread out
                 |                     |                     |                     |
                 +---------------------+---------------------+---------------------+
                                       ask, evaluate in one call, tell
                 +---------------------+---------------------+---------------------+
                 |                     |                     |                     |
                 |                     |      1 no valley between lineage    0 keep good ones,
                 |                     |        and optimum: a known hill      one in each cell
         2 climb by CMA-ES             |                     |
           and surrogate               |                     |
                 |                     |                     |
         3 settled, where no   - - - - | - ->  4 on a known hill: merged into its optimum;
           more is to gain             |         on no known one: extinct, one more optimum
                 |                     |                     |
                 |             5 born at the best            +--> what its origin has cost and gained decides
                 |               of each group                    how the next ones begin: drawn, crossed, hopped
                 |                     |
                 +----------+----------+
                            |
         climbing lineages of the next generation

A lineage that settled waits for one generation at least, in which it is tested against the optima near it.
Lineages are rows of arrays (`Population`); every step takes some and gives others, none changes them in place. What is
learnt over the generations is kept in the archive (`Optima`), by the origins of lineages (`Initialiser`), as good
candidates, and as decisions of the user.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from optimizer.methods.asktell import AskTellSearch, ImmigrantSampler
from optimizer.niches.archive import GoodCandidates, Optima
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.gaussians import Gaussians, Strategy
from optimizer.niches.initialisation import BasinHopping, Initialiser, Starts, first_chosen
from optimizer.niches.population import Origin, Population, children_of, climbed
from optimizer.niches.termination import (
    HillTest,
    Termination,
    not_bettered,
    on_known_hills,
    settled,
    tests_of_climbing,
    tests_of_settled,
)
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace
from optimizer.trace import Generation, LineageState

_USUAL_COST, _WHOLE_COST = 60, 100  # evaluations per coordinate that a lineage takes: merged or not, and to its end
_TURNS = 3  # lineages that live one after the other, at least, in the place of one
_SPREADS_FROM = 0.3  # of the budget: first find the optima


class EvaluationPlan(NamedTuple):
    """What a generation evaluates, in this order: children, starts of new lineages, candidates of tests, spread ones.

    Attributes:
        tested: the settled lineages for which all the tests that they need are among these.
    """

    children: np.ndarray
    starts: Starts
    tests: list[HillTest]
    spread: np.ndarray
    tested: frozenset[int] = frozenset()

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        """The candidates, (n, d) each."""
        tests = np.concatenate([self.spread[:0], *(test.X for test in self.tests)])
        return self.children, self.starts.X, tests, self.spread

    @property
    def n(self) -> int:
        """How many candidates there are."""
        return sum(len(part) for part in self.parts)

    def split(self, results: Candidates) -> list[Candidates]:
        """The evaluated candidates of each part."""
        ends = np.cumsum([len(part) for part in self.parts])
        return [results.take(rows) for rows in np.split(np.arange(len(results)), ends[:-1])]


class NicheSearch(AskTellSearch):
    """Lineages that climb by CMA-ES, end on known hills, and begin where no optimum is known; ask and tell.

    Args:
        spread: share of the budget for different good candidates between and beyond the optima.
        n_evaluations: the budget, by which the search plans.
    """

    def __init__(
        self,
        space: SearchSpace,
        n_lineages: int,
        spread: float,
        n_evaluations: int,
        immigrants: ImmigrantSampler,
        rng: np.random.Generator,
        *,
        begin_at: np.ndarray | None = None,
        distinct: float = 0.0,
    ) -> None:
        super().__init__(space, rng, begin_at, distinct)
        self._spread = spread
        self._budget = n_evaluations
        self._coordinates = coordinates = Coordinates.of(space)
        self._strategy = Strategy.of(coordinates.n)
        self._cost = _USUAL_COST * (coordinates.n + 2)
        in_turn = n_evaluations / (_TURNS * (_WHOLE_COST * coordinates.n + 50))
        self._most = int(np.clip(in_turn, min(max(4, len(self._begin_at)), n_lineages), n_lineages))

        self._optima = Optima(coordinates)
        self._hopping = BasinHopping(self._optima, rng, coordinates.scale)
        self._initialiser = Initialiser(coordinates, self._optima, self._hopping, immigrants, rng, self._steering_state)
        self._termination = Termination(coordinates, self._optima, self._initialiser, self._strategy.n_children)
        self._good = GoodCandidates(space)

        self._climbing = self._newborn(Candidates.empty(space.n_features), np.empty(0), np.empty(0, int))
        self._waiting = self._climbing  # settled, and to be told apart from the optima known
        self._plan = self._first_plan(immigrants)

    @property
    def archive(self) -> Candidates:
        """The optima found: the end of every lineage that did not climb a known hill."""
        return self._optima.candidates

    @property
    def living(self) -> Candidates:
        """The best candidate of every living lineage, in order of birth."""
        everyone = self._climbing.joined(self._waiting)
        return everyone.bests.take(np.argsort(everyone.ids))

    @property
    def good(self) -> Candidates:
        """Good candidates that were evaluated on the way, thinned."""
        return self._good.kept

    @property
    def n_asked(self) -> int:
        """How many candidates the next `ask` will give; more than the budget has left when it is at its end."""
        return self._plan.n or self._budget - self._n_evaluations + 1

    def is_dropped(self, X: np.ndarray) -> np.ndarray:
        """(n,) whether each of (n, d) candidates is like a lineage that was dropped."""
        return self._steering_state.is_dropped(X)

    def _candidates(self) -> np.ndarray:
        return np.concatenate(self._plan.parts)

    def _learn(self, results: Candidates, n_nonfinite: int) -> Generation:
        """One generation, as drawn above."""
        plan = self._plan
        self._good.add(results)  # 0
        children, starts, tests, _ = plan.split(results)

        before = self._climbing.joined(self._waiting).scores_by_id
        known = on_known_hills(plan.tests, tests.scores, before, self._optima)  # 1
        climbing = self._climbed(children)  # 2 and 3
        known = not_bettered(known, climbing, self._optima)
        end = self._termination.end(climbing, self._waiting, known, plan.tested)  # 4
        climbing = end.climbing.joined(self._born(plan.starts, starts))  # 5
        climbing = climbing.joined(self._champion(results, climbing, end.waiting))

        living = climbing.joined(end.waiting)
        self._steering_state.note_merged(end.merged_into)
        self._steering_state.note_moves(living.ids, living.bests.X)
        generation = self._generation(living, end.ended, before, end.merged_into, n_nonfinite)
        self._plan_next(climbing, end.waiting)
        return generation

    def _lineages(self) -> tuple[tuple[np.ndarray, Candidates], tuple[np.ndarray, Candidates]]:
        living = self._climbing.joined(self._waiting)
        return (living.ids, living.bests), (self._optima.ids, self._optima.candidates)

    def _drop(self, is_living_dropped: np.ndarray, is_ended_dropped: np.ndarray) -> None:
        """Forget dropped lineages with all that is like them, and plan anew what to evaluate next."""
        is_climbing_dropped, is_waiting_dropped = np.split(is_living_dropped, [len(self._climbing)])
        climbing, waiting = self._climbing.take(~is_climbing_dropped), self._waiting.take(~is_waiting_dropped)
        if is_living_dropped.any() or is_ended_dropped.any():
            self._hopping.keep(~is_ended_dropped)
            self._optima.keep(~is_ended_dropped)
            scores = np.concatenate([climbing.scores, waiting.scores, self._optima.scores])
            self._good.forget(self.is_dropped, float(scores.min(initial=np.inf)))
        self._plan_next(climbing, waiting)

    def _climbed(self, children: Candidates) -> Population:
        """The climbing lineages after their children: what they learnt, whether they settled, and their models."""
        lineages, is_exact = climbed(self._climbing, children, self._strategy, self._coordinates)
        best = min(self._optima.best, float(lineages.scores.min(initial=np.inf)))
        heads = np.array([self._hopping.head_score(chain) if chain >= 0 else -np.inf for chain in lineages.chains])
        is_favoured = self._steering_state.is_favoured(lineages.ids)
        lineages = settled(lineages, self._strategy, best, heads, is_exact, is_favoured)
        models = lineages.surrogates.fitted(lineages.gaussians, lineages.scores, lineages.ages, lineages.is_settled)
        return replace(lineages, surrogates=models)

    def _born(self, starts: Starts, results: Candidates) -> Population:
        champions = results.take(starts.champions(results.scores))
        is_born = np.isfinite(champions.scores)
        if self._n_generations:  # of what was crossed, the better half is worth a climb
            usual = np.median(self._optima.scores) if len(self._optima) else np.inf
            is_born &= (starts.origins != Origin.CROSSED) | (champions.scores <= usual)
        else:
            is_born &= first_chosen(champions.scores, len(self._begin_at), self._most, self._rng)
        rows = np.flatnonzero(is_born)
        return self._newborn(champions.take(rows), starts.sigmas[rows], starts.origins[rows], starts.chains[rows])

    def _champion(self, results: Candidates, climbing: Population, waiting: Population) -> Population:
        """A new lineage at the best candidate of a generation where no lineage and no optimum is as good: else none.

        It may be of a test or a spread one, which nobody would climb from.
        """
        champion = results.by_score().take(np.arange(min(1, len(results))))
        others = np.concatenate([climbing.scores, waiting.scores, self._optima.scores])
        if not len(champion) or not champion.scores[0] < others.min(initial=np.inf):
            return climbing.take(np.empty(0, dtype=int))
        return self._newborn(champion, self._initialiser.first_sigmas(1), np.array([Origin.DRAWN]))

    def _newborn(
        self, bests: Candidates, sigmas: np.ndarray, origins: np.ndarray, chains: np.ndarray | None = None
    ) -> Population:
        ids = np.arange(self._n_born, self._n_born + len(bests))
        self._n_born += len(bests)
        chains = np.full(len(bests), -1) if chains is None else chains
        gaussians = Gaussians.round(self._coordinates.coordinates(bests.X), sigmas, self._coordinates.scale)
        return Population.born(ids, bests, gaussians, origins, chains, self._strategy.n_children)

    def _first_plan(self, immigrants: ImmigrantSampler) -> EvaluationPlan:
        """The first generation: candidates drawn anew, a part of which become lineages."""
        n = int(np.clip(self._budget // 10, 1, max(20 * self._coordinates.n, 100)))
        n = max(n, min(self._most, self._budget), len(self._begin_at))
        X = immigrants.first(n, self._begin_at)
        starts = Starts(X, np.arange(n), self._initialiser.first_sigmas(n), np.full(n, Origin.DRAWN), np.full(n, -1))
        return EvaluationPlan(X[:0], starts, [], X[:0])

    def _plan_next(self, climbing: Population, waiting: Population) -> None:
        """Set what to evaluate next within the budget that is left, and which lineages climb on and wait."""
        self._climbing, self._waiting = climbing, waiting
        nothing, no_starts = np.empty((0, self.space.n_features)), Starts.none(self.space.n_features)
        left = self._budget - self._n_evaluations
        tests = tests_of_settled(waiting, self._coordinates, self._optima)
        tested = frozenset(waiting.ids.tolist())
        left -= _n_candidates(tests)
        if left < 0:
            self._plan = EvaluationPlan(nothing, no_starts, [], nothing)
            return
        # the best lineages climb on; those for which there is no budget wait for their last tests
        n_climbing = min(len(climbing), left // self._strategy.n_children)
        is_going = np.zeros(len(climbing), dtype=bool)
        is_going[np.argsort(climbing.scores, kind="stable")[:n_climbing]] = True
        self._waiting = waiting = waiting.joined(climbing.take(~is_going))
        climbing = climbing.take(is_going)
        children = children_of(climbing, self._strategy, self._coordinates, self._rng)
        left -= len(children)
        self._climbing, more = tests_of_climbing(climbing, self._coordinates, self._optima)
        if _n_candidates(more) <= left:
            tests += more
            left -= _n_candidates(more)
        n_living = len(climbing) + len(waiting)
        n_wanted = min(self._most - n_living, left // self._cost - n_living, max(2, self._most // 4))
        if not len(children) and not tests:  # an empty generation would be the end
            n_wanted = max(n_wanted, min(1, left // self._cost))
        starts = no_starts
        if n_wanted > 0:
            starts = self._initialiser.draw(n_wanted, self._n_evaluations / self._budget)
        left -= len(starts.X)
        spread = nothing
        if self._n_evaluations >= _SPREADS_FROM * self._budget:
            n = int(np.ceil((len(children) + len(starts.X)) * self._spread / (1 - self._spread)))
            spread = self._good.spread(min(n, left), self._rng)
        self._plan = EvaluationPlan(children, starts, tests, spread, tested)

    def _generation(
        self,
        living: Population,
        ended: Population,
        before: dict[int, float],
        merged_into: dict[int, int],
        n_nonfinite: int,
    ) -> Generation:
        """What happened to every lineage: those that go on, new ones among them, and those that ended.

        Args:
            living: the lineages that go on.
            ended: those that do not.
            before: best scores of the lineages that were there before, by number.
            merged_into: by the number of a merged lineage, the one whose hill it climbed.
            n_nonfinite: predictions of this generation that were not finite.
        """
        everyone = living.joined(ended)
        everyone = everyone.take(np.argsort(everyone.ids))
        gone = set(ended.ids.tolist())

        def state(lineage: int, score: float) -> LineageState:
            if lineage not in before:
                return LineageState.BORN
            if lineage in gone:
                return LineageState.MERGED if lineage in merged_into else LineageState.EXTINCT
            return LineageState.IMPROVED if score < before[lineage] else LineageState.STALLED

        scores, gaussians = everyone.scores_by_id, everyone.gaussians
        states = np.array([state(lineage, score) for lineage, score in scores.items()], dtype=int)
        is_merged = states == LineageState.MERGED
        into = np.array([merged_into.get(lineage, -1) for lineage in scores], dtype=int)
        return Generation(
            number=self._n_generations,
            evaluations=self._n_evaluations,
            ids=everyone.ids,
            states=states,
            bests=everyone.bests,
            n_nonfinite=n_nonfinite,
            covariances=self._coordinates.covariances(gaussians.covariances * gaussians.sigmas[:, None, None] ** 2),
            means=self._coordinates.centres(gaussians.means, everyone.bests.X),
            merged_into=np.where(is_merged, into, -1) if is_merged.any() else None,
        )


def _n_candidates(tests: Sequence[HillTest]) -> int:
    return sum(len(test.X) for test in tests)
