from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    Budget,
    DensityPenalty,
    Hooks,
    LineageSettings,
    Objective,
    Problem,
    QualityFloor,
    SearchSpace,
    SpaceError,
    StopReason,
    representatives,
    search,
)

SPACE = SearchSpace.from_bounds([(0, 1), (0, 1)])
SMALL = LineageSettings(n_lineages=6, n_mutants=3, n_immigrants=4, patience=3)


def minimising(function, space=SPACE, penalties=()):
    return Problem(space, function, Objective(goal="minimum"), penalties)


def found_by(problem, given=SMALL, budget=None, seed=0, **more):
    return search(problem, given, budget or Budget(500), np.random.default_rng(seed), **more)


def test_a_mixed_search_finds_the_best_category_and_step(mixed_space, check_candidates):
    best = np.array([60.0, 5, 0.7, 2, 0.35, 1])
    scale = np.array([15.0, 2, 0.3, 1, 1, 1])
    outcome = found_by(
        minimising(lambda X: (((X - best) / scale) ** 2).sum(axis=1), mixed_space), LineageSettings(), Budget(5000)
    )
    check_candidates(outcome.found.X, mixed_space)
    np.testing.assert_array_equal(outcome.found.X[0, 1:], best[1:])
    assert outcome.found.X[0, 0] == pytest.approx(60, abs=0.5)


@settings(max_examples=30)
@given(budget=st.integers(6, 400), seed=st.integers(0, 100))
def test_evaluations_are_counted_exactly_and_stay_within_the_budget(bowl, budget, seed):
    sizes = []

    def predict(X):
        sizes.append(len(X))
        return bowl(X)

    outcome = found_by(minimising(predict), budget=Budget(budget), seed=seed)
    assert outcome.stop_reason is StopReason.BUDGET
    assert outcome.n_evaluations == sum(sizes) <= budget
    assert len(sizes) == len(outcome.trace)  # one call of predict per generation
    assert [generation.number for generation in outcome.trace] == list(range(len(sizes)))
    longer = found_by(minimising(bowl), budget=Budget(budget + 100), seed=seed)
    assert longer.trace[len(sizes)].evaluations > budget  # one more generation would not have fitted


def test_without_improvement_means_after_the_last_better_best(bowl):
    outcome = found_by(minimising(bowl), budget=Budget(100_000, stall=20))
    assert outcome.stop_reason is StopReason.NO_IMPROVEMENT
    assert len(outcome.trace) - 1 - outcome.last_improvement == 20
    bests = [generation.bests.scores.min() for generation in outcome.trace]
    assert bests[outcome.last_improvement] == outcome.found.scores[0] == min(bests)
    assert min(bests[: outcome.last_improvement]) > min(bests)


def test_a_stop_keeps_everything_found_so_far(bowl, same_trace):
    asked = count()
    stopped = found_by(minimising(bowl), hooks=Hooks(should_stop=lambda: next(asked) == 7))
    whole = found_by(minimising(bowl))
    assert stopped.stop_reason is StopReason.USER
    assert len(stopped.trace) == 7
    assert same_trace(stopped.trace, whole.trace[:7])
    assert stopped.n_lineages == 1 + max(generation.ids.max() for generation in stopped.trace)
    assert stopped.found.scores[0] == min(generation.bests.scores.min() for generation in stopped.trace)


def test_a_search_stopped_before_it_began_has_found_nothing():
    outcome = found_by(minimising(lambda X: X[:, 0]), hooks=Hooks(should_stop=lambda: True))
    assert outcome.stop_reason is StopReason.USER
    assert (len(outcome.found), outcome.n_evaluations, outcome.n_lineages, outcome.last_improvement) == (0, 0, 0, 0)
    assert len(representatives(outcome.found, SPACE, 5, QualityFloor(), np.random.default_rng(0))) == 0


def test_the_same_seed_gives_the_same_trace_to_the_bit_and_another_another(mixed_space, bowl, same_trace):
    one, two, other = (found_by(minimising(bowl, mixed_space), seed=seed) for seed in (5, 5, 6))
    assert same_trace(one.trace, two.trace)
    assert one.found.X.tobytes() == two.found.X.tobytes()
    assert not same_trace(one.trace, other.trace)


def test_found_is_archive_and_living_best_first(bowl):
    outcome = found_by(minimising(bowl))
    assert len(outcome.archive) > 0 and len(outcome.living) > 0
    assert len(outcome.found) == outcome.n_lineages == len(outcome.archive) + len(outcome.living)
    assert (np.diff(outcome.found.scores) >= 0).all()


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("goal", ["minimum", "maximum", "value"])
def test_predictions_that_are_no_number_are_counted_and_never_found(bowl, odd, goal):
    n_odd = 0

    def predict(X):
        nonlocal n_odd
        is_odd = X[:, 0] < 0.5
        n_odd += int(is_odd.sum())
        return np.where(is_odd, odd, bowl(X))

    outcome = found_by(Problem(SPACE, predict, Objective(goal, value=0.1)))
    assert outcome.n_nonfinite == n_odd > 0
    assert (outcome.found.X[:, 0] >= 0.5).all() and np.isfinite(outcome.found.scores).all()
    chosen = representatives(outcome.found, SPACE, 5, QualityFloor(), np.random.default_rng(0))
    assert (chosen.X[:, 0] >= 0.5).all()


def test_a_penalty_draws_the_search_to_usual_densities():
    problem = minimising(lambda X: X.sum(axis=1), penalties=(DensityPenalty((0, 1), 1.0, 0.1),))
    free = found_by(problem.without_penalties(), budget=Budget(3000)).found
    held = found_by(problem, budget=Budget(3000)).found
    assert free.X[0].sum() < 0.1
    assert held.X[0].sum() == pytest.approx(0.895, abs=0.002)  # 0.9, and on until the penalty is as steep
    np.testing.assert_allclose(held.scores, held.outcomes + held.penalties)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"evaluations": 0}, "budget of evaluations must be at least 1, got 0"),
        ({"seconds": 0.0}, "budget of seconds must be a number above 0, got 0.0"),
        ({"seconds": np.nan}, "budget of seconds must be a number above 0, got nan"),
        ({"stall": 0}, "generations without improvement must be at least 1, got 0"),
    ],
)
def test_a_budget_that_allows_nothing_is_refused(given, words):
    with pytest.raises(SpaceError, match=words):
        Budget(**given)
