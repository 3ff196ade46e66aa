"""The constraints on numbers as arrays, over the columns that they may move."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.constraints.constraint import (
    TOLERANCE,
    CardinalityConstraint,
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
        is_forced: (q,) whether its bounds keep a position on.
    """

    positions: np.ndarray
    most: int
    threshold: float
    off: np.ndarray
    is_forced: np.ndarray

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
        touched = sorted({j for own in (linear, cardinalities) for each in own for j in each.columns})
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
            groups=tuple(group for group in groups if group.most < len(group.positions)),
        )

    @property
    def is_stepped(self) -> np.ndarray:
        """Whether each column has steps, (p,)."""
        return self.step > 0

    @property
    def is_equality(self) -> np.ndarray:
        """Whether each constraint asks for one value, (m,)."""
        return self.low == self.high

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
            is_met &= (V[:, group.positions] > group.threshold).sum(axis=1) <= group.most
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
    n_frozen_on = sum(_frozen(features[j]) > constraint.threshold for j in constraint.columns)
    steps = np.where(step[positions] > 0, step[positions], 1.0)
    on_step = snapped(np.floor(np.round(constraint.threshold / steps, 9)) * steps)
    off = np.minimum(np.where(step[positions] > 0, on_step, constraint.threshold), upper[positions])
    is_forced = lower[positions] > constraint.threshold
    return CardinalityGroup(positions, constraint.most - n_frozen_on, constraint.threshold, off, is_forced)
