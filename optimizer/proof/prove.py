"""A proof of how much better any candidate could be: branch and bound over the inputs, many boxes at a time.

The boxes with the lowest bounds are halved across the side that makes most of the bound's error, their halves bounded,
and those that cannot beat the best known candidate dropped (Land and Doig 1960).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_positive
from optimizer.problem.candidates import Candidates
from optimizer.problem.problem import Problem
from optimizer.proof.bounding import Bounded, Bounder
from optimizer.proof.domain import Domain
from optimizer.proof.objective import PointwiseObjective
from optimizer.proof.relaxation import Relaxation, relax
from optimizer.proof.relu_network import ReluNetwork


class ProofEnd(StrEnum):
    """Why a proof ended."""

    PROVEN = "proven"
    USER = "stopped"
    TIME = "time"
    BOXES = "boxes"
    MEMORY = "memory"
    PRECISION = "precision"


@dataclass(frozen=True, slots=True)
class ProofLimits:
    """When a proof ends.

    Attributes:
        tolerance: the gap, in scores, that is small enough,
        share: or, where that is more, this share of the best known score.
        seconds: wall time at most, or None.
        boxes: bounded at most, or None.
        open_boxes: kept at most; each takes some 200 bytes, and a byte per point of a curve.
        batch: boxes split at once.

    Raises:
        SpaceError: a limit is not positive.
    """

    tolerance: float = 1e-6
    share: float = 1e-4
    seconds: float | None = None
    boxes: int | None = None
    open_boxes: int = 2_000_000
    batch: int = 512

    def __post_init__(self) -> None:
        check_positive("The tolerance of a proof", self.tolerance)
        check_at_least("The relative tolerance of a proof", self.share, 0.0)
        if self.seconds is not None:
            check_positive("The seconds of a proof", self.seconds)
        if self.boxes is not None:
            check_at_least("The boxes of a proof", self.boxes, 1)
        check_at_least("The open boxes of a proof", self.open_boxes, 1)
        check_at_least("The boxes of a batch", self.batch, 1)

    def gap_at(self, best: float) -> float:
        """The gap that is small enough beside a best known score."""
        return max(self.tolerance, self.share * abs(best)) if np.isfinite(best) else self.tolerance


@dataclass(frozen=True, slots=True)
class ProofProgress:
    """How far a proof is.

    Attributes:
        bound: no candidate has a lower score.
        best: score of the best known candidate.
        n_boxes: boxes bounded.
        n_open: boxes that may still hold something better.
        seconds: since the start.
    """

    bound: float
    best: float
    n_boxes: int
    n_open: int
    seconds: float

    @property
    def gap(self) -> float:
        """How much lower than the best known score any score could be."""
        return max(self.best - self.bound, 0.0)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven.

    Attributes:
        progress: bound, best known score and effort.
        best: the best known candidate, one row, or none where no candidate is known.
        end: why it ended.
        relaxed: what the bound leaves out, in words; it stays a bound, but a looser one.
    """

    progress: ProofProgress
    best: Candidates
    end: ProofEnd
    relaxed: tuple[str, ...]


