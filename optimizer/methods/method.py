"""What every search method offers: a name, its first need, and a run from a problem to an outcome."""

from typing import Protocol, runtime_checkable

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.trace.outcome import NO_HOOKS, Budget, Hooks, SearchOutcome


@runtime_checkable
class Method(Protocol):
    """A way to search, with its settings; implementations are frozen dataclasses of these.

    A method whose lineages are its own has a true attribute `is_steerable`: it asks `Hooks.decide` after every
    generation and does what was decided, and in its first generation lineages begin at `Problem.begin_at` for certain.
    """

    @property
    def name(self) -> str:
        """The name that users and documents know it by."""

    def n_first(self, n_free: int) -> int:
        """Evaluations that its first generation needs in a space of ``n_free`` free features."""

    def run(self, problem: Problem, budget: Budget, rng: np.random.Generator, hooks: Hooks = NO_HOOKS) -> SearchOutcome:
        """What it finds within the budget; a stop keeps everything found so far.

        Args:
            problem: what is searched.
            budget: when to end.
            rng: the only source of randomness: the same state (and the same decisions) give the same outcome.
            hooks: called on the way.

        Raises:
            SpaceError: the budget does not reach for the first generation, or the method cannot search such a space.
        """


def is_steerable(method: Method) -> bool:
    """Whether a method takes decisions while it runs, and settings to begin at."""
    return bool(getattr(method, "is_steerable", False))
