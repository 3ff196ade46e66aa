"""A known function in the place of a plant: what was recorded of it, and what could be reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models import Column, ColumnKind

N_RECIPES = 6
SPREAD = 0.08  # of rows around their recipe, as a share of each input's range
OTHER_CATEGORY = 0.3  # share of rows that were made with any category in place of their recipe's
WEIGHING = 0.02  # of a recipe's total, as a share of it: parts are weighed in one by one
NOISE = 0.05  # of measuring, as a share of the outcome's standard deviation over the rows
N_DRAWN = 50  # settings drawn for each one kept, where some are not tried


class Half(StrEnum):
    """What a plant is for: constructions are chosen on one half and reported on the other."""

    CHOOSING = "choosing"
    REPORTING = "reporting"


class Kind(StrEnum):
    """What makes a plant difficult; each half has every kind."""

    SMOOTH = "smooth"
    RIDGED = "ridged"
    MULTIMODAL = "multimodal"
    RECIPE = "recipe"
    CATEGORICAL = "categorical"
    CLIFF_INSIDE = "cliff inside the records"
    CLIFF_BEYOND = "cliff beyond the records"


@dataclass(frozen=True, slots=True)
class Cliff:
    """Where a batch fails.

    Attributes:
        load: maps the inputs, (n,) each, to (n,); a batch with a load above 1 fails.
        left: share of the outcome that a failed batch still has.
        tried: the greatest load that was ever tried.
    """

    load: Callable[..., np.ndarray]
    left: float
    tried: float = np.inf


@dataclass(frozen=True, slots=True)
class Plant:
    """A process whose true mean outcome is known everywhere; the greatest one is searched for.

    Attributes:
        source: where the function is published, or that it is our own.
        columns: (d) inputs; those with categories are codes in the rows.
        low: (d,) least values; 0 for a categorical input.
        high: (d,) greatest values; the last code for a categorical input.
        tried: (d,) greatest values that recipes were made with.
        outcome: maps the inputs, (n,) each, to the true mean outcomes (n,) of batches that do not fail.
        total: what all inputs add up to, if they are the parts of a recipe.
        weighing: standard deviation of that sum over the rows, as a share of it.
    """

    name: str
    half: Half
    kind: Kind
    source: str
    columns: tuple[Column, ...]
    low: np.ndarray
    high: np.ndarray
    tried: np.ndarray
    outcome: Callable[..., np.ndarray]
    total: float | None = None
    weighing: float = WEIGHING
    cliff: Cliff | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(column.name for column in self.columns)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the inputs that add up to a total."""
        return () if self.total is None else self.inputs

    @property
    def is_categorical(self) -> np.ndarray:
        """(d,) whether an input is one of several categories."""
        return np.array([column.is_categorical for column in self.columns])

    def truth(self, X: np.ndarray) -> np.ndarray:
        """True mean outcomes (n,) of settings (n, d)."""
        outcome = self.outcome(*X.T)
        return outcome if self.cliff is None else np.where(self.load(X) > 1, self.cliff.left * outcome, outcome)

    def load(self, X: np.ndarray) -> np.ndarray:
        """Loads (n,) of settings (n, d): above 1 the batch fails; 0 where nothing can."""
        return np.zeros(len(X)) if self.cliff is None else self.cliff.load(*X.T)

    def rows(self, n: int, rng: np.random.Generator, noise: float = NOISE) -> tuple[np.ndarray, np.ndarray]:
        """Settings (n, d) around six recipes, and what was measured there (n,).

        Args:
            n: how many.
            rng: what they are drawn with.
            noise: of measuring, as a share of the outcome's standard deviation over the rows.
        """
        many = 1 if self.cliff is None else N_DRAWN
        span = self.high - self.low
        shares = rng.uniform(0.15, 0.85, (N_RECIPES * many, len(span)))
        recipes = self._tried(self.low + (self.tried - self.low) * shares, N_RECIPES)
        owner = rng.integers(N_RECIPES, size=n * many)
        X = recipes[owner] + SPREAD * span * rng.standard_normal((n * many, len(span)))
        X = np.clip(X, self.low, self.high)
        if (coded := self.is_categorical).any():
            n_codes = self.high[coded].astype(int) + 1
            usual = rng.integers(n_codes, size=(N_RECIPES, len(n_codes)))[owner]
            other = rng.integers(n_codes, size=usual.shape)
            X[:, coded] = np.where(rng.random(usual.shape) < OTHER_CATEGORY, other, usual)
        if self.total is not None:
            X *= self.total * (1 + self.weighing * rng.standard_normal((n * many, 1))) / X.sum(axis=1, keepdims=True)
        X = self._tried(X, n)
        truth = self.truth(X)
        return X, truth + noise * truth.std() * rng.standard_normal(n)

    def _tried(self, X: np.ndarray, n: int) -> np.ndarray:
        """The first n of some settings that anybody would have tried."""
        return X[:n] if self.cliff is None else X[self.load(X) <= self.cliff.tried][:n]

    def best(self, X: np.ndarray) -> float:
        """The greatest true outcome within the range that rows (n, d) have of every input, and of the sum of the parts.

        As differential evolution and its polish find it.
        """
        from scipy.optimize import differential_evolution

        low, high, sums = X.min(axis=0), X.max(axis=0), X.sum(axis=1)

        def negative(x: np.ndarray) -> np.ndarray:
            rows = x.T if x.ndim > 1 else x[None]
            if self.total is not None:
                rows = with_sums(rows, low, high, np.clip(rows.sum(axis=1), sums.min(), sums.max()))
            return -self.truth(rows).squeeze()

        found = [
            differential_evolution(
                negative,
                list(zip(low, high, strict=True)),
                vectorized=True,
                updating="deferred",
                maxiter=200,
                popsize=10,
                tol=1e-6,
                integrality=self.is_categorical,
                rng=seed,
            ).fun
            for seed in range(3)
        ]
        return float(-min(found))


def with_sums(X: np.ndarray, low: np.ndarray, high: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Settings (n, d) between bounds (d,), moved towards the lower or the upper ones until they have these sums."""
    given = X.sum(axis=1)
    corner = np.where((given > sums)[:, None], low, high)
    away = given - corner.sum(axis=1)
    share = np.divide(sums - corner.sum(axis=1), away, out=np.ones_like(away), where=away != 0)
    return corner + share[:, None] * (X - corner)


Range = tuple[float, float] | tuple[str, ...]
"""The least and the greatest value of an input, or its categories."""


def plant(
    name: str,
    half: Half,
    kind: Kind,
    ranges: Mapping[str, Range],
    outcome: Callable[..., np.ndarray],
    source: str = "our own",
    tried: Mapping[str, float] | None = None,
    total: float | None = None,
    weighing: float = WEIGHING,
    cliff: Cliff | None = None,
) -> Plant:
    """A plant of the ranges of its inputs; with a total all of them are parts of it.

    Args:
        tried: greatest values that recipes were made with, of inputs of which less than the range was.
    """
    columns = tuple(_column(input_, given) for input_, given in ranges.items())
    low, high = np.array(
        [(0, len(c.categories) - 1) if c.is_categorical else ranges[c.name] for c in columns], dtype=float
    ).T
    most = np.array([(tried or {}).get(input_, top) for input_, top in zip(ranges, high, strict=True)])
    return Plant(name, half, kind, source, columns, low, high, most, outcome, total, weighing, cliff)


def _column(name: str, given: Sequence[float | str]) -> Column:
    categories = tuple(each for each in given if isinstance(each, str))
    return Column(name, ColumnKind.CATEGORICAL, categories=categories) if categories else Column(name)
