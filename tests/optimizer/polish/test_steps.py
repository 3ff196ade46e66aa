import numpy as np
import pytest

from optimizer import AskTellError
from optimizer.polish import StepSearch


def test_steps_and_categories_find_their_best(mixed):
    candidates = mixed.evaluate(mixed.space.sample(12, np.random.default_rng(0)))
    search = StepSearch(mixed.space, candidates, np.random.default_rng(1))
    while not search.is_done:
        X = search.ask()
        assert mixed.space.contains(X).all()
        np.testing.assert_array_equal(X[:, [0, 4, 5]], np.repeat(search.best.X, 16, axis=0)[: len(X), [0, 4, 5]])
        before = search.best.scores.copy()
        search.tell(mixed.evaluate(X))
        assert (search.best.scores <= before).all()
        if not search.is_settled.all() and search.is_settled.any():
            break  # from here on the rows of X belong to some of the candidates
    while not search.is_done:
        search.tell(mixed.evaluate(search.ask()))
    assert (search.best.X[:, 1] == 3).mean() > 0.8
    assert (search.best.X[:, 2] == 1).mean() > 0.8


def test_the_budget_goes_to_the_best(mixed):
    candidates = mixed.evaluate(mixed.space.sample(12, np.random.default_rng(0)))
    search = StepSearch(mixed.space, candidates, np.random.default_rng(1))
    X = search.ask(at_most=40)
    best = candidates.by_score().X[:2, 0]
    assert len(X) == 32
    assert set(X[:, 0]) == set(best)


def test_where_nothing_has_steps_nothing_is_asked(kinks):
    problem, _ = kinks
    candidates = problem.evaluate(problem.space.sample(4, np.random.default_rng(0)))
    assert StepSearch(problem.space, candidates, np.random.default_rng(0)).is_done


def test_turns_are_kept(mixed):
    candidates = mixed.evaluate(mixed.space.sample(2, np.random.default_rng(0)))
    search = StepSearch(mixed.space, candidates, np.random.default_rng(1))
    with pytest.raises(AskTellError, match="tell\\(\\) needs the results of an ask"):
        search.tell(candidates)
    search.ask()
    with pytest.raises(AskTellError, match="ask\\(\\) was called twice"):
        search.ask()
    with pytest.raises(AskTellError, match="expected 32, got 2"):
        search.tell(candidates)
