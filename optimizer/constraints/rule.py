"""What every hard rule can do, and how exactly it is met."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from optimizer.features.features import Feature

TOLERANCE = 1e-9  # a rule is met to this share of the numbers that it adds up and compares


class Constraint(Protocol):
    """Something that every candidate meets; columns are those of ``X``."""

    @property
    def columns(self) -> tuple[int, ...]:
        """Every column that the rule speaks of, once."""

    def check(self, features: Sequence[Feature]) -> None:
        """Raise SpaceError unless the rule can be asked of these features."""

    def words(self, names: Sequence[str]) -> str:
        """Return the rule as one line for people, with the names of all features."""

    def violation(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) how far each row of ``X`` (n, d) is from meeting the rule, in its own unit; 0 where it does."""

    def holds(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) whether each row of ``X`` (n, d) meets the rule, to ``TOLERANCE``."""
