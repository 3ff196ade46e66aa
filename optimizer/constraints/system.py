"""The constraints on numbers as arrays, over the columns that they may move; and the nearest rows that meet them.

The nearest point to ``y`` within bounds and under constraints ``low <= A x <= high``, in units ``s``, is
``x = clip(y + s^2 * (A.T @ multipliers))`` (the optimality conditions of the quadratic program). For one constraint the
sum along its multiplier is piecewise linear and never falls, so the multiplier is read off its sorted kinks, as in
the projection onto the simplex (Held, Wolfe and Crowder 1974). For several, one sweep sets each multiplier in turn,
then all are found together (a semismooth Newton method on the optimality conditions: Hintermueller, Ito and Kunisch
2002, SIAM J. Optim. 13); rows for which that does not converge go on with sweeps (coordinate ascent on the dual, which
for half-spaces is Hildreth's and Dykstra's method).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.constraints.constraint import (
    TOLERANCE,
    CardinalityConstraint,
    ConditionalConstraint,
    Constraint,
    LinearConstraint,
    LinearRow,
    RatioConstraint,
)
from optimizer.features import Feature, Numeric

DECIMALS = 12  # a multiple of a step such as 0.1 is rounded to this many decimals
_INNER = 0.5  # share of the tolerance that repair allows itself, so that rounding never breaks what it repaired
_LEAST_DENOMINATOR = 1e-6  # of the largest one that the bounds allow


@dataclass(frozen=True, slots=True)
class CardinalityGroup:
    """At most ``most`` of some positions are on, and those that are off stay at ``off`` or below.

    Attributes:
        positions: (q,) that are counted.
        most: how many may be on; below 0 when frozen features alone are too many.
        threshold: values above it are on.
        off: (q,) largest value of a position that is off.
        least: (q,) smallest value of a position that is on, on a step.
        is_forced: (q,) whether its bounds keep a position on.
    """

    positions: np.ndarray
    most: int
    threshold: float
    off: np.ndarray
    least: np.ndarray
    is_forced: np.ndarray

    @property
    def has_gap(self) -> bool:
        """Whether small amounts are neither off nor on."""
        return bool((self.least > self.off).any())

    def is_nearer_on(self, values: np.ndarray) -> np.ndarray:
        """Which values (n, q) are on, or in the gap and nearer to that, (n, q)."""
        return (values > self.threshold) & (values >= 0.5 * (self.off + self.least))

    def drawn_on(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Which positions are on in n random rows, (n, q)."""
        is_on = self.may_be_on(rng.random((n, len(self.positions))))
        if self.has_gap:  # as many may be on as there are, and mostly are not
            is_on &= self.is_forced | (rng.random(is_on.shape) < 0.5)
        return is_on

    def may_be_on(self, keys: np.ndarray) -> np.ndarray:
        """Which positions may be on, (n, q): those that must, then those with the largest keys (n, q)."""
        ranks = (-np.where(self.is_forced, np.inf, keys)).argsort(axis=1, kind="stable").argsort(axis=1)
        return self.is_forced | (ranks < self.most)


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Linear and cardinality constraints over p free numeric columns: ``low <= V @ A.T <= high``.

    Attributes:
        index: (p,) columns of ``X`` that the constraints may move.
        A: (m, p) coefficients.
        low: (m,) lower limits less what frozen features add; minus infinity for none.
        high: (m,) upper limits alike.
        base: (m,) size of limits and of what frozen features add, for the tolerance.
        lower: (p,) smallest values, on a step where the feature has steps.
        upper: (p,) largest values alike.
        step: (p,) steps, 0 for continuous features.
        unit: (p,) recorded standard deviations, the unit of distances.
        groups: cardinality constraints.
    """

    index: np.ndarray
    A: np.ndarray
    low: np.ndarray
    high: np.ndarray
    base: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    step: np.ndarray
    unit: np.ndarray
    groups: tuple[CardinalityGroup, ...]

    @classmethod
    def of(cls, features: Sequence[Feature], constraints: Sequence[Constraint]) -> "System":
        """The system of the constraints that speak of numbers."""
        linear = [each for each in constraints if isinstance(each, LinearConstraint)]
        cardinalities = [each for each in constraints if isinstance(each, CardinalityConstraint)]
        targets = {each.target for each in constraints if isinstance(each, ConditionalConstraint)}
        touched = sorted(targets.union(*(each.columns for own in (linear, cardinalities) for each in own)))
        free = {j: f for j in touched if isinstance(f := features[j], Numeric) and f.is_free}
        index = np.array(list(free), dtype=int)
        numbers = list(free.values())
        step = np.array([f.step or 0.0 for f in numbers])
        # a bound a hair beside a step counts as on it, and stays the limit
        lower = np.array([np.clip(snapped(f.first_step * f.step), f.low, f.high) if f.step else f.low for f in numbers])
        upper = np.array([np.clip(snapped(f.last_step * f.step), f.low, f.high) if f.step else f.high for f in numbers])
        rows = [row for constraint in linear for row in _rows(constraint, features)]
        A = np.zeros((len(rows), len(features)))
        for i, row in enumerate(rows):
            A[i, list(row.columns)] = row.coefficients
        frozen = np.array([0.0 if j in free else _frozen(f) for j, f in enumerate(features)])
        shift = A @ frozen
        groups = [_group(each, features, index, lower, upper, step) for each in cardinalities]
        return cls(
            index=index,
            A=A[:, index],
            low=np.array([row.low for row in rows]) - shift,
            high=np.array([row.high for row in rows]) - shift,
            base=np.abs(A) @ np.abs(frozen) + np.array([row.limit_size for row in rows]),
            lower=lower,
            upper=np.maximum(upper, lower),
            step=step,
            unit=np.array([f.std for f in numbers]),
            groups=tuple(group for group in groups if group.most < len(group.positions) or group.has_gap),
        )

    @property
    def is_stepped(self) -> np.ndarray:
        """Whether each column has steps, (p,)."""
        return self.step > 0

    @property
    def is_equality(self) -> np.ndarray:
        """Whether each constraint asks for one value, (m,)."""
        return self.low == self.high

    def bounds(self, X: np.ndarray, conditions: Sequence[ConditionalConstraint]) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest values with the categories of candidates ``X`` (n, d), on steps, (n, p) each."""
        lower, upper = np.tile(self.lower, (len(X), 1)), np.tile(self.upper, (len(X), 1))
        for each in conditions:
            at = np.flatnonzero(self.index == each.target)
            if len(at):
                rows, step = each.applies(X), float(self.step[at[0]])
                low, high = np.array(each.low), np.array(each.high)
                if step > 0:
                    low = snapped(np.ceil(np.round(low / step, 9)) * step)
                    high = snapped(np.floor(np.round(high / step, 9)) * step)
                lower[rows, at] = np.maximum(lower[rows, at], low)
                upper[rows, at] = np.minimum(upper[rows, at], high)
        return lower, upper

    def tolerance(self, V: np.ndarray) -> np.ndarray:
        """How far each sum of ``V`` (n, p) may be outside, (n, m)."""
        return _INNER * TOLERANCE * (np.abs(V) @ np.abs(self.A).T + self.base)

    def excess(self, V: np.ndarray) -> np.ndarray:
        """How far each sum of ``V`` (n, p) is outside its limits, 0 within the tolerance, (n, m)."""
        sums = V @ self.A.T
        outside = np.maximum(np.maximum(self.low - sums, sums - self.high), 0.0)
        return np.where(outside <= self.tolerance(V), 0.0, outside)

    def holds(self, V: np.ndarray) -> np.ndarray:
        """Whether rows of ``V`` (n, p) meet all constraints on numbers, (n,)."""
        is_met = (self.excess(V) == 0).all(axis=1)
        for group in self.groups:
            values = V[:, group.positions]
            is_on = values > group.threshold
            is_met &= is_on.sum(axis=1) <= group.most
            if group.has_gap:
                is_met &= (~is_on | (values >= group.least * (1 - _INNER * TOLERANCE))).all(axis=1)
        return is_met

    def on_steps(self, V: np.ndarray) -> np.ndarray:
        """The nearest values on steps within the bounds, (n, p); continuous ones as they are."""
        step = np.where(self.is_stepped, self.step, 1.0)
        return np.where(self.is_stepped, np.clip(snapped(np.rint(V / step) * step), self.lower, self.upper), V)


