"""Repair: the near rows that meet all constraints on numbers, by projection and rounding first, then by exact programs.

Features are rounded from the coarsest step to the finest; each round is mended by moving single features, or pairs,
one step at a time to where they miss least and lie nearest (for one sum of equal steps: the largest-remainder method),
and then the finer ones, or those without steps, take up what is left.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.system import CardinalityGroup, System, project, snapped

_SECONDS = 5.0  # of one program at most
_INFEASIBLE = 2  # status of SciPy's milp
_MARGIN = 1e-4  # of a unit; a hundred times what the solver may be off
_MAX_FOR_PAIRS = 20  # features of a step of which pairs are moved too
_BLOCK = 4_000_000  # numbers in the largest intermediate array


@dataclass(frozen=True, slots=True)
class Program:
    """A mixed-integer program over one row: its p numbers in units, then a switch per counted feature.

    Attributes:
        units: (p,) what one unit of a variable is: a step, or a standard deviation.
        A: (r, p + s) coefficients of constraints, then of the switches.
        low: (r,) lower limits.
        high: (r,) upper limits.
    """

    system: System
    units: np.ndarray
    A: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, system: System) -> "Program":
        """The program of a system."""
        p = len(system.index)
        spread = np.where(system.upper > system.lower, system.upper - system.lower, 1.0)
        units = np.where(system.is_stepped, system.step, np.minimum(spread, system.unit))
        n_switches = sum(len(group.positions) for group in system.groups)
        scaled = system.A * units
        norm = np.abs(scaled).max(axis=1, initial=0.0)
        norm = np.where(norm > 0, norm, np.maximum(system.base, 1e-300))[:, None]
        rows = [np.hstack([scaled / norm, np.zeros((len(scaled), n_switches))])]
        lows, highs = [system.low / norm[:, 0]], [system.high / norm[:, 0]]
        first = p
        for group in system.groups:
            A, low, high = _switches(group, system, units, first, p + n_switches)
            rows, lows, highs = [*rows, A], [*lows, low], [*highs, high]
            first += len(group.positions)
        return cls(system, units, np.vstack(rows), np.concatenate(lows), np.concatenate(highs))

    def feasible(self, lower: np.ndarray | None = None, upper: np.ndarray | None = None) -> np.ndarray | None:
        """A row that meets the constraints, well within their limits if that can be, (p,); or None if there is none.

        Args:
            lower: (p,) smallest values; by default those of the system.
            upper: (p,) largest values alike.

        Raises:
            SpaceError: the time allowed was too short to tell.
        """
        system = self.system
        bounds = system.lower if lower is None else lower, system.upper if upper is None else upper
        cost = np.zeros(self.A.shape[1])
        # first with narrower limits: a row on a limit may be outside by the solver's own tolerance
        margin = np.where(self.high - self.low > 4 * _MARGIN, _MARGIN, 0.0)
        within = self.A, self.low + margin, self.high - margin
        found = self._solve(cost, *bounds, within)
        return self._solve(cost, *bounds, must_tell=True) if found is None else found

    def nearest(self, y: np.ndarray, lower: np.ndarray, upper: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
        """The row nearest to ``y`` by the sum of distances in units, within bounds, (p,); or None.

        Args:
            y: (p,) wanted row.
            lower: (p,) smallest values.
            upper: (p,) largest values.
            weights: (p,) squared units of distance; 0 where distance does not count.
        """
        n, p = self.A.shape[1], len(y)
        price = np.where(weights > 0, self.units / np.sqrt(np.where(weights > 0, weights, 1.0)), 0.0)
        above = np.hstack([np.eye(p, n), np.eye(p)])  # distance + x >= y
        below = np.hstack([-np.eye(p, n), np.eye(p)])  # distance - x >= -y
        A = np.vstack([np.hstack([self.A, np.zeros((len(self.A), p))]), above, below])
        low = np.concatenate([self.low, y / self.units, -y / self.units])
        high = np.concatenate([self.high, np.full(2 * p, np.inf)])
        return self._solve(np.concatenate([np.zeros(n), price]), lower, upper, (A, low, high), gap=0.05)

    def extreme(self, coefficients: np.ndarray, sign: float) -> float:
        """The smallest (sign 1) or largest (sign -1) weighted sum of a row that meets the constraints."""
        cost = np.zeros(self.A.shape[1])
        cost[: len(self.units)] = sign * coefficients * self.units
        row = self._solve(cost, self.system.lower, self.system.upper)
        return float("nan") if row is None else float(coefficients @ row)

    def _solve(
        self,
        cost: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        rows: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
        gap: float = 0.0,
        must_tell: bool = False,
    ) -> np.ndarray | None:
        """The numbers of the best row within bounds, (p,); or None without one."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        p, n = len(self.units), self.A.shape[1]
        n_distances = len(cost) - n
        if any(group.most < 0 for group in self.system.groups) or (lower > upper).any():
            return None
        if not len(cost):
            return np.empty(0) if (self.low <= 0).all() and (self.high >= 0).all() else None
        least = np.concatenate([lower / self.units, np.zeros(n - p), np.zeros(n_distances)])
        most = np.concatenate([upper / self.units, np.ones(n - p), np.full(n_distances, np.inf)])
        stepped = np.flatnonzero(self.system.is_stepped)
        least[stepped], most[stepped] = np.rint(least[stepped]), np.rint(most[stepped])
        is_whole = np.concatenate([self.system.is_stepped, np.ones(n - p), np.zeros(n_distances)]).astype(int)
        limits: Any = ()
        if len(self.A):
            limits = LinearConstraint(*(rows or (self.A, self.low, self.high)))
        solved = milp(
            cost, integrality=is_whole, bounds=Bounds(least, most), constraints=limits,
            options={"time_limit": _SECONDS, "mip_rel_gap": gap},
        )  # fmt: skip
        if solved.x is None:
            if must_tell and solved.status != _INFEASIBLE:
                raise SpaceError(
                    f"Whether the rules can be met together could not be told in {_SECONDS:g} s ({solved.message}): "
                    "leave some out, or make the steps of their features coarser."
                )
            return None
        return self._row(solved.x, lower, upper)

    def _row(self, x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """The numbers of a solution, on their steps, and off where their switch is 0, (p,)."""
        p = len(self.units)
        row = np.clip(self.system.on_steps((x[:p] * self.units)[None])[0], lower, upper)
        switch = p
        for group in self.system.groups:
            is_off = (x[switch : switch + len(group.positions)] < 0.5) & ~group.is_forced
            values = row[group.positions]
            row[group.positions] = np.where(is_off, np.minimum(values, group.off), np.maximum(values, group.least))
            switch += len(group.positions)
        return row


def _switches(
    group: CardinalityGroup, system: System, units: np.ndarray, first: int, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows ``x <= off + (upper - off) * switch`` of every feature, and one that lets few enough switches be 1.

    Where small amounts are neither off nor on, also ``x >= lower + (least - lower) * switch``.
    """
    q = len(group.positions)
    n_gaps = q if group.has_gap else 0
    A = np.zeros((q + 1 + n_gaps, n))
    each, switches = np.arange(q), first + np.arange(q)
    A[each, group.positions] = 1.0
    A[each, switches] = -(system.upper[group.positions] - group.off) / units[group.positions]
    A[q, switches] = 1.0
    low = np.full(len(A), -np.inf)
    high = np.concatenate([group.off / units[group.positions], [float(group.most)], np.full(n_gaps, np.inf)])
    forced = np.flatnonzero(group.is_forced)  # the switch of a feature that cannot be off is 1
    A[forced] = 0.0
    A[forced, switches[forced]] = 1.0
    low[forced], high[forced] = 1.0, np.inf
    if n_gaps:
        unit, lower = units[group.positions], np.minimum(system.lower[group.positions], group.off)
        A[q + 1 + each, group.positions] = 1.0
        A[q + 1 + each, switches] = -(group.least - lower) / unit
        low[q + 1 :] = lower / unit
    return A, low, high


@dataclass(frozen=True, eq=False)
class ConstraintRepair:
    """Brings rows of numbers back to where the constraints hold."""

    system: System

    @cached_property
    def _program(self) -> Program:
        return Program.of(self.system)

    @cached_property
    def feasible_row(self) -> np.ndarray | None:
        """A row that meets all constraints, (p,); or None if there is none."""
        return self.feasible(self.system.lower, self.system.upper)

    def feasible(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray | None:
        """A row that meets all constraints within other bounds, (p,) each; or None if there is none."""
        if (lower > upper).any():
            return None
        fast, is_met = self._fast((0.5 * (lower + upper))[None], lower[None], upper[None], self.system.unit**2)
        if is_met[0]:
            return fast[0]
        found = self._program.feasible(lower, upper)
        return None if found is None else self._refined(found, lower, upper)

    def repaired(
        self,
        Y: np.ndarray,
        fixed: np.ndarray,
        weights: np.ndarray,
        bounds: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> np.ndarray:
        """Rows near ``Y`` (n, p) that meet the constraints, (n, p).

        Args:
            Y: rows within the bounds, not necessarily on steps.
            fixed: (p,) columns that keep their value, which must be on a step.
            weights: (p,) squared units of distance.
            bounds: (n, p) smallest and largest values of each row, on steps; by default those of all rows.
        """
        if bounds is None:
            bounds = np.tile(self.system.lower, (len(Y), 1)), np.tile(self.system.upper, (len(Y), 1))
        lower, upper = bounds[0].copy(), bounds[1].copy()
        lower[:, fixed] = upper[:, fixed] = Y[:, fixed]
        V, is_met = self._fast(Y, lower, upper, np.where(fixed, 1.0, weights))
        for row in np.flatnonzero(~is_met):
            found = self._exact(Y[row], lower[row], upper[row], weights)
            if found is None:  # what is fixed allows none
                found = self.feasible(bounds[0][row], bounds[1][row])
            assert found is not None, "feasibility is checked before rows are repaired"
            V[row] = found
        return V

    def _fast(
        self, Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows by projection and rounding, (n, p); whether each meets all constraints, (n,)."""
        system = self.system
        V, is_met = Y.copy(), np.zeros(len(Y), dtype=bool)
        # what is off comes on only where the other constraints cannot be met without
        for may_switch_on in (False, True) if system.groups else (True,):
            rows = np.flatnonzero(~is_met)
            if not len(rows):
                break
            low, high = self._switched(Y[rows], lower[rows], upper[rows], may_switch_on=may_switch_on)
            found, is_inside = project(Y[rows], low, high, system, weights)
            if system.is_stepped.any():
                found[is_inside] = round_to_steps(found[is_inside], low[is_inside], high[is_inside], system, weights)
            V[rows], is_met[rows] = found, system.holds(found) & (found >= lower[rows]).all(axis=1)
        return V, is_met

    def _switched(
        self, Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, *, may_switch_on: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Bounds (n, p) with which no row of ``Y`` has too many on, and none of them too small: the largest stay."""
        lower, upper = lower.copy(), upper.copy()
        for group in self.system.groups:
            at = group.positions
            values = np.minimum(Y, upper)[:, at]
            stays = group.may_be_on(values / self.system.unit[at])
            if not may_switch_on:
                stays &= group.is_nearer_on(values)
            stays = (stays | group.is_forced) & (upper[:, at] >= group.least)
            upper[:, at] = np.where(stays, upper[:, at], np.minimum(upper[:, at], group.off))
            lower[:, at] = np.where(stays, np.maximum(lower[:, at], group.least), lower[:, at])
        return np.minimum(lower, upper), upper

    def _exact(self, y: np.ndarray, lower: np.ndarray, upper: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
        """The row nearest to ``y`` by an exact program, (p,); None where that finds none."""
        found = self._program.nearest(y, lower, upper, weights)
        return None if found is None else self._refined(found, lower, upper)

    def _refined(self, row: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray | None:
        """A program's row with its continuous numbers exact, (p,); or None if it does not meet the constraints."""
        system = self.system
        row = np.clip(np.where(system.is_stepped, system.on_steps(row[None])[0], row), lower, upper)
        low, high = np.where(system.is_stepped, row, lower), np.where(system.is_stepped, row, upper)
        for group in system.groups:
            at, off = group.positions, row[group.positions] <= group.threshold
            high[at[off]] = np.minimum(high[at[off]], group.off[off])
            low[at[~off]] = np.maximum(low[at[~off]], group.least[~off])
        low = np.minimum(low, high)
        refined = project(row[None], low[None], high[None], system, system.unit**2)[0]
        return refined[0] if system.holds(refined)[0] else None


def round_to_steps(
    V: np.ndarray, lower: np.ndarray, upper: np.ndarray, system: System, weights: np.ndarray
) -> np.ndarray:
    """Rows on the steps that are near ``V`` and meet the linear constraints where such were found, (n, p).

    Args:
        V: (n, p) rows within the bounds that meet the constraints.
        lower: (n, p) smallest values of each row, on steps.
        upper: (n, p) largest values alike.
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
