"""What a bound makes of penalties, constraints and the gate."""

from dataclasses import dataclass

import numpy as np

from optimizer.constraints.categories import ForbiddenConstraint
from optimizer.constraints.constraint import TOLERANCE, CardinalityConstraint, LinearConstraint, LinearRow
from optimizer.plausibility.measures import Neighbours
from optimizer.problem.gate import Gate
from optimizer.problem.penalties import DensityPenalty, DistancePenalty, PlausibilityPenalty
from optimizer.problem.problem import Problem
from optimizer.proof.bands import Band
from optimizer.proof.distance import DistanceBounder
from optimizer.proof.domain import Domain

PRICE = 20.0  # standard deviations of the objective per one of distance; any is right, a high one bounds sharply
_ROUNDING = 1e-9


def gate_as_penalty(gate: Gate) -> DistancePenalty | None:
    """A cost that nothing pays which passes the gate, or None for a gate that is not by distance.

    Where the mean distance to the nearest rows is at most so much, that to the nearest one is. So a bound on objective
    plus this cost is one for everything that passes; it is wider than it had to be, for more than what passes is free.
    """
    measure, scaling = gate.plausibility.measure, gate.plausibility.scaling
    if not isinstance(measure, Neighbours) or not len(scaling.numeric):
        return None
    rows = scaling.unscaled(measure.rows)
    threshold = max(gate.level, 0.0) * (1 + _ROUNDING) + _ROUNDING
    return DistancePenalty(rows, scaling, threshold, PRICE)


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A problem's penalties and constraints, as far as the bound knows them.

    Attributes:
        domain: of the boxes.
        bands: penalties and constraints on weighted sums.
        distance: the penalty on the distance to recorded rows, or a gate by distance as one, or None.
        exclusions: cardinalities and forbidden combinations: they say nothing of a box unless all of it breaks them.
        words: what the bound leaves out, for people.
        is_gated: whether the bound is one for what passes the gate alone.
    """

    domain: Domain
    bands: tuple[Band, ...]
    distance: DistanceBounder | None
    exclusions: tuple[CardinalityConstraint | ForbiddenConstraint, ...]
    words: tuple[str, ...]
    is_gated: bool

    def may_hold(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Whether a box (n, d) may hold a candidate that meets the exclusions, (n,)."""
        is_allowed = np.ones(len(low), dtype=bool)
        for constraint in self.exclusions:
            if isinstance(constraint, CardinalityConstraint):
                is_on = low[:, list(constraint.columns)] > constraint.threshold
                is_allowed &= is_on.sum(axis=1) <= constraint.most
            else:
                is_allowed &= ~np.logical_and.reduce(
                    [self._allows_only(low, high, column, codes) for column, codes in constraint.combination]
                )
        return is_allowed

    def _allows_only(self, low: np.ndarray, high: np.ndarray, column: int, codes: tuple[int, ...]) -> np.ndarray:
        others = np.flatnonzero(~np.isin(self.domain.codes[column], codes))
        return ~np.any((low[:, [column]] <= others) & (others <= high[:, [column]]), axis=1)


def relax(problem: Problem, domain: Domain) -> Relaxation:
    """What the bound makes of a problem's penalties and constraints.

    A penalty that it does not know counts as 0, the least a cost can be, as does caution, and an unknown constraint
    counts as met: the bound stays a bound. A gate by distance becomes a penalty on the distance (`gate_as_penalty`),
    unless there is one already; any other gate counts as met.
    """
    bands: list[Band] = []
    distance: DistanceBounder | None = None
    exclusions: list[CardinalityConstraint | ForbiddenConstraint] = []
    words: list[str] = []
    for penalty in problem.penalties:
        if not penalty.weight:
            continue
        if isinstance(penalty, DensityPenalty):
            bands.append(_density_band(penalty, problem.space.n_features))
        elif isinstance(penalty, DistancePenalty) and distance is None and len(penalty.scaling.numeric):
            distance = DistanceBounder(domain, penalty)
        elif isinstance(penalty, PlausibilityPenalty):
            words.append("the penalty on low plausibility counts as nothing")
        else:
            words.append(f"what a {type(penalty).__name__} costs counts as nothing")
    for constraint in problem.space.constraints:
        if isinstance(constraint, LinearConstraint):
            bands += [_row_band(row, domain) for row in constraint.rows]
        elif isinstance(constraint, CardinalityConstraint | ForbiddenConstraint):
            exclusions.append(constraint)
        else:
            words.append(f"the rule “{constraint.words(problem.space.names)}” counts as met")
    is_gated = False
    if problem.gate is not None:
        penalty_of_gate = gate_as_penalty(problem.gate) if distance is None else None
        is_gated = penalty_of_gate is not None
        if penalty_of_gate is not None:
            distance = DistanceBounder(domain, penalty_of_gate)
        met = "wherever the nearest recorded row is near enough" if is_gated else "by every candidate"
        words.append(f"{problem.gate.words} counts as met {met}")
    if problem.risk_aversion:
        words.append("risk aversion counts as nothing")
    if problem.uncertainty_limit < np.inf:
        words.append("the extrapolation limit counts as met by every candidate")
    return Relaxation(domain, tuple(bands), distance, tuple(exclusions), tuple(words), is_gated)


def _density_band(penalty: DensityPenalty, n_features: int) -> Band:
    weights = np.bincount(penalty.parts, minlength=n_features).astype(float)
    low, high = penalty.target - penalty.tolerance, penalty.target + penalty.tolerance
    return Band(weights, low, high, penalty.weight / penalty.tolerance**2)


def _row_band(row: LinearRow, domain: Domain) -> Band:
    """A constraint as a band, as much wider as candidates may be outside."""
    weights = np.zeros(domain.space.n_features)
    np.add.at(weights, list(row.columns), row.coefficients)
    size = np.maximum(*np.abs(domain.root)) @ np.abs(weights) + row.limit_size
    return Band(weights, row.low - 2 * TOLERANCE * size, row.high + 2 * TOLERANCE * size)
