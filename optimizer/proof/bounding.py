"""The lower bound of the score over many boxes at once, and where in each box the bound is loose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.proof.bands import Band, Lines, Lowest, lowest, mixed
from optimizer.proof.distance import Near, Nearness
from optimizer.proof.domain import Domain
from optimizer.proof.network_bounds import Below, Layer, best_below, bound_layers, bound_rounding, prediction_error
from optimizer.proof.objective import Face, Groups, Join, Target

_GROUPS_AT_ONCE = 256
"""So many networks' bounds are computed at once: their intermediate values stay in the processor's own cache."""
_STEPS = (0.5, 0.25, 0.12)
"""Changes of the slopes below ReLUs; more of them save boxes, and cost more than they save."""
_ROUNDING = 1e-13
"""Relative error of summing up to a thousand groups, rounded up."""


@dataclass(frozen=True, slots=True)
class Bounded:
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

    def where(self, is_first: np.ndarray, second: "Bounded") -> "Bounded":
        """The boxes of this one where ``is_first`` (n,), else those of the second."""
        return Bounded(
            *(
                np.where(is_first.reshape(-1, *[1] * (mine.ndim - 1)), mine, other)
                for mine, other in zip(self._arrays(), second._arrays(), strict=True)
            )
        )

    @classmethod
    def joined(cls, parts: Sequence["Bounded"]) -> "Bounded":
        """Several, one after the other."""
        return cls(*(np.concatenate(arrays) for arrays in zip(*(part._arrays() for part in parts), strict=True)))

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


class Bounder:
    """Bounds the score of a problem over boxes.

    Args:
        domain: the space, seen by the network.
        target: what the objective asks for.
        bands: penalties and constraints on weighted sums.
        nearness: the penalty on the distance to recorded rows, or None.
    """

    def __init__(
        self, domain: Domain, target: Target, bands: Sequence[Band] = (), nearness: Nearness | None = None
    ) -> None:
        self.domain = domain
        self.target = target
        self.bands = tuple(bands)
        self.nearness = nearness
        network = domain.network
        largest = domain.largest_inputs
        self._sweep = np.zeros(network.n_inputs, dtype=bool)
        if target.sweep is not None:
            self._sweep = network.columns == target.sweep
            along = (np.abs(target.grid).max() + np.abs(network.means)) * np.abs(network.scales)
            largest = np.where(self._sweep, along, largest)
        self._rounding = bound_rounding(network, largest)

    def bound(self, low: np.ndarray, high: np.ndarray, cuts: np.ndarray, cutoff: float = np.inf) -> Bounded:
        """What is known of boxes (n, d), n at least 1, whose curves are grouped by ``cuts`` (n, m - 1).

        Scores from ``cutoff`` on need not be told apart.
        """
        ends = np.cumsum(cuts.sum(axis=1) + 1) // _GROUPS_AT_ONCE
        breaks = np.flatnonzero(np.diff(ends)) + 1
        parts = np.split(np.arange(len(low)), breaks)
        return Bounded.joined([self._bound(low[part], high[part], cuts[part], cutoff) for part in parts])

    def _bound(self, low: np.ndarray, high: np.ndarray, cuts: np.ndarray, cutoff: float) -> Bounded:
        """The same for few enough boxes."""
        groups = Groups.of(cuts, self.target)
        first, last = low[groups.owners], high[groups.owners]
        if self.target.sweep is not None:
            first[:, self.target.sweep], last[:, self.target.sweep] = groups.low, groups.high
        center, radius = self.domain.inputs(first, last)
        network = self.domain.network
        layers = bound_layers(network, center, radius, self._rounding)
        errors = prediction_error(network, layers, np.abs(center) + radius) + self._rounding[-1]
        patch = _Patch(
            self, low, high, cuts, groups, center, radius, layers, errors * abs(network.outcome_scale), cutoff
        )
        best: Bounded | None = None
        for face in self.target.faces:
            found = patch.bounded(face)
            best = found if best is None else best.where(best.values >= found.values, found)
        assert best is not None
        return best


@dataclass(frozen=True, eq=False)
class _Patch:
    """Some boxes with all that was computed of them."""

    bounder: Bounder
    low: np.ndarray
    high: np.ndarray
    cuts: np.ndarray
    groups: Groups
    center: np.ndarray
    radius: np.ndarray
    layers: list[Layer]
    errors: np.ndarray
    """How far the predictor's outcome may lie from the bounds' network, in the outcome's unit, (q,)."""
    cutoff: float

    def bounded(self, face: Face) -> Bounded:
        """What one side of the score says."""
        bounder, groups = self.bounder, self.groups
        domain = bounder.domain

        def judge(found: Below) -> tuple[np.ndarray, np.ndarray]:
            judged, at, _ = self._lowest(found, face, is_quick=True)
            rows = groups.owners if face.join is Join.SUM else slice(None)
            inputs = domain.inputs_at(judged.points)[rows]
            inputs[:, bounder._sweep] = at[:, None]
            return judged.values[rows], inputs

        factor = face.factor * domain.network.outcome_scale
        n = len(groups.owners)
        weights = np.tile(factor * domain.network.kernels[-1][:, 0], (n, 1))
        constants = np.full(n, factor * domain.network.biases[-1][0])
        found = best_below(domain.network, self.layers, weights, constants, judge, _STEPS)
        judged, _, lines = self._lowest(found, face)
        shares, heights = groups.masses, judged.values
        if face.join is not Join.SUM:
            chosen = groups.deciding(judged.values, face.join)
            shares = np.zeros(len(groups.owners))
            shares[chosen] = 1.0
            judged = judged.take(chosen)
            if face.join is Join.LARGEST:
                judged, shares = mixed(lines, judged, shares, groups, self.low, self.high, bounder.bands)
            else:  # no single line is below the least of several
                judged = Lowest(judged.values, judged.points, np.zeros_like(judged.weights), judged.values)
        loose = self._looseness(found)
        precision = groups.sum(shares * self.errors) * abs(face.factor)
        if face.join is Join.LARGEST:  # a group whose bound is low may be the largest all the same
            shares = np.maximum(shares, heights + loose.sum(axis=1) > judged.values[groups.owners])
        return self._described(judged, loose * shares[:, None], precision, lines if face.join is Join.SUM else None)

    def _lowest(self, found: Below, face: Face, *, is_quick: bool = False) -> tuple[Lowest, np.ndarray, Lines]:
        """The lowest values, the sweep's inputs (q,) they are at, and the lines without bands.

        Values and lines are those of each box for a sum, and else of each group.
        """
        bounder, groups = self.bounder, self.groups
        domain, target = bounder.domain, bounder.target
        network = domain.network
        weights, constants = found.weights, found.constants + face.factor * network.outcome_shift
        constants = constants - abs(face.factor) * self.errors
        at = np.zeros(len(weights))
        if target.sweep is not None:
            slopes = weights[:, bounder._sweep][:, 0]
            mean, scale = network.means[bounder._sweep][0], network.scales[bounder._sweep][0]
            values = groups.ends(slopes * scale, face.join)
            at = (values - mean) * scale
            weights = np.where(bounder._sweep, 0.0, weights)
            constants = constants + slopes * at
        low, high = self.low, self.high
        if face.join is Join.SUM:
            sizes = np.abs(constants) + np.einsum("np,np->n", np.abs(weights), np.abs(self.center) + self.radius)
            constants = groups.sum(groups.masses * (constants - _ROUNDING * sizes))
            weights = groups.sum(groups.masses[:, None] * weights)
        else:
            low, high = low[groups.owners], high[groups.owners]
        of_features, constants, positions = domain.of_features(weights, constants + face.shift, low, high)
        judged = lowest(of_features, constants, low, high, bounder.bands, is_quick=is_quick)
        for j in domain.codes:
            judged.points[:, j] = positions[:, j]
        return judged, at, Lines(of_features, constants)

    def _looseness(self, found: Below) -> np.ndarray:
        """How much (q, p) of each group's error the width of each input makes, by keeping ReLUs open."""
        loose = np.zeros_like(self.center)
        for layer, weights in zip(self.layers, found.units, strict=True):
            per_width = np.abs(weights) * layer.gap / np.maximum(layer.high - layer.low, 1e-300)
            loose += np.einsum("qm,qpm->qp", per_width, layer.reach)
        return loose

    def _near(self, nearness: Nearness, judged: Lowest, lines: Lines | None) -> Near:
        """The bounds with the distance; with bands, their multipliers are chosen anew for the line that decides.

        Args:
            nearness: the distance penalty.
            judged: the lowest values without it.
            lines: the functions without bands, one a box, or None.
        """
        low, high, bands = self.low, self.high, self.bounder.bands
        near = nearness.add(judged, low, high, self.cutoff)
        if not bands or lines is None:
            return near
        together = lowest(lines.weights + near.slopes, lines.constants, low, high, bands)
        again = lowest(together.weights - near.slopes, together.constants, low, high, ())
        values = np.where(np.isinf(judged.values), np.inf, again.values)
        again = Lowest(values, judged.points, again.weights, again.constants)
        return near.better(nearness.add(again, low, high, self.cutoff))

    def _described(self, judged: Lowest, loose: np.ndarray, precision: np.ndarray, lines: Lines | None) -> Bounded:
        """The bound, with the distance penalty, and its looseness (q, p) by columns and groups."""
        bounder, groups = self.bounder, self.groups
        of_groups = np.where(groups.last > groups.first, loose @ bounder._sweep, 0.0)
        loose[:, bounder._sweep] = 0.0
        total = groups.sum(of_groups)
        counts = np.maximum(groups.sum((of_groups > 0).astype(float)), 1.0)
        wanted = (of_groups > 0) & (of_groups >= (total / counts)[groups.owners])
        looseness = bounder.domain.by_feature(groups.sum(loose))
        low, high = self.low, self.high
        if bounder.nearness is not None:
            near = self._near(bounder.nearness, judged, lines)
            judged, low, high = near.lines, near.low, near.high
            looseness = looseness + near.looseness
        return Bounded(
            values=np.maximum(judged.values, bounder.target.floor),
            points=judged.points,
            weights=judged.weights,
            constants=judged.constants,
            looseness=looseness,
            finer=groups.refined(self.cuts, wanted),
            group_looseness=total,
            precision=precision,
            low=low,
            high=high,
        )
