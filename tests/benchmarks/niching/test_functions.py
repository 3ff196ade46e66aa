import numpy as np
import pytest
from scipy.optimize import minimize

from benchmarks.niching import functions as made
from benchmarks.niching.functions import (
    ACCURACIES,
    CLOSED_FORM,
    HEIGHT,
    HIGH,
    LOW,
    RECIPES,
    SHAPES,
    PeakFunction,
    composition,
    compositions,
    n_peaks_found,
    peak_ratio,
    static_f1,
)


def two_peaks(X):
    """Two cones of height 1 at 0 and 1."""
    return 1 - np.minimum(np.abs(X[:, 0]), np.abs(X[:, 0] - 1))


TWO = PeakFunction("two", two_peaks, ((-1, 2),), n_peaks=2, height=1.0, radius=0.1, budget=100)


def points(*x):
    return np.array(x, dtype=float).reshape(-1, 1)


@pytest.mark.parametrize(
    ("x", "accuracy", "n"),
    [
        ([], 0.1, 0),
        ([0.0, 1.0], 1e-5, 2),
        ([0.05, 0.95], 0.1, 2),
        ([0.05, 0.95], 0.01, 0),
        ([0.0, 0.05, 0.04, -0.03], 0.1, 1),  # all within the radius of the best
        ([0.09, -0.09, 0.0], 0.1, 1),
        ([0.09, -0.09], 0.1, 2),  # without a better one between they are two, as in the suite
        ([0.0, 0.11, -0.11, 1.0], 0.2, 2),  # never more than there are
        ([0.5, 0.0], 0.1, 1),
    ],
)
def test_peaks_are_counted_as_in_the_suite(x, accuracy, n):
    for order in (x, x[::-1]):
        assert n_peaks_found(TWO, points(*order), accuracy) == n
        assert peak_ratio(TWO, points(*order), accuracy) == n / 2


def test_a_better_point_counts_before_a_worse_one():
    """From the best down: the worse one, which is too near the best, must not keep a third from counting."""
    assert n_peaks_found(TWO, points(0.06, 0.0, 0.12), 0.2) == 2


@pytest.mark.parametrize(
    ("x", "f1"),
    [
        ([0.0, 1.0], 1.0),
        ([0.0], 2 / 3),
        ([0.0, 1.0, 0.5, 0.6], 2 * 1 * 0.5 / 1.5),
        ([0.5], 0.0),
        ([], 0.0),
    ],
)
def test_f1_is_the_harmonic_mean_of_recall_and_precision(x, f1):
    assert static_f1(TWO, points(*x), 1e-5) == pytest.approx(f1)


def test_nobody_wins_by_returning_everything():
    everything = np.linspace(-1, 2, 3001)[:, None]
    assert peak_ratio(TWO, everything, 1e-5) == 1
    assert static_f1(TWO, everything, 1e-5) < 0.01


BY_NAME = {function.name: function for function in CLOSED_FORM}
NAMES = list(BY_NAME)


def grid(function, n):
    axes = [np.linspace(low, high, n) for low, high in function.bounds]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(function.bounds))


def polished(function, starts):
    """The local maxima above these starts, by SciPy."""
    tops = [
        minimize(
            lambda x: -function.evaluate(x[None])[0], x, bounds=function.bounds, options={"ftol": 1e-15, "gtol": 1e-10}
        ).x
        for x in starts
    ]
    return np.array(tops)


def vincent_tops(function):
    """Where 10 ln x is a quarter of a turn past whole ones, in every variable."""
    tops = np.exp((np.pi / 2 + 2 * np.pi * np.arange(-5, 5)) / 10)
    tops = tops[(tops >= 0.25) & (tops <= 10)]
    return np.stack(np.meshgrid(*[tops] * len(function.bounds)), axis=-1).reshape(-1, len(function.bounds))


def shubert_tops(function):
    """Products of the one-dimensional extremes that reach the height: an odd number of them below 0."""
    x = np.linspace(-10, 10, 400_001)
    j = np.arange(1, 6)
    values = (j * np.cos((j + 1) * x[:, None] + j)).sum(axis=1)
    inner = values[1:-1]
    is_low = (inner < values[:-2]) & (inner < values[2:]) & (inner < values.min() + 1e-6)
    is_high = (inner > values[:-2]) & (inner > values[2:]) & (inner > values.max() - 1e-6)
    low, high = x[1:-1][is_low], x[1:-1][is_high]
    d = len(function.bounds)
    shapes = [signs for signs in np.ndindex(*[2] * d) if sum(signs) % 2]
    axes = [[low if sign else high for sign in signs] for signs in shapes]
    starts = np.concatenate([np.stack(np.meshgrid(*several), axis=-1).reshape(-1, d) for several in axes])
    values = function.evaluate(starts)
    return polished(function, starts[values > values.max() - 1e-2])


