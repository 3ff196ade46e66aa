import math

import numpy as np
import pytest
from cmaes import CMA
from hypothesis import given, settings, strategies as st

from optimizer.niches.gaussians import (
    MAX_COORDINATES,
    MAX_MISFIT,
    Gaussians,
    Strategy,
    Surrogates,
    n_coefficients,
    n_remembered,
)


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


FIELDS = "means", "sigmas", "covariances", "sigma_paths", "covariance_paths"


@pytest.fixture(scope="session")
def gaussians():
    """Round Gaussians about (k, m) means."""

    def round_about(means, sigma=0.1):
        means = np.atleast_2d(np.asarray(means, dtype=float))
        return Gaussians.round(means, np.full(len(means), sigma))

    return round_about


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
    for age in range(1, n_generations + 1):
        U = population.drawn(strategy.n_children, rng)
        population = updated(population, strategy, U, function(U), age, is_plain)
    return population


def updated(population, strategy, U, scores, age=1, is_plain=True):
    return population.updated(strategy, U, scores, np.full(len(population), age), is_plain=is_plain)


@pytest.mark.parametrize("n", [1, 2, 3, 6, 12])
def test_an_update_is_that_of_the_tutorial(gaussians, n):
    rng, s = np.random.default_rng(n), Strategy.of(n)
    population = gaussians(rng.random((1, n)), sigma=0.3)
    reference = Tutorial(population.means[0], 0.3)
    for age in range(1, 26):
        U = population.drawn(s.n_children, rng)
        scores = ellipsoid(U)
        reference.update(s, U[0], scores[0].tolist())
        population = updated(population, s, U, scores, age)
        np.testing.assert_allclose(population.means[0], reference.mean, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(population.sigmas[0], reference.sigma, rtol=1e-7)
        np.testing.assert_allclose(population.covariances[0], reference.C, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(population.sigma_paths[0], reference.p_sigma, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(population.covariance_paths[0], reference.p_c, rtol=1e-6, atol=1e-7)


def test_the_path_of_a_step_size_too_small_is_left_out_of_the_covariance(gaussians):
    s = Strategy.of(3)
    population, reference = gaussians(np.zeros((1, 3)), sigma=1e-3), Tutorial(np.zeros(3), 1e-3)
    U = 6e-3 + 1e-4 * np.arange(s.n_children)[:, None] * np.ones((1, 3))
    population = updated(population, s, U[None], ellipsoid(U)[None])
    reference.update(s, U, ellipsoid(U).tolist())
    assert not reference.p_c.any()  # it is the case that this is about
    np.testing.assert_array_equal(population.covariance_paths[0], 0)
    np.testing.assert_allclose(population.covariances[0], reference.C, rtol=1e-9)


@pytest.mark.parametrize("is_plain", [True, False])
def test_many_lineages_at_once_are_each_as_if_alone(gaussians, is_plain):
    rng, s = np.random.default_rng(1), Strategy.of(4)
    together = climbed(gaussians(rng.random((7, 4))), 6)
    alone = [together.take(np.array([i])) for i in range(7)]
    for age in range(7, 12):
        U = together.drawn(s.n_children, rng)
        scores = ellipsoid(U)
        scores[2, 3] = np.inf
        together = updated(together, s, U, scores, age, is_plain)
        alone = [updated(one, s, U[[i]], scores[[i]], age, is_plain) for i, one in enumerate(alone)]
        for i, one in enumerate(alone):
            for name in FIELDS:
                np.testing.assert_allclose(getattr(one, name)[0], getattr(together, name)[i], rtol=1e-9, atol=1e-14)


def test_only_the_order_of_the_scores_matters(gaussians):
    one, other = (climbed(gaussians([[0.2, 0.9]]), 8, function=f) for f in (ellipsoid, lambda U: np.exp(ellipsoid(U))))
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_children_without_a_score_are_the_worst(gaussians):
    s, rng = Strategy.of(2), np.random.default_rng(0)
    population = gaussians([[0.5, 0.5], [0.5, 0.5]])
    U = population.drawn(s.n_children, rng)
    scores = np.full(U.shape[:2], np.inf)
    scores[0, 4] = 1.0
    population = updated(population, s, U, scores)
    assert all(np.isfinite(getattr(population, name)).all() for name in FIELDS)


def test_a_child_from_afar_moves_the_mean_no_farther_than_a_usual_step(gaussians):
    n, s = 3, Strategy.of(3)
    population = climbed(gaussians(np.full((1, n), 0.5)), 12)
    before = population
    U = population.drawn(s.n_children, np.random.default_rng(0))
    U[0, -1] = 50.0
    scores = np.ones(U.shape[:2])
    scores[0, -1] = 0.0  # the best child by far
    population = updated(population, s, U, scores, 13, is_plain=False)
    moved = before.whitened((population.means - before.means)[:, None])[0, 0]
    assert 0.1 < np.linalg.norm(moved) <= np.sqrt(n) + 2 * n / (n + 2)
    assert np.isfinite(population.sigmas).all() and population.sigmas[0] < 3 * before.sigmas[0]


def test_children_that_are_where_they_were_drawn_are_as_usual_cut_or_not(gaussians):
    """The cut length is far out in the Gaussian: hardly any child of the children drawn is touched."""
    s, population = Strategy.of(6), gaussians(np.full((500, 6), 0.5))
    U = population.drawn(s.n_children, np.random.default_rng(3))
    one, other = (updated(population, s, U, ellipsoid(U), is_plain=is_plain) for is_plain in (True, False))
    assert np.isclose(one.means, other.means).all(axis=1).mean() > 0.9


def test_children_are_drawn_from_the_gaussian_of_their_lineage(gaussians):
    population = climbed(gaussians([[0.2, 0.9]]), 15)
    many = population.take(np.zeros(4000, dtype=int))
    U = many.drawn(Strategy.of(2).n_children, np.random.default_rng(5)).reshape(-1, 2)
    covariance = population.covariances[0] * population.sigmas[0] ** 2
    scale = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose((U.mean(axis=0) - population.means[0]) / scale, 0, atol=0.03)
    np.testing.assert_allclose(np.cov(U.T) / np.outer(scale, scale), covariance / np.outer(scale, scale), atol=0.04)


@pytest.mark.parametrize("n", [1, 4, 10])
def test_a_lineage_climbs_a_narrow_hill_to_its_top(gaussians, n):
    rng = np.random.default_rng(0)
    population = climbed(gaussians(rng.random((3, n))), 60 + 60 * n)
    np.testing.assert_allclose(population.means, 0.4, atol=1e-5)
    assert np.isfinite(population.lengths).all() and (population.lengths > 0).all()
    C = population.covariances
    np.testing.assert_allclose(C, C.transpose(0, 2, 1), atol=1e-12 * np.abs(C).max())
    rebuilt = np.einsum("kij,kj,klj->kil", population.axes, population.lengths**2, population.axes)
    np.testing.assert_allclose(rebuilt, C, atol=1e-9 * np.abs(C).max())


def test_no_lineages_are_left_alone(gaussians):
    population = gaussians([[0.5, 0.5]]).take(np.empty(0, dtype=int))
    s = Strategy.of(2)
    U = population.drawn(s.n_children, np.random.default_rng(0))
    assert U.shape == (0, s.n_children, 2)
    assert len(updated(population, s, U, np.empty((0, s.n_children)))) == 0


@given(m=st.integers(1, 6), k=st.integers(1, 5), seed=st.integers(0, 10_000))
def test_whitened_is_the_reverse_of_unwhitened(gaussians, m, k, seed):
    rng, s = np.random.default_rng(seed), Strategy.of(m)
    U, scores = rng.random((k, s.n_children, m)), rng.random((k, s.n_children))
    population = updated(gaussians(rng.random((k, m))), s, U, scores, is_plain=False)
    Z = rng.standard_normal((k, 3, m))
    V = population.unwhitened(Z)
    np.testing.assert_allclose(population.whitened(V), Z, atol=1e-8)
    inverse = np.linalg.inv(population.covariances * population.sigmas[:, None, None] ** 2)
    np.testing.assert_allclose((Z**2).sum(axis=2), np.einsum("kni,kij,knj->kn", V, inverse, V), rtol=1e-6)
    longest = np.sqrt(np.linalg.eigvalsh(population.covariances)[:, -1]) * population.sigmas
    np.testing.assert_allclose(population.reaches, longest, rtol=1e-9)


class Modelled:
    """Lineages that drew children for long enough to be modelled, about means that stayed."""

    def __init__(self, means, function, seed=0, sigma=0.1, n_generations=None):
        k, m = means.shape
        s, rng = Strategy.of(m), np.random.default_rng(seed)
        n_generations = n_remembered(m, s.n_children) if n_generations is None else n_generations
        self.gaussians, self.bests = Gaussians.round(means, np.full(k, sigma)), function(means)
        self.ages, self.is_settled = np.full(k, n_generations), np.zeros(k, dtype=bool)
        self.surrogates = Surrogates.unfitted(k, m, s.n_children)
        for _ in range(n_generations):
            U = self.gaussians.drawn(s.n_children, rng)
            self.surrogates = self.surrogates.remembering(U, function(U))
        self.fit()

    def fit(self):
        """Twice: with many coordinates, a lineage is modelled in every other generation only."""
        several = []
        for _ in range(2):
            self.surrogates = self.surrogates.fitted(self.gaussians, self.bests, self.ages, self.is_settled)
            several.append(self.surrogates.misfits)
            self.ages = self.ages + 1
        self.minima, self.misfits = self.surrogates.minima, np.minimum(*several)


def quadratic(hessian, top):
    return lambda U: 0.5 * np.einsum("...i,ij,...j->...", U - top, hessian, U - top) - 7.0


@given(m=st.integers(1, 8), seed=st.integers(0, 10_000))
@settings(max_examples=60)
def test_the_guess_is_the_minimum_of_any_quadratic(m, seed):
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.standard_normal((m, m)))[0]
    hessian = turned * 10 ** rng.uniform(-1, 2, m) @ turned.T
    means = rng.random((2, m))
    top = means[0] + rng.uniform(-0.01, 0.01, m) / np.sqrt(m)  # well within a step size of the first mean
    population = Modelled(means, quadratic(hessian, top), seed)
    np.testing.assert_allclose(population.minima[0], top, atol=1e-5)
    assert population.misfits[0] < 1e-4


def test_a_minimum_far_away_is_approached_and_not_jumped_to():
    means, f = np.zeros((1, 3)), quadratic(np.eye(3), np.full(3, 40.0))
    population = Modelled(means, f)
    assert f(population.minima)[0] < f(means)[0]
    assert 0.1 < np.linalg.norm(population.minima[0]) < 2.0  # step sizes of 0.1


@pytest.mark.parametrize("m", [2, 3, 5])
def test_a_saddle_has_no_minimum(m):
    hessian = np.diag([-1.0, *range(1, m)])
    population = Modelled(np.zeros((20, m)), quadratic(hessian, np.zeros(m)))
    assert (population.misfits == np.inf).all()


@pytest.mark.parametrize("m", [1, 2, 4, 8])
def test_noise_is_hardly_ever_believed(m):
    rng = np.random.default_rng(0)
    population = Modelled(np.zeros((300, m)), lambda U: rng.standard_normal(U.shape[:-1]))
    assert np.isfinite(population.misfits).mean() < 0.05


def test_a_rough_hill_fits_worse_than_a_smooth_one():
    def rough(U):
        return (U**2).sum(axis=-1) + 0.002 * np.sin(300 * U).sum(axis=-1)

    smooth = Modelled(np.zeros((50, 3)), quadratic(np.eye(3), np.zeros(3))).misfits
    bumpy = Modelled(np.zeros((50, 3)), rough).misfits
    assert smooth.max() < 1e-4 < 0.02 < np.median(bumpy)
    assert (bumpy[np.isfinite(bumpy)] < MAX_MISFIT).all()


@pytest.mark.parametrize("odd", [np.inf, np.nan, 1e300])
def test_scores_that_are_no_numbers_leave_no_model_and_touch_no_other_lineage(odd):
    means, f = np.zeros((3, 2)), quadratic(np.eye(2), np.zeros(2))

    def holed(U):
        scores = f(U)
        if U.ndim == 3:
            scores[1, 0] = odd
        return scores

    plain, population = Modelled(means, f), Modelled(means, holed)
    assert population.misfits[1] == np.inf
    np.testing.assert_array_equal(population.minima[[0, 2]], plain.minima[[0, 2]])


def test_a_plain_has_no_minimum_and_on_a_slope_a_guess_leads_down():
    plain = Modelled(np.zeros((5, 3)), lambda U: np.zeros(U.shape[:-1]))
    assert (plain.misfits == np.inf).all()
    slope = Modelled(np.zeros((50, 3)), lambda U: U.sum(axis=-1))
    guesses = slope.minima[np.isfinite(slope.misfits)]  # rounding may bend a slope ever so little
    assert (guesses.sum(axis=1) < 0).all() and (np.linalg.norm(guesses, axis=1) < 2.0).all()


def test_children_that_all_came_to_lie_on_one_step_leave_no_model():
    s, ages = Strategy.of(2), np.full(1, 99)
    surrogates = Surrogates.unfitted(1, 2, s.n_children)
    gaussians = Gaussians.round(np.full((1, 2), 0.5), np.array([1e-9]))
    for generation in range(n_remembered(2, s.n_children)):
        U = np.full((1, s.n_children, 2), 0.5)
        U[0, 0] = 0.6  # a step away, a hundred million step sizes
        surrogates = surrogates.remembering(U, np.full((1, s.n_children), float(generation)))
    assert surrogates.fitted(gaussians, np.zeros(1), ages, np.zeros(1, dtype=bool)).misfits[0] == np.inf


def test_the_young_and_the_settled_have_no_model():
    s, f = Strategy.of(3), quadratic(np.eye(3), np.zeros(3))
    young = Modelled(np.zeros((1, 3)), f, n_generations=n_remembered(3, s.n_children) - 1)
    assert np.isinf(young.misfits).all()
    population = Modelled(np.zeros((2, 3)), f)
    assert np.isfinite(population.misfits).all()
    population.is_settled[0] = True
    population.fit()
    assert np.isfinite(population.misfits).tolist() == [False, True]


@pytest.mark.parametrize("m", range(1, MAX_COORDINATES + 1))
def test_enough_is_remembered_for_more_candidates_than_coefficients(m):
    c = Strategy.of(m).n_children
    assert n_remembered(m, c) * c > 1.3 * n_coefficients(m)
    assert n_coefficients(m) == 1 + m + m * (m + 1) // 2


def test_with_many_coordinates_nothing_is_remembered_or_guessed():
    m = MAX_COORDINATES + 1
    assert n_remembered(m, 10) == 0
    population = Modelled(np.zeros((2, m)), quadratic(np.eye(m), np.zeros(m)), n_generations=9)
    assert population.surrogates.children.shape[1] == 0 and (population.misfits == np.inf).all()


def test_the_newest_are_kept_and_the_oldest_forgotten():
    surrogates = Surrogates.unfitted(1, 1, 5)
    for value in (1.0, 2.0, 3.0):
        surrogates = surrogates.remembering(np.full((1, 5, 1), value), np.full((1, 5), value))
    assert surrogates.children[0, :, 0, 0].tolist() == [3, 2] == surrogates.scores[0, :, 0].tolist()
