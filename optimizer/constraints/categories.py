"""Categories that are allowed together: which rows break a combination, and what they become."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.constraints.choice import ForbiddenConstraint
from optimizer.constraints.rule import Constraint
from optimizer.features.features import Categorical, Feature

_N_REDRAWS = 20


@dataclass(frozen=True, slots=True, eq=False)
class CategoryConstraints:
    """All forbidden combinations of a space.

    Attributes:
        constraints: the combinations.
        columns: (q,) categorical columns that they speak of.
        codes: allowed codes of each of these columns.
    """

    constraints: tuple[ForbiddenConstraint, ...]
    columns: tuple[int, ...]
    codes: tuple[tuple[int, ...], ...]
    _known: dict[tuple[int, ...], tuple[int, ...] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, features: Sequence[Feature], constraints: Sequence[Constraint]) -> "CategoryConstraints":
        """Return the forbidden combinations among the rules."""
        own = tuple(rule for rule in constraints if isinstance(rule, ForbiddenConstraint))
        columns = tuple(sorted({j for rule in own for j in rule.columns}))
        codes = []
        for j in columns:
            feature = features[j]
            assert isinstance(feature, Categorical)
            codes.append(feature.codes if feature.frozen is None else (feature.frozen,))
        return cls(own, columns, tuple(codes))

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row of ``X`` (n, d) has no forbidden combination."""
        is_met = np.ones(len(X), dtype=bool)
        for rule in self.constraints:
            is_met &= rule.holds(X)
        return is_met

    @property
    def is_possible(self) -> bool:
        """Whether any allowed categories hold no forbidden combination."""
        first = tuple(codes[0] for codes in self.codes)
        return self._search(first, (), n_changes=len(first)) is not None

    def redrawn(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return (n, d) rows whose forbidden combinations were drawn anew, uniformly; a few may be left."""
        X = X.copy()
        for _ in range(_N_REDRAWS):
            broken = np.flatnonzero(~self.holds(X))
            if not len(broken):
                break
            for j, codes in zip(self.columns, self.codes, strict=True):
                X[broken, j] = rng.choice(codes, size=len(broken))
        return X

    def repaired(self, X: np.ndarray) -> np.ndarray:
        """Return (n, d) rows with as few categories changed as it takes to hold no forbidden combination."""
        broken = np.flatnonzero(~self.holds(X))
        if not len(broken):
            return X
        X, columns = X.copy(), np.array(self.columns)
        rows, which = np.unique(X[np.ix_(broken, columns)], axis=0, return_inverse=True)
        nearest = [self.nearest(tuple(int(code) for code in row)) for row in rows]
        mended = np.array([row if new is None else new for row, new in zip(rows, nearest, strict=True)], dtype=float)
        X[np.ix_(broken, columns)] = mended[which.ravel()]
        return X

    def nearest(self, row: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the allowed codes of ``columns`` that differ from ``row`` in the fewest places, or None."""
        if row not in self._known:
            options = (self._search(row, (), n_changes) for n_changes in range(len(row) + 1))
            self._known[row] = next((option for option in options if option is not None), None)
        return self._known[row]

    def _search(self, row: tuple[int, ...], chosen: tuple[int, ...], n_changes: int) -> tuple[int, ...] | None:
        """Return a completion of ``chosen`` with at most so many changes, depth first, or None."""
        at = len(chosen)
        if any(self._occurs(rule, chosen) for rule in self.constraints):
            return None
        if at == len(row):
            return chosen
        for code in sorted(self.codes[at], key=lambda code: code != row[at]):
            cost = int(code != row[at])
            if cost <= n_changes:
                found = self._search(row, (*chosen, code), n_changes - cost)
                if found is not None:
                    return found
        return None

    def _occurs(self, rule: ForbiddenConstraint, chosen: tuple[int, ...]) -> bool:
        """Return whether the codes chosen so far complete a forbidden combination."""
        places = {self.columns[place]: code for place, code in enumerate(chosen)}
        return all(column in places and places[column] in codes for column, codes in rule.combination)
