"""Functions with known global maxima, ten in closed form and ten compositions, and how many a set of points has found.

Source: X. Li, A. Engelbrecht, M. G. Epitropakis, "Benchmark Functions for CEC'2013 Special Session and Competition on
Niching Methods for Multimodal Function Optimization", technical report, RMIT University, 2013. All are maximised. A
composition blends hilly basic functions, each about an optimum of its own, into one landscape; optima and rotations are
drawn here from a seed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat

import numpy as np

ACCURACIES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class PeakFunction:
    """A function whose global maxima are counted.

    Attributes:
        name: as in the suite, with its dimension.
        evaluate: maps (n, d) to (n,), larger is better.
        bounds: (low, high) of each of the d variables.
        n_peaks: how many global maxima there are.
        height: their value.
        radius: two points nearer than this are on one peak.
        budget: evaluations that the suite allows.
    """

    name: str
    evaluate: Callable[[np.ndarray], np.ndarray]
    bounds: tuple[tuple[float, float], ...]
    n_peaks: int
    height: float
    radius: float
    budget: int


def n_peaks_found(function: PeakFunction, X: np.ndarray, accuracy: float) -> int:
    """How many global maxima the points ``X`` (n, d) have found.

    As the CEC 2013 suite counts: a point counts if its value is within the accuracy of the height, and it is farther
    than the radius from every better point that counts.
    """
    values = function.evaluate(X)
    order = np.argsort(-values, kind="stable")
    order = order[np.abs(values[order] - function.height) <= accuracy]
    found = np.empty((0, len(function.bounds)))
    for x in X[order]:
        if len(found) == function.n_peaks:
            break
        if (np.linalg.norm(found - x, axis=1) > function.radius).all():
            found = np.vstack([found, x])
    return len(found)


def peak_ratio(function: PeakFunction, X: np.ndarray, accuracy: float) -> float:
    """The share of the global maxima that the points ``X`` (n, d) have found."""
    return n_peaks_found(function, X, accuracy) / function.n_peaks


def static_f1(function: PeakFunction, X: np.ndarray, accuracy: float) -> float:
    """The harmonic mean of the peak ratio and the share of the points ``X`` (n, d) that found a peak each."""
    n_found = n_peaks_found(function, X, accuracy)
    return 2 * n_found / (function.n_peaks + len(X)) if n_found else 0.0


def five_uneven_peak_trap(X: np.ndarray) -> np.ndarray:
    """The piecewise linear F1 over [0, 30]: maxima of 200 at both ends, three lower peaks between."""
    knots = [0.0, 2.5, 5.0, 7.5, 12.5, 17.5, 22.5, 27.5, 30.0]
    return np.interp(X[:, 0], knots, [200.0, 0.0, 160.0, 0.0, 140.0, 0.0, 160.0, 0.0, 200.0])


def equal_maxima(X: np.ndarray) -> np.ndarray:
    """F2, sin^6(5 pi x): five maxima of 1 in [0, 1]."""
    return np.sin(5 * np.pi * X[:, 0]) ** 6


def uneven_decreasing_maxima(X: np.ndarray) -> np.ndarray:
    """F3: one maximum of 1 near 0.08, four lower ones in [0, 1]."""
    x = X[:, 0]
    return np.exp(-2 * np.log(2) * ((x - 0.08) / 0.854) ** 2) * np.sin(5 * np.pi * (x**0.75 - 0.05)) ** 6


def himmelblau(X: np.ndarray) -> np.ndarray:
    """F4, 200 less Himmelblau's function: four maxima of 200."""
    x, y = X.T
    return 200 - (x**2 + y - 11) ** 2 - (x + y**2 - 7) ** 2


