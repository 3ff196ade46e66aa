"""From a candidate down to its local optimum by cutting planes within a trust region.

A ReLU network is linear in pieces; gradient methods stall where pieces meet, for there the gradient of one piece points
into another. So each candidate keeps a bundle of planes, one for each point with its gradient nearby, and next tries
the lowest point under all of them within a radius that it trusts. Where that is lower, the candidate moves there; where
it is not, the new plane corrects the picture. On a piecewise linear score the planes become the score itself after a
few points, and the lowest point its exact corner. (Bundle method with a box as trust region: Schramm and Zowe, A
version of the bundle idea for minimizing a nonsmooth function, 1992; planes lowered as in Kiwiel, 1985.)
"""

from dataclasses import dataclass

import numpy as np

from optimizer.constraints.constraint import ConditionalConstraint
from optimizer.constraints.subspace import SubspaceConstraint
from optimizer.constraints.system import System
from optimizer.features import Numeric
from optimizer.polish.linear_programs import Limits, lowest_under_planes
from optimizer.problem.candidates import Candidates
from optimizer.problem.penalties import GradientPenalty
from optimizer.problem.problem import Problem
from optimizer.problem.space import SearchSpace

FIRST_RADIUS = 0.1  # standard deviations
LARGEST_RADIUS = 1.0
MAX_REFINEMENTS = 5  # programs for one point, as long as the planes of the penalties do not fit
MAX_PLANES = 64
FAR = 6.0  # radii: a plane from farther away says nothing of here
FINE_STEP = 0.05  # of a standard deviation: larger steps, like categories, do not move along a gradient
_EXACT = 0.1  # share of the predicted gain that the planes of the penalties may be off
_GOOD, _POOR = 0.7, 0.1  # shares of the predicted gain
_GROW, _CORRECT, _SHRINK, _HURRY = 2.0, 0.7, 0.5, 0.1  # of the radius


@dataclass(frozen=True, slots=True)
class Precision:
    """When a candidate is as good as it gets.

    Attributes:
        least_gain: predictions of less than that make it hurry to its end; of the score, in standard deviations of the
            objective.
        last_radius: it is settled once it trusts its planes no farther than that, in recorded standard deviations.
    """

    least_gain: float
    last_radius: float


EXACT = Precision(1e-9, 1e-7)  # predictions in single precision are good to 1e-7
ROUGH = Precision(1e-4, 1e-3)  # for scores that are only known to a standard error


@dataclass(frozen=True, slots=True)
class Trial:
    """Points to evaluate next.

    Attributes:
        rows: (n,) which candidates they belong to.
        X: (n, d) one point each.
        predicted_gain: (n,) how much lower the planes are there.
    """

    rows: np.ndarray
    X: np.ndarray
    predicted_gain: np.ndarray


