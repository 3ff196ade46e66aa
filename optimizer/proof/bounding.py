"""The lower bound of the score over many boxes at once, and where in each box the bound is loose.

For each term of the score the network's output gets a linear function below it (CROWN, see `network_bounds`), which is
summed or compared over the groups of a curve's points; penalties and constraints join as bands and as the distance to
recorded rows, and the lowest value over the box is the bound. All sums are rounded outwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.problem.candidates import Rows
from optimizer.proof.bands import Band, BoxMinima, Lines, best_mixture, box_minima
from optimizer.proof.distance import DistanceBound, DistanceBounder
from optimizer.proof.domain import Domain
from optimizer.proof.objective import Aggregate, PointGroups, PointwiseObjective, ScoreTerm
from optimizer.proof.relu_network import (
    Layer,
    LinearBound,
    best_linear_bound,
    bound_layers,
    bound_rounding,
    prediction_error,
)

_GROUPS_AT_ONCE = 256
"""So many networks' bounds are computed at once: their intermediate values stay in the processor's own cache."""
_STEPS = (0.5, 0.25, 0.12)
"""Changes of the slopes below ReLUs; more of them save boxes, and cost more than they save."""
_ROUNDING = 1e-13
"""Relative error of summing up to a thousand groups, rounded up."""


@dataclass(frozen=True, slots=True)
class Bounded(Rows):
    """What is known of n boxes.

    Attributes:
        values: (n,) no candidate of the box has a lower score.
        points: (n, d) where the bound is lowest.
        weights: (n, d) of a linear function below the score in the whole box; categories do not count.
        constants: (n,) of that function.
        looseness: (n, d) how much of the bound's error each column's width makes.
        finer: (n, m - 1) cuts of the curve with the loosest groups halved.
        group_looseness: (n,) how much of the error the groups of the curve make.
        precision: (n,) how much of the error is the rounding of the predictor, which no splitting takes away.
        low: (n, d) lower corners of the boxes, without parts that cannot beat the cutoff.
        high: (n, d) upper corners; below the lower ones where nothing is left.
    """

    values: np.ndarray
    points: np.ndarray
    weights: np.ndarray
    constants: np.ndarray
    looseness: np.ndarray
    finer: np.ndarray
    group_looseness: np.ndarray
    precision: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Bounder:
    """Bounds the score of a problem over boxes.

    Args:
        domain: the space, seen by the network.
        objective: what the objective asks for.
        bands: penalties and constraints on weighted sums.
        distance: the penalty on the distance to recorded rows, or None.
    """

    def __init__(
        self,
        domain: Domain,
        objective: PointwiseObjective,
        bands: Sequence[Band] = (),
        distance: DistanceBounder | None = None,
    ) -> None:
        self.domain = domain
        self.objective = objective
        self.bands = tuple(bands)
        self.distance = distance
        network = domain.network
        largest = domain.largest_inputs
        self._sweep = np.zeros(network.n_inputs, dtype=bool)
        if objective.sweep is not None:
            self._sweep = network.columns == objective.sweep
            along = (np.abs(objective.grid).max() + np.abs(network.means)) * np.abs(network.scales)
            largest = np.where(self._sweep, along, largest)
        self._rounding = bound_rounding(network, largest)

    def bound(self, low: np.ndarray, high: np.ndarray, cuts: np.ndarray, cutoff: float = np.inf) -> Bounded:
        """What is known of boxes (n, d), n at least 1, whose curves are grouped by ``cuts`` (n, m - 1).

        Scores from ``cutoff`` on need not be told apart.
        """
        ends = np.cumsum(cuts.sum(axis=1) + 1) // _GROUPS_AT_ONCE
        breaks = np.flatnonzero(np.diff(ends)) + 1
        parts = np.split(np.arange(len(low)), breaks)
        return Bounded.concatenate([self._bound(low[part], high[part], cuts[part], cutoff) for part in parts])

    def _bound(self, low: np.ndarray, high: np.ndarray, cuts: np.ndarray, cutoff: float) -> Bounded:
        groups = PointGroups.of(cuts, self.objective)
        first, last = low[groups.owners], high[groups.owners]
        if self.objective.sweep is not None:
            first[:, self.objective.sweep], last[:, self.objective.sweep] = groups.low, groups.high
        center, radius = self.domain.inputs(first, last)
        network = self.domain.network
        layers = bound_layers(network, center, radius, self._rounding)
        errors = prediction_error(network, layers, np.abs(center) + radius) + self._rounding[-1]
        batch = _BoxBatch(
            self, low, high, cuts, groups, center, radius, layers, errors * abs(network.outcome_scale), cutoff
        )
        best: Bounded | None = None
        for term in self.objective.terms:
            found = batch.bounded(term)
            best = found if best is None else best.where(best.values >= found.values, found)
        assert best is not None
        return best


@dataclass(frozen=True, eq=False)
class _BoxBatch:
    """Some boxes with all that was computed of them."""

    bounder: Bounder
    low: np.ndarray
    high: np.ndarray
    cuts: np.ndarray
    groups: PointGroups
    center: np.ndarray
    radius: np.ndarray
    layers: list[Layer]
    errors: np.ndarray
    """How far the predictor's outcome may lie from the bounds' network, in the outcome's unit, (q,)."""
    cutoff: float

    def bounded(self, term: ScoreTerm) -> Bounded:
        """What one term of the score says: no candidate is below it, for the score is the largest of its terms."""
        bounder, groups = self.bounder, self.groups
        domain = bounder.domain

        def evaluate(found: LinearBound) -> tuple[np.ndarray, np.ndarray]:
            minima, at, _ = self._lowest(found, term, is_quick=True)
            rows = groups.owners if term.aggregate is Aggregate.SUM else slice(None)
            inputs = domain.inputs_at(minima.points)[rows]
            inputs[:, bounder._sweep] = at[:, None]
            return minima.values[rows], inputs

        factor = term.factor * domain.network.outcome_scale
        n = len(groups.owners)
        weights = np.tile(factor * domain.network.kernels[-1][:, 0], (n, 1))
        constants = np.full(n, factor * domain.network.biases[-1][0])
        found = best_linear_bound(domain.network, self.layers, weights, constants, evaluate, _STEPS)
        minima, _, lines = self._lowest(found, term)
        shares, heights = groups.masses, minima.values
        if term.aggregate is not Aggregate.SUM:
            chosen = groups.deciding(minima.values, term.aggregate)
            shares = np.zeros(len(groups.owners))
            shares[chosen] = 1.0
            minima = minima.take(chosen)
            if term.aggregate is Aggregate.MAXIMUM:
                minima, shares = best_mixture(lines, minima, shares, groups, self.low, self.high, bounder.bands)
            else:  # the least of several is concave where they cross: no single line is below it, a constant is
                minima = BoxMinima(minima.values, minima.points, np.zeros_like(minima.weights), minima.values)
        loose = self._looseness(found)
        precision = groups.sum(shares * self.errors) * abs(term.factor)
        if term.aggregate is Aggregate.MAXIMUM:  # a group whose bound is low may be the largest all the same
            shares = np.maximum(shares, heights + loose.sum(axis=1) > minima.values[groups.owners])
        return self._result(
            minima, loose * shares[:, None], precision, lines if term.aggregate is Aggregate.SUM else None
        )

    def _lowest(
        self, found: LinearBound, term: ScoreTerm, *, is_quick: bool = False
    ) -> tuple[BoxMinima, np.ndarray, Lines]:
        """The lowest values, the sweep's inputs (q,) they are at, and the lines without bands.

        Values and lines are those of each box for a sum, and else of each group.
        """
        bounder, groups = self.bounder, self.groups
        domain, objective = bounder.domain, bounder.objective
        network = domain.network
        weights, constants = found.weights, found.constants + term.factor * network.outcome_shift
        constants = constants - abs(term.factor) * self.errors
        at = np.zeros(len(weights))
        if objective.sweep is not None:
            slopes = weights[:, bounder._sweep][:, 0]
            mean, scale = network.means[bounder._sweep][0], network.scales[bounder._sweep][0]
            values = groups.ends(slopes * scale, term.aggregate)
            at = (values - mean) * scale
            weights = np.where(bounder._sweep, 0.0, weights)
            constants = constants + slopes * at
        low, high = self.low, self.high
        if term.aggregate is Aggregate.SUM:
            sizes = np.abs(constants) + np.einsum("np,np->n", np.abs(weights), np.abs(self.center) + self.radius)
            constants = groups.sum(groups.masses * (constants - _ROUNDING * sizes))
            weights = groups.sum(groups.masses[:, None] * weights)
        else:
            low, high = low[groups.owners], high[groups.owners]
        of_features, constants, positions = domain.of_features(weights, constants + term.shift, low, high)
        minima = box_minima(of_features, constants, low, high, bounder.bands, is_quick=is_quick)
        for j in domain.codes:
            minima.points[:, j] = positions[:, j]
        return minima, at, Lines(of_features, constants)

    def _looseness(self, found: LinearBound) -> np.ndarray:
        """How much (q, p) of each group's error the width of each input makes, by keeping ReLUs open."""
        loose = np.zeros_like(self.center)
        for layer, weights in zip(self.layers, found.units, strict=True):
            per_width = np.abs(weights) * layer.gap / np.maximum(layer.high - layer.low, 1e-300)
            loose += np.einsum("qm,qpm->qp", per_width, layer.reach)
        return loose

    def _distance_bound(self, distance: DistanceBounder, minima: BoxMinima, lines: Lines | None) -> DistanceBound:
        """The bounds with the distance; with bands, their multipliers are chosen anew for the line that decides."""
        low, high, bands = self.low, self.high, self.bounder.bands
        bound = distance.add(minima, low, high, self.cutoff)
        if not bands or lines is None:
            return bound
        together = box_minima(lines.weights + bound.slopes, lines.constants, low, high, bands)
        again = box_minima(together.weights - bound.slopes, together.constants, low, high, ())
        values = np.where(np.isinf(minima.values), np.inf, again.values)
        again = BoxMinima(values, minima.points, again.weights, again.constants)
        return bound.better(distance.add(again, low, high, self.cutoff))

    def _result(self, minima: BoxMinima, loose: np.ndarray, precision: np.ndarray, lines: Lines | None) -> Bounded:
        """The bound, with the distance penalty, and its looseness (q, p) by columns and groups."""
        bounder, groups = self.bounder, self.groups
        of_groups = np.where(groups.last > groups.first, loose @ bounder._sweep, 0.0)
        loose[:, bounder._sweep] = 0.0
        total = groups.sum(of_groups)
        counts = np.maximum(groups.sum((of_groups > 0).astype(float)), 1.0)
        wanted = (of_groups > 0) & (of_groups >= (total / counts)[groups.owners])
        looseness = bounder.domain.by_feature(groups.sum(loose))
        low, high = self.low, self.high
        if bounder.distance is not None:
            bound = self._distance_bound(bounder.distance, minima, lines)
            minima, low, high = bound, bound.low, bound.high
            looseness = looseness + bound.looseness
        return Bounded(
            values=np.maximum(minima.values, bounder.objective.floor),
            points=minima.points,
            weights=minima.weights,
            constants=minima.constants,
            looseness=looseness,
            finer=groups.refined(self.cuts, wanted),
            group_looseness=total,
            precision=precision,
            low=low,
            high=high,
        )
