import numpy as np
import pytest

from optimizer import Curve, FrontProblem, Limit, Objective, SearchSpace, SpaceError

SPACE = SearchSpace.from_bounds([(0, 1)] * 2)


def outcomes(X):
    return np.column_stack([X[:, 0], 1 - X[:, 0] + X[:, 1], X.sum(axis=1)])


def outcomes_with_gradient(X):
    return outcomes(X), np.broadcast_to([[1.0, 0.0], [-1.0, 1.0], [1.0, 1.0]], (len(X), 3, 2))


PROBLEM = FrontProblem(
    SPACE,
    outcomes,
    {0: Objective("maximum", scale=2.0), 1: Objective("minimum")},
    limits=(Limit(2, at_most=1.5),),
    predict_with_gradient=outcomes_with_gradient,
)


class Unrealistic:
    weight = 3.0

    def cost(self, X):
        return X[:, 1]

    def cost_with_gradient(self, X):
        return X[:, 1], np.tile([0.0, 1.0], (len(X), 1))


def test_all_candidates_are_evaluated_in_one_call():
    calls = []

    def predict(X):
        calls.append(len(X))
        return outcomes(X)

    FrontProblem(SPACE, predict, PROBLEM.objectives, PROBLEM.limits).evaluate(np.zeros((7, 2)))
    assert calls == [7]


def test_each_objective_has_its_score_and_limits_are_counted():
    found = PROBLEM.evaluate(np.array([[1.0, 0.25], [1.0, 1.0]]))
    np.testing.assert_allclose(found.scores, [[-0.5, 0.25], [-0.5, 1.0]])
    np.testing.assert_allclose(found.violations, [0.0, 0.5])
    np.testing.assert_array_equal(found.is_feasible, [True, False])
    assert len(PROBLEM.passing(found)) == 1


def test_penalties_count_in_every_objective():
    X = np.array([[0.5, 0.5]])
    with_penalty = FrontProblem(SPACE, outcomes, PROBLEM.objectives, penalties=(Unrealistic(),)).evaluate(X)
    np.testing.assert_allclose(with_penalty.scores, PROBLEM.evaluate(X).scores + 1.5)
    np.testing.assert_allclose(with_penalty.penalties, 1.5)


def test_what_is_no_number_in_one_outcome_has_no_score():
    problem = FrontProblem(SPACE, lambda X: np.where(X[:, :1] < 0.5, np.nan, outcomes(X)), PROBLEM.objectives)
    found = problem.evaluate(np.array([[0.1, 0.0], [0.9, 0.0]]))
    assert np.isinf(found.scores[0]).all() and np.isfinite(found.scores[1]).all()
    assert found.n_nonfinite == 1 and not found.is_feasible[0]


def test_gradients_are_those_of_scores_and_violations():
    problem = FrontProblem(
        SPACE,
        outcomes,
        PROBLEM.objectives,
        PROBLEM.limits,
        penalties=(Unrealistic(),),
        predict_with_gradient=outcomes_with_gradient,
    )
    X = np.random.default_rng(0).random((20, 2)) * 0.9 + 0.05
    found, gradients = problem.evaluate_with_gradient(X)
    assert gradients.shape == (20, 3, 2)
    for j in range(2):
        step = 1e-6 * np.eye(2)[j]
        up, down = problem.evaluate(X + step), problem.evaluate(X - step)
        np.testing.assert_allclose(gradients[:, :2, j], (up.scores - down.scores) / 2e-6, atol=1e-6)
        np.testing.assert_allclose(gradients[:, 2, j], (up.violations - down.violations) / 2e-6, atol=1e-6)
    np.testing.assert_array_equal(found.scores, problem.evaluate(X).scores)


def test_what_is_no_front_is_refused_in_words():
    with pytest.raises(SpaceError, match="at least two objectives, got 1: search for one with a Problem"):
        FrontProblem(SPACE, outcomes, {0: Objective()})
    with pytest.raises(SpaceError, match="give the summary of the curve as an outcome"):
        FrontProblem(SPACE, outcomes, {0: Objective(), 1: Objective(curve=Curve(0, np.array([0.0, 1.0])))})
    with pytest.raises(SpaceError, match="at least 3 columns"):
        FrontProblem(SPACE, lambda X: X, PROBLEM.objectives, PROBLEM.limits).evaluate(np.zeros((2, 2)))
    with pytest.raises(SpaceError, match="offers no gradient"):
        FrontProblem(SPACE, outcomes, PROBLEM.objectives).evaluate_with_gradient(np.zeros((2, 2)))
