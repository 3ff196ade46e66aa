"""Composition functions: hilly basic functions, each about an optimum of its own, blended into one landscape.

Built like the composition functions of the CEC 2013 niching suite (source: `benchmarks.niching.peaks`), with optima and
rotations drawn here from a seed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.niching.peaks import PeakFunction

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


RECIPES: dict[str, tuple[Part, ...]] = {
    "CF1": (
        *(Part(griewank, 1), Part(griewank, 1)),
        *(Part(weierstrass, 8), Part(weierstrass, 8)),
        *(Part(sphere, 1 / 5), Part(sphere, 1 / 5)),
    ),
    "CF2": (
        *(Part(rastrigin, 1), Part(rastrigin, 1)),
        *(Part(weierstrass, 10), Part(weierstrass, 10)),
        *(Part(griewank, 1 / 10), Part(griewank, 1 / 10)),
        *(Part(sphere, 1 / 7), Part(sphere, 1 / 7)),
    ),
    "CF3": (
        Part(ef8f2, 1 / 4),
        Part(ef8f2, 1 / 10),
        Part(weierstrass, 2, 2),
        Part(weierstrass, 1, 2),
        Part(griewank, 2, 2),
        Part(griewank, 5, 2),
    ),
    "CF4": (
        Part(rastrigin, 4),
        Part(rastrigin, 1),
        Part(ef8f2, 4),
        Part(ef8f2, 1),
        Part(weierstrass, 1 / 10),
        Part(weierstrass, 1 / 5, 2),
        Part(griewank, 1 / 10, 2),
        Part(griewank, 1 / 40, 2),
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


SHAPES = (
    ("CF1", 2),
    ("CF2", 2),
    ("CF3", 2),
    ("CF3", 3),
    ("CF4", 3),
    ("CF3", 5),
    ("CF4", 5),
    ("CF3", 10),
    ("CF4", 10),
    ("CF4", 20),
)
"""Recipes and dimensions, as in the suite."""


def compositions(seed: int) -> tuple[PeakFunction, ...]:
    """The ten compositions of a seed."""
    return tuple(composition(recipe, n_variables, seed) for recipe, n_variables in SHAPES)
