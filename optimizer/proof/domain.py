"""The candidates of a space as boxes: numbers between two ends, categories between two positions of their list."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.features import Categorical, Numeric
from optimizer.problem.space import SearchSpace
from optimizer.proof.relu_network import ReluNetwork

_NARROW = 1e-9
"""A box this narrow, in widths of the whole, is not split any more."""


@dataclass(frozen=True, eq=False)
class Domain:
    """The space of a problem, seen by a network.

    A box is two rows (d,): of a number the ends, of a category the first and last position in its list of codes. Steps
    are kept by the ends of boxes, and left out in between.

    Attributes:
        space: where candidates live.
        network: that judges them.
    """

    space: SearchSpace
    network: ReluNetwork

    @cached_property
    def codes(self) -> dict[int, np.ndarray]:
        """For every categorical column the codes that a candidate may have."""
        return {
            j: np.array(feature.codes if feature.frozen is None else [feature.frozen], dtype=float)
            for j, feature in enumerate(self.space.features)
            if isinstance(feature, Categorical)
        }

    @cached_property
    def root(self) -> tuple[np.ndarray, np.ndarray]:
        """The lower and the upper corner (d,) of the box that holds every candidate."""
        low, high = np.zeros(self.space.n_features), np.zeros(self.space.n_features)
        for j, feature in enumerate(self.space.features):
            if isinstance(feature, Categorical):
                high[j] = len(self.codes[j]) - 1
            elif feature.frozen is not None:
                low[j] = high[j] = feature.frozen
            else:
                low[j], high[j] = feature.low, feature.high
        snapped = self.on_steps(low[None], high[None])
        return snapped[0][0], snapped[1][0]

    @cached_property
    def widths(self) -> np.ndarray:
        """Widths of the whole, 1 where there is none, (d,)."""
        low, high = self.root
        return np.where(high > low, high - low, 1.0)

    @cached_property
    def largest_inputs(self) -> np.ndarray:
        """Largest absolute inputs and parts of inputs, (p,)."""
        network = self.network
        largest = np.maximum(*np.abs(self.root))[network.columns] + np.abs(network.means)
        return np.where(network.is_one_hot, 1.0, largest * np.abs(network.scales))

    def inputs(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Center and radius (n, p) of the network's inputs over boxes (n, d)."""
        network = self.network
        first, last = low[:, network.columns], high[:, network.columns]
        center = (0.5 * (first + last) - network.means) * network.scales
        radius = 0.5 * (last - first) * np.abs(network.scales)
        if network.is_one_hot.any():
            is_allowed = (first <= self._positions) & (self._positions <= last)
            is_only = is_allowed & (first == last)
            is_one_hot = network.is_one_hot
            center = np.where(is_one_hot, np.where(is_only, 1.0, 0.5 * is_allowed), center)
            radius = np.where(is_one_hot, 0.5 * (is_allowed & ~is_only), radius)
        return center, radius

    def inputs_at(self, points: np.ndarray) -> np.ndarray:
        """The inputs (n, p) at points (n, d) of boxes."""
        return self.inputs(points, points)[0]

    def of_features(
        self, weights: np.ndarray, constants: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Functions of inputs as functions of features: weights (n, d), constants (n,), positions (n, d).

        Of every categorical column the position with the least weight is taken, and that weight joins the constant.
        """
        network = self.network
        scaled = weights * network.scales
        in_features = scaled @ self._numeric_columns
        constants = constants - scaled @ np.where(network.is_one_hot, 0.0, network.means)
        positions = np.zeros_like(low)
        for j in self.codes:
            ours = np.flatnonzero((network.columns == j) & (self._positions >= 0))
            allowed = (low[:, [j]] <= self._positions[ours]) & (self._positions[ours] <= high[:, [j]])
            offered = np.where(allowed, weights[:, ours], np.inf)
            if len(ours):
                chosen = offered.argmin(axis=1)
                constants = constants + offered[np.arange(len(offered)), chosen]
                positions[:, j] = self._positions[ours][chosen]
        return in_features, constants, positions

    def by_feature(self, values: np.ndarray) -> np.ndarray:
        """The sums (n, d) of values of inputs (n, p) over each feature."""
        return values @ np.eye(self.space.n_features)[self.network.columns]

    def candidates(self, points: np.ndarray) -> np.ndarray:
        """Candidates of the space at points of boxes, (n, d)."""
        X = points.copy()
        for j, codes in self.codes.items():
            X[:, j] = codes[points[:, j].astype(int)]
        return self.space.repair(X)

    def on_steps(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The smallest boxes with the same candidates; an empty one has an end below its start."""
        low, high = low.copy(), high.copy()
        for j, feature in enumerate(self.space.features):
            if isinstance(feature, Numeric) and feature.is_free and feature.step:
                first = np.maximum(np.ceil(low[:, j] / feature.step - 1e-9), feature.first_step)
                last = np.minimum(np.floor(high[:, j] / feature.step + 1e-9), feature.last_step)
                low[:, j] = np.clip(np.round(first * feature.step, 12), feature.low, feature.high)
                high[:, j] = np.where(
                    last < first, -np.inf, np.clip(np.round(last * feature.step, 12), feature.low, feature.high)
                )
            elif isinstance(feature, Categorical):
                low[:, j], high[:, j] = np.ceil(low[:, j]), np.floor(high[:, j])
        return low, high

    def is_divisible(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Which sides (n, d) of boxes may be split."""
        return (high - low) > _NARROW * self.widths

    def halves(self, low: np.ndarray, high: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """2 n boxes, the halves of boxes (n, d) across one column (n,) each; steps between them are left out."""
        rows = np.arange(len(low))
        middle = 0.5 * (low[rows, columns] + high[rows, columns])
        is_category = np.isin(columns, list(self.codes))
        upper, lower = high.copy(), low.copy()
        upper[rows, columns] = np.where(is_category, np.floor(middle), middle)
        lower[rows, columns] = np.where(is_category, np.floor(middle) + 1, middle)
        return self.on_steps(np.concatenate([low, lower]), np.concatenate([upper, high]))

    @cached_property
    def _positions(self) -> np.ndarray:
        """Position of a one-hot input's code among the allowed ones, -1 for one that is not, and for numbers, (p,)."""
        positions = np.full(self.network.n_inputs, -1.0)
        for i, (column, code) in enumerate(zip(self.network.columns, self.network.codes, strict=True)):
            if column in self.codes and code in self.codes[column]:
                positions[i] = np.flatnonzero(self.codes[column] == code)[0]
        return positions

    @cached_property
    def _numeric_columns(self) -> np.ndarray:
        """Which feature a number comes from, (p, d)."""
        return np.eye(self.space.n_features)[self.network.columns] * ~self.network.is_one_hot[:, None]
