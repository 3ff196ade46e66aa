"""The gate: results are so plausible; on the way there, the implausible serve as stepping stones."""

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
    """Plausibility at least so many percent.

    It is a penalty in the search, steep and ever steeper: ``10 v + 10 v**2`` standard deviations of the objective, with
    v the unusualness beyond the gate in units (`Plausibility.unit`), counted from a little inside, and 1 more for what
    fails. And it is a condition on results: `passes` tells.

    Attributes:
        plausibility: against which recorded rows.
        at_least: percentage that a result needs, above 0 and below 100.

    Raises:
        SpaceError: the percentage is out of range.
    """

    plausibility: Plausibility
    at_least: float

    def __post_init__(self) -> None:
        if not 0 < self.at_least < 100:
            raise SpaceError(
                f"The least plausibility of a result lies above 0 and below 100 %, got {self.at_least}: "
                "20 % is usual, and without a gate it is left out."
            )

    @property
    def words(self) -> str:
        """What it asks of a result, as part of a sentence."""
        return f"a plausibility of at least {self.at_least:g} %"

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
        slopes = slope_beyond(self._beyond(values)) / self.plausibility.unit
        return self._costs(values), slopes[:, None] * gradient

    @cached_property
    def level(self) -> float:
        """The largest unusualness that passes."""
        return float(self.plausibility.level(self.at_least))

    def _beyond(self, unusualness: np.ndarray) -> np.ndarray:
        return (unusualness - self.level) / self.plausibility.unit

    def _costs(self, unusualness: np.ndarray) -> np.ndarray:
        return cost_beyond(self._beyond(unusualness))


def cost_beyond(beyond: np.ndarray) -> np.ndarray:
    """What candidates pay (n,) that lie so far beyond a limit of results, in its unit; below 0 for those within."""
    counted = np.maximum(beyond + MARGIN, 0.0)
    return STEEPNESS * (counted + counted**2) + STEP * (beyond > 0)


def slope_beyond(beyond: np.ndarray) -> np.ndarray:
    """The slope (n,) of `cost_beyond`, per unit."""
    counted = beyond + MARGIN
    return np.where(counted > 0, STEEPNESS * (1 + 2 * counted), 0.0)