class Frontier:
    """Open boxes in arrays that grow by doubling.

    Args:
        n_features: columns of a box (d).
        n_cuts: columns of a box's cuts (m - 1).
    """

    def __init__(self, n_features: int, n_cuts: int) -> None:
        self._n = 0
        self._bounds = np.empty(0)
        self._columns = np.empty(0, dtype=int)
        self._low, self._high = np.empty((0, n_features)), np.empty((0, n_features))
        self._cuts = np.empty((0, n_cuts), dtype=bool)

    def __len__(self) -> int:
        return self._n

    @property
    def lowest(self) -> float:
        """The lowest bound, infinity without a box."""
        return float(self._bounds[: self._n].min(initial=np.inf))

    def add(self, bounds: np.ndarray, columns: np.ndarray, low: np.ndarray, high: np.ndarray, cuts: np.ndarray) -> None:
        """Take in k boxes: bounds (k,), the columns to split next (k,) or -1, ends (k, d), cuts (k, m - 1)."""
        start, stop = self._n, self._n + len(bounds)
        if stop > len(self._bounds):
            self._grow(max(2 * len(self._bounds), stop, 1024))
        for kept, new in zip(self._arrays(), (bounds, columns, low, high, cuts), strict=True):
            kept[start:stop] = new
        self._n = stop

    def pop(self, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The n boxes with the lowest bounds, or all, in the order of `add`'s arguments, and forget them."""
        n = min(n, self._n)
        order = np.argpartition(self._bounds[: self._n], n - 1) if n < self._n else np.arange(self._n)
        taken = order[:n]
        popped = tuple(array[taken] for array in self._arrays())
        self._keep_all_but(taken)
        return popped  # type: ignore[return-value]

    def prune(self, cutoff: float) -> None:
        """Forget the boxes whose bound is not below ``cutoff``."""
        self._keep_all_but(np.flatnonzero(self._bounds[: self._n] >= cutoff))

    def _keep_all_but(self, gone: np.ndarray) -> None:
        """Close the holes with boxes from the end."""
        n_left = self._n - len(gone)
        is_gone = np.zeros(self._n, dtype=bool)
        is_gone[gone] = True
        holes = np.flatnonzero(is_gone[:n_left])
        movers = n_left + np.flatnonzero(~is_gone[n_left:])
        for array in self._arrays():
            array[holes] = array[movers]
        self._n = n_left

    def _arrays(self) -> tuple[np.ndarray, ...]:
        return self._bounds, self._columns, self._low, self._high, self._cuts

    def _grow(self, capacity: int) -> None:
        grown = (
            np.concatenate([a[: self._n], np.empty((capacity - self._n, *a.shape[1:]), a.dtype)])
            for a in self._arrays()
        )
        self._bounds, self._columns, self._low, self._high, self._cuts = grown


_FIRST_SAMPLE = 4096
_SAMPLE_SEED = 0
_ROWS_TRIED = 4096  # predictions spent on the points of one batch
_GROUPS_A_BATCH = 8192  # so many networks are bounded between two looks at the clock
_WORTH_OF_GROUPS = 2.0  # halving groups makes one box of one, splitting makes two
_NEGLIGIBLE = 0.05  # a bound whose error is rounding but for this share gains nothing by a split
_LAST = -2
_AGAIN = _SPLIT_GROUPS = -1  # the box is bounded again as it is, with its groups halved where that was wanted


def prove(
    problem: Problem,
    network: ReluNetwork,
    *,
    known: np.ndarray | None = None,
    limits: ProofLimits | None = None,
    on_progress: Callable[[ProofProgress], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Proof:
    """A lower bound of the score of every candidate, with the best candidate that is known.

    Caution is left out of both: the bound is one for the cautious too, for caution costs something and takes off
    nothing. With a gate by distance the bound is one for what passes, and only that counts as known; any other gate is
    left out as well. `Proof.relaxed` says so.

    Args:
        problem: space, objective and penalties; its predictions are those of the network.
        network: the same predictions as arrays.
        known: (k, d) candidates, such as the results of a search; those outside the space are left out.
        limits: when to end; by default at a gap of 0.01 % of the best known score.
        on_progress: called after every batch of boxes.
        should_stop: asked before every batch; True ends the proof with the bound reached.

    Raises:
        SpaceError: the network does not look at the columns of the space, or contradicts the problem's predictions.
    """
    proving = _Proving(problem, network, limits or ProofLimits())
    proving.learn(known)
    end = None
    while end is None:
        proving.step()
        progress = proving.progress()
        if on_progress is not None:
            on_progress(progress)
        end = proving.end(should_stop)
    return Proof(progress, proving.best, end, proving.relaxation.words)


@dataclass(eq=False)
class _Proving:
    """The state of one proof."""

    problem: Problem
    network: ReluNetwork
    limits: ProofLimits
    started: float = field(default_factory=time.perf_counter)
    n_boxes: int = 0
    n_groups: int = 1
    """The most groups that a curve had in the last batch."""
    settled: float = np.inf
    """The lowest bound of the boxes that cannot be split any more."""

    def __post_init__(self) -> None:
        _check_fits(self.problem, self.network)
        self.domain = Domain(self.problem.space, self.network)
        self.objective = PointwiseObjective.of(self.problem.objective)
        self.relaxation: Relaxation = relax(self.problem, self.domain)
        self.gate = self.problem.gate if self.relaxation.is_gated else None
        self.problem = self.problem.with_penalties_only()  # so that the best known is judged as the bound is
        self.bounder = Bounder(self.domain, self.objective, self.relaxation.bands, self.relaxation.distance)
        self.best = Candidates.empty(self.problem.space.n_features)
        n_cuts = len(self.objective.grid) - 1
        self.frontier = Frontier(self.problem.space.n_features, n_cuts)
        low, high = (corner[None] for corner in self.domain.root)
        is_empty = bool((low > high).any())
        if not is_empty:
            self.frontier.add(
                np.array([-np.inf]), np.array([_SPLIT_GROUPS]), low, high, np.zeros((1, n_cuts), dtype=bool)
            )

    @property
    def best_score(self) -> float:
        """The best known score, infinity without one."""
        return float(self.best.scores.min(initial=np.inf))

    @property
    def cutoff(self) -> float:
        """The score that a box must be able to beat to be looked at any further."""
        return self.best_score - self.limits.gap_at(self.best_score)

    def learn(self, known: np.ndarray | None) -> None:
        """Take the best of known candidates and of a first sample as the best known."""
        self._try(self.problem.space.sample(_FIRST_SAMPLE, np.random.default_rng(_SAMPLE_SEED)))
        if known is not None and len(known):
            self._try(known)

    def step(self) -> None:
        """Split the boxes with the lowest bounds, bound their parts and keep those that may hold something better."""
        n_fitting = _GROUPS_A_BATCH // (2 * max(self.n_groups, 1))
        parents, columns, low, high, cuts = self.frontier.pop(min(self.limits.batch, max(n_fitting, 1)))
        if not len(parents):
            return
        self.n_groups = int(cuts.sum(axis=1).max(initial=0)) + 1
        splits = columns >= 0
        first, last = self.domain.halves(low[splits], high[splits], columns[splits])
        low, high = np.concatenate([low[~splits], first]), np.concatenate([high[~splits], last])
        cuts = np.concatenate([cuts[~splits], cuts[splits], cuts[splits]])
        parents = np.concatenate([parents[~splits], parents[splits], parents[splits]])
        real = np.flatnonzero((low <= high).all(axis=1) & self.relaxation.may_hold(low, high))
        low, high, cuts, parents = low[real], high[real], cuts[real], parents[real]
        self.n_boxes += len(real)
        if not len(real):
            return
        found = self.bounder.bound(low, high, cuts, self.cutoff)
        bounds = np.maximum(found.values, parents)
        self._try_points(found, bounds)
        self._keep(found, bounds, low, high, cuts)

    def _keep(self, found: Bounded, bounds: np.ndarray, low: np.ndarray, high: np.ndarray, cuts: np.ndarray) -> None:
        """Put the boxes back that may hold something better, cut down to where they may, with their next split."""
        cutoff = self.cutoff
        was_divisible = self.domain.is_divisible(low, high).any(axis=1)
        low, high = self._cut_down(found, cutoff)
        kept = np.flatnonzero((bounds < cutoff) & (low <= high).all(axis=1))
        columns = self._next_split(found, low, high, cuts)
        columns[(columns == _LAST) & was_divisible] = _AGAIN  # its bound is that of the box before it was cut down
        is_precise = found.looseness.sum(axis=1) + found.group_looseness <= _NEGLIGIBLE * found.precision
        is_precise &= (bounds + found.precision >= cutoff) & (
            found.precision > 0.5 * self.limits.gap_at(self.best_score)
        )
        is_last = (is_precise | (columns == _LAST))[kept]
        self.settled = min(self.settled, float(bounds[kept[is_last]].min(initial=np.inf)))
        kept = kept[~is_last]
        cuts = np.where((columns == _SPLIT_GROUPS)[:, None], found.finer, cuts)
        self.frontier.add(bounds[kept], columns[kept], low[kept], high[kept], cuts[kept])

    def _cut_down(self, found: Bounded, cutoff: float) -> tuple[np.ndarray, np.ndarray]:
        """The boxes (n, d) without the parts where their linear function is not below the cutoff."""
        low, high, weights = found.low, found.high, found.weights
        if np.isfinite(cutoff):
            sizes = np.maximum(np.abs(low), np.abs(high))
            is_real = np.all(low <= high, axis=1, keepdims=True)
            corners = np.where(is_real, np.where(weights > 0, low, high), 0.0)
            terms = weights * corners
            slack = 1e-12 * (np.abs(terms).sum(axis=1) + np.abs(found.constants))
            room = (cutoff - (terms.sum(axis=1) + found.constants) + slack)[:, None]
            with np.errstate(all="ignore"):
                reach = np.where(weights != 0, room / np.abs(weights), np.inf) * (1 + 1e-9) + 1e-12 * sizes
            upper = np.where(weights > 0, np.minimum(high, low + reach), high)
            low = np.where(weights < 0, np.maximum(low, high - reach), low)
            high = upper
        return self.domain.on_steps(low, high)

    def _next_split(self, found: Bounded, low: np.ndarray, high: np.ndarray, cuts: np.ndarray) -> np.ndarray:
        """The column whose halving promises most, or that groups are, or that nothing is left to split, (n,)."""
        can = self.domain.is_divisible(low, high)
        shares = (high - low) / self.domain.widths
        promise = np.where(can, found.looseness + 1e-12 * shares, -1.0)
        columns = promise.argmax(axis=1)
        most = promise[np.arange(len(low)), columns]
        can_refine = (found.finer != cuts).any(axis=1)
        refines = can_refine & (_WORTH_OF_GROUPS * found.group_looseness >= most)
        return np.where(refines | (can_refine & (most < 0)), _SPLIT_GROUPS, np.where(most < 0, _LAST, columns))

    def _try_points(self, found: Bounded, bounds: np.ndarray) -> None:
        n_tried = max(_ROWS_TRIED // len(self.objective.grid), 16)
        chosen = np.argsort(bounds)[:n_tried]
        chosen = chosen[bounds[chosen] < self.cutoff]
        if len(chosen):
            self._try(self.domain.candidates(found.points[chosen]))

    def _try(self, X: np.ndarray) -> None:
        """Evaluate candidates (n, d), and keep the best that belongs to the space."""
        allowed = X[self.problem.space.contains(X)]
        if self.gate is not None:
            allowed = allowed[self.gate.passes(allowed)]
        if len(allowed):
            tried = self.problem.evaluate(allowed)
            winner = int(tried.scores.argmin())
            if tried.scores[winner] < self.best_score:
                self.best = tried.take(np.array([winner]))
                self.frontier.prune(self.cutoff)

    def progress(self) -> ProofProgress:
        """How far the proof is."""
        bound = min(self.frontier.lowest, self.settled, self.cutoff)
        bound = min(max(bound, self.objective.floor), self.best_score)
        return ProofProgress(
            bound, self.best_score, self.n_boxes, len(self.frontier), time.perf_counter() - self.started
        )

    def end(self, should_stop: Callable[[], bool]) -> ProofEnd | None:
        """Why to end now, or None."""
        limits = self.limits
        if not len(self.frontier):
            return ProofEnd.PROVEN if self.settled >= self.cutoff else ProofEnd.PRECISION
        if min(self.frontier.lowest, self.settled) >= self.cutoff:
            return ProofEnd.PROVEN
        if should_stop():
            return ProofEnd.USER
        if limits.seconds is not None and time.perf_counter() - self.started >= limits.seconds:
            return ProofEnd.TIME
        if limits.boxes is not None and self.n_boxes >= limits.boxes:
            return ProofEnd.BOXES
        return ProofEnd.MEMORY if len(self.frontier) >= limits.open_boxes else None


def _check_fits(problem: Problem, network: ReluNetwork) -> None:
    n_features = problem.space.n_features
    if len(network.columns) and network.columns.max() >= n_features:
        raise SpaceError(
            f"The network looks at column {network.columns.max()}, but candidates have {n_features}: "
            "give the network of this problem."
        )
    X = problem.space.sample(64, np.random.default_rng(_SAMPLE_SEED))
    predicted, expected = np.asarray(problem.predict(X.copy()), dtype=float), network.predict(X)
    allowed = 1e-4 * (np.abs(expected).max() + abs(network.outcome_scale))
    if not np.abs(predicted - expected).max() <= allowed:
        raise SpaceError(
            "The network and the problem predict different outcomes, so one proves nothing of the other: "
            f"{expected[0]:g} and {predicted[0]:g} for the same candidate."
        )
