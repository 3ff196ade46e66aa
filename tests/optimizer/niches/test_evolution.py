import math

import numpy as np
import pytest

from optimizer.niches.evolution import drawn, evolve
from optimizer.niches.strategy import Strategy

FIELDS = "means", "sigmas", "covariances", "sigma_paths", "covariance_paths"


class Tutorial:
    """One Gaussian, written down a second time from the equations of arXiv:1604.00772, figure 6, in plain Python."""

    def __init__(self, mean, sigma):
        n = len(mean)
        self.mean, self.sigma, self.C = mean.copy(), sigma, np.eye(n)
        self.p_sigma, self.p_c, self.g = np.zeros(n), np.zeros(n), 0

    def update(self, s, X, scores):
        n = len(self.mean)
        order = sorted(range(len(X)), key=lambda i: scores[i])[: len(s.weights)]
        y = [(X[i] - self.mean) / self.sigma for i in order]
        y_w = sum(w * yi for w, yi in zip(s.weights, y, strict=True))
        values, B = np.linalg.eigh(self.C)
        inverse_root = sum(np.outer(b, b) / math.sqrt(value) for value, b in zip(values, B.T, strict=True))
        self.mean = self.mean + self.sigma * y_w
        self.p_sigma = (1 - s.c_sigma) * self.p_sigma + math.sqrt(s.c_sigma * (2 - s.c_sigma) * s.mu_eff) * (
            inverse_root @ y_w
        )
        length = math.sqrt(sum(p * p for p in self.p_sigma))
        usual = math.sqrt(1 - (1 - s.c_sigma) ** (2 * (self.g + 1)))
        h = 1 if length / usual < (1.4 + 2 / (n + 1)) * s.chi else 0
        self.p_c = (1 - s.c_c) * self.p_c + h * math.sqrt(s.c_c * (2 - s.c_c) * s.mu_eff) * y_w
        forgotten = (1 - h) * s.c_c * (2 - s.c_c)
        self.C = (
            (1 + s.c_1 * forgotten - s.c_1 - s.c_mu) * self.C
            + s.c_1 * np.outer(self.p_c, self.p_c)
            + s.c_mu * sum(w * np.outer(yi, yi) for w, yi in zip(s.weights, y, strict=True))
        )
        self.sigma *= math.exp(s.c_sigma / s.d_sigma * (length / s.chi - 1))
        self.g += 1


def ellipsoid(U):
    return (np.logspace(0, 3, U.shape[-1]) * (U - 0.4) ** 2).sum(axis=-1)


def climbed(population, n_generations, seed=0, function=ellipsoid, is_plain=True):
    strategy, rng = Strategy.of(population.means.shape[1]), np.random.default_rng(seed)
    for _ in range(n_generations):
        U = drawn(population, strategy, rng)
        evolve(population, strategy, U, function(U), is_plain)
    return population


