"""Steepest but sure: from a candidate down to the local optimum by cutting planes within a trusted reach.

A ReLU network is linear in pieces; gradient methods stall where pieces meet, for there the gradient of one piece points
into another. So each candidate keeps a bundle of planes, one for each point with its gradient nearby, and next tries
the lowest point under all of them within a reach that it trusts. Where that is lower, the candidate moves there; where
it is not, the new plane corrects the picture. On a piecewise linear score the planes become the score itself after a
few points, and the lowest point its exact corner. (Bundle method with a box as trust region: Schramm and Zowe, A
version of the bundle idea for minimizing a nonsmooth function, 1992; planes lowered as in Kiwiel, 1985.)
"""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import AskTellError, check_lengths
from optimizer.polish.cutting_planes import Bundles, lowest_under_planes
from optimizer.polish.room import Room
from optimizer.problem.candidates import Candidates
from optimizer.problem.penalties import GradientPenalty
from optimizer.problem.problem import Problem

FIRST_REACH = 0.1  # standard deviations
LARGEST_REACH = 1.0
MAX_REFINEMENTS = 5  # programs for one point, as long as the planes of the penalties do not fit
_EXACT = 0.1  # share of the promised gain that the planes of the penalties may be off
_GOOD, _POOR = 0.7, 0.1  # shares of the promised gain
_GROW, _CORRECT, _SHRINK, _HURRY = 2.0, 0.7, 0.5, 0.1  # of the reach


@dataclass(frozen=True, slots=True)
class Precision:
    """When a candidate is as good as it gets.

    Attributes:
        least_gain: promises of less than that make it hurry to its end; of the score, in standard deviations of the
            objective.
        last_reach: it is settled once it trusts its planes no farther than that, in recorded standard deviations.
    """

    least_gain: float
    last_reach: float


EXACT = Precision(1e-9, 1e-7)  # predictions in single precision are good to 1e-7
ROUGH = Precision(1e-4, 1e-3)  # for scores that are only known to a standard error