def six_hump_camel_back(X: np.ndarray) -> np.ndarray:
    """F5: two maxima of 1.0316."""
    x, y = X.T
    return -((4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2)


def shubert(X: np.ndarray) -> np.ndarray:
    """F6 (2-D) and F8 (3-D): d 3^d maxima in close groups, among many lower ones."""
    j = np.arange(1, 6)
    return -np.prod((j * np.cos((j + 1) * X[:, :, None] + j)).sum(axis=2), axis=1)


def vincent(X: np.ndarray) -> np.ndarray:
    """F7 (2-D) and F9 (3-D), the mean of sin(10 ln x): 6^d maxima of 1, the nearer the smaller x is."""
    return np.sin(10 * np.log(X)).mean(axis=1)


def modified_rastrigin(X: np.ndarray) -> np.ndarray:
    """F10: 3 x 4 maxima of -2 on a grid in [0, 1]^2."""
    return -(10 + 9 * np.cos(2 * np.pi * np.array([3, 4]) * X)).sum(axis=1)


CLOSED_FORM = (
    PeakFunction("Five-Uneven-Peak Trap 1D", five_uneven_peak_trap, ((0, 30),), 2, 200.0, 0.01, 50_000),
    PeakFunction("Equal Maxima 1D", equal_maxima, ((0, 1),), 5, 1.0, 0.01, 50_000),
    PeakFunction("Uneven Decreasing Maxima 1D", uneven_decreasing_maxima, ((0, 1),), 1, 1.0, 0.01, 50_000),
    PeakFunction("Himmelblau 2D", himmelblau, ((-6, 6),) * 2, 4, 200.0, 0.01, 50_000),
    PeakFunction(
        "Six-Hump Camel Back 2D", six_hump_camel_back, ((-1.9, 1.9), (-1.1, 1.1)), 2, 1.031628453489877, 0.5, 50_000
    ),
    PeakFunction("Shubert 2D", shubert, ((-10, 10),) * 2, 18, 186.7309088310239, 0.5, 200_000),
    PeakFunction("Vincent 2D", vincent, ((0.25, 10),) * 2, 36, 1.0, 0.2, 200_000),
    PeakFunction("Shubert 3D", shubert, ((-10, 10),) * 3, 81, 2709.093505572820, 0.5, 400_000),
    PeakFunction("Vincent 3D", vincent, ((0.25, 10),) * 3, 216, 1.0, 0.2, 400_000),
    PeakFunction("Modified Rastrigin 2D", modified_rastrigin, ((0, 1),) * 2, 12, -2.0, 0.01, 200_000),
)
"""In the order of the suite."""


Basic = Callable[[np.ndarray], np.ndarray]
"""Maps (n, d) to (n,), smallest, 0, at the origin."""

LOW, HIGH = -5.0, 5.0
HEIGHT = 2000.0
BLOCK_ROWS = 2_048
WEIERSTRASS_TERMS = 21
NICHE_RADIUS = 0.01


def sphere(Z: np.ndarray) -> np.ndarray:
    """The sum of squares."""
    return (Z**2).sum(axis=1)


def rastrigin(Z: np.ndarray) -> np.ndarray:
    """Rastrigin's function: a bowl with a regular grid of dents."""
    return (Z**2 - 10 * np.cos(2 * np.pi * Z) + 10).sum(axis=1)


def griewank(Z: np.ndarray) -> np.ndarray:
    """Griewank's function: a wide bowl with a fine ripple."""
    waves = np.cos(Z / np.sqrt(np.arange(1, Z.shape[1] + 1))).prod(axis=1)
    return (Z**2).sum(axis=1) / 4000 - waves + 1


def weierstrass(Z: np.ndarray) -> np.ndarray:
    """Weierstrass' function: continuous, and rough at every scale."""
    k = np.arange(WEIERSTRASS_TERMS)
    a, b = 0.5**k, 2 * np.pi * 3.0**k
    waves = np.zeros(Z.shape)
    for amplitude, frequency in zip(a, b, strict=True):
        waves += amplitude * np.cos(frequency * (Z + 0.5))
    return waves.sum(axis=1) - Z.shape[1] * float((a * np.cos(b * 0.5)).sum())


def ef8f2(Z: np.ndarray) -> np.ndarray:
    """The expanded Griewank of Rosenbrock (F8F2): a bent valley with ripples."""
    here, after = Z + 1, np.roll(Z, -1, axis=1) + 1
    valley = 100 * (here**2 - after) ** 2 + (1 - here) ** 2
    return (1 + valley**2 / 4000 - np.cos(valley)).sum(axis=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One basic function of a composition: its stretch, and how far its weight reaches."""

    basic: Basic
    stretch: float
    reach: float = 1.0


def _parts(basics: list[Basic], stretches: list[float], reaches: Iterable[float] = repeat(1.0)) -> tuple[Part, ...]:
    return tuple(map(Part, basics, stretches, reaches))


RECIPES: dict[str, tuple[Part, ...]] = {
    "CF1": _parts([griewank] * 2 + [weierstrass] * 2 + [sphere] * 2, [1, 1, 8, 8, 1 / 5, 1 / 5]),
    "CF2": _parts(
        [rastrigin] * 2 + [weierstrass] * 2 + [griewank] * 2 + [sphere] * 2,
        [1, 1, 10, 10, 1 / 10, 1 / 10, 1 / 7, 1 / 7],
    ),
    "CF3": _parts(
        [ef8f2] * 2 + [weierstrass] * 2 + [griewank] * 2,
        [1 / 4, 1 / 10, 2, 1, 2, 5],
        [1, 1, 2, 2, 2, 2],
    ),
    "CF4": _parts(
        [rastrigin] * 2 + [ef8f2] * 2 + [weierstrass] * 2 + [griewank] * 2,
        [4, 1, 4, 1, 1 / 10, 1 / 5, 1 / 10, 1 / 40],
        [1, 1, 1, 1, 1, 2, 2, 2],
    ),
}
"""The suite's four recipes; the last two are rotated."""

ROTATED = ("CF3", "CF4")


@dataclass(frozen=True, eq=False)
class Composition:
    """Parts about their optima; every optimum is a global maximum of 0.

    Attributes:
        optima: (m, d) where each has its optimum.
        rotations: (m, d, d) how each is turned.
    """

    parts: tuple[Part, ...]
    optima: np.ndarray
    rotations: np.ndarray

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """(n,) values of ``X`` (n, d), larger is better."""
        X = np.asarray(X, dtype=float)
        blocks = [self._block(X[start : start + BLOCK_ROWS]) for start in range(0, len(X), BLOCK_ROWS)]
        return np.concatenate([np.empty(0), *blocks])

    def _block(self, X: np.ndarray) -> np.ndarray:
        n_variables = X.shape[1]
        weights, heights = np.empty((2, len(self.parts), len(X)))
        for i, part in enumerate(self.parts):
            offset = X - self.optima[i]
            weights[i] = np.exp(-(offset**2).sum(axis=1) / (2 * n_variables * part.reach**2))
            corner = np.full((1, n_variables), HIGH) / part.stretch @ self.rotations[i]
            heights[i] = HEIGHT * part.basic(offset / part.stretch @ self.rotations[i]) / abs(part.basic(corner)[0])
        largest = weights.max(axis=0)
        weights = np.where(weights == largest, weights, weights * (1 - largest**10))
        total = weights.sum(axis=0)
        weights = np.where(total > 0, weights / np.where(total > 0, total, 1), 1 / len(weights))
        return -(weights * heights).sum(axis=0)


def composition(recipe: str, n_variables: int, seed: int) -> PeakFunction:
    """The composition of a recipe in so many variables, with optima and rotations of that seed."""
    rng = np.random.default_rng([seed, n_variables, list(RECIPES).index(recipe)])
    parts = RECIPES[recipe]
    optima = rng.uniform(LOW + 0.5, HIGH - 0.5, size=(len(parts), n_variables))
    while n_variables <= 3 and _nearest(optima) < 1.0:
        optima = rng.uniform(LOW + 0.5, HIGH - 0.5, size=(len(parts), n_variables))
    rotations = np.tile(np.eye(n_variables), (len(parts), 1, 1))
    if recipe in ROTATED:
        rotations = np.linalg.qr(rng.standard_normal((len(parts), n_variables, n_variables)))[0]
    return PeakFunction(
        name=f"{recipe} {n_variables}D",
        evaluate=Composition(parts, optima, rotations),
        bounds=((LOW, HIGH),) * n_variables,
        n_peaks=len(parts),
        height=0.0,
        radius=NICHE_RADIUS,
        budget=200_000 if n_variables == 2 else 400_000,
    )


def _nearest(optima: np.ndarray) -> float:
    distances = np.linalg.norm(optima[:, None] - optima[None], axis=2)
    return float(distances[np.triu_indices(len(optima), k=1)].min())


SHAPES = ((1, 2), (2, 2), (3, 2), (3, 3), (4, 3), (3, 5), (4, 5), (3, 10), (4, 10), (4, 20))
"""Numbers of recipes, and dimensions, as in the suite."""


def compositions(seed: int) -> tuple[PeakFunction, ...]:
    """The ten compositions of a seed."""
    return tuple(composition(f"CF{number}", n_variables, seed) for number, n_variables in SHAPES)
