"""The rules of one space at work: rows repaired, newcomers drawn inside, mutants moved along."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.constraints.categories import CategoryConstraints
from optimizer.constraints.choice import ForbiddenConstraint
from optimizer.constraints.moves import along, dithered, keep_largest, mirrored, switched, walk
from optimizer.constraints.projection import project
from optimizer.constraints.repair import ConstraintRepair
from optimizer.constraints.rule import Constraint
from optimizer.constraints.system import System
from optimizer.features.features import Feature, reflect

_N_POOL = 512  # rows, far from one another, at which newcomers start their walk
_N_STEPS = 10  # of a newcomer's walk


@dataclass(frozen=True, eq=False)
class ConstraintHandler:
    """Keeps the candidates of a space within its rules.

    Attributes:
        features: of the space.
        constraints: of the space.
    """

    features: Sequence[Feature]
    constraints: Sequence[Constraint]

    @cached_property
    def system(self) -> System:
        """The rules on numbers."""
        return System.of(self.features, self.constraints)

    @cached_property
    def restorer(self) -> ConstraintRepair:
        """What brings numbers back to where the rules hold."""
        return ConstraintRepair(self.system)

    @cached_property
    def categories(self) -> CategoryConstraints:
        """The forbidden combinations."""
        return CategoryConstraints.of(self.features, self.constraints)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row of ``X`` (n, d) meets every rule."""
        return self.categories.holds(X) & self._numbers_hold(X)

    def repair(self, inside: np.ndarray, on_steps: np.ndarray, sigma: np.ndarray | None = None) -> np.ndarray:
        """Return (n, d) rows that meet every rule; a row that does already comes back as it is.

        Args:
            inside: (n, d) rows within the bounds.
            on_steps: (n, d) the same on the nearest steps.
            sigma: (d,) units of distance, and 0 for what must not move; by default the standard deviations.
        """
        X = self.categories.repaired(on_steps)
        broken = np.flatnonzero(~self._numbers_hold(X))
        if not len(broken):
            return X
        columns = self.system.index
        units = self.system.unit if sigma is None else sigma[columns]
        held = units <= 0
        Y = inside[np.ix_(broken, columns)]
        Y[:, held] = X[np.ix_(broken, columns[held])]
        X = X.copy()
        X[np.ix_(broken, columns)] = self.restorer.restored(Y, held, units**2)
        return X

    def draw(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) uniform draws ``X`` with forbidden combinations redrawn and ruled numbers drawn inside."""
        X = self.categories.redrawn(X, rng)
        columns = self.system.index
        if len(columns) and len(X):
            pool, lower, upper = self._pool
            rows = rng.integers(len(pool), size=len(X))
            X[:, columns] = walk(pool[rows], pool, lower[rows], upper[rows], self.system, _N_STEPS, rng)
        return X

    def move(self, X: np.ndarray, mutants: np.ndarray, sigma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) mutants whose ruled numbers were moved along the rules; see `SearchSpace.mutate`.

        Args:
            X: (n, d) parents, which meet the rules.
            mutants: (n, d) their mutants without rules.
            sigma: (d,) standard deviation of the noise.
            rng: the source of randomness.
        """
        system, mutants = self.system, mutants.copy()
        if self.categories.columns:
            own = np.array(self.categories.columns)
            broken = np.flatnonzero(~self.categories.holds(mutants))
            mutants[np.ix_(broken, own)] = X[np.ix_(broken, own)]
        if not len(system.index):
            return mutants
        scale, V = sigma[system.index], X[:, system.index]
        lower, upper = np.tile(system.lower, (len(V), 1)), np.tile(system.upper, (len(V), 1))
        for group in system.groups:
            at = group.positions
            is_on, V[:, at] = switched(group, V, scale[at] / system.unit[at], rng)
            upper[:, at] = np.where(is_on | group.is_forced, upper[:, at], np.minimum(upper[:, at], group.off))
        noise = along(scale * rng.standard_normal(V.shape), system, scale, upper > lower)
        moved = reflect(mirrored(V + noise, system, scale), lower, upper)
        stepped = np.flatnonzero(system.is_stepped & (scale > 0))
        moved[:, stepped] = dithered(moved[:, stepped], V[:, stepped], system.step[stepped], rng)
        mutants[:, system.index] = np.where(scale > 0, np.clip(moved, lower, upper), V)
        return mutants

    def along(self, D: np.ndarray) -> np.ndarray:
        """Return (n, d) directions without what would change an equality, the nearest ones in standard deviations."""
        columns, D = self.system.index, D.astype(float)
        part = D[:, columns]
        D[:, columns] = along(part, self.system, self.system.unit, np.ones(part.shape, dtype=bool))
        return D

    def _numbers_hold(self, X: np.ndarray) -> np.ndarray:
        is_met = np.ones(len(X), dtype=bool)
        for rule in self.constraints:
            if not isinstance(rule, ForbiddenConstraint):
                is_met &= rule.holds(X)
        return is_met

    @cached_property
    def _pool(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (k, p) rows spread evenly inside the rules, with the (k, p) bounds within which each may walk.

        Steps are left out of account, and bounds reach half a step farther, so that the outer steps are as likely as
        the others. The rows depend on the rules alone, not on a seed.
        """
        system, rng = self.system, np.random.default_rng(0)
        lower = np.tile(system.lower - system.step / 2, (_N_POOL, 1))
        upper = np.tile(system.upper + system.step / 2, (_N_POOL, 1))
        for group in system.groups:
            at = group.positions
            is_on = keep_largest(group, rng.random((_N_POOL, len(at))))
            upper[:, at] = np.where(is_on, upper[:, at], group.off)
            lower[:, at] = np.where(is_on, lower[:, at], np.minimum(system.lower[at], group.off))
        starts, is_inside = project(rng.uniform(lower, upper), lower, upper, system, system.unit**2)
        if is_inside.any():
            starts, lower, upper = starts[is_inside], lower[is_inside], upper[is_inside]
        else:
            assert self.restorer.anchor is not None, "rules are checked for feasibility before rows are drawn"
            starts, lower, upper = self.restorer.anchor[None], system.lower[None], system.upper[None]
            for group in system.groups:
                is_on = starts[:, group.positions] > group.threshold
                upper = upper.copy()
                upper[:, group.positions] = np.where(is_on, upper[:, group.positions], group.off)
        n_steps = min(30 + 10 * len(system.index), 300)
        for _ in range(2):
            starts = walk(starts, starts, lower, upper, system, n_steps // 2, rng)
        return starts, lower, upper
