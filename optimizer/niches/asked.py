"""What a search by niches asks for in one generation."""

from typing import NamedTuple

import numpy as np

from optimizer.niches.hills import HillTest
from optimizer.niches.initialisation import Starts


class EvaluationPlan(NamedTuple):
    """What was asked for, in this order: children, starts of new lineages, candidates of tests, spread ones.

    Attributes:
        judged: the settled lineages for which all the tests that they need are among these.
    """

    children: np.ndarray
    starts: Starts
    tests: list[HillTest]
    spread: np.ndarray
    judged: frozenset[int] = frozenset()

    @property
    def n_tests(self) -> int:
        """How many candidates of tests there are."""
        return sum(len(test.X) for test in self.tests)

    @property
    def n(self) -> int:
        """How many candidates there are."""
        return len(self.children) + len(self.starts.X) + self.n_tests + len(self.spread)

    @property
    def candidates(self) -> np.ndarray:
        """(n, d) all of them."""
        return np.concatenate([self.children, self.starts.X, *(test.X for test in self.tests), self.spread])
