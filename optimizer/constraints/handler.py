"""Moves that keep constraints: repaired rows, newcomers drawn inside, mutants moved along."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, product
from math import prod

import numpy as np

from optimizer.constraints.categories import CategoryConstraints, ForbiddenConstraint
from optimizer.constraints.constraint import ConditionalConstraint, Constraint
from optimizer.constraints.repair import ConstraintRepair
from optimizer.constraints.subspace import SubspaceConstraint
from optimizer.constraints.system import CardinalityGroup, System, project
from optimizer.features import Feature, reflect

_TINY = 1e-12
_FAR_SIDE = 0.49  # of a step
_N_POOL = 512  # rows, far from one another, at which newcomers start their walk
_N_STEPS = 10  # of a newcomer's walk
_N_ALTERNATIONS = 20  # between columns that move together and sums, where a column is in both
_MAX_COMBINATIONS = 2_000  # of the categories that if-then rules speak of


def project_directions(
    D: np.ndarray, system: System, scale: np.ndarray, may_move: np.ndarray, shares: np.ndarray | None = None
) -> np.ndarray:
    """Directions without what would change an equality, the nearest ones in units of ``scale``, (n, p).

    The projection onto the null space of the equalities, ``D - D pinv(A) A``.

    Args:
        D: (n, p) directions.
        scale: (p,) units; 0 where nothing moves.
        may_move: (n, p) whether each number of each row may move.
        shares: (p, p) what `equality_shares` gives for the scale, for whoever asks often.
    """
    A = system.A[system.is_equality] * scale
    free = may_move & (scale > 0)
    steps = np.where(free, D / np.where(scale > 0, scale, 1.0), 0.0)
    if len(A):
        if free.all():  # one null space for all rows
            steps -= steps @ (equality_shares(system, scale) if shares is None else shares)
        else:  # each row has a null space of its own, over the columns that it may move
            gram = np.einsum("np,ip,jp->nij", free.astype(float), A, A)
            prices = np.einsum("nij,nj->ni", np.linalg.pinv(gram, hermitian=True), steps @ A.T)
            steps -= np.where(free, prices @ A, 0.0)
    return steps * scale


def equality_shares(system: System, scale: np.ndarray) -> np.ndarray:
    """What of each direction changes an equality, (p, p): ``pinv(A) A`` in units of ``scale`` (p,)."""
    A = system.A[system.is_equality] * scale
    return np.linalg.pinv(A) @ A


def hit_and_run(
    V: np.ndarray,
    others: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    system: System,
    n_steps: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Rows (n, p) after a random walk inside the linear constraints, uniform in the long run (Smith 1984, hit and run).

    Args:
        V: (n, p) rows that meet the constraints.
        others: (k, p) rows that give directions.
        lower: (n, p) smallest values.
        upper: (n, p) largest values.
    """
    scale = np.where(system.upper > system.lower, system.upper - system.lower, 1.0)
    may_move = upper > lower
    shares = equality_shares(system, scale) if may_move.all() else None
    A = system.A[~system.is_equality]
    sizes = np.concatenate([scale, np.abs(A) @ scale])
    shape = (len(V), len(A))
    low = np.hstack([lower, np.broadcast_to(system.low[~system.is_equality], shape)])
    high = np.hstack([upper, np.broadcast_to(system.high[~system.is_equality], shape)])
    for step in range(n_steps):
        if step % 2:  # differences of two other rows follow the shape of narrow constraints, Gaussian directions do not
            pairs = rng.integers(len(others), size=(2, len(V)))
            D = others[pairs[0]] - others[pairs[1]]
        else:
            D = scale * rng.standard_normal(V.shape)
        D = project_directions(D, system, scale, may_move, shares)
        values, rates = np.hstack([V, V @ A.T]), np.hstack([D, D @ A.T])
        moving = np.abs(rates) > _TINY * sizes
        rates = np.where(moving, rates, 1.0)
        ends = np.stack([(low - values) / rates, (high - values) / rates])
        first = np.where(moving, ends.min(axis=0), -np.inf).max(axis=1, initial=-np.inf)
        last = np.where(moving, ends.max(axis=0), np.inf).min(axis=1, initial=np.inf)
        has_room = np.isfinite(first) & np.isfinite(last) & (first < last)
        first, last = np.where(has_room, first, 0.0), np.where(has_room, last, 0.0)
        t = first + rng.random(len(V)) * (last - first)
        V = np.clip(V + t[:, None] * D, lower, upper)
    return V


