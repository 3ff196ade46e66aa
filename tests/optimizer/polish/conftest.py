"""Problems to polish: a score of kinks alone, one that is smooth, a mixed one, and the shipped kind of network."""

import numpy as np
import pytest

from optimizer import Categorical, Goal, Numeric, Objective, Problem, SearchSpace


class Kinks:
    """The largest of 30 planes plus two absolute values: a narrow, crooked, convex valley of nothing but kinks."""

    def __init__(self, d, seed=0):
        rng = np.random.default_rng(seed)
        self.slopes, self.heights = rng.normal(size=(30, d)), rng.normal(size=30)
        self.sums = rng.normal(size=(2, d)) * 20

    def values(self, X):
        return (X @ self.slopes.T + self.heights).max(axis=1) + np.abs(X @ self.sums.T - 1).sum(axis=1)

    def with_gradient(self, X):
        top = self.slopes[(X @ self.slopes.T + self.heights).argmax(axis=1)]
        return self.values(X), top + np.sign(X @ self.sums.T - 1) @ self.sums


@pytest.fixture(scope="session")
def kinks():
    """A problem of 6 continuous features whose only optimum is a corner, with that optimum's score by a program."""
    from scipy.optimize import linprog

    d, of = 6, Kinks(6)
    space = SearchSpace.from_bounds([(-1.0, 1.0)] * d)
    problem = Problem(space, of.values, Objective(Goal.MINIMUM), (), of.with_gradient)
    # minimise t + u1 + u2 with t above every plane and u above both absolute values
    planes = np.hstack([of.slopes, -np.ones((30, 1)), np.zeros((30, 2))])
    sides = [np.hstack([sign * of.sums, np.zeros((2, 1)), -np.eye(2)]) for sign in (1, -1)]
    right = np.concatenate([-of.heights, np.ones(2), -np.ones(2)])
    bounds = [(-1, 1)] * d + [(None, None)] * 3
    best = linprog([0] * d + [1, 1, 1], A_ub=np.vstack([planes, *sides]), b_ub=right, bounds=bounds)
    return problem, best.fun


@pytest.fixture(scope="session")
def mixed():
    """A problem with every kind of feature; the best is at (0.4, 3, B, 0.7) with everything else frozen: score 0."""
    space = SearchSpace(
        (
            Numeric("amount", 0.0, 2.0, std=0.5),
            Numeric("count", 0.0, 9.0, std=2.0, step=1.0),
            Categorical("kind", (0.4, 0.3, 0.3)),
            Numeric("dose", 0.0, 1.0, std=0.3, step=0.01),
            Numeric("held", 0.0, 9.0, std=1.0, frozen=4.0),
            Numeric("weightless", 0.0, 1.0, std=1.0, mutation_strength=0.0),
        )
    )

    def predict(X):
        amount, count, kind, dose, _, weightless = X.T
        return np.abs(amount - 0.4) + np.abs(count - 3) + np.abs(dose - 0.7) + (kind != 1) + weightless

    return Problem(space, predict, Objective(Goal.MINIMUM))


@pytest.fixture(scope="session")
def same_scores():
    """Check that two sets of candidates are worth the same."""

    def check(one, other):
        np.testing.assert_array_equal(one.scores, other.scores)
        np.testing.assert_array_equal(one.outcomes, other.outcomes)
        np.testing.assert_array_equal(one.penalties, other.penalties)

    return check
