"""What every search method offers: a name, its first need, and a run from a problem to an outcome."""

from collections.abc import Callable
from typing import Protocol, TypeGuard, runtime_checkable

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.trace.outcome import Budget, SearchOutcome
from optimizer.trace.steering import Steering
from optimizer.trace.trace import Generation


@runtime_checkable
class Method(Protocol):
    """A way to search, with its settings; implementations are frozen dataclasses of these."""

    @property
    def name(self) -> str:
        """The name that users and documents know it by."""

    def n_first(self, n_free: int) -> int:
        """Return the evaluations that its first generation needs in a space of ``n_free`` free features."""

    def run(
        self,
        problem: Problem,
        budget: Budget,
        rng: np.random.Generator,
        *,
        on_generation: Callable[[Generation], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> SearchOutcome:
        """Return what it finds within the budget; a stop keeps everything found so far.

        Args:
            problem: what is searched.
            budget: when to end.
            rng: the only source of randomness: the same state gives the same outcome.
            on_generation: called with every generation, in order.
            should_stop: asked before every evaluation of candidates; True ends the search.

        Raises:
            SpaceError: the budget does not reach for the first generation, or the method cannot search such a space.
        """


@runtime_checkable
class Steerable(Method, Protocol):
    """A method whose lineages are its own: it heeds decisions about them, and begins some where it is told to.

    Every generation ends with a question to the user; `Problem.begin_at` are candidates at which lineages begin in the
    first generation for certain.
    """

    def run_steered(
        self,
        problem: Problem,
        budget: Budget,
        rng: np.random.Generator,
        steering: Steering | None,
        *,
        on_generation: Callable[[Generation], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> SearchOutcome:
        """Return what it finds while it is steered: the same state and decisions give the same outcome.

        Without decisions it finds what `run` finds.
        """


def is_steerable(method: Method) -> TypeGuard[Steerable]:
    """Return whether a method heeds decisions while it runs, and takes settings to begin at."""
    return isinstance(method, Steerable)
