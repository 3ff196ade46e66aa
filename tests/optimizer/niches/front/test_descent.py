import numpy as np

from optimizer import FrontProblem, Limit, Objective, SearchSpace
from optimizer.niches.front.descent import descend
from optimizer.niches.front.dominance import Scaling

ENDS = np.array([[0.2, 0.2, 0.2], [0.8, 0.8, 0.2]])
SPACE = SearchSpace.from_bounds([(0, 1)] * 3)


def bowls(X):
    return ((X[:, None] - ENDS) ** 2).sum(axis=2)


def bowls_with_gradient(X):
    return bowls(X), 2 * (X[:, None] - ENDS)


PROBLEM = FrontProblem(
    SPACE, bowls, {0: Objective("minimum"), 1: Objective("minimum")}, predict_with_gradient=bowls_with_gradient
)
UNIT = Scaling(np.zeros(2), np.full(2, 0.72))


def descended(problem, start, budget, alone=-1):
    return descend(problem, start, np.full(len(start), alone), UNIT, budget)


def test_candidates_go_onto_the_pareto_set_and_get_worse_in_nothing():
    X = SPACE.sample(20, np.random.default_rng(0))
    start = PROBLEM.evaluate(X)
    moved, spent = descended(PROBLEM, start, 1000)
    assert 0 < spent <= 1000
    assert (moved.scores <= start.scores).all()
    np.testing.assert_allclose(moved.X[:, 2], 0.2, atol=0.01)
    np.testing.assert_allclose(moved.X[:, 0], moved.X[:, 1], atol=0.05)


def test_one_that_follows_an_objective_alone_goes_to_its_best():
    start = PROBLEM.evaluate(SPACE.sample(5, np.random.default_rng(2)))
    for objective, end in enumerate(ENDS):
        moved, _ = descended(PROBLEM, start, 500, alone=objective)
        np.testing.assert_allclose(moved.X, np.tile(end, (5, 1)), atol=0.01)


def test_a_limit_is_not_left():
    limited = FrontProblem(
        SPACE, bowls, PROBLEM.objectives, (Limit(0, at_least=0.1),), predict_with_gradient=bowls_with_gradient
    )
    start = limited.evaluate(SPACE.sample(30, np.random.default_rng(1)))
    start = start.take(start.is_feasible)
    assert descended(limited, start, 500)[0].is_feasible.all()


def test_the_budget_is_kept_and_without_gradients_nothing_moves():
    start = PROBLEM.evaluate(SPACE.sample(20, np.random.default_rng(0)))
    moved, spent = descended(PROBLEM, start, 25)
    assert spent <= 25 and len(moved) == 20
    without = FrontProblem(SPACE, bowls, PROBLEM.objectives)
    assert descended(without, start, 100)[1] == 0
