"""Where a polished candidate may move: bounds, fine steps and constraints, around where it is."""

from dataclasses import dataclass

import numpy as np

from optimizer.constraints.system import System
from optimizer.features.features import Numeric
from optimizer.polish.linear_programs import Limits
from optimizer.problem.space import SearchSpace

FINE_STEP = 0.05  # of a standard deviation: larger steps, like categories, do not move along a gradient


@dataclass(frozen=True, slots=True)
class MovableNumbers:
    """The p numbers that follow a gradient, in standard deviations of their own.

    Attributes:
        space: of the candidates.
        columns: (p,) free numeric features, continuous or of fine steps, whose weight is not 0.
        unit: (p,) recorded standard deviations.
        low: (p,) bounds, in standard deviations.
        high: (p,) bounds, in standard deviations.
        step: (p,) steps in the features' unit, 0 for continuous ones.
        system: the constraints on numbers.
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
            if isinstance(f, Numeric) and f.is_free and f.weight > 0 and (f.step or 0.0) <= FINE_STEP * f.std
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

        What a cardinality constraint keeps at zero stays there.
        """
        Z = self.scaled(X)
        high = np.tile(self.high, (len(X), 1))
        position_of = {column: i for i, column in enumerate(self.columns)}
        for group in self.system.groups:
            for position, off in zip(group.positions, group.off, strict=True):
                i = position_of.get(self.system.index[position])
                if i is not None:
                    is_off = X[:, self.columns[i]] <= group.threshold
                    high[is_off, i] = np.minimum(high[is_off, i], off / self.unit[i])
        near = radius[:, None]
        return np.clip(self.low - Z, -near, 0.0), np.clip(high - Z, 0.0, near)

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
