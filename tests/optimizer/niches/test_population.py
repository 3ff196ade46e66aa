import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer.niches.evolution import evolve
from optimizer.niches.strategy import Strategy


@given(m=st.integers(1, 6), k=st.integers(1, 5), seed=st.integers(0, 10_000))
def test_whitened_is_the_reverse_of_unwhitened(lineages, m, k, seed):
    rng, s = np.random.default_rng(seed), Strategy.of(m)
    population = lineages(rng.random((k, m)))
    evolve(population, s, rng.random((k, s.n_children, m)), rng.random((k, s.n_children)), False)
    Z = rng.standard_normal((k, 3, m))
    V = population.unwhitened(Z)
    np.testing.assert_allclose(population.whitened(V), Z, atol=1e-8)
    inverse = np.linalg.inv(population.covariances * population.sigmas[:, None, None] ** 2)
    np.testing.assert_allclose((Z**2).sum(axis=2), np.einsum("kni,kij,knj->kn", V, inverse, V), rtol=1e-6)
    longest = np.sqrt(np.linalg.eigvalsh(population.covariances)[:, -1]) * population.sigmas
    np.testing.assert_allclose(population.reaches, longest, rtol=1e-9)


def test_those_taken_and_joined_again_are_the_same_and_are_copies(lineages):
    population = lineages(np.arange(6.0).reshape(3, 2), scores=[3.0, 1.0, 2.0], recent=(2, 5))
    again = population.take(np.array([0])).joined(population.take(np.array([False, True, True])))
    assert again.ids.tolist() == [0, 1, 2] and again.bests.scores.tolist() == [3, 1, 2]
    assert again.recent_children.shape == (3, 2, 5, 2)
    again.means += 1
    np.testing.assert_array_equal(population.means, np.arange(6.0).reshape(3, 2))
    assert population.joined(population.take(np.empty(0, dtype=int))).ids.tolist() == [0, 1, 2]


@pytest.mark.parametrize("m", [1, 3])
def test_the_newborn_are_round_and_know_nothing_yet(lineages, m):
    population = lineages(np.full((2, m), 0.5), sigma=0.2)
    np.testing.assert_array_equal(population.covariances, np.tile(np.eye(m), (2, 1, 1)))
    np.testing.assert_array_equal(population.reaches, 0.2)
    assert not population.ages.any() and not population.is_settled.any()
    assert (population.misfits == np.inf).all() and (population.spreads == np.inf).all()
