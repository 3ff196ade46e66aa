"""The rules on numbers as arrays, over the columns that they may move."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.constraints.choice import CardinalityConstraint
from optimizer.constraints.linear import LinearRow, OrderConstraint, RatioConstraint, SumConstraint
from optimizer.constraints.rule import TOLERANCE, Constraint
from optimizer.features.features import Feature, Numeric

DECIMALS = 12  # a multiple of a step such as 0.1 is rounded to this many decimals
_INNER = 0.5  # share of the tolerance that repair allows itself, so that rounding never breaks what it repaired
_LEAST_DENOMINATOR = 1e-6  # of the largest one that the bounds allow


@dataclass(frozen=True, slots=True)
class Group:
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


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Linear and cardinality rules over p free numeric columns: ``low <= V @ A.T <= high``.

    Attributes:
        index: (p,) columns of ``X`` that the rules may move.
        A: (m, p) coefficients.
        low: (m,) lower limits less what frozen features add; minus infinity for none.
        high: (m,) upper limits alike.
        base: (m,) size of limits and of what frozen features add, for the tolerance.
        lower: (p,) smallest values, on a step where the feature has steps.
        upper: (p,) largest values alike.
        step: (p,) steps, 0 for continuous features.
        unit: (p,) recorded standard deviations, the unit of distances.
        groups: cardinality rules.
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
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, features: Sequence[Feature], constraints: Sequence[Constraint]) -> "System":
        """Return the system of the rules that speak of numbers."""
        of_numbers = [
            rule
            for rule in constraints
            if isinstance(rule, (SumConstraint, RatioConstraint, OrderConstraint, CardinalityConstraint))
        ]
        touched = sorted({j for rule in of_numbers for j in rule.columns})
        free = {j: f for j in touched if isinstance(f := features[j], Numeric) and f.is_free}
        index = np.array(list(free), dtype=int)
        numbers = list(free.values())
        step = np.array([f.step or 0.0 for f in numbers])
        # a bound a hair beside a step counts as on it, and stays the limit
        lower = np.array([np.clip(snapped(f.first_step * f.step), f.low, f.high) if f.step else f.low for f in numbers])
        upper = np.array([np.clip(snapped(f.last_step * f.step), f.low, f.high) if f.step else f.high for f in numbers])
        rows = [row for rule in of_numbers for row in _rows(rule, features)]
        A = np.zeros((len(rows), len(features)))
        for i, row in enumerate(rows):
            A[i, list(row.columns)] = row.coefficients
        held = np.array([0.0 if j in free else _held(f) for j, f in enumerate(features)])
        shift = A @ held
        groups = [
            _group(r, features, index, lower, upper, step) for r in of_numbers if isinstance(r, CardinalityConstraint)
        ]
        return cls(
            index=index,
            A=A[:, index],
            low=np.array([row.low for row in rows]) - shift,
            high=np.array([row.high for row in rows]) - shift,
            base=np.abs(A) @ np.abs(held) + np.array([row.limit_size for row in rows]),
            lower=lower,
            upper=np.maximum(upper, lower),
            step=step,
            unit=np.array([f.std for f in numbers]),
            groups=tuple(group for group in groups if group.most < len(group.positions)),
        )

    @property
    def is_stepped(self) -> np.ndarray:
        """(p,) whether each column has steps."""
        return self.step > 0

    @property
    def is_equality(self) -> np.ndarray:
        """(m,) whether each rule asks for one value."""
        return self.low == self.high

    def tolerance(self, V: np.ndarray) -> np.ndarray:
        """Return (n, m) how far each sum of ``V`` (n, p) may be outside."""
        return _INNER * TOLERANCE * (np.abs(V) @ np.abs(self.A).T + self.base)

    def excess(self, V: np.ndarray) -> np.ndarray:
        """Return (n, m) how far each sum of ``V`` (n, p) is outside its limits, 0 within the tolerance."""
        sums = V @ self.A.T
        outside = np.maximum(np.maximum(self.low - sums, sums - self.high), 0.0)
        return np.where(outside <= self.tolerance(V), 0.0, outside)

    def holds(self, V: np.ndarray) -> np.ndarray:
        """Return (n,) whether rows of ``V`` (n, p) meet all rules on numbers."""
        is_met = (self.excess(V) == 0).all(axis=1)
        for group in self.groups:
            is_met &= (V[:, group.positions] > group.threshold).sum(axis=1) <= group.most
        return is_met

    def on_steps(self, V: np.ndarray) -> np.ndarray:
        """Return (n, p) the nearest values on steps within the bounds; continuous ones as they are."""
        step = np.where(self.is_stepped, self.step, 1.0)
        return np.where(self.is_stepped, np.clip(snapped(np.rint(V / step) * step), self.lower, self.upper), V)


def snapped(values: np.ndarray | float) -> np.ndarray:
    """Return multiples of a step without the noise of floating point, and no -0.0."""
    return np.round(values, DECIMALS) + 0.0


def _held(feature: Feature) -> float:
    """Return the value of a frozen number, 0 for anything else."""
    return float(feature.frozen) if isinstance(feature, Numeric) and feature.frozen is not None else 0.0


def _rows(
    rule: SumConstraint | RatioConstraint | OrderConstraint | CardinalityConstraint, features: Sequence[Feature]
) -> list[LinearRow]:
    """Return a rule as weighted sums; a ratio's denominator also stays clear of 0."""
    if isinstance(rule, CardinalityConstraint):
        return []
    rows = list(rule.rows)
    if isinstance(rule, RatioConstraint):
        highs = [f.high if f.is_free else _held(f) for j in rule.denominator if isinstance(f := features[j], Numeric)]
        least = _LEAST_DENOMINATOR * sum(highs)
        # a largest sum that is not above 0 leaves a limit that nothing meets
        low = least if least > 0 else _LEAST_DENOMINATOR
        rows.append(LinearRow(rule.denominator, (1.0,) * len(rule.denominator), low, np.inf))
    return rows


def _group(
    rule: CardinalityConstraint,
    features: Sequence[Feature],
    index: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    step: np.ndarray,
) -> Group:
    """Return a cardinality rule over positions, less what frozen features count."""
    positions = np.flatnonzero(np.isin(index, rule.columns))
    n_frozen_on = sum(_held(features[j]) > rule.threshold for j in rule.columns)
    steps = np.where(step[positions] > 0, step[positions], 1.0)
    on_step = snapped(np.floor(np.round(rule.threshold / steps, 9)) * steps)
    off = np.minimum(np.where(step[positions] > 0, on_step, rule.threshold), upper[positions])
    is_forced = lower[positions] > rule.threshold
    return Group(positions, rule.most - n_frozen_on, rule.threshold, off, is_forced)