@pytest.mark.parametrize("n", [1, 2, 3, 6, 12])
def test_an_update_is_that_of_the_tutorial(lineages, n):
    rng, s = np.random.default_rng(n), Strategy.of(n)
    population = lineages(rng.random((1, n)), sigma=0.3)
    reference = Tutorial(population.means[0], 0.3)
    for _ in range(25):
        U = drawn(population, s, rng)
        scores = ellipsoid(U)
        reference.update(s, U[0], scores[0].tolist())
        evolve(population, s, U, scores, is_plain=True)
        np.testing.assert_allclose(population.means[0], reference.mean, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(population.sigmas[0], reference.sigma, rtol=1e-7)
        np.testing.assert_allclose(population.covariances[0], reference.C, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(population.sigma_paths[0], reference.p_sigma, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(population.covariance_paths[0], reference.p_c, rtol=1e-6, atol=1e-7)
    assert population.ages[0] == 25


def test_the_path_of_a_step_size_too_small_is_left_out_of_the_covariance(lineages):
    s = Strategy.of(3)
    population, reference = lineages(np.zeros((1, 3)), sigma=1e-3), Tutorial(np.zeros(3), 1e-3)
    U = 6e-3 + 1e-4 * np.arange(s.n_children)[:, None] * np.ones((1, 3))
    evolve(population, s, U[None], ellipsoid(U)[None], is_plain=True)
    reference.update(s, U, ellipsoid(U).tolist())
    assert not reference.p_c.any()  # it is the case that this is about
    np.testing.assert_array_equal(population.covariance_paths[0], 0)
    np.testing.assert_allclose(population.covariances[0], reference.C, rtol=1e-9)


@pytest.mark.parametrize("is_plain", [True, False])
def test_many_lineages_at_once_are_each_as_if_alone(lineages, is_plain):
    rng, s = np.random.default_rng(1), Strategy.of(4)
    together = climbed(lineages(rng.random((7, 4))), 6)
    alone = [together.take(np.array([i])) for i in range(7)]
    for _ in range(5):
        U = drawn(together, s, rng)
        scores = ellipsoid(U)
        scores[2, 3] = np.inf
        evolve(together, s, U, scores, is_plain)
        for i, one in enumerate(alone):
            evolve(one, s, U[[i]], scores[[i]], is_plain)
            for name in FIELDS:
                np.testing.assert_allclose(getattr(one, name)[0], getattr(together, name)[i], rtol=1e-9, atol=1e-14)


def test_only_the_order_of_the_scores_matters_and_the_spread_is_told(lineages):
    one, other = (climbed(lineages([[0.2, 0.9]]), 8, function=f) for f in (ellipsoid, lambda U: np.exp(ellipsoid(U))))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    s = Strategy.of(2)
    scores = np.arange(s.n_children, dtype=float)[None] * 10
    evolve(one, s, drawn(one, s, np.random.default_rng(0)), scores, True)
    assert one.spreads[0] == 10 * (len(s.weights) - 1)  # from the best to the worst parent


def test_children_without_a_score_are_the_worst_and_leave_the_spread_unknown(lineages):
    s, rng = Strategy.of(2), np.random.default_rng(0)
    population = lineages([[0.5, 0.5], [0.5, 0.5]])
    U = drawn(population, s, rng)
    scores = np.full(U.shape[:2], np.inf)
    scores[0, 4] = 1.0
    evolve(population, s, U, scores, True)
    assert (population.spreads == np.inf).all()
    assert all(np.isfinite(getattr(population, name)).all() for name in FIELDS)


def test_a_child_from_afar_moves_the_mean_no_farther_than_a_usual_step(lineages):
    n, s = 3, Strategy.of(3)
    population = climbed(lineages(np.full((1, n), 0.5)), 12)
    before = population.take(np.array([0]))
    U = drawn(population, s, np.random.default_rng(0))
    U[0, -1] = 50.0
    scores = np.ones(U.shape[:2])
    scores[0, -1] = 0.0  # the best child by far
    evolve(population, s, U, scores, is_plain=False)
    moved = before.whitened((population.means - before.means)[:, None])[0, 0]
    assert 0.1 < np.linalg.norm(moved) <= np.sqrt(n) + 2 * n / (n + 2)
    assert np.isfinite(population.sigmas).all() and population.sigmas[0] < 3 * before.sigmas[0]


def test_children_that_are_where_they_were_drawn_are_as_usual_cut_or_not(lineages):
    """The cut length is far out in the Gaussian: hardly any child of the children drawn is touched."""
    s, population = Strategy.of(6), lineages(np.full((500, 6), 0.5))
    U = drawn(population, s, np.random.default_rng(3))
    one, other = population.take(np.arange(500)), population.take(np.arange(500))
    evolve(one, s, U, ellipsoid(U), is_plain=True)
    evolve(other, s, U, ellipsoid(U), is_plain=False)
    assert np.isclose(one.means, other.means).all(axis=1).mean() > 0.9


def test_children_are_drawn_from_the_gaussian_of_their_lineage(lineages):
    population = climbed(lineages([[0.2, 0.9]]), 15)
    many = population.take(np.zeros(4000, dtype=int))
    U = drawn(many, Strategy.of(2), np.random.default_rng(5)).reshape(-1, 2)
    covariance = population.covariances[0] * population.sigmas[0] ** 2
    scale = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose((U.mean(axis=0) - population.means[0]) / scale, 0, atol=0.03)
    np.testing.assert_allclose(np.cov(U.T) / np.outer(scale, scale), covariance / np.outer(scale, scale), atol=0.04)


def test_the_last_child_is_the_guess_where_there_is_one(lineages):
    population = lineages([[0.5, 0.5], [0.5, 0.5]])
    population.guesses[:] = [[0.1, 0.2], [0.3, 0.4]]
    population.misfits[:] = [0.01, np.inf]
    U = drawn(population, Strategy.of(2), np.random.default_rng(0))
    np.testing.assert_array_equal(U[0, -1], [0.1, 0.2])
    assert not np.isclose(U[1, -1], [0.3, 0.4]).any()


@pytest.mark.parametrize("n", [1, 4, 10])
def test_a_lineage_climbs_a_narrow_hill_to_its_top(lineages, n):
    rng = np.random.default_rng(0)
    population = climbed(lineages(rng.random((3, n))), 60 + 60 * n)
    np.testing.assert_allclose(population.means, 0.4, atol=1e-5)
    assert np.isfinite(population.lengths).all() and (population.lengths > 0).all()
    C = population.covariances
    np.testing.assert_allclose(C, C.transpose(0, 2, 1), atol=1e-12 * np.abs(C).max())
    rebuilt = np.einsum("kij,kj,klj->kil", population.axes, population.lengths**2, population.axes)
    np.testing.assert_allclose(rebuilt, C, atol=1e-9 * np.abs(C).max())


def test_no_lineages_are_left_alone(lineages):
    population = lineages([[0.5, 0.5]]).take(np.empty(0, dtype=int))
    s = Strategy.of(2)
    U = drawn(population, s, np.random.default_rng(0))
    assert U.shape == (0, s.n_children, 2)
    evolve(population, s, U, np.empty((0, s.n_children)), True)
    assert len(population) == 0
