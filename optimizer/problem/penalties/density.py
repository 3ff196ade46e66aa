"""The cost of parts that do not add up to what they usually do."""

from dataclasses import dataclass

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_positive


@dataclass(frozen=True, slots=True)
class DensityPenalty:
    """The cost of a sum of parts that is unusual in the data: ``max(0, |sum(parts) - target| / tolerance - 1) ** 2``.

    What lies within the tolerance is usual and costs nothing: a cost that begins at the target would pull all
    candidates to that one sum, which recorded rows do not have. The square makes value and slope continuous where the
    cost begins, and lets a weight of any size tell: with a slope of its own, a cost would keep all candidates at its
    beginning, or none.

    Attributes:
        parts: columns that add up.
        target: usual sum, in the parts' unit (by default its mean over the recorded rows).
        tolerance: how far from it is usual, and the unit of what is farther, in the parts' unit (by default the
            standard deviation of the recorded sums).
        weight: of one unit of cost: what being one tolerance beyond the tolerance takes off.

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
        """The square of how far the density is beyond the tolerance, in tolerances, (n,); 0 within it."""
        return np.square(self._beyond(X)[0])

    def cost_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cost (n,) and its gradient (n, d), per unit of the features; 0 within the tolerance."""
        beyond, side = self._beyond(X)
        gradient = np.zeros(X.shape)
        gradient[:, list(self.parts)] = (2 * beyond * side / self.tolerance)[:, None]
        return np.square(beyond), gradient

    def _beyond(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far the density is beyond the tolerance, in tolerances, (n,); and on which side of the target, (n,)."""
        off = (self.density(X) - self.target) / self.tolerance
        return np.maximum(np.abs(off) - 1.0, 0.0), np.sign(off)
