import numpy as np
import pytest

from benchmarks.niching import compositions as made
from benchmarks.niching.compositions import HEIGHT, HIGH, LOW, RECIPES, SHAPES, composition, compositions
from benchmarks.niching.peaks import n_peaks_found, static_f1

BASICS = made.sphere, made.rastrigin, made.griewank, made.weierstrass, made.ef8f2


@pytest.mark.parametrize("basic", BASICS)
@pytest.mark.parametrize("d", [2, 5])
def test_a_basic_function_is_smallest_and_0_at_the_origin(basic, d):
    rng = np.random.default_rng(d)
    assert basic(np.zeros((1, d)))[0] == pytest.approx(0, abs=1e-9)
    assert (basic(rng.uniform(-5, 5, (2000, d))) > 0).all()
    assert (basic(rng.normal(0, 1e-3, (200, d))) >= -1e-9).all()


@pytest.mark.parametrize(
    ("basic", "z", "value"),
    [
        (made.sphere, [1.0, 2.0], 5.0),
        (made.rastrigin, [1.0, 2.0], 5.0),  # whole numbers are in the dents
        (made.rastrigin, [0.5, 0.0], 20.25),
        (made.griewank, [np.pi, 0.0], np.pi**2 / 4000 + 2),
        (made.ef8f2, [-1.0, -1.0], 2 * (1 + 1 / 4000 - np.cos(1.0))),
    ],
)
def test_a_basic_function_is_the_published_one(basic, z, value):
    assert basic(np.array([z]))[0] == pytest.approx(value)


def test_weierstrass_is_the_published_sum():
    z = np.array([0.3, -0.7])
    terms = [0.5**k * np.cos(2 * np.pi * 3**k * (x + 0.5)) for x in z for k in range(21)]
    least = 2 * sum(0.5**k * np.cos(np.pi * 3**k) for k in range(21))
    assert made.weierstrass(z[None])[0] == pytest.approx(sum(terms) - least, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_every_optimum_has_the_height_and_is_counted(seed):
    for function in compositions(seed):
        optima = function.evaluate.optima
        assert optima.shape == (function.n_peaks, len(function.bounds))
        assert (optima >= LOW).all() and (optima <= HIGH).all()
        np.testing.assert_allclose(function.evaluate(optima), function.height, atol=1e-7)
        assert n_peaks_found(function, optima, 1e-5) == function.n_peaks
        assert static_f1(function, optima, 1e-5) == 1


def test_nowhere_is_it_higher_and_about_an_optimum_it_falls():
    rng = np.random.default_rng(0)
    for function in compositions(3):
        assert (function.evaluate(rng.uniform(LOW, HIGH, (2000, len(function.bounds)))) < function.height).all()
        for optimum in function.evaluate.optima:
            near = optimum + rng.normal(0, 1e-3, (100, len(function.bounds)))
            assert (function.evaluate(near) < function.height).all()


def test_far_from_all_optima_it_is_worth_what_its_basic_functions_are_at_most():
    function = composition("CF1", 2, 0)
    corner = np.array([[LOW, LOW], [HIGH, HIGH]])
    assert (function.evaluate(corner) > -20 * HEIGHT).all() and (function.evaluate(corner) < -1).all()


def test_a_row_is_worth_the_same_in_any_company():
    function = composition("CF4", 3, 1)
    X = np.random.default_rng(0).uniform(LOW, HIGH, (made.BLOCK_ROWS + 7, 3))
    together = function.evaluate(X)
    assert together.shape == (len(X),)
    some = [0, 5, made.BLOCK_ROWS - 1, made.BLOCK_ROWS, len(X) - 1]
    np.testing.assert_allclose([function.evaluate(X[[i]])[0] for i in some], together[some], rtol=1e-9)
    assert function.evaluate(X[:0]).shape == (0,)


def test_a_seed_is_a_suite_of_its_own_and_repeats():
    one, same, other = (compositions(seed) for seed in (7, 7, 8))
    for a, b, c in zip(one, same, other, strict=True):
        np.testing.assert_array_equal(a.evaluate.optima, b.evaluate.optima)
        np.testing.assert_array_equal(a.evaluate.rotations, b.evaluate.rotations)
        assert not np.isclose(a.evaluate.optima, c.evaluate.optima).any()


def test_the_suite_is_shaped_as_the_official_one():
    suite = compositions(0)
    assert [(len(f.bounds), f.n_peaks, f.budget) for f in suite] == [
        (2, 6, 200_000),
        (2, 8, 200_000),
        (2, 6, 200_000),
        (3, 6, 400_000),
        (3, 8, 400_000),
        (5, 6, 400_000),
        (5, 8, 400_000),
        (10, 6, 400_000),
        (10, 8, 400_000),
        (20, 8, 400_000),
    ]
    assert [f.name for f in suite] == [f"{recipe} {d}D" for recipe, d in SHAPES]
    assert {f.radius for f in suite} == {0.01} and {f.height for f in suite} == {0.0}


@pytest.mark.parametrize("recipe", RECIPES)
def test_rotations_keep_lengths_and_optima_keep_apart(recipe):
    function = composition(recipe, 3, 2)
    R = function.evaluate.rotations
    np.testing.assert_allclose(np.matmul(R, R.transpose(0, 2, 1)), np.tile(np.eye(3), (len(R), 1, 1)), atol=1e-12)
    is_turned = not np.allclose(R, np.eye(3))
    assert is_turned == (recipe in made.ROTATED)
    gaps = np.linalg.norm(function.evaluate.optima[:, None] - function.evaluate.optima[None], axis=2)
    assert gaps[np.triu_indices(len(gaps), 1)].min() >= 1.0
