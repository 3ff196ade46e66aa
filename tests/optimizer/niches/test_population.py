from dataclasses import replace

import numpy as np
import pytest

from optimizer.niches.gaussians import Strategy
from optimizer.niches.population import children_of, climbed


def test_those_taken_and_joined_again_are_the_same_and_are_copies(lineages):
    population = lineages(np.arange(6.0).reshape(3, 2), scores=[3.0, 1.0, 2.0])
    again = population.take(np.array([0])).joined(population.take(np.array([False, True, True])))
    assert again.ids.tolist() == [0, 1, 2] and again.bests.scores.tolist() == [3, 1, 2]
    assert again.surrogates.children.shape == population.surrogates.children.shape
    again.gaussians.means[:] += 1
    np.testing.assert_array_equal(population.gaussians.means, np.arange(6.0).reshape(3, 2))
    assert population.joined(population.take(np.empty(0, dtype=int))).ids.tolist() == [0, 1, 2]


@pytest.mark.parametrize("m", [1, 3])
def test_the_newborn_are_round_and_know_nothing_yet(lineages, m):
    population = lineages(np.full((2, m), 0.5), sigma=0.2)
    np.testing.assert_array_equal(population.gaussians.covariances, np.tile(np.eye(m), (2, 1, 1)))
    np.testing.assert_array_equal(population.gaussians.reaches, 0.2)
    assert not population.ages.any() and not population.is_settled.any()
    assert (population.surrogates.misfits == np.inf).all() and (population.spreads == np.inf).all()


def with_models(population, minima, misfits):
    surrogates = replace(population.surrogates, minima=np.array(minima), misfits=np.array(misfits))
    return replace(population, surrogates=surrogates)


def test_the_last_child_is_the_minimum_of_the_surrogate_where_there_is_one(lineages, box):
    population = with_models(lineages([[0.5, 0.5]] * 2), [[0.1, 0.2], [0.3, 0.4]], [0.01, np.inf])
    s = Strategy.of(2)
    U = children_of(population, s, box(2), np.random.default_rng(0)).reshape(2, s.n_children, 2)
    np.testing.assert_allclose(U[0, -1], [0.1, 0.2])
    assert not np.isclose(U[1, -1], [0.3, 0.4]).any()


def after(population, candidates, box, scores, seed=0):
    s = Strategy.of(2)
    X = children_of(population, s, box(2), np.random.default_rng(seed))
    return X, *climbed(population, candidates(X, np.ravel(scores)), s, box(2))


def test_the_best_of_its_children_and_their_spread_are_known(lineages, candidates, box):
    s = Strategy.of(2)
    scores = np.array([np.arange(s.n_children), np.full(s.n_children, np.inf)]) * 10.0
    X, climbing, is_exact = after(lineages([[0.5, 0.5]] * 2, scores=[5.0, 5.0]), candidates, box, scores)
    assert climbing.scores.tolist() == [0, 5] and climbing.ages.tolist() == [1, 1] and not is_exact.any()
    np.testing.assert_array_equal(climbing.bests.X[0], X[0])
    assert climbing.spreads.tolist() == [10 * (len(s.weights) - 1), np.inf]  # from the best to the worst parent


@pytest.mark.parametrize(
    ("misfit", "gain", "is_led", "shrinks", "ends"),
    [(0.01, 1e-3, True, True, False), (0.01, 0.0, True, True, True), (0.4, 0.0, True, False, False),
     (0.01, -1.0, False, False, False)],
)  # fmt: skip
def test_where_the_minimum_is_the_best_child_the_mean_jumps_there(
    lineages, candidates, box, misfit, gain, is_led, shrinks, ends
):
    """A model that fits well shrinks the step too, and where it gains nothing more the lineage is at its end."""
    population = with_models(lineages([[0.5, 0.5]], scores=[1.0]), [[0.42, 0.44]], [misfit])
    scores = np.full(Strategy.of(2).n_children, 3.0)
    scores[-1] = 1.0 - gain
    _, climbing, is_exact = after(population, candidates, box, scores)
    assert np.allclose(climbing.gaussians.means[0], [0.42, 0.44]) == is_led
    assert (climbing.gaussians.sigmas[0] < 0.04) == shrinks
    assert is_exact[0] == ends
