"""Random search: what every other method has to beat."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.checks import check_at_least
from optimizer.methods.watched import Watch, run_watched
from optimizer.outcome import Budget, SearchOutcome
from optimizer.problem import Problem
from optimizer.trace import Generation


@dataclass(frozen=True, slots=True)
class RandomSearch:
    """Candidates drawn uniformly. A lineage is one draw of a whole generation: its best, which nothing follows.

    Attributes:
        n_per_generation: candidates drawn at once.

    Raises:
        SpaceError: the setting is out of range.
    """

    name: ClassVar[str] = "random_search"

    n_per_generation: int = 100

    def __post_init__(self) -> None:
        """Refuse a generation of nothing."""
        check_at_least("The number of candidates per generation", self.n_per_generation, 1)

    def n_first(self, n_free: int) -> int:
        """Return 1: every budget allows a candidate."""
        return 1

    def run(
        self,
        problem: Problem,
        budget: Budget,
        rng: np.random.Generator,
        *,
        on_generation: Callable[[Generation], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> SearchOutcome:
        """Return the best of every draw within the budget; see `Method.run`."""

        def draw(watch: Watch) -> None:
            lineage = watch.begin()
            X = problem.space.sample(self.n_per_generation, rng)
            watch.evaluate(X, np.repeat(lineage, len(X)))
            watch.end(lineage)

        return run_watched(draw, problem, budget, on_generation=on_generation, should_stop=should_stop)
