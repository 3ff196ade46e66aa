"""Candidates polished to the local optima that they lie near, by descents and then by steps and categories."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import check_at_least
from optimizer.features import Categorical, Feature
from optimizer.polish.descent import EXACT, Descent, MovableNumbers, Precision
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace

MAX_CYCLES = 5  # of descent and steps: a step or category that helped opens a new way down
ASIDE = 0.1  # of the trust radius: how far from the point that is asked for a difference is taken
DIFFERENCE = 0.01  # of the trust radius
LEAST_DIFFERENCE, LARGEST_DIFFERENCE = 1e-5, 1e-3  # standard deviations: single precision drowns smaller ones
N_TRIALS = 16  # neighbours of a candidate in a round
N_MISSES = 3  # rounds without a better neighbour after which a candidate is settled


@dataclass(frozen=True, slots=True)
class Polished:
    """What polishing made of candidates.

    Attributes:
        candidates: in the order in which they came, none worse than before.
        is_settled: (m,) whether nothing better was found around; the rest ended with the budget.
        n_evaluations: candidates evaluated, of which a gradient known to the problem counts as one.
    """

    candidates: Candidates
    is_settled: np.ndarray
    n_evaluations: int


def polish(
    problem: Problem, candidates: Candidates, budget: int, rng: np.random.Generator, *, precision: Precision = EXACT
) -> Polished:
    """Candidates polished to their local optima, all of them together, within a budget of evaluations.

    Numbers follow their gradients (see `Descent`; finite differences where the problem knows none), what has steps or
    categories then tries neighbours, and what was helped by that follows its gradient again. Where the budget does not
    reach for all, the best go first. Every evaluated row meets bounds, steps and constraints.

    Args:
        candidates: evaluated, of this problem's space.
        budget: evaluations at most; some 40 for each candidate are enough where gradients are known and d = 8.

    Raises:
        SpaceError: the budget is negative.
    """
    check_at_least("The budget of the polish", budget, 0)
    is_settled = np.zeros(len(candidates), dtype=bool)
    n_evaluations = 0
    for _ in range(MAX_CYCLES):
        rows = np.flatnonzero(~is_settled)
        if not len(rows):
            break
        descended = _descended(problem, candidates.take(rows), budget - n_evaluations, precision, rng)
        n_evaluations += descended.n_evaluations
        stepped = _stepped(problem, descended.candidates, budget - n_evaluations, rng)
        n_evaluations += stepped.n_evaluations
        candidates = candidates.with_rows(rows, stepped.candidates)
        is_unchanged = stepped.candidates.scores == descended.candidates.scores
        is_settled[rows] = descended.is_settled & stepped.is_settled & is_unchanged
        if not (descended.n_evaluations or stepped.n_evaluations):
            break
    return Polished(candidates, is_settled, n_evaluations)


def _descended(
    problem: Problem, candidates: Candidates, budget: int, precision: Precision, rng: np.random.Generator
) -> Polished:
    differences = None if problem.has_gradient else FiniteDifferences(problem, rng)
    n_each = differences.n_each if differences else 1
    descent = Descent(problem, candidates, precision)
    n_evaluations = 0
    while not descent.is_settled.all() and (at_most := (budget - n_evaluations) // n_each) > 0:
        trial = descent.next_trial(at_most)
        if differences:
            descent.update(trial, *differences.evaluate(trial.X, descent.radius[trial.rows]))
        else:
            results, gradients = problem.evaluate_with_gradient(trial.X)
            descent.update(trial, results, gradients, results)
        n_evaluations += len(trial.X) * n_each
    return Polished(descent.best, descent.is_settled & ~descent.is_left_out, n_evaluations)


def _stepped(problem: Problem, candidates: Candidates, budget: int, rng: np.random.Generator) -> Polished:
    search = StepSearch(problem.space, candidates, rng)
    n_evaluations = 0
    while not search.is_settled.all():
        rows, X = search.next_neighbours(budget - n_evaluations)
        if not len(X):
            break
        search.update(rows, problem.evaluate(X))
        n_evaluations += len(X)
    return Polished(search.best, search.is_settled, n_evaluations)


class FiniteDifferences:
    """Gradients from the differences to p neighbours, which meet bounds, steps and constraints too."""

    def __init__(self, problem: Problem, rng: np.random.Generator) -> None:
        self.problem, self.rng = problem, rng
        self.movable = MovableNumbers.of(problem.space)
        self.n_each = 2 + len(self.movable.columns)  # itself, one beside it, and a neighbour of that for each number

    def evaluate(self, X: np.ndarray, radius: np.ndarray) -> tuple[Candidates, np.ndarray, Candidates]:
        """The candidates ``X`` (n, d), gradients (n, d), and the candidates at which these hold.

        The points that a descent asks for lie where pieces of the score meet, and differences there belong to no piece;
        so they are taken a little aside, where they most likely do. One call of ``predict``. Under constraints
        neighbours cannot lie along one feature; the gradient is then the smallest that explains them all.

        Args:
            X: what to evaluate.
            radius: (n,) the scale, in standard deviations, on which the gradient is wanted.
        """
        movable, n, p = self.movable, len(X), len(self.movable.columns)
        base = movable.moved(X, ASIDE * radius[:, None] * self.rng.uniform(-1, 1, (n, p)))
        neighbours = self._neighbours(base, radius)
        candidates = self.problem.evaluate(np.concatenate([X, base, neighbours]))
        beside = candidates.take(np.arange(n, 2 * n))
        ways = (movable.scaled(neighbours) - np.repeat(movable.scaled(base), p, axis=0)).reshape(n, p, p)
        with np.errstate(invalid="ignore"):
            rises = candidates.scores[2 * n :].reshape(n, p) - beside.scores[:, None]
        is_known = np.isfinite(rises)
        ways, rises = np.where(is_known[:, :, None], ways, 0.0), np.where(is_known, rises, 0.0)
        length = np.abs(ways).max(axis=(1, 2), initial=0.0)[:, None, None]
        length = np.where(length > 0, length, 1.0)
        slopes = np.einsum("npq,nq->np", np.linalg.pinv(ways / length, rcond=1e-6), rises / length[:, :, 0])
        gradients = np.zeros(X.shape)
        gradients[:, movable.columns] = slopes / movable.unit
        return candidates.take(np.arange(n)), gradients, beside

    def _neighbours(self, X: np.ndarray, radius: np.ndarray) -> np.ndarray:
        """The neighbours of each candidate, one for each number, towards the farther bound, (n * p, d)."""
        movable, p = self.movable, len(self.movable.columns)
        size = np.clip(DIFFERENCE * radius, LEAST_DIFFERENCE, LARGEST_DIFFERENCE)[:, None] * np.ones(p)
        step = np.where(movable.step > 0, movable.step, 1.0) / movable.unit
        size = np.where(movable.step > 0, np.maximum(np.rint(size / step), 1.0) * step, size)
        Z = movable.scaled(X)
        sign = np.where(movable.high - Z >= Z - movable.low, 1.0, -1.0)
        moves = (sign * size)[:, :, None] * np.eye(p)
        return movable.moved(np.repeat(X, p, axis=0), moves.reshape(-1, p))


class StepSearch:
    """Candidates that try neighbours on their steps and categories, all together; none ever gets worse.

    Half of the neighbours differ in one feature, half in two: where a sum counts, one goes up as another goes down.

    Attributes:
        best: the m candidates as they are now, in the order in which they came.
        is_settled: (m,) whether the last rounds found nothing better.
    """

    def __init__(self, space: SearchSpace, candidates: Candidates, rng: np.random.Generator) -> None:
        self.best = candidates
        self._space, self._rng = space, rng
        self._discrete = {j: feature for j, feature in enumerate(space.features) if _may_switch(feature)}
        self._misses = np.zeros(len(candidates), dtype=int)
        self.is_settled = ~np.isfinite(candidates.scores) | (len(self._discrete) == 0)

    def next_neighbours(self, at_most: int) -> tuple[np.ndarray, np.ndarray]:
        """Candidates that are not settled, (k,), and ``N_TRIALS`` neighbours of each, (k * N_TRIALS, d), best first."""
        rows = np.flatnonzero(~self.is_settled)
        rows = rows[np.argsort(self.best.scores[rows], kind="stable")[: at_most // N_TRIALS]]
        return rows, self._space.repair(self._neighbours(self.best.X[np.repeat(rows, N_TRIALS)]))

    def update(self, rows: np.ndarray, results: Candidates) -> None:
        """Take in the evaluated neighbours of `next_neighbours`."""
        first = results.scores.reshape(len(rows), N_TRIALS).argmin(axis=1) + np.arange(len(rows)) * N_TRIALS
        is_better = results.scores[first] < self.best.scores[rows]
        self._misses[rows] = np.where(is_better, 0, self._misses[rows] + 1)
        self.best = self.best.with_rows(rows[is_better], results.take(first[is_better]))
        self.is_settled[rows] = self._misses[rows] >= N_MISSES

    def _neighbours(self, X: np.ndarray) -> np.ndarray:
        """Candidates (n, d) with one or two of their features gone a step or to a category, by turns."""
        rng, shape = self._rng, (len(X), len(self._discrete))
        rank = rng.random(shape).argsort(axis=1).argsort(axis=1)
        signs = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
        is_switched = rank < np.where(np.arange(len(X)) % 2, 2, 1)[:, None]
        Y = X.copy()
        for i, (j, feature) in enumerate(self._discrete.items()):
            if isinstance(feature, Categorical):
                drawn = rng.choice(np.array(feature.codes, dtype=float), size=len(X))
                Y[:, j] = np.where(is_switched[:, i], drawn, X[:, j])
            else:
                Y[:, j] += np.where(is_switched[:, i], signs[:, i] * (feature.step or 0.0), 0.0)
        return Y


def _may_switch(feature: Feature) -> bool:
    """Whether a feature goes by steps or categories and has somewhere to go."""
    if not feature.is_free or feature.is_kept:
        return False
    if isinstance(feature, Categorical):
        return len(feature.codes) > 1
    return feature.step is not None and feature.last_step > feature.first_step
