"""Candidates with what they are worth, as arrays."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, slots=True)
class Candidates:
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

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def empty(cls, n_features: int) -> "Candidates":
        """No candidates at all."""
        return cls(np.empty((0, n_features)), np.empty(0), np.empty(0), np.empty(0))

    @classmethod
    def concatenate(cls, several: Iterable["Candidates"]) -> "Candidates":
        """All candidates of several, in order."""
        parts = list(several)
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    @property
    def n_nonfinite(self) -> int:
        """How many got no finite score."""
        return int(np.isinf(self.scores).sum())

    def take(self, rows: np.ndarray) -> "Candidates":
        """The candidates at these rows (indices or a mask)."""
        return Candidates(self.X[rows], self.scores[rows], self.outcomes[rows], self.penalties[rows])

    def with_rows(self, rows: np.ndarray, others: "Candidates") -> "Candidates":
        """The candidates with others (k of them) in the place of those at ``rows`` (k,)."""
        changed = {field.name: getattr(self, field.name).copy() for field in fields(self)}
        for name, values in changed.items():
            values[rows] = getattr(others, name)
        return Candidates(**changed)

    def by_score(self) -> "Candidates":
        """The candidates, best first; equals keep their order."""
        return self.take(np.argsort(self.scores, kind="stable"))
