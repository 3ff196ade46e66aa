"""Exact programs (HiGHS, through SciPy) over rules on numbers: is there a row, which is nearest, how far do sums go.

They decide what the fast ways leave open; SciPy is imported only then.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.system import Group, System

_SECONDS = 5.0  # of one program at most
_INFEASIBLE = 2  # status of SciPy's milp
_MARGIN = 1e-4  # of a unit; a hundred times what the solver may be off


@dataclass(frozen=True, slots=True)
class Program:
    """A mixed-integer program over one row: its p numbers in units, then a switch per counted feature.

    Attributes:
        system: the rules.
        units: (p,) what one unit of a variable is: a step, or a standard deviation.
        A: (r, p + s) coefficients of rules, then of the switches.
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
        """Return the program of a system."""
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

    def feasible(self) -> np.ndarray | None:
        """Return (p,) a row that meets the rules, well within their limits if that can be, or None if there is none.

        Raises:
            SpaceError: the time allowed was too short to tell.
        """
        cost, bounds = np.zeros(self.A.shape[1]), (self.system.lower, self.system.upper)
        has_room = self.high - self.low > 4 * _MARGIN
        within = (
            self.A,
            np.where(has_room, self.low + _MARGIN, self.low),
            np.where(has_room, self.high - _MARGIN, self.high),
        )
        found = self._solve(cost, *bounds, within)
        return self._solve(cost, *bounds, must_tell=True) if found is None else found

    def nearest(self, y: np.ndarray, lower: np.ndarray, upper: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
        """Return (p,) the row nearest to ``y`` by the sum of distances in units, within bounds, or None.

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
        """Return the smallest (sign 1) or largest (sign -1) weighted sum of a row that meets the rules."""
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
        """Return (p,) the numbers of the best row within bounds, or None without one."""
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
        """Return (p,) the numbers of a solution, on their steps, and off where their switch is."""
        p = len(self.units)
        row = np.clip(self.system.on_steps((x[:p] * self.units)[None])[0], lower, upper)
        switch = p
        for group in self.system.groups:
            is_off = (x[switch : switch + len(group.positions)] < 0.5) & ~group.is_forced
            row[group.positions] = np.where(is_off, np.minimum(row[group.positions], group.off), row[group.positions])
            switch += len(group.positions)
        return row


def _switches(
    group: Group, system: System, units: np.ndarray, first: int, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows that keep a feature at its off value unless its switch is 1, and let few enough switches be 1."""
    q = len(group.positions)
    A = np.zeros((q + 1, n))
    each, switches = np.arange(q), first + np.arange(q)
    A[each, group.positions] = 1.0
    A[each, switches] = -(system.upper[group.positions] - group.off) / units[group.positions]
    A[q, switches] = 1.0
    low = np.full(q + 1, -np.inf)
    high = np.append(group.off / units[group.positions], float(group.most))
    low[:q][group.is_forced], high[:q][group.is_forced] = -np.inf, np.inf
    A[:q][group.is_forced] = 0.0
    A[np.flatnonzero(group.is_forced), switches[group.is_forced]] = 1.0
    low[:q][group.is_forced] = 1.0
    return A, low, high
