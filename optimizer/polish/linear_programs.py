"""The lowest point under many small bundles of planes at once: linear programs solved side by side.

Each of m programs asks for the move y (p,) that minimises the largest of k planes, ``values[k] + slopes[k] @ y``,
within bounds and linear limits. In numbers x from 0 to 1 and the height t it reads

    minimise t  subject to  planes @ x - t <= limits,  rows @ x <= limits,  0 <= x <= 1,  equalities @ x = targets

and is solved by a primal-dual interior-point method with predictor and corrector steps (Mehrotra 1992, On the
implementation of a primal-dual interior point method, SIAM J. Optim. 2), with the same few matrix products for all
programs: a general solver, called once a program, would mostly spend its time on being called.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.problem.candidates import Rows

MAX_VALUES = 2_000_000  # numbers of all bundles solved at once, 16 MB
MAX_ROUNDS = 40
TOLERANCE = 1e-7  # of the gap to the optimum, in units of the largest change within the bounds
_RIDGE = 1e-12  # keeps dependent equalities solvable
_HEAVIER = 100.0
_STEP = 0.99  # share of the way to the boundary
_LOST = 10.0  # a program whose residuals grow by that has come as far as its digits reach
_LEAST = 1e-15  # of a slack
_N_REFINEMENTS = 2

Solve = Callable[[np.ndarray], np.ndarray]
"""From right-hand sides (m, p + 1 + q) to the changes of the numbers, the height and the prices of the equalities."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Linear limits on the moves: ``rows @ y <= room`` and ``equalities @ y = 0``.

    Attributes:
        rows: (r, p) coefficients of the limits.
        room: (m, r) how far each program may go, at least 0.
        equalities: (q, p) coefficients of the sums that stay as they are.
    """

    rows: np.ndarray
    room: np.ndarray
    equalities: np.ndarray

    def take(self, programs: np.ndarray | slice) -> "Limits":
        """The limits of some of the programs."""
        return Limits(self.rows, self.room[programs], self.equalities)


def lowest_under_planes(
    slopes: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray, limits: Limits
) -> tuple[np.ndarray, np.ndarray]:
    """The moves to the lowest points, (m, p), and the heights of the planes there, (m,).

    Args:
        slopes: (m, k, p) of the planes of each program.
        values: (m, k) heights of the planes at the move 0.
        low: (m, p) smallest move, at most 0.
        high: (m, p) largest move, at least 0; a number with no room stays where it is.
        limits: that all programs keep.
    """
    n_block = max(1, MAX_VALUES // max(slopes[0].size, 1)) if len(slopes) else 1
    blocks = [slice(start, start + n_block) for start in range(0, len(slopes), n_block)]
    moves = [_moves(slopes[b], values[b], low[b], high[b], limits.take(b)) for b in blocks]
    found = np.concatenate(moves) if moves else np.empty(low.shape)
    return found, (values + np.einsum("mkp,mp->mk", slopes, found)).max(axis=1)


def _moves(slopes: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray, limits: Limits) -> np.ndarray:
    has_room = high > low
    width = np.where(has_room, high - low, 0.0)  # the unit of every number; what has no room has no slope either
    planes = slopes * width[:, None]
    steepest = np.abs(planes).sum(axis=2).max(axis=1)
    unit = np.where(steepest > 0, steepest, 1.0)
    rows, room = _unit_rows(limits.rows * width[:, None], limits.room)
    equalities, _ = _unit_rows(limits.equalities * width[:, None], np.zeros((len(low), len(limits.equalities))))
    start = np.where(has_room, -low / np.where(has_room, width, 1.0), 0.5)  # where the move 0 lies between the bounds
    program = Program.of(planes / unit[:, None, None], values / unit[:, None], rows, room, equalities, start)
    return np.where(has_room, np.clip((program.solution() - start) * width, low, high), 0.0)


def _unit_rows(rows: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows with coefficients that add up to 1, (m, r, p), and their room, (m, r); an empty row has room 1."""
    size = np.abs(rows).sum(axis=2)
    is_empty = size <= 0
    size = np.where(is_empty, 1.0, size)
    return rows / size[:, :, None], np.where(is_empty, 1.0, np.maximum(room, 0.0) / size)


