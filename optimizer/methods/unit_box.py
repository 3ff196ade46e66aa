"""The free features of a space as coordinates between 0 and 1, for libraries that know only boxes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.checks import SpaceError
from optimizer.features.features import Categorical, Numeric
from optimizer.problem.space import SearchSpace

_DIFFERENCE = 1e-6  # of a feature's range: fine for double precision, and above the rounding of single precision


@dataclass(frozen=True)
class UnitBox:
    """Unit coordinates of the features that can move, one column each.

    A continuous feature runs over its bounds. One with k values, stepped or categorical, has k bins of equal width.
    Every candidate is repaired, so none breaks a bound, a step or a rule.

    Attributes:
        space: whose candidates these are.
        columns: (m,) columns of the features that can move.
        low: (m,) value at 0: the lower bound, the first multiple of the step, or 0 for categories.
        width: (m,) value at 1 less value at 0 for continuous features; the step of the others.
        n_values: (m,) values that the feature can take, 0 for a continuous one.
        is_numeric: (m,) whether values near each other are alike.
    """

    space: SearchSpace
    columns: np.ndarray
    low: np.ndarray
    width: np.ndarray
    n_values: np.ndarray
    is_numeric: np.ndarray

    @classmethod
    def of(cls, space: SearchSpace) -> "UnitBox":
        """Return the box of a space.

        Raises:
            SpaceError: no feature can move.
        """
        axes = [(j, *_axis(space.features[j])) for j in space.free.tolist()]
        axes = [axis for axis in axes if axis[3] != 1]
        if not axes:
            raise SpaceError(
                "Every free feature can take one value only, so this method has nothing to search: widen the bounds."
            )
        columns, low, width, n_values, is_numeric = (np.array(values) for values in zip(*axes, strict=True))
        return cls(space, columns, low.astype(float), width.astype(float), n_values, is_numeric)

    @property
    def n(self) -> int:
        """How many coordinates there are."""
        return len(self.columns)

    @cached_property
    def _deviations(self) -> np.ndarray:
        """(d,) standard deviations of the free numeric features, 1 for the others."""
        features = self.space.features
        return np.array([f.std if isinstance(f, Numeric) and f.is_free else 1.0 for f in features])

    @property
    def bounds(self) -> list[tuple[float, float]]:
        """The bounds of every coordinate, as SciPy takes them."""
        return [(0.0, 1.0)] * self.n

    @property
    def differences(self) -> np.ndarray:
        """(m,) steps of finite differences: one value further for stepped features, 0 for categorical ones."""
        steps = np.where(self.n_values > 0, 1 / np.maximum(self.n_values, 1), _DIFFERENCE)
        return np.where(self.is_numeric, steps, 0.0)

    def levels(self, U: np.ndarray) -> np.ndarray:
        """Return (n, m) the number of the value that each coordinate of ``U`` (n, m) stands for, 0 for continuous."""
        return np.clip(np.floor(U * self.n_values), 0, np.maximum(self.n_values - 1, 0))

    def candidates(self, U: np.ndarray) -> np.ndarray:
        """Return (n, d) the repaired candidates at the coordinates ``U`` (n, m)."""
        U = np.clip(U, 0.0, 1.0)
        values = self.low + self.width * np.where(self.n_values > 0, self.levels(U), U)
        X = np.zeros((len(U), self.space.n_features))
        X[:, self.columns] = values
        for j in self.space.free:
            feature = self.space.features[j]
            if isinstance(feature, Categorical):  # the number of a category among the allowed ones becomes its code
                X[:, j] = np.array(feature.codes)[X[:, j].astype(int)]
        return self.space.repair(X)

    def coordinates(self, X: np.ndarray) -> np.ndarray:
        """Return (n, m) the coordinates of candidates ``X`` (n, d), the middle of its bin for a stepped value."""
        values = X[:, self.columns].astype(float)
        for i, j in enumerate(self.columns):
            feature = self.space.features[j]
            if isinstance(feature, Categorical):
                values[:, i] = [feature.codes.index(int(code)) for code in X[:, j]]
        relative = (values - self.low) / self.width
        binned = (np.rint(relative) + 0.5) / np.maximum(self.n_values, 1)
        return np.clip(np.where(self.n_values > 0, binned, relative), 0.0, 1.0)

    def slopes(self, gradient: np.ndarray) -> np.ndarray:
        """Return (n, m) a gradient by the features (n, d) as one by the coordinates, 0 for categorical ones.

        Under rules, a coordinate moves the others that a sum ties to it, for the candidate is repaired: the part of the
        gradient that would change the sum is left out.
        """
        if self.space.has_rules:
            squares = self._deviations**2  # `along` is for directions; times the squares, a gradient becomes one
            gradient = self.space.along(gradient * squares) / squares
        ranges = self.width * np.maximum(self.n_values, 1)
        return np.where(self.is_numeric, gradient[:, self.columns] * ranges, 0.0)


def _axis(feature: Numeric | Categorical) -> tuple[float, float, int, bool]:
    """Return low, width, number of values (0 for continuous) and whether it is numeric."""
    if isinstance(feature, Categorical):
        return 0.0, 1.0, len(feature.codes), False
    if feature.step is not None:
        n_values = int(feature.last_step - feature.first_step) + 1
        return feature.first_step * feature.step, feature.step, n_values, True
    return feature.low, feature.high - feature.low, int(feature.high == feature.low), True
