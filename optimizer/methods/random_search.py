"""Random search: what every other method has to beat."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.checks import check_at_least
from optimizer.methods.external import EvaluationMonitor, ExternalMethod
from optimizer.problem.problem import Problem


@dataclass(frozen=True, slots=True)
class RandomSearch(ExternalMethod):
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

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """Return what draws a generation; see `ExternalMethod.rounds`."""

        def draw(watch: EvaluationMonitor) -> None:
            lineage = watch.begin()
            X = problem.space.sample(self.n_per_generation, rng)
            watch.evaluate(X, np.repeat(lineage, len(X)))
            watch.end(lineage)

        return draw