class Descent:
    """Candidates on their way to their local optima, asked and told together; none ever gets worse.

    ``ask`` gives the next point of every candidate that is not settled, ``tell`` takes what it is worth, with the
    gradient of its score. The first points are the candidates themselves.

    Args:
        problem: what gives a candidate its score.
        candidates: evaluated, of this problem's space.
        first_reach: how far a first move may go, in standard deviations.
        precision: when a candidate is as good as it gets.

    Attributes:
        best: the m candidates as they are now, in the order in which they came.
        reach: (m,) how far each trusts its planes, in standard deviations.
        is_settled: (m,) whether a candidate is as good as it gets here.
    """

    def __init__(
        self,
        problem: Problem,
        candidates: Candidates,
        first_reach: float = FIRST_REACH,
        precision: Precision = EXACT,
    ) -> None:
        self.best = candidates
        self._precision = precision
        known = [penalty for penalty in problem.active_penalties if isinstance(penalty, GradientPenalty)]
        self._penalties = tuple(known)
        self.reach = np.full(len(candidates), first_reach)
        self._room = Room.of(problem.space)
        self.is_settled = ~np.isfinite(candidates.scores) | (len(self._room.columns) == 0)
        n_numbers = len(self._room.columns)
        self._slopes = np.zeros((len(candidates), n_numbers))
        self._bundles: Bundles | None = None  # of the objective alone
        self._whole: Bundles | None = None  # with penalties
        self._asked: np.ndarray | None = None
        self._points = np.empty((0, candidates.X.shape[1]))
        self._promised = np.empty(0)

    @property
    def is_done(self) -> bool:
        """Whether every candidate is settled."""
        return bool(self.is_settled.all())

    @property
    def asked(self) -> np.ndarray:
        """(n,) which candidates the points of the last `ask` belong to."""
        return np.empty(0, dtype=int) if self._asked is None else self._asked

    def ask(self, at_most: int | None = None) -> np.ndarray:
        """Return (n, d) the next point of each candidate that is not settled, of the best ``at_most`` of them.

        Raises:
            AskTellError: the last points have not been told.
        """
        if self._asked is not None:
            raise AskTellError("ask() was called twice: tell() the results of the first first.")
        rows = np.flatnonzero(~self.is_settled)
        if at_most is not None and len(rows) > at_most:
            rows = np.sort(rows[np.argsort(self.best.scores[rows], kind="stable")[:at_most]])
        if self._bundles is None:
            points, promised = self.best.X[rows], np.zeros(len(rows))
        else:
            rows, points, promised = self._next(rows)
        self._asked, self._points, self._promised = rows, points, promised
        return points.copy()

    def tell(self, results: Candidates, gradients: np.ndarray, beside: Candidates | None = None) -> None:
        """Take in what the points of the last `ask` are worth, and the gradients (n, d) of their scores.

        Args:
            results: the points, evaluated.
            gradients: of their scores, or of those ``beside``.
            beside: candidates within the reach of the points, whose gradients are given in the place of theirs.

        Raises:
            AskTellError: nothing was asked, or the number of results differs.
        """
        if self._asked is None:
            raise AskTellError("tell() needs the results of an ask(): call ask() first.")
        check_lengths(len(self._asked), len(results))
        rows, self._asked = self._asked, None
        slopes = gradients[:, self._room.columns] * self._room.unit
        if self._bundles is None:
            self._begin(rows, results, slopes)
        else:
            self._learn(rows, results, slopes, results if beside is None else beside)
        self.is_settled |= self.reach < self._precision.last_reach

    def _begin(self, rows: np.ndarray, results: Candidates, slopes: np.ndarray) -> None:
        """Make the bundles; a candidate that was left out for want of budget is settled."""
        self.is_settled |= ~np.isin(np.arange(len(self.best)), rows)
        self._slopes[rows] = slopes
        paid, paid_slopes = self._known(self.best.X)
        self._bundles = Bundles(self._room.scaled(self.best.X), self.best.scores - paid, self._slopes - paid_slopes)
        self._whole = Bundles(self._room.scaled(self.best.X), self.best.scores, self._slopes)

    def _next(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which candidates have a next point, these points, and the gains they promise.

        A point that is known already makes the reach smaller at once.
        """
        points, promised = self.best.X.copy(), np.zeros(len(self.best))
        seeking = rows
        while len(seeking):
            points[seeking], promised[seeking] = self._lowest(seeking)
            is_known = self._bundles is not None and self._bundles.have(seeking, self._room.scaled(points[seeking]))
            seeking = seeking[is_known]
            self.reach[seeking] *= _SHRINK
            self.is_settled[seeking] = self.reach[seeking] < self._precision.last_reach
            seeking = seeking[~self.is_settled[seeking]]
        rows = rows[~self.is_settled[rows]]
        return rows, points[rows], promised[rows]

    def _lowest(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, d) the lowest points under the bundles of some candidates, and (n,) the gains they promise.

        Penalties are known without an evaluation. So where the lowest point turns out to pay more than the planes say,
        a plane of the penalties there, on top of the objective's, joins them, and the program is solved again.
        """
        assert self._bundles is not None and self._whole is not None
        X, reach, scores = self.best.X[rows], self.reach[rows], self.best.scores[rows]
        low, high = self._room.around(X, reach)
        limits, centres = self._room.limits(X), self._room.scaled(X)
        paid, paid_slopes = self._known(X)
        slopes, heights = self._bundles.seen_from(rows, centres, scores - paid, self._slopes[rows] - paid_slopes, reach)
        planes, tops = self._whole.seen_from(rows, centres, scores, self._slopes[rows], reach)
        best, lowest, least = np.zeros(low.shape), np.zeros(len(rows)), np.full(len(rows), np.inf)
        open_ = np.arange(len(rows))
        for _ in range(MAX_REFINEMENTS if self._penalties else 1):
            moves, lowest[open_] = lowest_under_planes(planes, tops, low[open_], high[open_], limits.take(open_))
            costs, cost_slopes = self._known(self._room.shifted(X[open_], moves))
            under = heights[open_] + np.einsum("nkp,np->nk", slopes[open_], moves)
            values = under.max(axis=1) + costs - paid[open_]
            is_lower = values < least[open_]
            best[open_[is_lower]], least[open_[is_lower]] = moves[is_lower], values[is_lower]
            added = slopes[open_, under.argmax(axis=1)] + cost_slopes
            at_centre = np.minimum(values - np.einsum("np,np->n", added, moves), 0.0)
            is_off = values - lowest[open_] > _EXACT * np.maximum(-lowest[open_], 0.0)
            planes = np.concatenate([planes[is_off], added[is_off, None]], axis=1)
            tops = np.concatenate([tops[is_off], at_centre[is_off, None]], axis=1)
            open_ = open_[is_off]
            if not len(open_):
                break
        return self._room.moved(X, best), np.maximum(-lowest, 0.0)

    def _known(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the weighted penalties (n,) of candidates and their slopes (n, p), per standard deviation."""
        total, slopes = np.zeros(len(X)), np.zeros((len(X), len(self._room.columns)))
        for penalty in self._penalties:
            costs, gradients = penalty.cost_with_gradient(X)
            total += penalty.weight * costs
            slopes += penalty.weight * gradients[:, self._room.columns] * self._room.unit
        return total, slopes

    def _learn(self, rows: np.ndarray, results: Candidates, slopes: np.ndarray, touching: Candidates) -> None:
        """Move to the points that are better, keep all planes, and trust as far as the promises were kept."""
        assert self._bundles is not None and self._whole is not None
        centres, points = self._room.scaled(self.best.X[rows]), self._room.scaled(touching.X)
        scores = self.best.scores[rows]
        is_finite = np.isfinite(results.scores)
        found = np.where(is_finite, results.scores, scores + 1.0)
        gained, promised = scores - found, self._promised
        has_plane = np.isfinite(touching.scores)
        heights = np.where(has_plane, touching.scores, scores + 1.0)
        at_centre = heights + np.einsum("np,np->n", slopes, centres - points) - scores
        is_correcting = has_plane & (at_centre <= 0) & (gained > -10 * promised)
        factor = np.where(is_correcting, _CORRECT, _SHRINK)
        factor = np.where(gained > _POOR * promised, 1.0, factor)
        factor = np.where(gained > _GOOD * promised, _GROW, factor)
        factor = np.where(promised < self._precision.least_gain, _HURRY, factor)
        self.reach[rows] = np.minimum(self.reach[rows] * factor, LARGEST_REACH)
        kept = np.flatnonzero(has_plane)
        paid, paid_slopes = self._known(touching.X[kept])
        self._bundles.replace(rows[kept], points[kept], heights[kept] - paid, slopes[kept] - paid_slopes, centres[kept])
        self._whole.replace(rows[kept], points[kept], heights[kept], slopes[kept], centres[kept])
        better = np.flatnonzero(is_finite & (gained > 0))
        self._slopes[rows[better]] = slopes[better]
        self.best = self.best.with_rows(rows[better], results.take(better))
