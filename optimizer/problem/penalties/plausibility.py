"""The cost of being more unusual than the recorded rows are."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import check_at_least
from optimizer.plausibility.plausibility import MEDIAN, Plausibility


@dataclass(frozen=True, eq=False)
class PlausibilityPenalty:
    """The cost of unusualness: 0 up to that of the median recorded row, 1 where only 5 % of them are more unusual.

    Beyond that it grows on in the same measure. The unit is `Plausibility.unit`.

    Attributes:
        plausibility: against which recorded rows.
        weight: of one unit of cost.

    Raises:
        SpaceError: the weight is out of range.
    """

    plausibility: Plausibility
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_at_least("The weight of the plausibility penalty", self.weight, 0.0)

    def cost(self, X: np.ndarray) -> np.ndarray:
        """How much more unusual each candidate is than the median recorded row, in units, (n,); 0 if less."""
        return self._excess(self.plausibility.unusualness(X))

    def cost_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cost (n,) and its gradient (n, d), per unit of the features; 0 where there is no cost."""
        values, gradient = self.plausibility.unusualness_with_gradient(X)
        costs = self._excess(values)
        return costs, np.where(costs[:, None] > 0, gradient / self.plausibility.unit, 0.0)

    def _excess(self, unusualness: np.ndarray) -> np.ndarray:
        usual, unit = self.plausibility.level(MEDIAN), self.plausibility.unit
        return np.maximum(unusualness - usual, 0.0) / unit