def snapped(values: np.ndarray | float) -> np.ndarray:
    """Multiples of a step without the noise of floating point, and no -0.0."""
    return np.round(values, DECIMALS) + 0.0


def _frozen(feature: Feature) -> float:
    """The value of a frozen number, 0 for anything else."""
    return float(feature.frozen) if isinstance(feature, Numeric) and feature.frozen is not None else 0.0


def _rows(constraint: LinearConstraint, features: Sequence[Feature]) -> list[LinearRow]:
    """A constraint as weighted sums; a ratio's denominator also stays clear of 0."""
    rows = list(constraint.rows)
    if isinstance(constraint, RatioConstraint):
        below = constraint.denominator
        highs = [f.high if f.is_free else _frozen(f) for j in below if isinstance(f := features[j], Numeric)]
        least = _LEAST_DENOMINATOR * sum(highs)
        # a largest sum that is not above 0 leaves a limit that nothing meets
        rows.append(LinearRow(below, (1.0,) * len(below), least if least > 0 else _LEAST_DENOMINATOR, np.inf))
    return rows


def _group(
    constraint: CardinalityConstraint,
    features: Sequence[Feature],
    index: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    step: np.ndarray,
) -> CardinalityGroup:
    """A cardinality constraint over positions, less what frozen features count."""
    positions = np.flatnonzero(np.isin(index, constraint.columns))
    values = [_frozen(features[j]) for j in constraint.columns]
    n_frozen_on = sum(value > constraint.threshold for value in values)
    is_frozen_between = any(constraint.threshold < value < constraint.least * (1 - TOLERANCE) for value in values)
    steps = np.where(step[positions] > 0, step[positions], 1.0)
    on_step = snapped(np.floor(np.round(constraint.threshold / steps, 9)) * steps)
    off = np.minimum(np.where(step[positions] > 0, on_step, constraint.threshold), upper[positions])
    is_forced = lower[positions] > constraint.threshold
    first = np.maximum(lower[positions], constraint.least)
    first = np.where(step[positions] > 0, snapped(np.ceil(np.round(first / steps, 9)) * steps), first)
    least = np.where(constraint.least > 0, first, off)
    most = -1 if is_frozen_between else constraint.most - n_frozen_on
    return CardinalityGroup(positions, most, constraint.threshold, off, least, is_forced)


