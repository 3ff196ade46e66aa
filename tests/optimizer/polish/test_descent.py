import numpy as np

from optimizer import Candidates
from optimizer.polish.descent import Descent


def update(descent, problem, trial):
    results, gradients = problem.evaluate_with_gradient(trial.X)
    descent.update(trial, results, gradients, results)


def run(problem, candidates, n_rounds=200):
    descent, n_evaluations = Descent(problem, candidates), 0
    for _ in range(n_rounds):
        if descent.is_settled.all():
            break
        trial = descent.next_trial(len(candidates))
        before = descent.best.scores.copy()
        update(descent, problem, trial)
        assert problem.space.contains(trial.X).all()
        assert (descent.best.scores <= before).all()
        n_evaluations += len(trial.X)
    return descent, n_evaluations


def test_it_ends_in_the_corner_where_the_kinks_meet(kinks):
    problem, best = kinks
    candidates = problem.evaluate(problem.space.sample(20, np.random.default_rng(0)))
    assert candidates.scores.min() > best + 1
    descent, n_evaluations = run(problem, candidates)
    assert descent.is_settled.all()
    np.testing.assert_allclose(descent.best.scores, best, atol=1e-6)
    assert n_evaluations <= 20 * 80


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
    trial = descent.next_trial(at_most=3)
    np.testing.assert_array_equal(np.sort(problem.evaluate(trial.X).scores), np.sort(candidates.scores)[:3])
    assert set(trial.rows) == set(np.argsort(candidates.scores)[:3])
    update(descent, problem, trial)
    assert descent.is_settled.sum() == 7 and descent.is_left_out.sum() == 7


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
        trial = descent.next_trial(len(candidates))
        if not len(trial.X):
            break
        results, gradients = problem.evaluate_with_gradient(trial.X)
        results.scores[rng.random(len(trial.X)) < 0.3] = np.inf
        descent.update(trial, results, gradients, results)
    assert descent.is_settled.all()
    assert np.isfinite(descent.best.scores).all()
    assert (descent.best.scores < candidates.scores - 0.1).all()


def test_nobody_is_done_at_once(kinks):
    problem, _ = kinks
    assert Descent(problem, Candidates.empty(6)).is_settled.all()
