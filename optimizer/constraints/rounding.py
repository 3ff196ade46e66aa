"""From rows that meet linear constraints to rows that meet them on the steps, all rows at once.

Features are rounded from the coarsest step to the finest; each round is mended by moving single features, or pairs,
one step at a time to where they miss least and lie nearest (for one sum of equal steps: the largest-remainder method),
and then the finer ones, or those without steps, take up what is left.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optimizer.constraints.projection import project
from optimizer.constraints.system import System, snapped

_MAX_FOR_PAIRS = 20  # features of a step of which pairs are moved too
_BLOCK = 4_000_000  # numbers in the largest intermediate array


def round_to_steps(
    V: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, weights: np.ndarray
) -> np.ndarray:
    """Rows on the steps that are near ``V`` and meet the linear constraints where such were found, (n, p).

    Args:
        V: (n, p) rows within the bounds that meet the constraints.
        lower: (n, p) smallest values of each row, on steps.
        upper: (n, p) largest values alike.
        system: the constraints.
        weights: (p,) squared units of distance.
    """
    lower, upper = lower.copy(), upper.copy()
    for size in np.unique(system.step[system.is_stepped])[::-1]:
        level = np.flatnonzero(system.step == size)
        finer = np.flatnonzero(system.step < size)
        near = np.maximum(lower, V - size / 2), np.minimum(upper, V + size / 2)
        target, V = V, V.copy()
        V[:, level] = np.clip(snapped(np.rint(V[:, level] / size) * size), lower[:, level], upper[:, level])
        # finer features first make up for half a step at most, and only where that is not enough for more
        for window in (near, (lower, upper)) if len(finer) else ((lower, upper),):
            rows = np.arange(len(V))
            step_repair = _StepRepair.of(V, target, window, (lower, upper), system, level, finer, weights)
            for moves in _moves(len(level)):
                rows = step_repair.repair(rows, moves)
            V[:, level] = np.clip(snapped(step_repair.steps * size), lower[:, level], upper[:, level])
        lower[:, level] = upper[:, level] = V[:, level]
        if len(finer):
            V = project(V, lower, upper, system, weights)[0]
    return V


@lru_cache(maxsize=64)
def _moves(n: int) -> tuple[np.ndarray, ...]:
    """What n features of one step may move, in steps: single ones, then pairs, then single ones again."""
    single = np.vstack([np.eye(n), -np.eye(n)])
    if not 1 < n <= _MAX_FOR_PAIRS:
        return (single,)
    pairs = (single[:, None] + single[None]).reshape(-1, n)
    return single, np.unique(pairs[np.abs(pairs).sum(axis=1) > 0], axis=0), single


@dataclass(slots=True)
class _StepRepair:
    """The features of one step, in steps, on their way to where the constraints are met.

    Attributes:
        steps: (n, q) whole numbers of steps; `repair` moves them.
        target: (n, q) where they should be, in steps.
        first: (n, q) fewest steps.
        last: (n, q) most steps.
        low: (n, m) lower limits, less what all other features make up for.
        high: (n, m) upper limits alike.
        slack: (n, m) tolerance of the limits.
        A: (m, q) what a step adds to each constraint.
        price: (q,) cost of a step off the target.
    """

    steps: np.ndarray
    target: np.ndarray
    first: np.ndarray
    last: np.ndarray
    low: np.ndarray
    high: np.ndarray
    slack: np.ndarray
    A: np.ndarray
    price: np.ndarray

    @classmethod
    def of(
        cls,
        V: np.ndarray,
        target: np.ndarray,
        window: tuple[np.ndarray, np.ndarray],
        bounds: tuple[np.ndarray, np.ndarray],
        system: System,
        level: np.ndarray,
        finer: np.ndarray,
        weights: np.ndarray,
    ) -> "_StepRepair":
        """The features of a level; finer ones make up for what their window allows, coarser ones stay."""
        size = system.step[level[0]]
        coarser = np.flatnonzero(system.step > size)
        fixed = V[:, coarser] @ system.A[:, coarser].T
        fine_low, fine_high = window[0][:, finer], window[1][:, finer]
        up, down = np.maximum(system.A[:, finer], 0).T, np.minimum(system.A[:, finer], 0).T
        A = system.A[:, level] * size
        norm = np.abs(A).max(axis=1, initial=0.0)
        norm = np.where(norm > 0, norm, 1.0)
        return cls(
            steps=np.rint(V[:, level] / size),
            target=target[:, level] / size,
            first=np.ceil(bounds[0][:, level] / size - 1e-6),
            last=np.floor(bounds[1][:, level] / size + 1e-6),
            low=(system.low - fixed - fine_high @ up - fine_low @ down) / norm,
            high=(system.high - fixed - fine_low @ up - fine_high @ down) / norm,
            slack=system.tolerance(V) / norm,
            A=A / norm[:, None],
            price=size**2 / weights[level],
        )

    def repair(self, rows: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Make the best of these moves (k, q) in each row until none makes it better; return the rows still off."""
        n_block = max(1, _BLOCK // (len(moves) * (len(self.A) + self.A.shape[1])))
        blocks = [rows[start : start + n_block] for start in range(0, len(rows), n_block)]
        return np.concatenate([self._repair(block, moves) for block in blocks]) if blocks else rows

    def _repair(self, rows: np.ndarray, moves: np.ndarray) -> np.ndarray:
        gains = moves @ self.A.T
        stuck: list[np.ndarray] = []
        while True:
            sums = self.steps[rows] @ self.A.T
            now = self._off(rows, sums[:, None])[:, 0]
            rows, sums, now = rows[now > 0], sums[now > 0], now[now > 0]
            if not len(rows):
                return np.concatenate([np.empty(0, dtype=int), *stuck])
            off = np.where(self._fits(rows, moves), self._off(rows, sums[:, None] + gains), np.inf)
            least = off.min(axis=1)
            # what a move adds to the squared distance from the target
            cost = 2 * ((self.steps[rows] - self.target[rows]) * self.price) @ moves.T + moves**2 @ self.price
            choice = np.where(off <= least[:, None] + 1e-9, cost, np.inf).argmin(axis=1)
            is_better = least < now - 1e-6
            stuck.append(rows[~is_better])
            self.steps[rows[is_better]] += moves[choice[is_better]]
            rows = rows[is_better]

    def _fits(self, rows: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Whether each move, of at most two steps of a feature, stays within the bounds of its row, (n, k)."""
        room = self.last[rows] - self.steps[rows], self.steps[rows] - self.first[rows]
        n_beyond = np.zeros((len(rows), len(moves)))
        for sign, space in zip((1, -1), room, strict=True):
            for size in (1, 2):
                if (space < size).any():
                    n_beyond += (space < size).astype(float) @ (moves == sign * size).T.astype(float)
        return n_beyond == 0

    def _off(self, rows: np.ndarray, sums: np.ndarray) -> np.ndarray:
        off = np.maximum(self.low[rows][:, None] - sums, sums - self.high[rows][:, None])
        return np.where(off <= self.slack[rows][:, None], 0.0, off).sum(axis=2)