@dataclass(frozen=True, slots=True)
class Program(Rows):
    """Minimise the last of x (m, p + 1), the height, under ``rows @ x <= limits``, 0 <= x[:p] <= 1, equalities.

    Attributes:
        rows: (m, k, p + 1) planes, whose last coefficient is -1, and linear limits, where it is 0.
        limits: (m, k + 2 p) right-hand sides of the rows, then of the upper and the lower bounds.
        equalities: (m, q, p + 1).
        targets: (m, q) right-hand sides of the equalities.
        start: (m, p + 1) where to begin.
    """

    rows: np.ndarray
    limits: np.ndarray
    equalities: np.ndarray
    targets: np.ndarray
    start: np.ndarray

    @classmethod
    def of(
        cls,
        planes: np.ndarray,
        values: np.ndarray,
        rows: np.ndarray,
        room: np.ndarray,
        equalities: np.ndarray,
        origin: np.ndarray,
    ) -> "Program":
        """The program in numbers that run from 0 to 1, the move 0 being at ``origin`` (m, p)."""
        m, k, p = planes.shape
        both = np.concatenate([planes, rows], axis=1)
        heights = np.repeat([-1.0, 0.0], [k, rows.shape[1]])
        shift = np.einsum("mkp,mp->mk", both, origin)
        limits = np.hstack([shift - np.hstack([values, -room]), np.ones((m, p)), np.zeros((m, p))])
        middle = np.full((m, p), 0.5)
        height = (values + np.einsum("mkp,mp->mk", planes, middle - origin)).max(axis=1)
        return cls(
            np.concatenate([both, np.broadcast_to(heights[:, None], (m, len(heights), 1))], axis=2),
            limits,
            np.concatenate([equalities, np.zeros((m, equalities.shape[1], 1))], axis=2),
            np.einsum("mqp,mp->mq", equalities, origin),
            np.hstack([middle, height[:, None] + 0.5]),
        )

    def times(self, x: np.ndarray) -> np.ndarray:
        """The left-hand sides of rows, upper and lower bounds, (m, k + 2 p)."""
        inner = x[:, :-1]
        return np.hstack([np.einsum("mkp,mp->mk", self.rows, x), inner, -inner])

    def transposed_times(self, z: np.ndarray) -> np.ndarray:
        """The transpose of `times`, of prices z (m, k + 2 p), (m, p + 1)."""
        k, p = self.rows.shape[1], self.rows.shape[2] - 1
        out = np.einsum("mkp,mk->mp", self.rows, z[:, :k])
        out[:, :-1] += z[:, k : k + p] - z[:, k + p :]
        return out

    def solution(self) -> np.ndarray:
        """The lowest points, each number from 0 to 1, (m, p)."""
        program, state = self, _State.first(self)
        rows, found = np.arange(len(self.rows)), self.start[:, :-1].copy()
        least = np.full(len(rows), np.inf)
        for _ in range(MAX_ROUNDS):
            residuals = state.residuals(program)
            worst, before = residuals.worst, least[rows]
            better = worst < before
            found[rows[better]] = state.x[better, :-1]
            least[rows] = np.minimum(worst, before)
            open_ = np.flatnonzero((worst >= TOLERANCE) & (worst <= _LOST * before))
            if not len(open_):
                break
            if len(open_) < len(rows):  # one that is solved would only lose digits
                rows, program, state = rows[open_], program.take(open_), state.take(open_)
                residuals = state.residuals(program)
            state = state.improved(program, residuals)
        return found


@dataclass(frozen=True, slots=True)
class _Residuals:
    """How far a state is from the conditions of the optimum: those on prices, rows, equalities, and the gap (m, 1)."""

    dual: np.ndarray
    primal: np.ndarray
    equal: np.ndarray
    gap: np.ndarray

    @property
    def worst(self) -> np.ndarray:
        """The largest of all, (m,); infinity where numbers overflowed."""
        worst = np.hstack([np.abs(each) for each in (self.dual, self.primal, self.equal, self.gap)]).max(axis=1)
        return np.where(np.isfinite(worst), worst, np.inf)


