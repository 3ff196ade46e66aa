"""Candidates polished to the local optima that they lie near."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import check_at_least
from optimizer.polish.descent import EXACT, FIRST_REACH, Descent, Precision
from optimizer.polish.slopes import slopes_of
from optimizer.polish.steps import StepSearch
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem

MAX_CYCLES = 5  # of descent and steps: a step or category that helped opens a new way down


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
    problem: Problem,
    candidates: Candidates,
    budget: int,
    rng: np.random.Generator,
    *,
    first_reach: float = FIRST_REACH,
    precision: Precision = EXACT,
) -> Polished:
    """Return candidates polished to their local optima, all of them together, within a budget of evaluations.

    Numbers follow their slopes (see `Descent`; without known gradients, differences stand in), what has steps or
    categories then tries neighbours, and what was helped by that follows its slope again. Where the budget does not
    reach for all, the best go first. Every evaluated row meets bounds, steps and rules.

    Args:
        problem: what gives a candidate its score.
        candidates: evaluated, of this problem's space.
        budget: evaluations at most; some 40 for each candidate are enough where gradients are known and d = 8.
        rng: draws the neighbours on steps and categories.
        first_reach: how far a first move may go, in standard deviations.
        precision: when a candidate is as good as it gets.

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
        part = candidates.take(rows)
        descended, is_down, n_down = _descended(problem, part, budget - n_evaluations, (first_reach, precision), rng)
        n_evaluations += n_down
        stepped, is_still, n_steps = _stepped(problem, descended, budget - n_evaluations, rng)
        n_evaluations += n_steps
        candidates = candidates.with_rows(rows, stepped)
        is_settled[rows] = is_down & is_still & (stepped.scores == descended.scores)
        if not (n_down or n_steps):
            break
    return Polished(candidates, is_settled, n_evaluations)


def _descended(
    problem: Problem, candidates: Candidates, budget: int, care: tuple[float, Precision], rng: np.random.Generator
) -> tuple[Candidates, np.ndarray, int]:
    """Return candidates after their descent, (m,) whether it came to its end, and the evaluations."""
    slopes = slopes_of(problem, rng)
    descent = Descent(problem, candidates, *care)
    was_out = np.zeros(len(candidates), dtype=bool)
    n_evaluations = 0
    while not descent.is_done and (at_most := (budget - n_evaluations) // slopes.n_each) > 0:
        before = descent.is_settled.copy()
        X = descent.ask(at_most)
        if not n_evaluations:
            was_out = ~before & ~np.isin(np.arange(len(candidates)), descent.asked)
        descent.tell(*slopes.evaluate(X, descent.reach[descent.asked]))
        n_evaluations += len(X) * slopes.n_each
    return descent.best, descent.is_settled & ~was_out, n_evaluations


def _stepped(
    problem: Problem, candidates: Candidates, budget: int, rng: np.random.Generator
) -> tuple[Candidates, np.ndarray, int]:
    """Return candidates after trying neighbours on their steps, (m,) whether that is settled, and the evaluations."""
    search = StepSearch(problem.space, candidates, rng)
    n_evaluations = 0
    while not search.is_done:
        X = search.ask(budget - n_evaluations)
        if not len(X):
            break
        search.tell(problem.evaluate(X))
        n_evaluations += len(X)
    return search.best, search.is_settled, n_evaluations
