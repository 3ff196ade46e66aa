"""Many descents by L-BFGS-B, each from a random candidate: the strongest plain method where gradients are known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.checks import check_at_least
from optimizer.methods.descent import Descent
from optimizer.methods.unit_box import UnitBox
from optimizer.methods.watched import Watch, WatchedMethod
from optimizer.problem import Problem


@dataclass(frozen=True, slots=True)
class Multistart(WatchedMethod):
    """Multi-start L-BFGS-B (SciPy). A lineage is one descent; a generation is about 100 evaluations.

    Stepped features move by their steps, categorical ones stay where a start put them.

    Attributes:
        max_iterations: of one descent.

    Raises:
        SpaceError: the setting is out of range.
    """

    name: ClassVar[str] = "multistart"
    n_watched: ClassVar[int] = 100

    max_iterations: int = 200

    def __post_init__(self) -> None:
        """Refuse settings that allow no descent."""
        check_at_least("The iterations of a descent", self.max_iterations, 1)

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[Watch], None]:
        """Return what descends from a random candidate; see `WatchedMethod.rounds`."""
        import scipy.optimize  # noqa: F401 - loaded before the clock starts

        box = UnitBox.of(problem.space)

        def descend(watch: Watch) -> None:
            lineage = watch.begin()
            start = box.coordinates(problem.space.sample(1, rng))[0]
            Descent(watch, box, lineage).run(start, self.max_iterations)
            watch.end(lineage)

        return descend
