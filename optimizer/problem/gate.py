"""The gate: results are so plausible, or so near; on the way there, the implausible serve as stepping stones."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError
from optimizer.plausibility.plausibility import Plausibility

STEEPNESS = 10.0  # standard deviations of the objective per unit of unusualness beyond the gate
STEP = 1.0  # standard deviations of the objective for failing at all: no lineage's best fails where one like it passes
MARGIN = 0.02  # of a unit: the cost begins so far inside, for an optimum polished onto its beginning has to pass


@dataclass(frozen=True, eq=False)
class Gate:
    """Plausibility at least so many percent, unusualness at most so much, or both.

    It is a penalty in the search, steep and ever steeper: ``10 v + 10 v**2`` standard deviations of the objective, with
    v the unusualness beyond the gate in units (`Plausibility.unit`), counted from a little inside, and 1 more for what
    fails. And it is a condition on results: `passes` tells.

    Attributes:
        plausibility: against which recorded rows.
        at_least: percentage that a result needs, above 0 and below 100, or None.
        farthest: unusualness that a result may have at most, in the measure's unit; infinite for no limit.

    Raises:
        SpaceError: the percentage is out of range, the limit below 0, or neither is given.
    """

    plausibility: Plausibility
    at_least: float | None = None
    farthest: float = np.inf

    def __post_init__(self) -> None:
        if self.at_least is None and not np.isfinite(self.farthest):
            raise SpaceError("A gate needs a least plausibility or a greatest unusualness: without both, leave it out.")
        if not self.farthest >= 0:
            raise SpaceError(f"The greatest unusualness of a result must be at least 0, got {self.farthest}.")
        if self.at_least is not None and not 0 < self.at_least < 100:
            raise SpaceError(
                f"The least plausibility of a result lies above 0 and below 100 %, got {self.at_least}: "
                "20 % is usual, and without a gate it is left out."
            )

    @property
    def words(self) -> str:
        """What it asks of a result, as part of a sentence."""
        parts = [] if self.at_least is None else [f"a plausibility of at least {self.at_least:g} %"]
        if np.isfinite(self.farthest):
            parts.append(f"a distance of at most {self.farthest:.2g} std. dev. from the recorded rows")
        return " and ".join(parts)

    @property
    def weight(self) -> float:
        """1: the cost is in standard deviations of the objective already."""
        return 1.0

    def passes(self, X: np.ndarray) -> np.ndarray:
        """Whether each candidate is plausible enough to be a result, (n,)."""
        return self.plausibility.unusualness(X) <= self.level

    def cost(self, X: np.ndarray) -> np.ndarray:
        """What each candidate pays in the search, (n,); 0 for what passes with a margin."""
        return self._costs(self.plausibility.unusualness(X))

    def cost_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cost (n,) and its gradient (n, d), per unit of the features; 0 where there is no cost."""
        values, gradient = self.plausibility.unusualness_with_gradient(X)
        beyond = self._beyond(values)
        slopes = np.where(beyond > 0, STEEPNESS * (1 + 2 * beyond) / self.plausibility.unit, 0.0)
        return self._costs(values), slopes[:, None] * gradient

    @cached_property
    def level(self) -> float:
        """The largest unusualness that passes."""
        level = np.inf if self.at_least is None else self.plausibility.level(self.at_least)
        return float(min(level, self.farthest))

    def _beyond(self, unusualness: np.ndarray) -> np.ndarray:
        unit = self.plausibility.unit
        return np.maximum(unusualness - (self.level - MARGIN * unit), 0.0) / unit

    def _costs(self, unusualness: np.ndarray) -> np.ndarray:
        beyond = self._beyond(unusualness)
        return STEEPNESS * (beyond + beyond**2) + STEP * (unusualness > self.level)
