"""The cost of parts that do not add up to what they usually do."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_positive


@dataclass(frozen=True, slots=True)
class DensityPenalty:
    """The cost of a sum of parts that is unusual in the data: ``|sum(parts) - target| / tolerance``.

    Attributes:
        parts: columns that add up.
        target: usual sum, in the parts' unit (by default its mean over the recorded rows).
        tolerance: one unit of cost, in the parts' unit (by default the standard deviation of the recorded sums).
        weight: of one unit of cost.

    Raises:
        SpaceError: there are no parts, or tolerance or weight are out of range.
    """

    parts: tuple[int, ...]
    target: float
    tolerance: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.parts:
            raise SpaceError("The density penalty needs the parts that add up: choose at least one.")
        check_positive("The tolerance of the density", self.tolerance)
        check_at_least("The weight of the density penalty", self.weight, 0.0)
        if not np.isfinite(self.target):
            raise SpaceError(f"The target density must be a number, got {self.target}.")

    def density(self, X: np.ndarray) -> np.ndarray:
        """The sum of the parts, in their unit, (n,)."""
        return X[:, list(self.parts)].sum(axis=1)

    def cost(self, X: np.ndarray) -> np.ndarray:
        """The distance of the density from its target, in tolerances, (n,)."""
        return np.abs(self.density(X) - self.target) / self.tolerance

    def cost_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cost (n,) and its gradient (n, d), in tolerances per unit of the features; 0 at the target."""
        off = self.density(X) - self.target
        gradient = np.zeros(X.shape)
        gradient[:, list(self.parts)] = (np.sign(off) / self.tolerance)[:, None]
        return np.abs(off) / self.tolerance, gradient
