"""Dual annealing, by SciPy: a chain that cools, with a descent wherever it finds something better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optimizer.checks import SpaceError, check_at_least, check_positive
from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox
from optimizer.methods.multistart import Descent
from optimizer.problem.problem import Problem


@dataclass(frozen=True, slots=True)
class DualAnnealing(ExternalMethod):
    """SciPy's dual annealing, begun anew when a chain has cooled down.

    A lineage is a chain, and every descent from it is one of its own; a generation is about 100 evaluations.

    Attributes:
        initial_temperature: the higher, the farther a chain jumps.
        visit: SciPy's parameter of the jumps, above 1 and at most 3: the higher, the heavier their tail.
        max_iterations: of one chain.
        has_descents: whether L-BFGS-B refines what the chain finds.

    Raises:
        SpaceError: a setting is out of range.
    """

    name: ClassVar[str] = "dual_annealing"
    n_watched: ClassVar[int] = 100

    initial_temperature: float = 5230.0
    visit: float = 2.62
    max_iterations: int = 1000
    has_descents: bool = True

    def __post_init__(self) -> None:
        """Refuse settings that SciPy cannot use."""
        check_positive("The initial temperature", self.initial_temperature)
        check_at_least("The iterations of a chain", self.max_iterations, 1)
        if not (0.01 < self.initial_temperature <= 5e4 and 1 < self.visit <= 3):
            raise SpaceError(
                "Dual annealing needs an initial temperature above 0.01 and at most at 50000, and a visit parameter "
                f"above 1 and at most at 3, got {self.initial_temperature} and {self.visit}."
            )

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """Return what runs a chain with its descents; see `ExternalMethod.rounds`."""
        from scipy.optimize import OptimizeResult, dual_annealing

        box = UnitBox.of(problem.space)

        def anneal(watch: EvaluationMonitor) -> None:
            chain = watch.begin()

            def descend(fun: object, x0: np.ndarray, **_: Any) -> OptimizeResult:
                lineage = watch.begin()
                x, score = Descent(watch, box, lineage).run(x0, max(6 * box.n, 100))  # SciPy's own limit
                watch.end(lineage)
                return OptimizeResult(x=x, fun=score, success=True)

            dual_annealing(
                Descent(watch, box, chain).value,
                box.bounds,
                maxiter=self.max_iterations,
                minimizer_kwargs={"method": descend},
                initial_temp=self.initial_temperature,
                visit=self.visit,
                no_local_search=not self.has_descents,
                rng=rng,
                x0=box.coordinates(problem.space.sample(1, rng))[0],
            )
            watch.end(chain)

        return anneal
