"""Repair: the near rows that meet all rules on numbers, by fast ways first and an exact program for what they leave."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.constraints.moves import keep_largest
from optimizer.constraints.program import Program
from optimizer.constraints.projection import project
from optimizer.constraints.rounding import round_to_steps
from optimizer.constraints.system import System


@dataclass(frozen=True, eq=False)
class ConstraintRepair:
    """Brings rows of numbers back to where the rules hold.

    Attributes:
        system: the rules on numbers.
    """

    system: System

    @cached_property
    def program(self) -> Program:
        """The exact program of the rules."""
        return Program.of(self.system)

    @cached_property
    def anchor(self) -> np.ndarray | None:
        """(p,) a row that meets all rules, or None if there is none."""
        system = self.system
        middle = (0.5 * (system.lower + system.upper))[None]
        fast, is_met = self._fast(middle, system.lower[None], system.upper[None], system.unit**2)
        if is_met[0]:
            return fast[0]
        found = self.program.feasible()
        return None if found is None else self._polished(found, system.lower, system.upper)

    def restored(self, Y: np.ndarray, held: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return (n, p) rows near ``Y`` (n, p) that meet the rules.

        Args:
            Y: rows within the bounds, not necessarily on steps.
            held: (p,) columns that keep their value, which must be on a step.
            weights: (p,) squared units of distance.
        """
        system = self.system
        lower, upper = np.tile(system.lower, (len(Y), 1)), np.tile(system.upper, (len(Y), 1))
        lower[:, held] = upper[:, held] = Y[:, held]
        V, is_met = self._fast(Y, lower, upper, np.where(held, 1.0, weights))
        for row in np.flatnonzero(~is_met):
            V[row] = self._exact(Y[row], lower[row], upper[row], weights)
        return V

    def _fast(
        self, Y: np.ndarray, lower: np.ndarray, upper: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (n, p) rows by projection and rounding, and (n,) whether each meets all rules."""
        system = self.system
        V, is_met = Y.copy(), np.zeros(len(Y), dtype=bool)
        for may_start in (False, True) if system.groups else (True,):
            rows = np.flatnonzero(~is_met)
            if not len(rows):
                break
            low, high = lower[rows], self._switched_off(Y[rows], upper[rows], may_start=may_start)
            low = np.minimum(low, high)
            found, is_inside = project(Y[rows], low, high, system, weights)
            if system.is_stepped.any():
                found[is_inside] = round_to_steps(found[is_inside], low[is_inside], high[is_inside], system, weights)
            V[rows], is_met[rows] = found, system.holds(found) & (found >= lower[rows]).all(axis=1)
        return V, is_met

    def _switched_off(self, Y: np.ndarray, upper: np.ndarray, *, may_start: bool) -> np.ndarray:
        """Return (n, p) upper bounds with which no row has too many on: the largest stay.

        Args:
            Y: (n, p) rows.
            upper: (n, p) upper bounds.
            may_start: what is off may come on where there is room.
        """
        upper = upper.copy()
        for group in self.system.groups:
            values = np.minimum(Y, upper)[:, group.positions]
            stays = keep_largest(group, values / self.system.unit[group.positions])
            if not may_start:
                stays &= values > group.threshold
            here = upper[:, group.positions]
            upper[:, group.positions] = np.where(stays | group.is_forced, here, np.minimum(here, group.off))
        return upper

    def _exact(self, y: np.ndarray, lower: np.ndarray, upper: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return (p,) the row nearest to ``y`` by an exact program; where that fails, one that meets the rules."""
        found = self.program.nearest(y, lower, upper, weights)
        polished = None if found is None else self._polished(found, lower, upper)
        if polished is not None:
            return polished
        assert self.anchor is not None, "rules are checked for feasibility before rows are repaired"
        return self.anchor

    def _polished(self, row: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> np.ndarray | None:
        """Return (p,) a program's row with its continuous numbers exact, or None if it does not meet the rules."""
        system = self.system
        row = np.clip(np.where(system.is_stepped, system.on_steps(row[None])[0], row), lower, upper)
        low, high = np.where(system.is_stepped, row, lower), np.where(system.is_stepped, row, upper)
        for group in system.groups:
            off = row[group.positions] <= group.threshold
            high[group.positions[off]] = np.minimum(high[group.positions[off]], group.off[off])
        low = np.minimum(low, high)
        polished = project(row[None], low[None], high[None], system, system.unit**2)[0]
        return polished[0] if system.holds(polished)[0] else None
