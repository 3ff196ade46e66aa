"""What was measured already: recorded rows, and how near to one of them a candidate is the same setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy.spatial import cKDTree

from optimizer.checks import SpaceError, check_matrix
from optimizer.features import Categorical, Numeric, check_rows
from optimizer.problem.space import SearchSpace

MAX_SETTINGS = 2_000
"""A space of at most so many settings is looked at as a whole."""

MAX_MOVED = 20  # candidates that are moved away from a record, the best of those that were measured
_MOVES = (1.05, 2.1, 4.2)  # tolerances; a sum that must stay takes up to half of a move back
_ROUNDING = 1e-9  # relative: numbers this near to each other are one


@dataclass(frozen=True, eq=False)
class MeasuredRows:
    """Recorded rows; a setting within a tolerance of one of them in every feature that counts was measured.

    Attributes:
        rows: (r, d) recorded rows, categories as codes.
        tolerances: (d,) how exactly each feature is set, in its unit; 0 where it has to be equal, as categories have,
            and infinite for a feature that does not count.

    Raises:
        SpaceError: there are no rows, they have gaps, or a tolerance is below 0.
    """

    rows: np.ndarray
    tolerances: np.ndarray

    def __post_init__(self) -> None:
        check_rows(self.rows, len(self.tolerances), "comparison with what was measured")
        if not (self.tolerances >= 0).all():
            raise SpaceError(f"Tolerances must be at least 0, got {self.tolerances.tolist()}.")

    def is_measured(self, X: np.ndarray) -> np.ndarray:
        """Whether each setting (n, d) was measured, (n,)."""
        check_matrix("X", X, len(self.tolerances))
        distances, _ = self._tree.query(self._scaled(X), p=np.inf, distance_upper_bound=1 + _ROUNDING)
        return np.isfinite(distances)

    def places(self, X: np.ndarray) -> list[np.ndarray]:
        """Of each setting (n, d) the rows that are the same, as their places among the recorded ones, ascending."""
        check_matrix("X", X, len(self.tolerances))
        found = self._tree.query_ball_point(self._scaled(X), 1 + _ROUNDING, p=np.inf, return_sorted=True)
        return [np.array(each, dtype=int) for each in found]

    def neighbours(self, X: np.ndarray, space: SearchSpace) -> np.ndarray:
        """Settings of a space (m, d) that were not measured, next to these (n, d) that were.

        Each of at most 20, those that stand first, is moved by a few sizes in one feature at a time, and put back
        within bounds, steps and constraints. Of a space of at most 2,000 settings all that were not measured come
        back, wherever they are.
        """
        check_matrix("X", X, len(self.tolerances))
        everything = settings_of(space)
        if everything is None:
            moved = [self._moved(X[:MAX_MOVED], space, j) for j in space.free.tolist()]
            everything = np.unique(space.repair(np.concatenate([X[:0], *moved])), axis=0)
        return everything[~self.is_measured(everything)] if len(everything) else everything

    def _moved(self, X: np.ndarray, space: SearchSpace, j: int) -> np.ndarray:
        """The settings (n, d) with other values of one feature."""
        feature = space.features[j]
        if isinstance(feature, Categorical):
            values = np.tile(np.array(feature.codes, dtype=float), (len(X), 1))
        else:
            unit = self.tolerances[j] if np.isfinite(self.tolerances[j]) else 0.0
            unit = max(unit, feature.step or 0.0) or (feature.high - feature.low) * _ROUNDING * 100
            sizes = unit * np.array(_MOVES)
            if feature.step:
                sizes = np.ceil(sizes / feature.step - _ROUNDING) * feature.step
            values = X[:, [j]] + np.concatenate([-sizes, sizes])
        moved = np.repeat(X, values.shape[1], axis=0)
        moved[:, j] = values.ravel()
        return moved

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        """The features that count (n, p), in tolerances."""
        return X[:, self._counts] / self._units

    @cached_property
    def _counts(self) -> np.ndarray:
        return np.isfinite(self.tolerances)

    @cached_property
    def _units(self) -> np.ndarray:
        """(p,) tolerances of what counts; of what has to be equal, what rounding leaves of its numbers."""
        tolerances = self.tolerances[self._counts]
        sizes = np.abs(self.rows[:, self._counts]).max(axis=0)
        return np.where(tolerances > 0, tolerances, _ROUNDING * np.maximum(sizes, 1.0))

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self._scaled(self.rows), balanced_tree=False)


def settings_of(space: SearchSpace, most: int = MAX_SETTINGS) -> np.ndarray | None:
    """All settings of a space (m, d) that has at most so many, or None; constraints may leave fewer, or none."""
    levels: list[Sequence[float]] = []
    n = 1.0
    for feature in space.features:
        n *= _n_levels(feature)
        if n > most:
            return None
        levels.append(_levels_of(feature))
    X = np.array(list(product(*levels)), dtype=float)
    return X[space.contains(X)]


def _n_levels(feature: Numeric | Categorical) -> float:
    if feature.frozen is not None:
        return 1
    if isinstance(feature, Categorical):
        return len(feature.codes)
    if feature.low == feature.high:
        return 1
    return feature.last_step - feature.first_step + 1 if feature.step else np.inf


def _levels_of(feature: Numeric | Categorical) -> Sequence[float]:
    if feature.frozen is not None:
        return [float(feature.frozen)]
    if isinstance(feature, Categorical):
        return [float(code) for code in feature.codes]
    if not feature.step:
        return [feature.low]
    steps = np.arange(feature.first_step, feature.last_step + 1)
    return np.clip(np.round(steps * feature.step, 12), feature.low, feature.high).tolist()
