from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    Candidates,
    Goal,
    Objective,
    OrderConstraint,
    Problem,
    RatioConstraint,
    SearchSpace,
    SpaceError,
    SumConstraint,
    polish,
)
from optimizer.polish.descent import ROUGH
from optimizer.polish.polish import N_TRIALS, StepSearch


class Counting:
    """A function that counts the rows it is asked for."""

    def __init__(self, function):
        self.function, self.n = function, 0

    def __call__(self, X):
        self.n += len(X)
        return self.function(X)


@settings(max_examples=60)
@given(data=st.data(), budget=st.integers(0, 3000), seed=st.integers(0, 1000))
def test_whatever_the_space_nothing_gets_worse_leaves_it_or_costs_more(
    data, spaces, check_candidates, same_scores, budget, seed
):
    space = data.draw(spaces)
    rng = np.random.default_rng(seed)
    slope = rng.normal(size=space.n_features)
    asked = Counting(lambda X: np.abs(X @ slope - 1) + np.abs(X).max(axis=1))
    problem = Problem(space, asked, Objective(Goal.MINIMUM))
    before = problem.evaluate(space.sample(5, rng))
    asked.n = 0
    after = polish(problem, before, budget, np.random.default_rng(seed))
    assert after.n_evaluations == asked.n <= budget
    check_candidates(after.candidates.X, space)
    assert (after.candidates.scores <= before.scores).all()
    same_scores(after.candidates, problem.evaluate(after.candidates.X))


def test_gradients_lead_to_the_corner(kinks):
    problem, best = kinks
    before = problem.evaluate(problem.space.sample(10, np.random.default_rng(0)))
    after = polish(problem, before, 20_000, np.random.default_rng(0))
    assert after.is_settled.all()
    np.testing.assert_allclose(after.candidates.scores, best, atol=1e-6)
    assert after.n_evaluations < 10 * 80


def test_a_rough_polish_comes_near_the_corner_with_fewer_evaluations(kinks):
    problem, best = kinks
    before = problem.evaluate(problem.space.sample(10, np.random.default_rng(0)))
    exact = polish(problem, before, 20_000, np.random.default_rng(0))
    rough = polish(problem, before, 20_000, np.random.default_rng(0), precision=ROUGH)
    assert rough.is_settled.all()
    np.testing.assert_allclose(rough.candidates.scores, best, atol=1e-2)
    assert rough.n_evaluations < exact.n_evaluations


def test_differences_lead_near_the_corner(kinks):
    problem, best = replace(kinks[0], predict_with_gradient=None), kinks[1]
    before = problem.evaluate(problem.space.sample(10, np.random.default_rng(0)))
    after = polish(problem, before, 20_000, np.random.default_rng(0))
    assert before.scores.min() > best + 3
    assert after.is_settled.all()
    assert (after.candidates.scores < best + 0.2).all()
    assert np.median(after.candidates.scores) < best + 0.02
    assert after.n_evaluations < 10 * 800


def test_a_smooth_optimum_is_found_by_differences(himmelblau, himmelblau_minima):
    problem = Problem(SearchSpace.from_bounds([(-6, 6)] * 2), himmelblau, Objective(Goal.MINIMUM, scale=100.0))
    before = problem.evaluate(himmelblau_minima + 0.3)
    after = polish(problem, before, 2_000, np.random.default_rng(0))
    np.testing.assert_allclose(after.candidates.X, himmelblau_minima, atol=1e-3)
    assert after.candidates.outcomes.max() < 1e-5


def test_every_kind_of_feature_is_polished_and_what_must_not_move_does_not(mixed):
    before = mixed.evaluate(mixed.space.sample(12, np.random.default_rng(0)))
    after = polish(mixed, before, 50_000, np.random.default_rng(1))
    assert mixed.space.contains(after.candidates.X).all()
    np.testing.assert_array_equal(after.candidates.X[:, 4:], before.X[:, 4:])
    found = after.candidates.scores - before.X[:, 5]
    assert (found < 1e-4).mean() > 0.8


@pytest.mark.parametrize("has_gradient", [True, False])
def test_rules_hold_at_every_evaluation_and_do_not_stop_it(kinks, has_gradient):
    problem, _ = kinks
    constraints = (
        SumConstraint.equal((0, 1, 2), 0.5),
        OrderConstraint(3, 4),
        RatioConstraint((5,), (0, 1, 2), -1.0, 1.5),
    )
    space = replace(problem.space, constraints=constraints)
    seen = []

    def external(X):
        seen.append(X.copy())
        return problem.predict(X)

    def watched_with_gradient(X):
        seen.append(X.copy())
        return problem.predict_with_gradient(X)

    ruled = Problem(space, external, problem.objective, (), watched_with_gradient if has_gradient else None)
    before = ruled.evaluate(space.sample(8, np.random.default_rng(0)))
    after = polish(ruled, before, 20_000, np.random.default_rng(0))
    assert space.contains(np.concatenate(seen)).all()
    best, near = after.candidates.scores.min(), 1e-6 if has_gradient else 0.2
    np.testing.assert_allclose(after.candidates.scores, best, atol=near)
    assert (before.scores > best + 0.5).all()
    nudged = space.mutate(np.repeat(after.candidates.X, 200, axis=0), np.random.default_rng(1))
    assert problem.predict(nudged).min() > best - near


def test_the_same_seed_polishes_alike(mixed):
    before = mixed.evaluate(mixed.space.sample(6, np.random.default_rng(0)))
    one, two = (polish(mixed, before, 900, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.candidates.X, two.candidates.X)
    assert one.n_evaluations == two.n_evaluations


def test_without_budget_or_candidates_nothing_happens(mixed):
    before = mixed.evaluate(mixed.space.sample(3, np.random.default_rng(0)))
    idle = polish(mixed, before, 0, np.random.default_rng(0))
    np.testing.assert_array_equal(idle.candidates.X, before.X)
    assert not idle.is_settled.any() and idle.n_evaluations == 0
    assert len(polish(mixed, Candidates.empty(6), 100, np.random.default_rng(0)).candidates) == 0
    with pytest.raises(SpaceError, match="budget of the polish must be at least 0, got -1"):
        polish(mixed, before, -1, np.random.default_rng(0))


def test_steps_and_categories_find_their_best(mixed):
    candidates = mixed.evaluate(mixed.space.sample(12, np.random.default_rng(0)))
    search = StepSearch(mixed.space, candidates, np.random.default_rng(1))
    while not search.is_settled.all():
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
    assert StepSearch(problem.space, candidates, np.random.default_rng(0)).is_settled.all()
