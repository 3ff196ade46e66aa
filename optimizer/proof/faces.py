"""What an objective asks of a network: a number that is at most the score, from outcomes at one or more points."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.problem.objective import Curve, Goal, Objective, Summary


class Join(StrEnum):
    """How the outcomes along a curve become one number."""

    SUM = "sum"
    LEAST = "least"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Face:
    """One side of a score: ``join(factor * outcome at each point) + shift``.

    Attributes:
        factor: of the outcome, in scores per unit.
        shift: added at the end.
        join: over the points.
    """

    factor: float
    shift: float
    join: Join


@dataclass(frozen=True, eq=False)
class Target:
    """The score of an objective: the largest of its faces, and of its floor.

    Attributes:
        faces: one, or two for a value to come near to.
        floor: no score is below it.
        sweep: the column of the curve, or None.
        grid: (m,) its points; one without a curve.
        masses: (m,) weight of each point in a sum.
    """

    faces: tuple[Face, ...]
    floor: float
    sweep: int | None
    grid: np.ndarray
    masses: np.ndarray

    @classmethod
    def of(cls, objective: Objective) -> "Target":
        """Return what an objective asks for."""
        grid, masses = _points(objective.curve)
        signs = {Goal.MAXIMUM: (-1,), Goal.MINIMUM: (1,), Goal.VALUE: (1, -1)}[objective.goal]
        value = objective.value or 0.0
        shift = value if objective.goal is Goal.VALUE else 0.0
        return cls(
            faces=tuple(
                Face(sign / objective.scale, -sign * shift / objective.scale, _join(objective.curve, sign))
                for sign in signs
            ),
            floor=0.0 if objective.goal is Goal.VALUE else -np.inf,
            sweep=objective.curve.feature if objective.curve else None,
            grid=grid,
            masses=masses,
        )


def _points(curve: Curve | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the sweep values (m,) that count, and how much each weighs in a sum (m,)."""
    if curve is None:
        return np.zeros(1), np.ones(1)
    if curve.summary is Summary.POINT:
        return np.array([curve.at], dtype=float), np.ones(1)
    if curve.summary in (Summary.MINIMUM, Summary.MAXIMUM):
        return curve.grid, np.ones(len(curve.grid))
    steps = np.diff(curve.grid)  # the trapezoidal rule
    masses = 0.5 * (np.append(steps, 0.0) + np.insert(steps, 0, 0.0))
    return curve.grid, masses if curve.summary is Summary.AREA else masses / (curve.grid[-1] - curve.grid[0])


def _join(curve: Curve | None, sign: int) -> Join:
    """Return how ``sign`` times the points' outcomes come together."""
    if curve is None or curve.summary not in (Summary.MINIMUM, Summary.MAXIMUM):
        return Join.SUM
    return Join.LEAST if (curve.summary is Summary.MINIMUM) == (sign > 0) else Join.LARGEST
