import numpy as np
import pytest

from optimizer import AskTellError, Candidates
from optimizer.polish import Descent


def run(problem, candidates, n_rounds=200):
    descent, told = Descent(problem, candidates), 0
    for _ in range(n_rounds):
        if descent.is_done:
            break
        X = descent.ask()
        before = descent.best.scores.copy()
        descent.tell(*problem.evaluate_with_gradient(X))
        assert problem.space.contains(X).all()
        assert (descent.best.scores <= before).all()
        told += len(X)
    return descent, told


def test_it_ends_in_the_corner_where_the_kinks_meet(kinks):
    problem, best = kinks
    candidates = problem.evaluate(problem.space.sample(20, np.random.default_rng(0)))
    assert candidates.scores.min() > best + 1
    descent, told = run(problem, candidates)
    assert descent.is_done
    np.testing.assert_allclose(descent.best.scores, best, atol=1e-6)
    assert told <= 20 * 80


def test_the_best_is_what_it_says(kinks):
    problem, _ = kinks
    descent, _ = run(problem, problem.evaluate(problem.space.sample(5, np.random.default_rng(1))), n_rounds=9)
    again = problem.evaluate(descent.best.X)
    np.testing.assert_array_equal(again.scores, descent.best.scores)
    np.testing.assert_array_equal(again.outcomes, descent.best.outcomes)


def test_only_the_best_are_asked_where_the_budget_is_short(kinks):
    problem, _ = kinks
    candidates = problem.evaluate(problem.space.sample(10, np.random.default_rng(0)))
    descent = Descent(problem, candidates)
    X = descent.ask(at_most=3)
    np.testing.assert_array_equal(np.sort(problem.evaluate(X).scores), np.sort(candidates.scores)[:3])
    assert set(descent.asked) == set(np.argsort(candidates.scores)[:3])
    descent.tell(*problem.evaluate_with_gradient(X))
    assert descent.is_settled.sum() == 7


def test_a_candidate_without_a_score_is_left_alone(kinks):
    problem, _ = kinks
    candidates = problem.evaluate(problem.space.sample(3, np.random.default_rng(0)))
    candidates.scores[1] = np.inf
    descent, _ = run(problem, candidates)
    assert descent.best.scores[1] == np.inf
    np.testing.assert_array_equal(descent.best.X[1], candidates.X[1])


def test_points_that_cannot_be_predicted_are_stepped_around(kinks):
    problem, _ = kinks
    candidates = problem.evaluate(problem.space.sample(8, np.random.default_rng(0)))
    descent, rng = Descent(problem, candidates), np.random.default_rng(0)
    for _ in range(150):
        X = descent.ask()
        if not len(X):
            break
        results, gradients = problem.evaluate_with_gradient(X)
        results.scores[rng.random(len(X)) < 0.3] = np.inf
        descent.tell(results, gradients)
    assert descent.is_done
    assert np.isfinite(descent.best.scores).all()
    assert (descent.best.scores < candidates.scores - 0.1).all()


def test_turns_are_kept(kinks):
    problem, _ = kinks
    candidates = problem.evaluate(problem.space.sample(2, np.random.default_rng(0)))
    descent = Descent(problem, candidates)
    with pytest.raises(AskTellError, match="tell\\(\\) needs the results of an ask"):
        descent.tell(candidates, candidates.X)
    X = descent.ask()
    with pytest.raises(AskTellError, match="ask\\(\\) was called twice"):
        descent.ask()
    results, gradients = problem.evaluate_with_gradient(X)
    with pytest.raises(AskTellError, match="expected 2, got 1"):
        descent.tell(results.take(np.array([0])), gradients[:1])


def test_nobody_is_done_at_once(kinks):
    problem, _ = kinks
    assert Descent(problem, Candidates.empty(6)).is_done
