"""Many columns that move together, such as the channels of a spectrum: candidates stay where the recorded rows lie.

The recorded rows of such columns fill only a few directions, their principal components (Pearson 1901), and go so far
along each. A candidate that leaves them could not exist, however near to the rows it lies column by column.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.constraint import TOLERANCE, check_columns, check_kind, listed
from optimizer.constraints.system import snapped
from optimizer.features import Feature, Numeric

MIN_COLUMNS = 15
"""Of so few columns single equations tell more."""

_EXPLAINED = (0.9999, 0.999, 0.99)  # of the variation, by the components: the first that few of them reach
_FEW = 0.5  # components at most, a share of the columns and of the rows
_USUAL = 0.95  # of the recorded rows lie as near to the subspace
_N_ROUNDS = 60
_SHOWN = 3


@dataclass(frozen=True, slots=True, eq=False)
class SubspaceConstraint:
    """Columns stay near the principal components of the recorded rows, as near as nearly all of these.

    Attributes:
        columns: (p,) numeric features that move together.
        centre: (p,) their recorded means.
        unit: (p,) their recorded standard deviations.
        axes: (k, p) the components, unit vectors in these units.
        spread: (k,) recorded standard deviations along each.
        ends: (2, k) smallest and largest recorded value along each.
        most: how far a row may be from them: length in units.
    """

    NAME = "A rule of moving together"
    columns: tuple[int, ...]
    centre: np.ndarray = field(repr=False)
    unit: np.ndarray = field(repr=False)
    axes: np.ndarray = field(repr=False)
    spread: np.ndarray = field(repr=False)
    ends: np.ndarray = field(repr=False)
    most: float

    @classmethod
    def of_rows(cls, rows: np.ndarray, columns: Sequence[int]) -> "SubspaceConstraint | None":
        """The constraint that recorded rows (r, d) suggest for these columns; None where they need most directions.

        Raises:
            SpaceError: a column is named twice.
        """
        check_columns(cls.NAME, columns)
        V = rows[:, list(columns)]
        centre, unit = V.mean(axis=0), V.std(axis=0)
        if len(columns) < MIN_COLUMNS or not (unit > 0).all():
            return None
        scaled = (V - centre) / unit
        _, lengths, axes = np.linalg.svd(scaled, full_matrices=False)
        explained = np.cumsum(lengths**2) / np.sum(lengths**2)
        few = _FEW * min(len(columns), len(rows) - 1)
        k = next((k for share in _EXPLAINED if (k := int(np.searchsorted(explained, share)) + 1) <= few), 0)
        if not k:
            return None
        scores = scaled @ axes[:k].T
        off = np.linalg.norm(scaled - scores @ axes[:k], axis=1)
        ends = np.stack([scores.min(axis=0), scores.max(axis=0)])
        most = float(np.quantile(off, _USUAL)) + TOLERANCE * np.sqrt(len(columns))
        return cls(tuple(columns), centre, unit, axes[:k], scores.std(axis=0), ends, most)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are numeric and some row within their bounds meets it."""
        check_kind(self.NAME, self.columns, features, is_categorical=False)
        low, high = bounds(features, self.columns)
        inside = self._inside(low, high)
        if inside is not None:
            X = np.zeros((1, len(features)))
            X[0, list(self.columns)] = inside
            if self.holds(self.repaired(X, features))[0]:
                return
            raise SpaceError(
                f"The steps of {self.named([f.name for f in features])} are too coarse to let them move together as in "
                "the recorded rows: make them smaller, or remove the rule."
            )
        names = [features[j].name for j in self.columns if not features[j].is_free] or ["their features"]
        raise SpaceError(
            f"The features {self.named([f.name for f in features])} move together in the recorded rows, and no such "
            f"row lies within the bounds: widen the bounds, free {listed(names[:_SHOWN])}, or remove the rule."
        )

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""
        return f"{self.named(names)} move together as in the recorded rows"

    def named(self, names: Sequence[str]) -> str:
        """Its features as one may say them, such as "w1, w2 ... w99 (99 features)"."""
        own = [names[j] for j in self.columns]
        return f"{', '.join(own[: _SHOWN - 1])} ... {own[-1]} ({len(own)} features)"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """How much farther from the components, or along one of them, than recorded rows, (n,), in units."""
        scaled = self._scaled(X)
        scores = scaled @ self.axes.T
        off = np.maximum(np.linalg.norm(scaled - scores @ self.axes, axis=1) - self.most, 0.0)
        beyond = np.maximum(np.maximum(self.ends[0] - scores, scores - self.ends[1]), 0.0)
        return np.maximum(off, beyond.max(axis=1))

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row meets the constraint, (n,)."""
        return self.violation(X) <= TOLERANCE * (1 + np.abs(self.ends).max())

    def repaired(self, X: np.ndarray, features: Sequence[Feature]) -> np.ndarray:
        """Rows whose columns were moved to near the components, within bounds and on steps, (n, d).

        By projections in turn onto the components and into the bounds, both convex (von Neumann 1950); where that does
        not come to an end, a row that is known to be inside.
        """
        X, columns = X.copy(), np.array(self.columns)
        low, high = bounds(features, self.columns)
        step = np.array(
            [f.step or 0.0 if isinstance(f := features[j], Numeric) and f.is_free else 0.0 for j in self.columns]
        )
        rows = np.arange(len(X))
        for _ in range(_N_ROUNDS):
            scores = np.clip(self._scaled(X[rows]) @ self.axes.T, *self.ends)
            V = self.centre + self.unit * (scores @ self.axes)
            X[rows[:, None], columns] = _on_steps(np.clip(V, low, high), low, high, step)
            rows = rows[~self.holds(X[rows])]
            if not len(rows):
                return X
        inside = self._inside(low, high)
        if inside is not None:
            X[rows[:, None], columns] = _on_steps(inside[None], low, high, step)
        return X

    def drawn(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Values (n, p) of the columns, uniform over the recorded range of every component."""
        scores = rng.uniform(self.ends[0], self.ends[1], size=(n, len(self.axes)))
        return self.centre + self.unit * (scores @ self.axes)

    def noise(self, n: int, weight: float, rng: np.random.Generator) -> np.ndarray:
        """Gaussian moves (n, p) of the columns, of ``weight`` recorded standard deviations along every component."""
        return self.unit * ((weight * self.spread * rng.standard_normal((n, len(self.axes)))) @ self.axes)

    def along(self, D: np.ndarray) -> np.ndarray:
        """Directions (n, p) of the columns without what would leave the components."""
        return ((D / self.unit) @ self.axes.T) @ self.axes * self.unit

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        return (X[:, list(self.columns)] - self.centre) / self.unit

    def _inside(self, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
        """A row (p,) of the components within bounds, by a linear program; None without one."""
        from scipy.optimize import linprog  # takes a while to import

        moves = (self.axes * self.unit).T
        # a value may be moved into its bounds as far as recorded rows lie from the components
        aside = (self.most / np.sqrt(len(self.unit)) + TOLERANCE) * self.unit
        room = np.concatenate([high - self.centre + aside, self.centre - low + aside])
        k = len(self.axes)
        # as far from all bounds as can be, in units
        A = np.column_stack([np.vstack([moves, -moves]), np.tile(np.where(high > low, self.unit, 0.0), 2)])
        found = linprog(np.append(np.zeros(k), -1.0), A_ub=A, b_ub=room, bounds=[*self.ends.T.tolist(), (0, None)])
        return None if found.x is None else np.clip(self.centre + moves @ found.x[:k], low, high)


def bounds(features: Sequence[Feature], columns: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest values of numeric features, (p,) each; those of a frozen one are equal."""
    numbers = [f for j in columns if isinstance(f := features[j], Numeric)]
    low = np.array([f.low if f.frozen is None else f.frozen for f in numbers])
    high = np.array([f.high if f.frozen is None else f.frozen for f in numbers])
    return low, high


def _on_steps(V: np.ndarray, low: np.ndarray, high: np.ndarray, step: np.ndarray) -> np.ndarray:
    size = np.where(step > 0, step, 1.0)
    return np.where(step > 0, np.clip(snapped(np.rint(V / size) * size), low, high), V)