@dataclass(frozen=True, slots=True)
class _State(Rows):
    """Where the method stands.

    Attributes:
        x: (m, p + 1) the point and its height.
        slack: (m, k + 2 p) what rows and bounds leave, positive.
        z: (m, k + 2 p) their prices, positive.
        prices: (m, q) of the equalities.
    """

    x: np.ndarray
    slack: np.ndarray
    z: np.ndarray
    prices: np.ndarray

    @classmethod
    def first(cls, program: Program) -> "_State":
        """Where the method begins."""
        m, k, p = len(program.rows), program.rows.shape[1], program.rows.shape[2] - 1
        z = np.hstack([np.full((m, k), 1.0 / k), np.full((m, 2 * p), 0.5)])
        slack = np.maximum(program.limits - program.times(program.start), 0.05)
        return cls(program.start, slack, z, np.zeros((m, program.equalities.shape[1])))

    def residuals(self, program: Program) -> _Residuals:
        """How far this is from the optimum."""
        objective = np.append(np.zeros(self.x.shape[1] - 1), 1.0)
        return _Residuals(
            objective + program.transposed_times(self.z) + np.einsum("mqp,mq->mp", program.equalities, self.prices),
            program.times(self.x) + self.slack - program.limits,
            np.einsum("mqp,mp->mq", program.equalities, self.x) - program.targets,
            (self.z * self.slack).mean(axis=1, keepdims=True),
        )

    def improved(self, program: Program, residuals: _Residuals) -> "_State":
        """The state after a predictor step, by which the centring is chosen, and a corrector step.

        With mu the mean of ``z * slack`` now and mu_a that after the predictor, the corrector aims every product at
        ``mu * (mu_a / mu)^3``, less what the predictor's second order adds.
        """
        solve = _newton_solver(program.rows, program.equalities, self.z / self.slack)
        guess = self._direction(program, solve, residuals, -self.z * self.slack)
        ahead_z = self.z + _step_length(self.z, guess.z) * guess.z
        ahead_slack = self.slack + _step_length(self.slack, guess.slack) * guess.slack
        centring = residuals.gap * ((ahead_z * ahead_slack).mean(axis=1, keepdims=True) / residuals.gap) ** 3
        change = self._direction(program, solve, residuals, centring - self.z * self.slack - guess.z * guess.slack)
        far, far_dual = _STEP * _step_length(self.slack, change.slack), _STEP * _step_length(self.z, change.z)
        return _State(
            self.x + far * change.x,
            np.maximum(self.slack + far * change.slack, _LEAST),
            np.maximum(self.z + far_dual * change.z, _LEAST),
            self.prices + far_dual * change.prices,
        )

    def _direction(self, program: Program, solve: Solve, residuals: _Residuals, wanted: np.ndarray) -> "_State":
        """The changes that take away the residuals and change ``z * slack`` by ``wanted`` (m, k + 2 p)."""
        pushed = (wanted + self.z * residuals.primal) / self.slack
        both = solve(np.hstack([-residuals.dual - program.transposed_times(pushed), -residuals.equal]))
        n = self.x.shape[1]
        slack = -residuals.primal - program.times(both[:, :n])
        return _State(both[:, :n], slack, (wanted - self.z * slack) / self.slack, both[:, n:])