class PlaneBundles:
    """One bundle of k planes for each of m candidates, in p numbers; a new plane replaces the one from farthest away.

    Args:
        points: (m, p) where the first plane of each touches.
        values: (m,) its height there.
        slopes: (m, p) how it rises.
    """

    def __init__(self, points: np.ndarray, values: np.ndarray, slopes: np.ndarray) -> None:
        n_planes = min(2 * points.shape[1] + 6, MAX_PLANES)  # a corner of a piecewise linear score has p + 1 planes
        self.points = np.repeat(points[:, None], n_planes, axis=1)
        self.values = np.repeat(values[:, None], n_planes, axis=1)
        self.slopes = np.repeat(slopes[:, None], n_planes, axis=1)

    def replace(
        self, rows: np.ndarray, points: np.ndarray, values: np.ndarray, slopes: np.ndarray, centres: np.ndarray
    ) -> None:
        """Put a plane into each bundle of ``rows`` (n,), in the place of the one farthest from ``centres`` (n, p)."""
        farthest = np.abs(self.points[rows] - centres[:, None]).max(axis=2).argmax(axis=1)
        self.points[rows, farthest] = points
        self.values[rows, farthest] = values
        self.slopes[rows, farthest] = slopes

    def relative_to(
        self, rows: np.ndarray, centres: np.ndarray, scores: np.ndarray, slopes: np.ndarray, radius: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Slopes (n, k, p) of the planes and their heights (n, k) at the centres, relative to the scores there.

        A plane above the score of the centre is lowered to it: such a plane shows that the score is not convex here,
        and the centre must not look worse than it is. In the place of one from far away stands the centre's own.

        Args:
            rows: (n,) which bundles.
            centres: (n, p) from where.
            scores: (n,) at the centres.
            slopes: (n, p) at the centres.
            radius: (n,) how far a move may go.
        """
        away = centres[:, None] - self.points[rows]
        heights = self.values[rows] + np.einsum("nkp,nkp->nk", self.slopes[rows], away) - scores[:, None]
        is_far = np.abs(away).max(axis=2) > FAR * radius[:, None]
        return (
            np.where(is_far[:, :, None], slopes[:, None], self.slopes[rows]),
            np.where(is_far, 0.0, np.minimum(heights, 0.0)),
        )

    def touch_at(self, rows: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Whether the bundles ``rows`` (n,) have a plane that touches at ``points`` (n, p), (n,)."""
        return (np.abs(self.points[rows] - points[:, None]).max(axis=2) <= 1e-12).any(axis=1)


class Descent:
    """Candidates on their way to their local optima, all together; none ever gets worse.

    `next_trial` gives the next point of every candidate that is not settled, `update` takes its score and gradient. The
    first points are the candidates themselves.

    Args:
        candidates: evaluated, of this problem's space.

    Attributes:
        best: the m candidates as they are now, in the order in which they came.
        radius: (m,) how far each trusts its planes, in standard deviations.
        is_settled: (m,) whether a candidate is as good as it gets here.
        is_left_out: (m,) whether the budget did not reach for it.
    """

    def __init__(self, problem: Problem, candidates: Candidates, precision: Precision = EXACT) -> None:
        self.best = candidates
        self._precision = precision
        self._penalties = tuple(each for each in problem.active_penalties if isinstance(each, GradientPenalty))
        self._movable = MovableNumbers.of(problem.space)
        n_numbers = len(self._movable.columns)
        self.radius = np.full(len(candidates), FIRST_RADIUS)
        self.is_settled = ~np.isfinite(candidates.scores) | (n_numbers == 0)
        self.is_left_out = np.zeros(len(candidates), dtype=bool)
        self._slopes = np.zeros((len(candidates), n_numbers))
        self._objective_planes: PlaneBundles | None = None  # without penalties
        self._score_planes: PlaneBundles | None = None  # with them

    def next_trial(self, at_most: int) -> Trial:
        """The next point of each candidate that is not settled, of the best ``at_most`` of them."""
        rows = np.flatnonzero(~self.is_settled)
        if len(rows) > at_most:
            rows = np.sort(rows[np.argsort(self.best.scores[rows], kind="stable")[:at_most]])
        if self._objective_planes is None:
            return Trial(rows, self.best.X[rows], np.zeros(len(rows)))
        return self._lowest_points(rows, self._objective_planes)

    def update(self, trial: Trial, results: Candidates, gradients: np.ndarray, touching: Candidates) -> None:
        """Take in the evaluated points of a trial.

        Args:
            trial: of `next_trial`.
            results: its points, evaluated.
            gradients: (n, d) of the scores of ``touching``.
            touching: the points or candidates beside them, within the radius, at which the gradients hold.
        """
        slopes = self._movable.slopes(gradients)
        if self._objective_planes is None:
            self._begin(trial.rows, slopes)
        else:
            self._learn(trial, results, slopes, touching)
        self.is_settled |= self.radius < self._precision.last_radius

    def _begin(self, rows: np.ndarray, slopes: np.ndarray) -> None:
        """Make the bundles; a candidate that was left out for want of budget counts as settled."""
        self.is_left_out = ~self.is_settled & ~np.isin(np.arange(len(self.best)), rows)
        self.is_settled |= self.is_left_out
        self._slopes[rows] = slopes
        points, (costs, cost_slopes) = self._movable.scaled(self.best.X), self._penalty_costs(self.best.X)
        self._objective_planes = PlaneBundles(points, self.best.scores - costs, self._slopes - cost_slopes)
        self._score_planes = PlaneBundles(points, self.best.scores, self._slopes)

    def _lowest_points(self, rows: np.ndarray, planes: PlaneBundles) -> Trial:
        """The lowest points under the planes; a point that is known already makes the radius smaller at once."""
        points, gains = self.best.X.copy(), np.zeros(len(self.best))
        seeking = rows
        while len(seeking):
            points[seeking], gains[seeking] = self._lowest(seeking)
            seeking = seeking[planes.touch_at(seeking, self._movable.scaled(points[seeking]))]
            self.radius[seeking] *= _SHRINK
            self.is_settled[seeking] = self.radius[seeking] < self._precision.last_radius
            seeking = seeking[~self.is_settled[seeking]]
        rows = rows[~self.is_settled[rows]]
        return Trial(rows, points[rows], gains[rows])

    def _lowest(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lowest points under the bundles of some candidates, (n, d), and the gains that the planes predict, (n,).

        Penalties are known without an evaluation. So where the lowest point turns out to cost more than the planes
        say, a plane of the penalties there, on top of the objective's, joins them, and the program is solved again.
        """
        assert self._objective_planes is not None and self._score_planes is not None
        X, radius, scores = self.best.X[rows], self.radius[rows], self.best.scores[rows]
        low, high = self._movable.ranges(X, radius)
        limits, centres = self._movable.limits(X), self._movable.scaled(X)
        costs, cost_slopes = self._penalty_costs(X)
        slopes, heights = self._objective_planes.relative_to(
            rows, centres, scores - costs, self._slopes[rows] - cost_slopes, radius
        )
        planes, tops = self._score_planes.relative_to(rows, centres, scores, self._slopes[rows], radius)
        best, lowest, least = np.zeros(low.shape), np.zeros(len(rows)), np.full(len(rows), np.inf)
        open_ = np.arange(len(rows))
        for _ in range(MAX_REFINEMENTS if self._penalties else 1):
            moves, lowest[open_] = lowest_under_planes(planes, tops, low[open_], high[open_], limits.take(open_))
            new_costs, new_slopes = self._penalty_costs(self._movable.shifted(X[open_], moves))
            under = heights[open_] + np.einsum("nkp,np->nk", slopes[open_], moves)
            values = under.max(axis=1) + new_costs - costs[open_]
            is_lower = values < least[open_]
            best[open_[is_lower]], least[open_[is_lower]] = moves[is_lower], values[is_lower]
            added = slopes[open_, under.argmax(axis=1)] + new_slopes
            at_centre = np.minimum(values - np.einsum("np,np->n", added, moves), 0.0)
            is_off = values - lowest[open_] > _EXACT * np.maximum(-lowest[open_], 0.0)
            planes = np.concatenate([planes[is_off], added[is_off, None]], axis=1)
            tops = np.concatenate([tops[is_off], at_centre[is_off, None]], axis=1)
            open_ = open_[is_off]
            if not len(open_):
                break
        return self._movable.moved(X, best), np.maximum(-lowest, 0.0)

    def _penalty_costs(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The weighted penalties of candidates, (n,), and their slopes (n, p), per standard deviation."""
        costs, slopes = np.zeros(len(X)), np.zeros((len(X), len(self._movable.columns)))
        for penalty in self._penalties:
            own, gradients = penalty.cost_with_gradient(X)
            costs += penalty.weight * own
            slopes += penalty.weight * self._movable.slopes(gradients)
        return costs, slopes

    def _learn(self, trial: Trial, results: Candidates, slopes: np.ndarray, touching: Candidates) -> None:
        """Move to the points that are better, keep all planes, and trust as far as the predicted gains were true."""
        assert self._objective_planes is not None and self._score_planes is not None
        rows, predicted = trial.rows, trial.predicted_gain
        centres, points = self._movable.scaled(self.best.X[rows]), self._movable.scaled(touching.X)
        scores = self.best.scores[rows]
        is_finite = np.isfinite(results.scores)
        gained = scores - np.where(is_finite, results.scores, scores + 1.0)
        has_plane = np.isfinite(touching.scores)
        heights = np.where(has_plane, touching.scores, scores + 1.0)
        at_centre = heights + np.einsum("np,np->n", slopes, centres - points) - scores
        # a plane at or below the centre's score corrects the bundle, so the next point is a better one: shrink less
        is_correcting = has_plane & (at_centre <= 0) & (gained > -10 * predicted)
        factor = np.where(is_correcting, _CORRECT, _SHRINK)
        factor = np.where(gained > _POOR * predicted, 1.0, factor)
        factor = np.where(gained > _GOOD * predicted, _GROW, factor)
        factor = np.where(predicted < self._precision.least_gain, _HURRY, factor)
        self.radius[rows] = np.minimum(self.radius[rows] * factor, LARGEST_RADIUS)
        kept = np.flatnonzero(has_plane)
        costs, cost_slopes = self._penalty_costs(touching.X[kept])
        own = rows[kept], points[kept]
        self._objective_planes.replace(*own, heights[kept] - costs, slopes[kept] - cost_slopes, centres[kept])
        self._score_planes.replace(*own, heights[kept], slopes[kept], centres[kept])
        better = np.flatnonzero(is_finite & (gained > 0))
        self._slopes[rows[better]] = slopes[better]
        self.best = self.best.with_rows(rows[better], results.take(better))


@dataclass(frozen=True, slots=True)
class MovableNumbers:
    """The p numbers that follow a gradient, in standard deviations of their own.

    Attributes:
        columns: (p,) free numeric features, continuous or of fine steps, that lineages do not keep.
        unit: (p,) recorded standard deviations.
        low: (p,) bounds, in standard deviations.
        high: (p,) bounds, in standard deviations.
        step: (p,) steps in the features' unit, 0 for continuous ones.
    """

    space: SearchSpace
    columns: np.ndarray
    unit: np.ndarray
    low: np.ndarray
    high: np.ndarray
    step: np.ndarray
    system: System

    @classmethod
    def of(cls, space: SearchSpace) -> "MovableNumbers":
        """The movable numbers of a space."""
        moving = {
            j: f
            for j, f in enumerate(space.features)
            if isinstance(f, Numeric) and f.is_free and not f.is_kept and (f.step or 0.0) <= FINE_STEP * f.std
        }
        numbers = moving.values()
        unit = np.array([f.std for f in numbers])
        return cls(
            space=space,
            columns=np.array(list(moving), dtype=int),
            unit=unit,
            low=np.array([f.low for f in numbers]) / unit,
            high=np.array([f.high for f in numbers]) / unit,
            step=np.array([f.step or 0.0 for f in numbers]),
            system=System.of(space.features, space.constraints),
        )

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """The numbers that move, in standard deviations, (n, p)."""
        return X[:, self.columns] / self.unit

    def slopes(self, gradients: np.ndarray) -> np.ndarray:
        """Gradients (n, d) by the numbers that move, per standard deviation, (n, p).

        Of columns that move together, only what rises along their components: a move is brought back to these.
        """
        for each in self.space.constraints:
            if isinstance(each, SubspaceConstraint):
                own, gradients = list(each.columns), gradients.copy()
                gradients[:, own] = each.along(gradients[:, own] * each.unit**2) / each.unit**2
        return gradients[:, self.columns] * self.unit

    def shifted(self, X: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """The candidates after moves (n, p) in standard deviations, wherever these lead, (n, d)."""
        Y = X.copy()
        Y[:, self.columns] += moves * self.unit
        return Y

    def moved(self, X: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """The candidates after moves (n, p) in standard deviations, within bounds, steps and constraints, (n, d).

        A candidate that could only move together with a feature that does not move comes back as it is.
        """
        Y = self.space.repair(self.shifted(X, moves))
        others = np.delete(np.arange(X.shape[1]), self.columns)
        strays = (Y[:, others] != X[:, others]).any(axis=1)
        return np.where(strays[:, None], X, Y)

    def ranges(self, X: np.ndarray, radius: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The smallest moves, at most 0, and the largest, at least 0, within a ``radius`` (n,), (n, p) each.

        What a cardinality constraint keeps at zero stays there, what is more stays enough, and categories hold what
        they hold.
        """
        Z = self.scaled(X)
        low, high = np.tile(self.low, (len(X), 1)), np.tile(self.high, (len(X), 1))
        system = self.system
        lower, upper = system.bounds(X, self._conditions)
        for group in system.groups:
            at = group.positions
            is_off = X[:, system.index[at]] <= group.threshold
            upper[:, at] = np.where(is_off, np.minimum(upper[:, at], group.off), upper[:, at])
            lower[:, at] = np.where(is_off | (not group.has_gap), lower[:, at], np.maximum(lower[:, at], group.least))
        own, places = np.flatnonzero(np.isin(self.columns, system.index)), np.searchsorted(system.index, self.columns)
        low[:, own] = np.maximum(low[:, own], lower[:, places[own]] / self.unit[own])
        high[:, own] = np.minimum(high[:, own], upper[:, places[own]] / self.unit[own])
        near = radius[:, None]
        return np.clip(low - Z, -near, 0.0), np.clip(high - Z, 0.0, near)

    @property
    def _conditions(self) -> tuple[ConditionalConstraint, ...]:
        return tuple(each for each in self.space.constraints if isinstance(each, ConditionalConstraint))

    def limits(self, X: np.ndarray) -> Limits:
        """What the linear constraints leave to moves from candidates ``X`` (n, d)."""
        system = self.system
        A = np.zeros((len(system.A), X.shape[1]))
        A[:, system.index] = system.A
        sums = X[:, system.index] @ system.A.T
        rows = A[:, self.columns] * self.unit
        is_limit = ~system.is_equality
        has_low, has_high = is_limit & np.isfinite(system.low), is_limit & np.isfinite(system.high)
        return Limits(
            np.concatenate([rows[has_high], -rows[has_low]]),
            np.maximum(np.hstack([(system.high - sums)[:, has_high], (sums - system.low)[:, has_low]]), 0.0),
            rows[system.is_equality],
        )
