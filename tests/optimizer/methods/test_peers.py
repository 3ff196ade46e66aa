"""What each adapter promises beyond the contract."""

import numpy as np
import pytest

from optimizer import Budget, LineageState, Objective, Problem, SearchSpace, SpaceError, search
from optimizer.methods.bayesian import Bayesian
from optimizer.methods.cma_es import CmaEs
from optimizer.methods.random_search import RandomSearch
from optimizer.methods.scipy_methods import DifferentialEvolution, DualAnnealing, Multistart

SPACE = SearchSpace.from_bounds([(-5, 5)] * 2)


def found_by(method, function, budget, space=SPACE, seed=0, **more):
    problem = Problem(space, function, Objective(goal="minimum"), **more)
    return search(problem, method, Budget(budget), np.random.default_rng(seed))


def n_minima(found, minima, within=1e-3):
    gaps = np.linalg.norm(found.X[:, None] - minima[None], axis=2)
    return int((gaps.min(axis=0) < within).sum())


@pytest.mark.parametrize(
    ("method", "budget", "least"),
    [
        (DifferentialEvolution(), 12_000, 2),  # each population ends on one hill
        (DualAnnealing(), 6_000, 3),
        (Multistart(), 2_000, 4),
        (CmaEs(), 4_000, 2),  # large populations share a taste
    ],
    ids=lambda given: getattr(given, "name", given),
)
def test_the_archive_holds_several_optima_of_himmelblau(method, budget, least, himmelblau, himmelblau_minima):
    found = found_by(method, himmelblau, budget).found
    assert n_minima(found, himmelblau_minima, within=0.02) >= least
    assert found.scores[0] < 1e-6


def test_a_place_of_the_population_is_a_lineage_that_only_betters(himmelblau):
    from scipy.optimize import differential_evolution

    method = DifferentialEvolution(population=5, max_generations=6)
    outcome = found_by(method, himmelblau, 10 * 7)  # one population, to its end
    rng = np.random.default_rng(0)
    box = (SPACE.sample(10, rng) + 5) / 10
    theirs = differential_evolution(
        lambda u: himmelblau(u.T * 10 - 5), [(0, 1)] * 2, init=box, maxiter=6, tol=0, atol=1e-6, polish=False,
        vectorized=True, updating="deferred", rng=rng,
    )  # fmt: skip
    np.testing.assert_allclose(np.sort(outcome.living.scores), np.sort(theirs.population_energies), rtol=1e-9)
    assert len(outcome.trace) == 7 and [len(generation.ids) for generation in outcome.trace] == [10] * 7
    last = outcome.trace[-1]
    mine = last.bests.X[np.argsort(last.bests.scores)]
    np.testing.assert_allclose(mine, theirs.population[np.argsort(theirs.population_energies)] * 10 - 5, rtol=1e-9)


def test_a_population_that_converged_ends_and_another_begins(bowl):
    outcome = found_by(DifferentialEvolution(population=5, max_generations=3), bowl, 10 * 8)
    assert len(outcome.archive) == 10 and outcome.n_lineages == 20
    assert (outcome.trace[4].states == LineageState.EXTINCT).sum() == 10


def test_a_descent_uses_the_gradient_where_there_is_one():
    asked = []

    def with_gradient(X):
        asked.append(len(X))
        return ((X - 1) ** 2).sum(axis=1), 2 * (X - 1)

    def never(X):
        raise AssertionError("differences were taken")

    outcome = found_by(Multistart(), never, 40, predict_with_gradient=with_gradient)
    assert set(asked) == {1} and sum(asked) == outcome.n_evaluations == 40
    np.testing.assert_allclose(outcome.found.X[0], [1, 1], atol=1e-6)


def test_a_slope_by_differences_is_one_call_of_a_row_more_than_features():
    asked = []

    def function(X):
        asked.append(len(X))
        return ((X - 1) ** 2).sum(axis=1)

    outcome = found_by(Multistart(), function, 90)
    assert set(asked) == {3}
    np.testing.assert_allclose(outcome.found.X[0], [1, 1], atol=1e-4)


def test_every_descent_is_a_lineage_of_its_own(himmelblau, himmelblau_minima):
    outcome = found_by(Multistart(), himmelblau, 600)
    for x in outcome.archive.X:
        assert np.linalg.norm(himmelblau_minima - x, axis=1).min() < 1e-2


def test_the_slope_at_the_upper_bound_looks_inwards():
    outcome = found_by(Multistart(), lambda X: -X.sum(axis=1), 60)
    np.testing.assert_array_equal(outcome.found.X[0], [5, 5])


def test_annealing_without_descents_is_one_lineage_a_chain(himmelblau):
    outcome = found_by(DualAnnealing(has_descents=False, max_iterations=20), himmelblau, 500)
    with_descents = found_by(DualAnnealing(max_iterations=20), himmelblau, 500)
    assert outcome.n_lineages < with_descents.n_lineages
    assert found_by(DualAnnealing(has_descents=False), himmelblau, 500).n_lineages == 1


def test_a_small_and_a_large_population_take_turns():
    outcome = found_by(CmaEs(tolerance=1e-2), lambda X: np.abs(X).sum(axis=1), 8_000)
    sizes = np.diff([0, *(generation.evaluations for generation in outcome.trace)])
    assert len(outcome.archive) > 3
    assert sizes[0] == CmaEs().n_first(2) == 6
    assert {6, 12, 24} <= set(sizes.tolist())


def test_cma_es_reaches_the_bottom_of_a_narrow_valley():
    def valley(X):
        return 100 * (X[:, 1] - X[:, 0] ** 2) ** 2 + (1 - X[:, 0]) ** 2

    found = found_by(CmaEs(), valley, 3000).found
    np.testing.assert_allclose(found.X[0], [1, 1], atol=1e-4)


def test_a_study_learns(himmelblau):
    learned = found_by(Bayesian(n_random=20, n_trials=120), himmelblau, 120).found.scores[0]
    drawn = found_by(RandomSearch(), himmelblau, 120).found.scores[0]
    assert learned < drawn


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DifferentialEvolution(population=0), "members of the population per free feature must be at least 1"),
        (lambda: DifferentialEvolution(tolerance=0), "tolerance of convergence must be a number above 0, got 0"),
        (lambda: DifferentialEvolution(strategy="best"), "strategy is one of 'best1bin', .*got 'best'"),
        (lambda: DifferentialEvolution(max_generations=0), "generations of a population must be at least 1"),
        (lambda: DualAnnealing(visit=3.5), "visit parameter must be a number above 1 and at most 3, got 3.5"),
        (
            lambda: DualAnnealing(initial_temperature=0),
            "temperature must be a number above 0.01 and at most 50000",
        ),
        (lambda: DualAnnealing(max_iterations=0), "iterations of a chain must be at least 1"),
        (lambda: Multistart(max_iterations=0), "iterations of a descent must be at least 1"),
        (lambda: CmaEs(population=2), "population must be at least 3, got 2"),
        (lambda: CmaEs(sigma=0), "first standard deviation must be a number above 0"),
        (lambda: CmaEs(tolerance=-1), "tolerance of convergence must be a number above 0"),
        (lambda: Bayesian(n_batch=0), "asked for at once must be at least 1"),
        (lambda: Bayesian(n_random=0), "random candidates of a study must be at least 1"),
        (lambda: Bayesian(n_trials=0), "candidates of a study must be at least 1"),
        (lambda: RandomSearch(n_per_generation=0), "candidates per generation must be at least 1"),
    ],
)
def test_settings_that_a_library_cannot_use_are_refused(make, words):
    with pytest.raises(SpaceError, match=words):
        make()
