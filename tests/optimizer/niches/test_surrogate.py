import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer.niches.evolution import drawn
from optimizer.niches.strategy import Strategy
from optimizer.niches.surrogate import (
    MAX_COORDINATES,
    MAX_MISFIT,
    guess,
    n_coefficients,
    n_remembered,
    remember,
)


def external(lineages, means, function, seed=0, sigma=0.1, n_generations=None):
    """Lineages that drew children for long enough to be modelled, about means that stayed."""
    m = means.shape[1]
    s = Strategy.of(m)
    h = n_remembered(m, s.n_children)
    population = lineages(means, scores=function(means), sigma=sigma, recent=(h, s.n_children))
    rng = np.random.default_rng(seed)
    for _ in range(h if n_generations is None else n_generations):
        U = drawn(population, s, rng)
        remember(population, U, function(U))
        population.ages += 1
    return guessed(population)


def guessed(population):
    """The lineages after two looks: with many coordinates, a lineage is modelled in every other generation only."""
    guess(population)
    before = population.misfits
    population.ages += 1
    guess(population)
    population.misfits = np.minimum(before, population.misfits)
    return population


def quadratic(hessian, top):
    return lambda U: 0.5 * np.einsum("...i,ij,...j->...", U - top, hessian, U - top) - 7.0


@given(m=st.integers(1, 8), seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_the_guess_is_the_minimum_of_any_quadratic(lineages, m, seed):
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.standard_normal((m, m)))[0]
    hessian = turned * 10 ** rng.uniform(-1, 2, m) @ turned.T
    means = rng.random((2, m))
    top = means[0] + rng.uniform(-0.01, 0.01, m) / np.sqrt(m)  # well within a step size of the first mean
    population = external(lineages, means, quadratic(hessian, top), seed)
    np.testing.assert_allclose(population.guesses[0], top, atol=1e-5)
    assert population.misfits[0] < 1e-4


def test_a_minimum_far_away_is_approached_and_not_jumped_to(lineages):
    means, f = np.zeros((1, 3)), quadratic(np.eye(3), np.full(3, 40.0))
    population = external(lineages, means, f)
    assert f(population.guesses)[0] < f(means)[0]
    assert 0.1 < np.linalg.norm(population.guesses[0]) < 2.0  # step sizes of 0.1


@pytest.mark.parametrize("m", [2, 3, 5])
def test_a_saddle_has_no_minimum(lineages, m):
    hessian = np.diag([-1.0, *range(1, m)])
    population = external(lineages, np.zeros((20, m)), quadratic(hessian, np.zeros(m)))
    assert (population.misfits == np.inf).all()


@pytest.mark.parametrize("m", [1, 2, 4, 8])
def test_noise_is_hardly_ever_believed(lineages, m):
    rng = np.random.default_rng(0)
    population = external(lineages, np.zeros((300, m)), lambda U: rng.standard_normal(U.shape[:-1]))
    assert np.isfinite(population.misfits).mean() < 0.05


def test_a_rough_hill_fits_worse_than_a_smooth_one(lineages):
    def rough(U):
        return (U**2).sum(axis=-1) + 0.002 * np.sin(300 * U).sum(axis=-1)

    smooth = external(lineages, np.zeros((50, 3)), quadratic(np.eye(3), np.zeros(3))).misfits
    bumpy = external(lineages, np.zeros((50, 3)), rough).misfits
    assert smooth.max() < 1e-4 < 0.02 < np.median(bumpy)
    assert (bumpy[np.isfinite(bumpy)] < MAX_MISFIT).all()


@pytest.mark.parametrize("odd", [np.inf, np.nan, 1e300])
def test_scores_that_are_no_numbers_leave_no_model_and_touch_no_other_lineage(lineages, odd):
    means, f = np.zeros((3, 2)), quadratic(np.eye(2), np.zeros(2))

    def holed(U):
        scores = f(U)
        if U.ndim == 3:
            scores[1, 0] = odd
        return scores

    plain, population = external(lineages, means, f), external(lineages, means, holed)
    assert population.misfits[1] == np.inf
    np.testing.assert_array_equal(population.guesses[[0, 2]], plain.guesses[[0, 2]])


def test_a_plain_has_no_minimum_and_on_a_slope_a_guess_leads_down(lineages):
    plain = external(lineages, np.zeros((5, 3)), lambda U: np.zeros(U.shape[:-1]))
    assert (plain.misfits == np.inf).all()
    slope = external(lineages, np.zeros((50, 3)), lambda U: U.sum(axis=-1))
    guesses = slope.guesses[np.isfinite(slope.misfits)]  # rounding may bend a slope ever so little
    assert (guesses.sum(axis=1) < 0).all() and (np.linalg.norm(guesses, axis=1) < 2.0).all()


def test_children_that_all_came_to_lie_on_one_step_leave_no_model(lineages):
    s = Strategy.of(2)
    h = n_remembered(2, s.n_children)
    population = lineages([[0.5, 0.5]], sigma=1e-9, recent=(h, s.n_children))
    for generation in range(h):
        U = np.full((1, s.n_children, 2), 0.5)
        U[0, 0] = 0.6  # a step away, a hundred million step sizes
        remember(population, U, np.full((1, s.n_children), float(generation)))
        population.ages += 1
    guess(population)
    assert population.misfits[0] == np.inf


def test_the_young_and_the_settled_have_no_model(lineages):
    s, f = Strategy.of(3), quadratic(np.eye(3), np.zeros(3))
    h = n_remembered(3, s.n_children)
    assert np.isinf(external(lineages, np.zeros((1, 3)), f, n_generations=h - 1).misfits).all()
    population = external(lineages, np.zeros((2, 3)), f)
    assert np.isfinite(population.misfits).all()
    population.is_settled[0] = True
    assert np.isfinite(guessed(population).misfits).tolist() == [False, True]


@pytest.mark.parametrize("m", range(1, MAX_COORDINATES + 1))
def test_enough_is_remembered_for_more_candidates_than_coefficients(m):
    c = Strategy.of(m).n_children
    assert n_remembered(m, c) * c > 1.3 * n_coefficients(m)
    assert n_coefficients(m) == 1 + m + m * (m + 1) // 2


def test_with_many_coordinates_nothing_is_remembered_or_guessed(lineages):
    m = MAX_COORDINATES + 1
    assert n_remembered(m, 10) == 0
    population = external(lineages, np.zeros((2, m)), quadratic(np.eye(m), np.zeros(m)), n_generations=9)
    assert population.recent_children.shape[1] == 0 and (population.misfits == np.inf).all()


def test_the_newest_are_kept_and_the_oldest_forgotten(lineages):
    population = lineages([[0.0]], recent=(2, 5))
    for value in (1.0, 2.0, 3.0):
        remember(population, np.full((1, 5, 1), value), np.full((1, 5), value))
    assert population.recent_children[0, :, 0, 0].tolist() == [3, 2] == population.recent_scores[0, :, 0].tolist()