def reflect_at_limits(V: np.ndarray, system: System, scale: np.ndarray) -> np.ndarray:
    """Rows reflected once at every limit that they break, so that they do not pile up on it, (n, p)."""
    V = V.copy()
    for r in np.flatnonzero(~system.is_equality):
        a = system.A[r]
        w = a * scale**2
        size = float(a @ w)
        if size <= 0:
            continue
        sums = V @ a
        off = np.maximum(system.low[r] - sums, 0.0) - np.maximum(sums - system.high[r], 0.0)
        width = system.high[r] - system.low[r]
        V += np.outer(np.sign(off) * np.minimum(2 * np.abs(off), np.abs(off) + width), w / size)
    return V


def round_stochastically(moved: np.ndarray, V: np.ndarray, step: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Moved numbers (n, q) whose nearest step is drawn at random, the nearer one more often.

    What goes one step from its parent ``V`` (n, q) is put at the far side of that step. Otherwise the repair of a
    constraint would mostly undo noise below a step; like this, other numbers make up for the step.
    """
    steps = (moved / step) + rng.random(moved.shape) - 0.5
    gone = np.rint(steps) - np.rint(V / step)
    return np.where(np.abs(gone) == 1, np.rint(steps) + _FAR_SIDE * gone, steps) * step


def mutate_support(
    group: CardinalityGroup, V: np.ndarray, weights: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Which of a group's positions are on in mutants of parents ``V`` (n, p), (n, q), and their values, (n, q).

    With the largest of the ``weights`` (q,) as its chance a row changes what is on: one goes off (kind 1), one comes on
    (kind 0), or one takes another's place and value (kind 2). What has no weight stays as it is.
    """
    values = V[:, group.positions]
    is_on = values > group.threshold
    changes = rng.random(len(V)) < weights.max(initial=0.0)
    kind = rng.integers(3, size=len(V))
    keys = np.where(weights > 0, rng.random(values.shape), -1.0)
    leaver, enterer = np.where(is_on & ~group.is_forced, keys, -1.0), np.where(is_on, -1.0, keys)
    is_full = is_on.sum(axis=1) >= group.most
    leaves = changes & (leaver.max(axis=1) >= 0) & ((kind != 0) | is_full)
    enters = changes & (enterer.max(axis=1) >= 0) & ((kind != 1) | ~leaves) & (~is_full | leaves)
    out, into = leaver.argmax(axis=1), enterer.argmax(axis=1)
    leaving = values[np.arange(len(V)), out]
    values[leaves, out[leaves]] = group.off[out[leaves]]
    is_on[leaves, out[leaves]] = False
    is_on[enters, into[enters]] = True
    takes = enters & leaves
    values[takes, into[takes]] = leaving[takes]
    return is_on, values


@dataclass(frozen=True, eq=False)
class ConstraintHandler:
    """Keeps the candidates of a space within its constraints."""

    features: Sequence[Feature]
    constraints: Sequence[Constraint]

    @cached_property
    def system(self) -> System:
        """The constraints on numbers."""
        return System.of(self.features, self.constraints)

    @cached_property
    def _number_repair(self) -> ConstraintRepair:
        return ConstraintRepair(self.system)

    @cached_property
    def categories(self) -> CategoryConstraints:
        """Combinations of categories that no candidate has: those forbidden, and those that leave numbers no room."""
        return CategoryConstraints.of(self.features, (*self.constraints, *self._impossible))

    @cached_property
    def _impossible(self) -> list[ForbiddenConstraint]:
        """Categories with which the numbers that they hold cannot meet the constraints."""
        if not self._conditions:
            return []
        columns = sorted({each.column for each in self._conditions})
        codes = [CategoryConstraints.codes_of(self.features[j]) for j in columns]
        X = np.zeros((min(prod(map(len, codes)), _MAX_COMBINATIONS), len(self.features)))
        for row, chosen in zip(X, product(*codes), strict=False):
            row[columns] = chosen
        applies = np.array([each.applies(X) for each in self._conditions]).T
        found = []
        for pattern in np.unique(applies, axis=0):
            rows = np.flatnonzero((applies == pattern).all(axis=1))
            lower, upper = self._bounds(X[rows[:1]])
            is_held = [each.allows(self.features) for each in compress(self._conditions, pattern)]
            if not all(is_held) or self._number_repair.feasible(lower[0], upper[0]) is None:
                at = X[rows[:, None], columns].astype(int).tolist()
                found += [ForbiddenConstraint(tuple((j, (c,)) for j, c in zip(columns, r, strict=True))) for r in at]
        return found

    @cached_property
    def _conditions(self) -> tuple[ConditionalConstraint, ...]:
        return tuple(each for each in self.constraints if isinstance(each, ConditionalConstraint))

    def _bounds(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest values of the constrained numbers with the categories of ``X`` (n, d), (n, p) each."""
        return self.system.bounds(X, self._conditions)

    @cached_property
    def _subspaces(self) -> tuple[SubspaceConstraint, ...]:
        return tuple(each for each in self.constraints if isinstance(each, SubspaceConstraint))

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row of ``X`` (n, d) meets every constraint, (n,)."""
        return self.categories.holds(X) & self._numbers_hold(X)

    def repair(self, inside: np.ndarray, on_steps: np.ndarray, sigma: np.ndarray | None = None) -> np.ndarray:
        """Rows that meet every constraint, (n, d); a row that does already comes back as it is.

        Args:
            inside: (n, d) rows within the bounds.
            on_steps: (n, d) the same on the nearest steps.
            sigma: (d,) units of distance, and 0 for what must not move; by default the standard deviations.
        """
        X = self.categories.repaired(on_steps)
        broken = np.flatnonzero(~self._numbers_hold(X))
        if not len(broken):
            return X
        X, inside = X.copy(), inside.copy()
        for _ in range(_N_ALTERNATIONS if self._subspaces else 1):
            for each in self._subspaces:
                own = broken[:, None], np.array(each.columns)
                X[own] = inside[own] = each.repaired(inside[broken], self.features)[:, own[1]]
            broken = broken[~self._numbers_hold(X[broken])]
            if not len(broken):
                break
            self._repair_numbers(X, inside, broken, sigma)
            inside[broken] = X[broken]
            broken = broken[~self._numbers_hold(X[broken])]
            if not len(broken):
                break
        return X

    def _repair_numbers(self, X: np.ndarray, inside: np.ndarray, broken: np.ndarray, sigma: np.ndarray | None) -> None:
        """Bring the broken rows of ``X`` (n, d) back to where the constraints on sums and amounts hold, in place."""
        columns = self.system.index
        units = self.system.unit if sigma is None else sigma[columns]
        fixed = units <= 0
        Y = inside[np.ix_(broken, columns)]
        Y[:, fixed] = X[np.ix_(broken, columns[fixed])]
        X[np.ix_(broken, columns)] = self._number_repair.repaired(Y, fixed, units**2, self._bounds(X[broken]))

    def draw(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Uniform draws ``X`` with forbidden combinations redrawn and constrained numbers drawn inside, (n, d)."""
        X = self.categories.redrawn(X, rng)
        for each in self._subspaces:
            X[:, list(each.columns)] = each.drawn(len(X), rng)
        columns = self.system.index
        if len(columns) and len(X):
            pool, lower, upper = self._pool
            rows = rng.integers(len(pool), size=len(X))
            X[:, columns] = hit_and_run(pool[rows], pool, lower[rows], upper[rows], self.system, _N_STEPS, rng)
        return X

    def move(self, X: np.ndarray, mutants: np.ndarray, sigma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Mutants of parents ``X`` whose constrained numbers were moved along the constraints, (n, d).

        Args:
            X: (n, d) parents, which meet the constraints.
            mutants: (n, d) their mutants without constraints.
            sigma: (d,) standard deviation of the noise.
        """
        system, mutants = self.system, mutants.copy()
        if self.categories.columns:
            own = np.array(self.categories.columns)
            broken = np.flatnonzero(~self.categories.holds(mutants))
            mutants[np.ix_(broken, own)] = X[np.ix_(broken, own)]
        for each in self._subspaces:
            own = np.array(each.columns)
            mutants[:, own] = X[:, own] + each.noise(len(X), float((sigma[own] / each.unit).mean()), rng)
        if not len(system.index):
            return mutants
        scale, V = sigma[system.index], X[:, system.index]
        lower, upper = self._bounds(mutants)
        for group in system.groups:
            at = group.positions
            is_on, V[:, at] = mutate_support(group, V, scale[at] / system.unit[at], rng)
            is_on &= upper[:, at] >= group.least
            lower[:, at] = np.where(is_on, np.maximum(lower[:, at], group.least), lower[:, at])
            upper[:, at] = np.where(is_on | group.is_forced, upper[:, at], np.minimum(upper[:, at], group.off))
        lower = np.minimum(lower, upper)  # what one group has on, another may have off
        noise = project_directions(scale * rng.standard_normal(V.shape), system, scale, upper > lower)
        moved = reflect(reflect_at_limits(V + noise, system, scale), lower, upper)
        stepped = np.flatnonzero(system.is_stepped & (scale > 0))
        moved[:, stepped] = round_stochastically(moved[:, stepped], V[:, stepped], system.step[stepped], rng)
        mutants[:, system.index] = np.where(scale > 0, np.clip(moved, lower, upper), V)
        return mutants

    def project_directions(self, D: np.ndarray) -> np.ndarray:
        """Directions without what would change an equality, the nearest ones in standard deviations, (n, d)."""
        columns, D = self.system.index, D.astype(float)
        part = D[:, columns]
        D[:, columns] = project_directions(part, self.system, self.system.unit, np.ones(part.shape, dtype=bool))
        for each in self._subspaces:
            own = list(each.columns)
            D[:, own] = each.along(D[:, own])
        return D

    def _numbers_hold(self, X: np.ndarray) -> np.ndarray:
        on_numbers = [each for each in self.constraints if not isinstance(each, ForbiddenConstraint)]
        return np.logical_and.reduce([np.ones(len(X), dtype=bool), *(each.holds(X) for each in on_numbers)])

    @cached_property
    def _pool(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows spread evenly inside the constraints, and the bounds within which each may walk, (k, p) each.

        Steps are left out of account, and bounds reach half a step farther, so that the outer steps are as likely as
        the others. The rows depend on the constraints alone: the seed is fixed.
        """
        system, rng = self.system, np.random.default_rng(0)
        lower = np.tile(system.lower - system.step / 2, (_N_POOL, 1))
        upper = np.tile(system.upper + system.step / 2, (_N_POOL, 1))
        for group in system.groups:
            at = group.positions
            is_on = group.drawn_on(_N_POOL, rng)
            upper[:, at] = np.where(is_on, upper[:, at], group.off)
            on = np.maximum(lower[:, at], group.least) if group.has_gap else lower[:, at]
            lower[:, at] = np.where(is_on, on, np.minimum(lower[:, at], group.off))
        lower = np.minimum(lower, upper)
        starts, is_inside = project(rng.uniform(lower, upper), lower, upper, system, system.unit**2)
        if is_inside.any():
            starts, lower, upper = starts[is_inside], lower[is_inside], upper[is_inside]
        else:  # constraints so narrow that no projection succeeds: all begin at one row
            assert self._number_repair.feasible_row is not None, "feasibility is checked before rows are drawn"
            starts, lower, upper = self._number_repair.feasible_row[None], system.lower[None], system.upper[None]
            lower, upper = lower.copy(), upper.copy()
            for group in system.groups:
                at, is_on = group.positions, starts[:, group.positions] > group.threshold
                upper[:, at] = np.where(is_on, upper[:, at], group.off)
                lower[:, at] = np.where(is_on & group.has_gap, np.maximum(lower[:, at], group.least), lower[:, at])
        n_steps = min(30 + 10 * len(system.index), 300)
        for _ in range(2):
            starts = hit_and_run(starts, starts, lower, upper, system, n_steps // 2, rng)
        return starts, lower, upper
