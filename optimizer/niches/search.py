"""The search by niches, ask/tell: lineages that are good local searches, each on a hill of its own."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.checks import AskTellError, check_lengths
from optimizer.methods.asktell import ImmigrantSampler, SteeringState, decided
from optimizer.niches.asked import EvaluationPlan
from optimizer.niches.convergence import ConvergenceTest
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.evolution import drawn, evolve
from optimizer.niches.good_candidates import GoodCandidates
from optimizer.niches.hills import not_bettered, on_known_hills, tests_of_climbing, tests_of_settled
from optimizer.niches.hopping import BasinHopping
from optimizer.niches.initialisation import Initialiser, Starts, first_chosen
from optimizer.niches.mixed_variables import mix
from optimizer.niches.optima import Optima
from optimizer.niches.population import Origin, Population
from optimizer.niches.record import record, scores_by_id
from optimizer.niches.strategy import Strategy
from optimizer.niches.surrogate import guess, n_remembered, remember
from optimizer.niches.termination import Termination
from optimizer.problem.candidates import Candidates
from optimizer.problem.space import SearchSpace
from optimizer.trace.trace import Decision, Generation

_GOOD_MISFIT = 0.1
_USUAL_COST, _WHOLE_COST = 60, 100  # evaluations per coordinate that a lineage takes: merged or not, and to its end
_TURNS = 3  # lineages that live one after the other, at least, in the place of one
_SPREADS_FROM = 0.3  # of the budget: first find the optima
_SHRINK = 0.2  # of the step size, when the guess of a model that fits well was the best child


class NicheSearch:
    """Lineages that climb by CMA-ES, end on known hills, and begin where no optimum is known; ask and tell.

    Args:
        space: where candidates live.
        n_lineages: how many may live at once.
        spread: share of the budget for different good candidates between and beyond the optima.
        n_evaluations: the budget, by which the search plans.
        immigrants: draws candidates anew.
        rng: the only source of randomness: the same seed gives the same trace.
        begin_at: (g, d) candidates at which lineages begin in the first generation, the best of them where there are
            more than may live at once; or None.
        distinct: least distance between two results; what is nearer to a dropped lineage is like it.
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
        self.space = space
        self._spread = spread
        self._coordinates = coordinates = Coordinates.of(space)
        self._strategy = Strategy.of(coordinates.n)
        self._rng = rng
        self._budget = n_evaluations
        self._n_evaluations = 0
        self._n_generations = 0
        self._n_born = 0
        self._cost = _USUAL_COST * (coordinates.n + 2)
        in_turn = n_evaluations / (_TURNS * (_WHOLE_COST * coordinates.n + 50))
        self._begin_at = np.empty((0, space.n_features)) if begin_at is None else begin_at
        self._most = int(np.clip(in_turn, min(max(4, len(self._begin_at)), n_lineages), n_lineages))
        self._steering_state = SteeringState(space, distinct)
        self._optima = Optima(coordinates)
        self._hopping = BasinHopping(self._optima, rng)
        self._initialiser = Initialiser(coordinates, self._optima, self._hopping, immigrants, rng, self._steering_state)
        self._convergence = ConvergenceTest(self._strategy, self._steering_state)
        self._termination = Termination(
            coordinates, self._optima, self._hopping, self._initialiser, self._strategy.n_children
        )
        self._good = GoodCandidates(space)
        self._recent = n_remembered(coordinates.n, self._strategy.n_children), self._strategy.n_children
        self._nothing = np.empty((0, space.n_features))
        self._climbing = self._newborn(Candidates.empty(space.n_features), np.empty(0), np.empty(0, int))
        self._waiting = self._climbing  # settled, and to be told apart from the optima known
        self._asked: EvaluationPlan | None = None
        self._next = self._first(immigrants)

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
        return self._next.n or self._budget - self._n_evaluations + 1

    def ask(self) -> np.ndarray:
        """Return (n, d) the children of every lineage, the starts of new ones and the candidates of tests.

        Raises:
            AskTellError: the results of the last candidates have not been told.
        """
        if self._asked is not None:
            raise AskTellError(f"Tell the results of the last {self._asked.n} candidates before asking again.")
        self._asked = self._next
        return self._asked.candidates

    def tell(self, results: Candidates) -> Generation:
        """Take in what the candidates of the last `ask` are worth, and return the generation they made.

        Raises:
            AskTellError: nothing was asked for, or the number of results differs.
        """
        if self._asked is None:
            raise AskTellError("Ask for candidates before telling their results.")
        asked, self._asked = self._asked, None
        check_lengths(asked.n, len(results))
        results = replace(results, scores=np.where(np.isfinite(results.scores), results.scores, np.inf))
        self._n_evaluations += len(results)
        n_nonfinite = results.n_nonfinite
        results = self._steering_state.applied(results)
        self._good.add(results)
        n_children, n_starts = len(asked.children), len(asked.starts.X)
        before = scores_by_id(self._climbing, self._waiting)
        tested = results.take(n_children + n_starts + np.arange(asked.n_tests))
        known = on_known_hills(asked.tests, tested.scores, (self._climbing, self._waiting), self._optima)
        self._climb(results.take(np.arange(n_children)))
        known = not_bettered(known, self._climbing, self._optima)
        self._climbing, self._waiting, ended, merged_into = self._termination.end(
            self._climbing, self._waiting, known, asked.judged
        )
        self._bear(asked.starts, results.take(np.arange(n_children, n_children + n_starts)))
        self._adopt(results.by_score().take(np.arange(1)) if len(results) else results)
        living = self._climbing.joined(self._waiting)
        self._steering_state.note_merged(merged_into)
        self._steering_state.note_moves(living.ids, living.bests.X)
        counts = self._n_generations, self._n_evaluations, n_nonfinite
        generation = record(self._coordinates, living, ended, before, merged_into, counts)
        self._n_generations += 1
        self._next = self._plan()
        return generation

    def is_dropped(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each of (n, d) candidates is like a lineage that was dropped."""
        return self._steering_state.is_dropped(X)

    def steer(self, decisions: Sequence[Decision]) -> Generation:
        """Heed what the user decided, and return the generation that tells of it: nothing is evaluated in it.

        What was to be asked for next is planned anew.

        Raises:
            AskTellError: the results of the last candidates have not been told.
        """
        if self._asked is not None:
            raise AskTellError(f"Tell the results of the last {self._asked.n} candidates before steering.")
        living, optima = self._climbing.joined(self._waiting), self._optima
        ids, bests = np.append(living.ids, optima.ids), Candidates.concatenate([living.bests, optima.candidates])
        is_dropped = self._steering_state.heed(decisions, ids, bests.X)
        if is_dropped.any():
            is_climbing, is_waiting, is_optimum = np.split(~is_dropped, [len(self._climbing), len(living)])
            self._climbing, self._waiting = self._climbing.take(is_climbing), self._waiting.take(is_waiting)
            self._hopping.keep(is_optimum)
            self._optima.keep(is_optimum)
            self._good.forget(self.is_dropped, float(bests.scores[~is_dropped].min(initial=np.inf)))
        is_living = ~is_dropped & (np.arange(len(ids)) < len(living))
        told = [(ids[rows], bests.take(rows)) for rows in (is_living, is_dropped)]
        generation = decided((self._n_generations, self._n_evaluations), told[0], told[1], decisions)
        self._n_generations += 1
        self._next = self._plan()
        return generation

    def _first(self, immigrants: ImmigrantSampler) -> EvaluationPlan:
        """Return the first generation: candidates drawn anew, a part of which become lineages."""
        n = int(np.clip(self._budget // 10, 1, max(20 * self._coordinates.n, 100)))
        n = max(n, min(self._most, self._budget), len(self._begin_at))
        X = immigrants.first(n, self._begin_at)
        starts = Starts(X, np.arange(n), self._initialiser.first_sigmas(n), np.full(n, Origin.DRAWN), np.full(n, -1))
        return EvaluationPlan(self._nothing, starts, [], self._nothing)

    def _plan(self) -> EvaluationPlan:
        """Return what to evaluate next, within the budget that is left."""
        left = self._budget - self._n_evaluations
        tests = tests_of_settled(self._waiting, self._coordinates, self._optima)
        judged = frozenset(self._waiting.ids.tolist())
        left -= sum(len(test.X) for test in tests)
        if left < 0:
            return EvaluationPlan(self._nothing, Starts.none(self.space.n_features), [], self._nothing)
        n_climbing = min(len(self._climbing), left // self._strategy.n_children)
        is_kept = np.zeros(len(self._climbing), dtype=bool)
        is_kept[np.argsort(self._climbing.bests.scores, kind="stable")[:n_climbing]] = True
        self._waiting = self._waiting.joined(self._climbing.take(~is_kept))  # no budget to go on: they end here
        self._climbing = self._climbing.take(is_kept)
        children = self._children()
        left -= len(children)
        climbing = tests_of_climbing(self._climbing, self._coordinates, self._optima)
        if sum(len(test.X) for test in climbing) <= left:
            tests += climbing
            left -= sum(len(test.X) for test in climbing)
        n_living = len(self._climbing) + len(self._waiting)
        n_wanted = min(self._most - n_living, left // self._cost - n_living, max(2, self._most // 4))
        if not len(children) and not tests:  # an empty generation would be the end
            n_wanted = max(n_wanted, min(1, left // self._cost))
        starts = Starts.none(self.space.n_features)
        if n_wanted > 0:
            starts = self._initialiser.draw(n_wanted, self._n_evaluations / self._budget)
        left -= len(starts.X)
        return EvaluationPlan(children, starts, tests, self._spreading(len(children) + len(starts.X), left), judged)

    def _spreading(self, n_others: int, left: int) -> np.ndarray:
        """Return (n, d) candidates for the sake of different results."""
        if self._n_evaluations < _SPREADS_FROM * self._budget:
            return self._nothing
        n = int(np.ceil(n_others * self._spread / (1 - self._spread)))
        return self._good.spread(min(n, left), self._rng)

    def _children(self) -> np.ndarray:
        """Return (n, d) the children of all climbing lineages."""
        U = drawn(self._climbing, self._strategy, self._rng)
        bases = np.repeat(self._climbing.bests.X, self._strategy.n_children, axis=0)
        U, bases = mix(U.reshape(len(bases), self._coordinates.n), bases, self._coordinates, self._rng)
        return self._coordinates.candidates(U, bases)

    def _climb(self, children: Candidates) -> None:
        """Let every climbing lineage learn from its children."""
        lineages, n = self._climbing, self._strategy.n_children
        if not len(lineages):
            return
        scores = children.scores.reshape(-1, n)
        U = self._coordinates.coordinates(children.X).reshape(len(lineages), n, self._coordinates.n)
        champions = scores.argmin(axis=1)
        before = lineages.bests.scores
        guessed = np.isfinite(lineages.misfits) & (champions == n - 1) & (scores[:, -1] <= before)
        fits = guessed & (lineages.misfits < _GOOD_MISFIT)
        lineages.bests = _better(lineages.bests, children.take(champions + np.arange(len(lineages)) * n))
        evolve(lineages, self._strategy, U, scores, self._coordinates.is_plain)
        remember(lineages, U, scores)
        lineages.means = np.where(guessed[:, None], U[:, -1], lineages.means)
        lineages.sigmas = np.where(fits, lineages.sigmas * _SHRINK, lineages.sigmas)
        with np.errstate(invalid="ignore"):
            gains = before - lineages.bests.scores
        heads = np.array([self._hopping.head_score(chain) if chain >= 0 else -np.inf for chain in lineages.hopping])
        best = min(self._optima.best, float(lineages.bests.scores.min(initial=np.inf)))
        self._convergence.judge(lineages, best, heads, fits, gains)
        guess(lineages)

    def _bear(self, starts: Starts, results: Candidates) -> None:
        """Let lineages begin at the best start of each group."""
        champions = results.take(starts.champions(results.scores))
        is_born = np.isfinite(champions.scores)
        if self._n_generations:
            usual = np.median(self._optima.scores) if len(self._optima) else np.inf
            is_born &= (starts.origins != Origin.CROSSED) | (champions.scores <= usual)
        else:
            is_born[~first_chosen(champions.scores, len(self._begin_at), self._most, self._rng)] = False
        rows = np.flatnonzero(is_born)
        born = self._newborn(champions.take(rows), starts.sigmas[rows], starts.origins[rows], starts.hopping[rows])
        self._climbing = self._climbing.joined(born)

    def _adopt(self, champion: Candidates) -> None:
        """Let the best candidate of a generation begin a lineage where no lineage and no optimum is as good."""
        if not len(champion) or not np.isfinite(champion.scores[0]):
            return
        others = np.concatenate([self._climbing.bests.scores, self._waiting.bests.scores, self._optima.scores])
        if champion.scores[0] < others.min(initial=np.inf):
            sigmas = self._initialiser.first_sigmas(1)
            self._climbing = self._climbing.joined(self._newborn(champion, sigmas, np.array([Origin.DRAWN])))

    def _newborn(
        self, bests: Candidates, sigmas: np.ndarray, origins: np.ndarray, hopping: np.ndarray | None = None
    ) -> Population:
        ids = np.arange(self._n_born, self._n_born + len(bests))
        self._n_born += len(bests)
        hopping = np.full(len(bests), -1) if hopping is None else hopping
        U = self._coordinates.coordinates(bests.X)
        return Population.born(ids, bests, U, sigmas, origins, hopping, self._recent)


def _better(bests: Candidates, others: Candidates) -> Candidates:
    """Return the better candidate of each pair, the first where they are equal."""
    rows = np.flatnonzero(others.scores < bests.scores)
    return bests.with_rows(rows, others.take(rows))
