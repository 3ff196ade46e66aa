import numpy as np
import pytest
from cmaes import CMA

from optimizer.niches.strategy import Strategy


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 10, 20, 100])
def test_the_constants_are_those_of_the_cmaes_package(n):
    ours = Strategy.of(n)
    theirs = CMA(np.zeros(n), 1.0, population_size=ours.n_children)
    assert ours.n_children == max(5, CMA(np.zeros(n), 1.0).population_size)
    np.testing.assert_allclose(ours.weights, theirs._weights[: theirs._mu], rtol=1e-12)
    mine = ours.mu_eff, ours.c_sigma, ours.d_sigma, ours.c_c, ours.c_1, ours.c_mu, ours.chi
    its = theirs._mu_eff, theirs._c_sigma, theirs._d_sigma, theirs._cc, theirs._c1, theirs._cmu, theirs._chi_n
    np.testing.assert_allclose(mine, its, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7, 50, 300])
def test_half_of_the_children_are_parents_and_nothing_learns_more_than_all(n):
    s = Strategy.of(n)
    assert len(s.weights) == s.n_children // 2 and s.weights.sum() == pytest.approx(1)
    assert (np.diff(s.weights) < 0).all() and (s.weights > 0).all()
    assert 0 < s.c_1 + s.c_mu <= 1 and 0 < s.c_sigma < 1 and 0 < s.c_c < 1


def test_chi_is_the_length_of_a_standard_normal_vector():
    lengths = np.linalg.norm(np.random.default_rng(0).standard_normal((200_000, 4)), axis=1)
    assert Strategy.of(4).chi == pytest.approx(lengths.mean(), rel=5e-3)
