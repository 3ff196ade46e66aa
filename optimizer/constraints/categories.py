"""Forbidden combinations of categories: the constraint, and how rows that break it are repaired."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.checks import SpaceError
from optimizer.constraints.constraint import Constraint, check_columns, check_kind
from optimizer.features import Categorical, Feature

_N_REDRAWS = 20


@dataclass(frozen=True, slots=True)
class ForbiddenConstraint:
    """Some categories never go together: a row breaks this when every feature has one of its categories.

    Attributes:
        combination: (column, codes) of each categorical feature.
        labels: what the codes of each feature are called in texts; codes are shown where none are given.

    Raises:
        SpaceError: there is no feature, one is named twice, or one is named without a category.
    """

    combination: tuple[tuple[int, tuple[int, ...]], ...]
    labels: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        check_columns("A forbidden combination", self.columns)
        empty = [column for column, codes in self.combination if not codes]
        if self.labels and [len(label) for label in self.labels] != [len(codes) for _, codes in self.combination]:
            raise SpaceError(
                f"A forbidden combination needs a label per code of {self.combination}, got {self.labels}."
            )
        if empty:
            raise SpaceError(f"A forbidden combination needs a category of every feature, got none for column {empty}.")

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns of the combination."""
        return tuple(column for column, _ in self.combination)

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless all features are categorical and have these categories."""
        check_kind("A forbidden combination", self.columns, features, is_categorical=True)
        for column, codes in self.combination:
            feature = features[column]
            assert isinstance(feature, Categorical)
            unknown = [code for code in codes if not 0 <= code < len(feature.frequencies)]
            if unknown:
                raise SpaceError(
                    f"A forbidden combination speaks of the codes {unknown} of '{feature.name}', which has 0 to "
                    f"{len(feature.frequencies) - 1}."
                )

    def words(self, names: Sequence[str]) -> str:
        """The constraint as one line for people."""
        labels = self.labels or [tuple(str(code) for code in codes) for _, codes in self.combination]
        parts = [f"{names[column]} {' or '.join(label)}" for column, label in zip(self.columns, labels, strict=True)]
        return f"never {' together with '.join(parts)}"

    def violation(self, X: np.ndarray) -> np.ndarray:
        """1 where the combination occurs, else 0, (n,)."""
        return (~self.holds(X)).astype(float)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row meets the constraint exactly, (n,)."""
        return ~np.logical_and.reduce([np.isin(X[:, column], codes) for column, codes in self.combination])


@dataclass(frozen=True, slots=True, eq=False)
class CategoryConstraints:
    """All forbidden combinations of a space.

    Attributes:
        columns: (q,) categorical columns that they speak of.
        codes: allowed codes of each of these columns.
    """

    constraints: tuple[ForbiddenConstraint, ...]
    columns: tuple[int, ...]
    codes: tuple[tuple[int, ...], ...]
    _nearest: dict[tuple[int, ...], tuple[int, ...] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, features: Sequence[Feature], constraints: Sequence[Constraint]) -> "CategoryConstraints":
        """The forbidden combinations among the constraints."""
        own = tuple(constraint for constraint in constraints if isinstance(constraint, ForbiddenConstraint))
        columns = tuple(sorted({j for constraint in own for j in constraint.columns}))
        return cls(own, columns, tuple(cls.codes_of(features[j]) for j in columns))

    @staticmethod
    def codes_of(feature: Feature) -> tuple[int, ...]:
        """The codes that a categorical feature may have; of a frozen one, its own."""
        assert isinstance(feature, Categorical)
        return feature.codes if feature.frozen is None else (feature.frozen,)

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Whether each row of ``X`` (n, d) has no forbidden combination, (n,)."""
        return np.logical_and.reduce([np.ones(len(X), dtype=bool), *(each.holds(X) for each in self.constraints)])

    @property
    def is_possible(self) -> bool:
        """Whether any allowed categories hold no forbidden combination."""
        first = tuple(codes[0] for codes in self.codes)
        return self._search(first, (), n_changes=len(first)) is not None

    def redrawn(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Rows (n, d) whose forbidden combinations were drawn anew, uniformly; a few may be left."""
        X = X.copy()
        for _ in range(_N_REDRAWS):
            broken = np.flatnonzero(~self.holds(X))
            if not len(broken):
                break
            for j, codes in zip(self.columns, self.codes, strict=True):
                X[broken, j] = rng.choice(codes, size=len(broken))
        return X

    def repaired(self, X: np.ndarray) -> np.ndarray:
        """Rows (n, d) with as few categories changed as it takes to hold no forbidden combination."""
        broken = np.flatnonzero(~self.holds(X))
        if not len(broken):
            return X
        X, columns = X.copy(), np.array(self.columns)
        rows, which = np.unique(X[np.ix_(broken, columns)], axis=0, return_inverse=True)
        nearest = [self.nearest(tuple(int(code) for code in row)) for row in rows]
        repaired = np.array([row if new is None else new for row, new in zip(rows, nearest, strict=True)], dtype=float)
        X[np.ix_(broken, columns)] = repaired[which.ravel()]
        return X

    def nearest(self, row: tuple[int, ...]) -> tuple[int, ...] | None:
        """The allowed codes of ``columns`` that differ from ``row`` in the fewest places, or None."""
        if row not in self._nearest:
            # iterative deepening: the first number of changes with a solution is the smallest
            options = (self._search(row, (), n_changes) for n_changes in range(len(row) + 1))
            self._nearest[row] = next((option for option in options if option is not None), None)
        return self._nearest[row]

    def _search(self, row: tuple[int, ...], chosen: tuple[int, ...], n_changes: int) -> tuple[int, ...] | None:
        """A completion of ``chosen`` with at most so many changes, depth first, or None."""
        known = dict(zip(self.columns, chosen, strict=False))
        if any(all(known.get(j) in codes for j, codes in each.combination) for each in self.constraints):
            return None
        at = len(chosen)
        if at == len(row):
            return chosen
        for code in sorted(self.codes[at], key=lambda code: code != row[at]):
            cost = int(code != row[at])
            if cost <= n_changes:
                found = self._search(row, (*chosen, code), n_changes - cost)
                if found is not None:
                    return found
        return None
