import numpy as np

from optimizer.polish.steps import N_TRIALS, StepSearch


def test_steps_and_categories_find_their_best(mixed):
    candidates = mixed.evaluate(mixed.space.sample(12, np.random.default_rng(0)))
    search = StepSearch(mixed.space, candidates, np.random.default_rng(1))
    while not search.is_done:
        rows, X = search.next_neighbours(12 * N_TRIALS)
        assert mixed.space.contains(X).all()
        np.testing.assert_array_equal(X[:, [0, 4, 5]], np.repeat(search.best.X[rows], 16, axis=0)[:, [0, 4, 5]])
        before = search.best.scores.copy()
        search.update(rows, mixed.evaluate(X))
        assert (search.best.scores <= before).all()
    assert (search.best.X[:, 1] == 3).mean() > 0.8
    assert (search.best.X[:, 2] == 1).mean() > 0.8


def test_the_budget_goes_to_the_best(mixed):
    candidates = mixed.evaluate(mixed.space.sample(12, np.random.default_rng(0)))
    search = StepSearch(mixed.space, candidates, np.random.default_rng(1))
    _, X = search.next_neighbours(at_most=40)
    best = candidates.by_score().X[:2, 0]
    assert len(X) == 32
    assert set(X[:, 0]) == set(best)


def test_where_nothing_has_steps_nothing_is_asked(kinks):
    problem, _ = kinks
    candidates = problem.evaluate(problem.space.sample(4, np.random.default_rng(0)))
    assert StepSearch(problem.space, candidates, np.random.default_rng(0)).is_done
