"""Random search: what every other method has to beat."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod
from optimizer.methods.method import setting
from optimizer.problem.problem import Problem


@dataclass(frozen=True, slots=True)
class RandomSearch(ExternalMethod):
    """Candidates drawn uniformly. A lineage is one draw of a whole generation: its best, which nothing follows."""

    name: ClassVar[str] = "random_search"

    n_per_generation: int = setting(
        100, "The number of candidates per generation", "Candidates drawn at once.", least=1
    )

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """What draws a generation; see `ExternalMethod.rounds`."""

        def draw(monitor: EvaluationMonitor) -> None:
            lineage = monitor.begin()
            X = problem.space.sample(self.n_per_generation, rng)
            monitor.evaluate(X, np.repeat(lineage, len(X)))
            monitor.end(lineage)

        return draw
