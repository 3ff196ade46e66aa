import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer.niches.gaussians import Gaussians, Strategy
from optimizer.niches.surrogate import MAX_COORDINATES, MAX_MISFIT, Surrogates, n_coefficients, n_remembered


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
