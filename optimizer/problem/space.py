"""The search space: what may move, how far, and how a candidate is drawn and mutated.

A mixed space is a float matrix ``(n, d)``: numbers as they are, categories as codes 0, 1, 2 ...
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError, check_matrix
from optimizer.constraints.constraint import Constraint
from optimizer.constraints.feasibility import check_feasible
from optimizer.constraints.handler import ConstraintHandler
from optimizer.features import Categorical, Feature, Numeric, reflect

_DECIMALS = 12  # a multiple of a step such as 0.1 is rounded to this many decimals


@dataclass(frozen=True)
class SearchSpace:
    """The features of a candidate, in the order of the columns of ``X``, and the constraints that it meets.

    Attributes:
        features: numeric or categorical, free or frozen.
        constraints: met by every row that `sample`, `mutate` and `repair` return.

    Raises:
        SpaceError: names occur twice, no feature is free, or the constraints do not fit the features or each other.
    """

    features: tuple[Feature, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise SpaceError(f"Every feature needs a name of its own; {twice} occur more than once: rename them.")
        if not any(feature.is_free for feature in self.features):
            raise SpaceError("All features are frozen, so there is nothing to search: set at least one free.")
        for constraint in self.constraints:
            constraint.check(self.features)
        if self.constraints:
            check_feasible(self.features, self.constraints)

    @classmethod
    def from_bounds(cls, bounds: Sequence[tuple[float, float]]) -> "SearchSpace":
        """A continuous space; the unit of mutations is the standard deviation of a uniform draw."""
        return cls(
            tuple(
                Numeric(f"x{j + 1}", float(low), float(high), std=(high - low) / np.sqrt(12) or 1.0)
                for j, (low, high) in enumerate(bounds)
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""
        return tuple(feature.name for feature in self.features)

    @property
    def n_features(self) -> int:
        """How many columns a candidate has."""
        return len(self.features)

    @cached_property
    def free(self) -> np.ndarray:
        """Columns that the search may move, (n_free,)."""
        return np.array([j for j, feature in enumerate(self.features) if feature.is_free])

    @cached_property
    def _numeric(self) -> "_NumericColumns":
        return _NumericColumns.of(self.features)

    @cached_property
    def _handler(self) -> ConstraintHandler:
        return ConstraintHandler(self.features, self.constraints)

    @cached_property
    def _sigma(self) -> np.ndarray:
        """Standard deviation of the noise of mutations, (d,); 0 for what is frozen or categorical."""
        sigma = np.zeros(self.n_features)
        sigma[self._numeric.index] = self._numeric.sigma
        return sigma

    @cached_property
    def _categorical(self) -> list[tuple[int, Categorical]]:
        return [(j, f) for j, f in enumerate(self.features) if isinstance(f, Categorical) and f.is_free]

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Candidates (n, d), uniform within the bounds and over the allowed categories.

        What linear constraints speak of is drawn uniformly inside them, by random walks from rows spread evenly there.
        """
        columns = self._numeric
        X = np.empty((n, self.n_features))
        # half a step beyond the outer steps, so that these are as likely as the others
        low = np.where(columns.is_stepped, (columns.first_step - 0.5) * columns.step, columns.low)
        high = np.where(columns.is_stepped, (columns.last_step + 0.5) * columns.step, columns.high)
        X[:, columns.index] = rng.uniform(low, high, size=(n, len(columns.index)))
        for j, feature in self._categorical:
            X[:, j] = rng.choice(feature.codes, size=n)
        if self.constraints:
            X = self._handler.draw(X, rng)
        return self.repair(X)

    def mutate(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Mutants (n, d), one of each row of ``X`` (n, d).

        Every free numeric feature gets Gaussian noise of its mutation strength and is reflected at its bounds; every
        free categorical one is drawn anew with that probability, from the recorded frequencies. Stepped features go up
        or down to a step at random, the nearer one more often, so that noise far below a step moves them too.
        With constraints, noise goes along them: what would change a sum that must stay is taken out of it.
        """
        check_matrix("X", X, self.n_features)
        columns = self._numeric
        mutants = X.copy()
        noise = rng.standard_normal((len(X), len(columns.index)))
        moved = X[:, columns.index] + columns.sigma * noise
        rounding = np.where(columns.is_stepped & (columns.sigma > 0), columns.step, 0.0) * (
            rng.random(noise.shape) - 0.5
        )
        mutants[:, columns.index] = reflect(moved, columns.low, columns.high) + rounding
        for j, feature in self._categorical:
            changes = rng.random(len(X)) < feature.strength()
            drawn = rng.choice(feature.codes, size=len(X), p=feature.probabilities)
            mutants[:, j] = np.where(changes, drawn, X[:, j])
        if not self.constraints:
            return self.repair(mutants)
        moved = self._handler.move(X, mutants, self._sigma, rng)
        inside, on_steps = self._within(moved)
        mutants = self._handler.repair(inside, on_steps, self._sigma)
        # a new category may ask for a number that the row has to keep: such a mutant is its parent
        broken = ~self._handler.holds(mutants)
        mutants[broken] = X[broken]
        return mutants

    def repair(self, X: np.ndarray) -> np.ndarray:
        """The nearest candidates, (n, d): within bounds, on steps, frozen features at their values, constraints met.

        Categorical codes that are not allowed become the first allowed one. A row that is a candidate comes back as it
        is. Under constraints, a row is first put within the bounds, then moved to a near row that meets them.
        """
        check_matrix("X", X, self.n_features)
        inside, on_steps = self._within(X)
        return self._handler.repair(inside, on_steps) if self.constraints else on_steps

    def _within(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows within bounds with frozen features at their values, and the same on the nearest steps, (n, d) each."""
        columns = self._numeric
        within = X.astype(float)
        for j, feature in self._categorical:
            within[~np.isin(within[:, j], feature.codes), j] = feature.codes[0]
        for j, each in enumerate(self.features):
            if each.frozen is not None:
                within[:, j] = each.frozen
        numbers = np.clip(within[:, columns.index], columns.low, columns.high)
        steps = np.clip(np.rint(numbers / columns.step), columns.first_step, columns.last_step)
        on_steps = within.copy()
        within[:, columns.index] = numbers
        numbers = np.where(columns.is_stepped, np.round(steps * columns.step, _DECIMALS), numbers)
        on_steps[:, columns.index] = np.clip(numbers, columns.low, columns.high) + 0.0  # no -0.0
        return within, on_steps

    def contains(self, X: np.ndarray) -> np.ndarray:
        """Whether each row is a candidate of this space, (n,)."""
        check_matrix("X", X, self.n_features)
        is_within = np.isclose(X, self._within(X)[1], rtol=1e-9, atol=1e-9).all(axis=1)
        return is_within & self._handler.holds(X) if self.constraints else is_within

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row of ``X`` (n, d) meets each constraint, (n, r)."""
        check_matrix("X", X, self.n_features)
        return (
            np.array([each.holds(X) for each in self.constraints], dtype=bool).reshape(len(self.constraints), len(X)).T
        )

    def project_directions(self, D: np.ndarray) -> np.ndarray:
        """Directions without what would change a sum that must stay, the nearest ones in deviations, (n, d).

        Frozen and categorical columns are left as they are.
        """
        check_matrix("D", D, self.n_features)
        return self._handler.project_directions(D) if self.constraints else D

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """The free features in units in which distances compare, (n, p).

        Numbers are divided by their recorded standard deviation; a category becomes one-hot columns scaled so that two
        different categories are 1 apart.
        """
        check_matrix("X", X, self.n_features)
        columns = [np.empty((len(X), 0))]
        for j in self.free:
            feature = self.features[j]
            if isinstance(feature, Numeric):
                columns.append(X[:, [j]] / feature.std)
            else:
                columns.append((X[:, [j]] == np.arange(len(feature.frequencies))) / np.sqrt(2))
        return np.hstack(columns)


@dataclass(frozen=True, slots=True)
class _NumericColumns:
    """The free numeric features as arrays, each (n_numeric,)."""

    index: np.ndarray
    low: np.ndarray
    high: np.ndarray
    sigma: np.ndarray
    step: np.ndarray
    first_step: np.ndarray
    last_step: np.ndarray
    is_stepped: np.ndarray

    @classmethod
    def of(cls, features: Sequence[Feature]) -> "_NumericColumns":
        """The arrays of the free numeric features."""
        free = [(j, f) for j, f in enumerate(features) if isinstance(f, Numeric) and f.is_free]
        return cls(
            index=np.array([j for j, _ in free], dtype=int),
            low=np.array([f.low for _, f in free]),
            high=np.array([f.high for _, f in free]),
            sigma=np.array([f.strength() * f.std for _, f in free]),
            step=np.array([f.step or 1.0 for _, f in free]),
            first_step=np.array([f.first_step for _, f in free]),
            last_step=np.array([f.last_step for _, f in free]),
            is_stepped=np.array([f.step is not None for _, f in free], dtype=bool),
        )
