"""The cost of lying far from everything that was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from optimizer.checks import check_at_least
from optimizer.features import Feature, Scaling, check_rows, evenly

USUAL_QUANTILE = 0.95
MAX_JUDGED_ROWS = 5_000  # recorded rows, evenly spaced, whose distance to their neighbour tells what is usual


@dataclass(frozen=True, eq=False)
class DistancePenalty:
    """The cost of a distance to the nearest recorded row beyond what is usual: ``max(0, distance - threshold)``.

    Distances are Euclidean, in recorded standard deviations; two different categories are 1 apart.

    Attributes:
        rows: (r, d) recorded rows, each once, in the features' units.
        scaling: which columns count, and their units.
        threshold: the usual distance, in standard deviations.
        weight: of one unit of cost.

    Raises:
        SpaceError: there are no rows, no column counts, or threshold or weight are out of range.
    """

    rows: np.ndarray = field(repr=False)
    scaling: Scaling
    threshold: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_rows(self.rows, len(self.scaling.stds), "distance penalty")
        self.scaling.check("distance penalty")
        check_at_least("The threshold of the distance", self.threshold, 0.0)
        check_at_least("The weight of the distance penalty", self.weight, 0.0)

    @classmethod
    def from_rows(
        cls,
        rows: np.ndarray,
        features: Sequence[Feature],
        *,
        left_out: Sequence[int] = (),
        weight: float = 1.0,
        threshold: float | None = None,
    ) -> "DistancePenalty":
        """The penalty of recorded rows.

        Args:
            rows: (r, d) recorded rows, categories as codes.
            features: the d features; they tell which columns are categorical.
            left_out: columns that do not count. Those in which no two rows differ do not count either.
            weight: of one unit of cost.
            threshold: the usual distance; by default 95 % of the recorded rows have their nearest other row within it.
        """
        scaling = Scaling.of_rows(rows, features, left_out)
        made = cls(scaling.different(rows), scaling, threshold or 0.0, weight)
        if threshold is None:
            object.__setattr__(made, "threshold", made.usual_distance())  # its search tree is built already
        return made

    def distance(self, X: np.ndarray) -> np.ndarray:
        """The distance of every candidate to its nearest recorded row, in standard deviations, (n,)."""
        return self._tree.query(self.scaling.scaled(X))[0]

    def cost(self, X: np.ndarray) -> np.ndarray:
        """The distance beyond the threshold, (n,); 0 for a candidate within it."""
        return np.maximum(self.distance(X) - self.threshold, 0.0)

    def cost_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The cost (n,) and its gradient (n, d), in standard deviations per unit of the features.

        It points away from the nearest row; 0 within the threshold, and for categorical columns.
        """
        distances, nearest = self._tree.query(self.scaling.scaled(X))
        costs = np.maximum(distances - self.threshold, 0.0)
        numeric, beyond = self.scaling.numeric, np.flatnonzero(costs)
        away = X[np.ix_(beyond, numeric)] - self.rows[np.ix_(nearest[beyond], numeric)]
        gradient = np.zeros(X.shape)
        gradient[np.ix_(beyond, numeric)] = away / self.scaling.stds[numeric] ** 2 / distances[beyond, None]
        return costs, gradient

    def usual_distance(self) -> float:
        """The distance to the nearest other row that 95 % of the recorded rows keep, 0 for a single row.

        Equal rows count once: otherwise a table that repeats its rows would call any distance unusual.
        """
        if len(self.rows) < 2:
            return 0.0
        judged = evenly(len(self.rows), MAX_JUDGED_ROWS)
        distances = self._tree.query(self._tree.data[judged], k=2)[0][:, 1]
        return float(np.quantile(distances, USUAL_QUANTILE))

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree  # 0.3 s that only those pay who ask for it

        return cKDTree(self.scaling.scaled(self.rows))