_N_SWEEPS = 60
_N_NEWTON = 12
_RIDGE = 1e-12  # on the diagonal of a Newton system, for constraints that agree
_N_ROUNDS = 3  # a further round starts at the point found, whose numbers are small where those of a wild row are not


def project(
    Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest rows that meet the linear constraints, (n, p); whether each does, (n,).

    Args:
        Y: (n, p) rows.
        lower: (n, p) smallest values of each row.
        upper: (n, p) largest values of each row.
        weights: (p,) squared units of distance.
    """
    V = np.clip(Y, lower, upper)
    broken = np.flatnonzero((system.excess(V) > 0).any(axis=1))
    for _ in range(_N_ROUNDS):
        if not len(broken):
            break
        start = V[broken]
        V[broken] = _dual_ascent(start, lower[broken], upper[broken], system, weights)
        broken = broken[(system.excess(V[broken]) > 0).any(axis=1)]
    is_met = np.ones(len(V), dtype=bool)
    is_met[broken] = False
    return V, is_met


def _dual_ascent(
    Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, weights: np.ndarray
) -> np.ndarray:
    """The nearest rows under all constraints, as far as they were found, (n, p)."""
    W = system.A * weights  # (m, p) what one unit of a multiplier moves
    multipliers = np.zeros((len(Y), len(W)))
    V = Y.copy()
    rows = np.arange(len(Y))
    for sweep in range(_N_SWEEPS if len(W) > 1 else 1):
        multipliers[rows] = _update_multipliers(Y[rows], multipliers[rows], lower[rows], upper[rows], system, W)
        V[rows] = np.clip(Y[rows] + multipliers[rows] @ W, lower[rows], upper[rows])
        rows = rows[~_is_nearest(V[rows], multipliers[rows], system, W)]
        if sweep == 0 and len(rows) and len(W) > 1:
            found, is_nearest = _newton(Y[rows], multipliers[rows], lower[rows], upper[rows], system, W)
            V[rows[is_nearest]] = found[is_nearest]
            rows = rows[~is_nearest]
        if not len(rows):
            break
    return V


def _update_multipliers(
    Y: np.ndarray, multipliers: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, W: np.ndarray
) -> np.ndarray:
    """Multipliers (n, m) after each constraint, in turn, had its own set to where it is met."""
    multipliers = multipliers.copy()
    Z = Y + multipliers @ W
    for r in range(len(W)):
        at = np.flatnonzero(W[r])
        Z[:, at] -= np.outer(multipliers[:, r], W[r, at])
        multipliers[:, r] = _multiplier(
            Z[:, at], lower[:, at], upper[:, at], system.A[r, at], W[r, at], system.low[r], system.high[r]
        )
        Z[:, at] += np.outer(multipliers[:, r], W[r, at])
    return multipliers


def _newton(
    Y: np.ndarray, multipliers: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, W: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose multipliers were moved together, (n, p); whether they are the nearest, (n,).

    Constraints at a limit are kept there, others are let go.
    """
    A, size = system.A, _sizes(system, W)
    V = np.clip(Y + multipliers @ W, lower, upper)
    rows = np.arange(len(Y))
    for _ in range(_N_NEWTON):
        now = multipliers[rows]
        sums = V[rows] @ A.T
        pull = sums - size * now
        limit = np.clip(pull, system.low, system.high)
        is_active = pull != limit
        is_free = (V[rows] > lower[rows]) & (V[rows] < upper[rows])
        gram = np.einsum("np,ip,jp->nij", is_free.astype(float), A, W) / size[:, None]
        gram = np.where(is_active[:, :, None], gram, np.eye(len(A))) + _RIDGE * np.eye(len(A))
        off = np.where(is_active, (limit - sums) / size, -now)
        multipliers[rows] = now + np.linalg.solve(gram, off[:, :, None])[:, :, 0]
        V[rows] = np.clip(Y[rows] + multipliers[rows] @ W, lower[rows], upper[rows])
        rows = rows[~_is_nearest(V[rows], multipliers[rows], system, W)]
        if not len(rows):
            break
    is_nearest = np.ones(len(V), dtype=bool)
    is_nearest[rows] = False
    return V, is_nearest


def _is_nearest(V: np.ndarray, multipliers: np.ndarray, system: System, W: np.ndarray) -> np.ndarray:
    """Whether all sums are inside their limits, and on them where a multiplier pulls, (n,)."""
    sums = V @ system.A.T
    pulled = np.clip(sums - _sizes(system, W) * multipliers, system.low, system.high)
    return (np.abs(pulled - sums) <= system.tolerance(V)).all(axis=1)


def _sizes(system: System, W: np.ndarray) -> np.ndarray:
    """What one unit of a multiplier adds to its own sum, away from the bounds, (m,)."""
    size = (system.A * W).sum(axis=1)
    return np.where(size > 0, size, 1.0)


def _multiplier(
    Z: np.ndarray, lower: np.ndarray, upper: np.ndarray, a: np.ndarray, w: np.ndarray, low: float, high: float
) -> np.ndarray:
    """The multiplier nearest 0 with which ``a @ clip(Z + multiplier * w)`` lies between low and high, (n,).

    Where no multiplier does, the one that comes nearest.
    """
    sums = np.clip(Z, lower, upper) @ a
    result = np.zeros(len(Z))
    rows = np.flatnonzero((sums < low) | (sums > high))
    if not len(rows) or not len(a):
        return result
    Z, lower, upper = Z[rows], lower[rows], upper[rows]
    target = np.where(sums[rows] < low, low, high)
    ends = np.stack([(lower - Z) / w, (upper - Z) / w], axis=2)
    ends.sort(axis=2)
    # a feature adds a * w to the slope of the sum between entering and leaving its bounds
    kinks = ends.reshape(len(Z), -1)
    slopes = np.broadcast_to((np.repeat(a * w, 2) * np.tile([1.0, -1.0], len(a))), kinks.shape)
    order = kinks.argsort(axis=1)
    kinks = np.take_along_axis(kinks, order, axis=1)
    slopes = np.cumsum(np.take_along_axis(slopes, order, axis=1), axis=1)
    least = np.minimum(a * lower, a * upper).sum(axis=1)
    at_kinks = np.empty_like(kinks)
    at_kinks[:, 0] = least
    at_kinks[:, 1:] = least[:, None] + np.cumsum(slopes[:, :-1] * np.diff(kinks, axis=1), axis=1)
    before = np.clip((at_kinks < target[:, None]).sum(axis=1) - 1, 0, kinks.shape[1] - 1)
    here = np.arange(len(Z)), before
    missing, slope = target - at_kinks[here], slopes[here]
    is_rising = (slope > 1e-12 * (a * w).max()) & (missing > 0)
    result[rows] = kinks[here] + np.where(is_rising, missing / np.where(is_rising, slope, 1.0), 0.0)
    return result