KNOWN = {
    "Five-Uneven-Peak Trap 1D": [[0.0], [30.0]],
    "Equal Maxima 1D": [[0.1], [0.3], [0.5], [0.7], [0.9]],
    "Uneven Decreasing Maxima 1D": [[0.0796994]],
    "Himmelblau 2D": [[3.0, 2.0], [-2.805118, 3.131312], [-3.779310, -3.283186], [3.584428, -1.848126]],
    "Six-Hump Camel Back 2D": [[0.089842, -0.712656], [-0.089842, 0.712656]],
    "Modified Rastrigin 2D": [[(2 * i + 1) / 6, (2 * j + 1) / 8] for i in range(3) for j in range(4)],
}


def tops_of(name):
    function = BY_NAME[name]
    if name in KNOWN:
        return polished(function, np.array(KNOWN[name])) if "Trap" not in name else np.array(KNOWN[name])
    return vincent_tops(function) if "Vincent" in name else shubert_tops(function)


def test_the_suite_is_that_of_the_report():
    assert [(len(f.bounds), f.n_peaks, f.radius, f.budget) for f in CLOSED_FORM] == [
        (1, 2, 0.01, 50_000),
        (1, 5, 0.01, 50_000),
        (1, 1, 0.01, 50_000),
        (2, 4, 0.01, 50_000),
        (2, 2, 0.5, 50_000),
        (2, 18, 0.5, 200_000),
        (2, 36, 0.2, 200_000),
        (3, 81, 0.5, 400_000),
        (3, 216, 0.2, 400_000),
        (2, 12, 0.01, 200_000),
    ]
    assert ACCURACIES == (0.1, 0.01, 0.001, 0.0001, 0.00001)


@pytest.mark.parametrize("name", NAMES)
def test_at_its_known_maxima_a_function_has_its_height(name):
    function, tops = BY_NAME[name], tops_of(name)
    low, high = np.transpose(function.bounds)
    assert ((tops >= low) & (tops <= high)).all()
    np.testing.assert_allclose(function.evaluate(tops), function.height, atol=2e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_known_maxima_are_all_counted(name):
    function, tops = BY_NAME[name], tops_of(name)
    assert len(tops) == function.n_peaks
    for accuracy in ACCURACIES:
        assert n_peaks_found(function, tops, accuracy) == function.n_peaks
        assert n_peaks_found(function, tops[1:], accuracy) == function.n_peaks - 1
    assert peak_ratio(function, np.concatenate([tops, tops + 1e-9]), 1e-5) == 1


@pytest.mark.parametrize("name", NAMES)
def test_nowhere_is_it_higher_than_its_height(name):
    function = BY_NAME[name]
    points = grid(function, {1: 100_001, 2: 501, 3: 71}[len(function.bounds)])
    assert function.evaluate(points).max() <= function.height + 1e-6


@pytest.mark.parametrize(
    ("name", "x", "value"),
    [
        ("Five-Uneven-Peak Trap 1D", [1.0], 120.0),
        ("Five-Uneven-Peak Trap 1D", [5.0], 160.0),
        ("Five-Uneven-Peak Trap 1D", [12.5], 140.0),
        ("Five-Uneven-Peak Trap 1D", [20.0], 80.0),
        ("Five-Uneven-Peak Trap 1D", [26.25], 40.0),
        ("Himmelblau 2D", [0.0, 0.0], 200 - 121 - 49),
        ("Six-Hump Camel Back 2D", [1.0, 1.0], -(4 - 2.1 + 1 / 3 + 1 + 0)),
        ("Shubert 2D", [0.0, 0.0], -(sum(j * np.cos(j) for j in range(1, 6)) ** 2)),
        ("Vincent 2D", [1.0, 1.0], 0.0),
        ("Modified Rastrigin 2D", [0.0, 0.0], -38.0),
        ("Uneven Decreasing Maxima 1D", [0.05 ** (4 / 3)], 0.0),
    ],
)
def test_values_elsewhere_are_those_of_the_published_formulas(name, x, value):
    assert BY_NAME[name].evaluate(np.array([x]))[0] == pytest.approx(value, abs=1e-9)


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
    assert [f.name for f in suite] == [f"CF{number} {d}D" for number, d in SHAPES]
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