def _step_length(values: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """The largest step, 1 at most, that keeps positive values positive, (m, 1)."""
    is_falling = changes < 0
    ends = np.where(is_falling, -values / np.where(is_falling, changes, 1.0), 1.0)
    return np.minimum(ends.min(axis=1, keepdims=True), 1.0)


def _newton_solver(rows: np.ndarray, equalities: np.ndarray, weights: np.ndarray) -> Solve:
    """The solver of ``[rows' W rows + D, equalities'; equalities, 0] x = right``.

    With many more numbers than rows these are eliminated, for they only meet in the rows; the cost then grows linearly
    with how many numbers there are.

    Args:
        rows: (m, k, p + 1).
        equalities: (m, q, p + 1), 0 in the last column.
        weights: (m, k + 2 p) of the rows (W), and of the upper and lower bounds, which add up to D; 0 for the height.
    """
    k, p = rows.shape[1], rows.shape[2] - 1
    of_rows, of_bounds = weights[:, :k], weights[:, k : k + p] + weights[:, k + p :]
    is_small = p <= 2 * (k + equalities.shape[1])
    return (_direct if is_small else _eliminated)(rows, equalities, of_rows, of_bounds)


def _direct(rows: np.ndarray, equalities: np.ndarray, of_rows: np.ndarray, of_bounds: np.ndarray) -> Solve:
    p, q = rows.shape[2] - 1, equalities.shape[1]
    matrix = np.zeros((len(rows), p + 1 + q, p + 1 + q))
    matrix[:, : p + 1, : p + 1] = np.matmul(rows.transpose(0, 2, 1), rows * of_rows[:, :, None])
    inner = np.arange(p)
    matrix[:, inner, inner] += of_bounds
    matrix[:, p + 1 :, : p + 1] = equalities
    matrix[:, : p + 1, p + 1 :] = equalities.transpose(0, 2, 1)
    inverse = _inverse(matrix, np.where(np.arange(p + 1 + q) <= p, 1.0, -1.0))
    return lambda right: np.einsum("mij,mj->mi", inverse, right)


def _eliminated(rows: np.ndarray, equalities: np.ndarray, of_rows: np.ndarray, of_bounds: np.ndarray) -> Solve:
    """The solver that sets up a system for the prices of the rows, of the equalities, and the height.

    With C the rows and equalities in the p numbers, y their prices and h the coefficients of the height, the numbers
    are ``(right - C' y) / D``, and what remains is ``(C / D C' + 1 / W) y - h height = C / D right - below``.
    """
    k, p, q = rows.shape[1], rows.shape[2] - 1, equalities.shape[1]
    both = np.concatenate([rows[:, :, :p], equalities[:, :, :p]], axis=1)
    shared = both / of_bounds[:, None]
    height = np.concatenate([rows[:, :, p], np.zeros((len(rows), q))], axis=1)
    matrix = np.zeros((len(rows), k + q + 1, k + q + 1))
    matrix[:, : k + q, : k + q] = np.matmul(shared, both.transpose(0, 2, 1))
    of_prices = np.arange(k)
    matrix[:, of_prices, of_prices] += 1 / of_rows
    matrix[:, : k + q, -1], matrix[:, -1, : k + q] = -height, height
    inverse = _inverse(matrix, np.ones(k + q + 1))

    def once(right: np.ndarray) -> np.ndarray:
        known = np.einsum("mkp,mp->mk", shared, right[:, :p])
        known[:, k:] -= right[:, p + 1 :]
        prices = np.einsum("mij,mj->mi", inverse, np.hstack([known, right[:, p : p + 1]]))
        numbers = right[:, :p] / of_bounds - np.einsum("mkp,mk->mp", shared, prices[:, :-1])
        return np.hstack([numbers, prices[:, -1:], prices[:, k : k + q]])

    def solve(right: np.ndarray) -> np.ndarray:
        found = once(right)
        # eliminating costs digits, which what is left over gives back (iterative refinement, Wilkinson 1963)
        for _ in range(_N_REFINEMENTS):
            over_rows = np.einsum("mkp,mk->mp", rows, of_rows * np.einsum("mkp,mp->mk", rows, found[:, : p + 1]))
            over_rows[:, :p] += of_bounds * found[:, :p]
            over_rows += np.einsum("mqp,mq->mp", equalities, found[:, p + 1 :])
            over_equalities = np.einsum("mqp,mp->mq", equalities, found[:, : p + 1])
            found = found + once(right - np.hstack([over_rows, over_equalities]))
        return found

    return solve


def _inverse(matrix: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Inverses (m, n, n), with a small ridge of these signs (n,) on the diagonals."""
    every = np.arange(matrix.shape[1])
    matrix[:, every, every] += _RIDGE * signs
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:  # a program so near its optimum that its weights span more digits than there are
        matrix[:, every, every] += _RIDGE * _HEAVIER * signs * np.abs(matrix).max(axis=(1, 2))[:, None]
        return np.linalg.inv(matrix)
