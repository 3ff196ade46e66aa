"""What a penalty is."""

from typing import Protocol, runtime_checkable

import numpy as np


class Penalty(Protocol):
    """What makes a candidate unrealistic, and how much that weighs."""

    @property
    def weight(self) -> float:
        """How many standard deviations of the objective one unit of cost takes off; 0 is off."""

    def cost(self, X: np.ndarray) -> np.ndarray:
        """The unweighted, unitless cost of every candidate in ``X`` (n, d), (n,); 0 for a realistic one."""


@runtime_checkable
class GradientPenalty(Penalty, Protocol):
    """A penalty that knows its slopes."""

    def cost_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cost (n,) of `cost` and its gradient (n, d) by the features, 0 for categorical ones.

        At a kink it is the gradient of one of the pieces that meet there, or 0 where the cost is smallest.
        """
