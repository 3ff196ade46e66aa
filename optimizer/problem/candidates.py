"""Rows of arrays that belong together; candidates with what they are worth."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np


@dataclass(frozen=True, slots=True)
class Rows:
    """A base for dataclasses of arrays, and of other rows, of which row i belongs to the same thing."""

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.__dataclass_fields__))))

    def take(self, rows: np.ndarray) -> Self:
        """Those at these rows (indices or a mask)."""
        return self._each(lambda values: values.take(rows) if isinstance(values, Rows) else values[rows])

    def joined(self, other: Self) -> Self:
        """These and the others."""
        if not len(other):
            return self
        return self.concatenate([self, other]) if len(self) else other

    def where(self, is_first: np.ndarray, second: Self) -> Self:
        """These where ``is_first`` (n,), else those of the second; of arrays alone."""
        return self._each(
            lambda mine, other: np.where(is_first.reshape(-1, *[1] * (mine.ndim - 1)), mine, other), second
        )

    @classmethod
    def concatenate(cls, several: Iterable[Self]) -> Self:
        """All of several, one after the other."""
        first, *others = several
        return first._each(lambda *parts: (parts[0] if isinstance(parts[0], Rows) else np).concatenate(parts), *others)

    def _each(self, change: Callable[..., Any], *others: Self) -> Self:
        return type(self)(*map(change, self._arrays(), *(other._arrays() for other in others)))

    def _arrays(self) -> list[Any]:
        # `fields` would look them up anew a hundred times a generation, which takes longer than taking the rows
        return [getattr(self, name) for name in self.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class Candidates(Rows):
    """Evaluated candidates, row i of every array belonging to one.

    Attributes:
        X: (n, d) settings of all features.
        scores: (n,) smaller is better, infinite where the prediction was not finite.
        outcomes: (n,) the objective, in its own unit.
        penalties: (n,) what the score holds beyond the objective: weighted penalties, caution, cost of the gate.
    """

    X: np.ndarray
    scores: np.ndarray
    outcomes: np.ndarray
    penalties: np.ndarray

    @classmethod
    def empty(cls, n_features: int) -> "Candidates":
        """No candidates at all."""
        return cls(np.empty((0, n_features)), np.empty(0), np.empty(0), np.empty(0))

    @property
    def n_nonfinite(self) -> int:
        """How many got no finite score."""
        return int(np.isinf(self.scores).sum())

    def with_rows(self, rows: np.ndarray, others: "Candidates") -> "Candidates":
        """The candidates with others (k of them) in the place of those at ``rows`` (k,)."""
        changed = {field.name: getattr(self, field.name).copy() for field in fields(self)}
        for name, values in changed.items():
            values[rows] = getattr(others, name)
        return Candidates(**changed)

    def by_score(self) -> "Candidates":
        """The candidates, best first; equals keep their order."""
        return self.take(np.argsort(self.scores, kind="stable"))
