"""Dual annealing, by SciPy: a chain that cools, with a descent wherever it finds something better."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox
from optimizer.methods.method import setting
from optimizer.methods.multistart import Descent
from optimizer.problem.problem import Problem


@dataclass(frozen=True, slots=True)
class DualAnnealing(ExternalMethod):
    """SciPy's dual annealing, begun anew when a chain has cooled down.

    A lineage is a chain, and every descent from it is one of its own; a generation is about 100 evaluations.
    """

    name: ClassVar[str] = "dual_annealing"
    min_per_generation: ClassVar[int] = 100

    initial_temperature: float = setting(
        5230.0, "The initial temperature", "The higher, the farther a chain jumps.", above=0.01, most=5e4
    )
    visit: float = setting(
        2.62,
        "The visit parameter",
        "SciPy's parameter of the jumps: the higher, the heavier their tail.",
        above=1,
        most=3,
    )
    max_iterations: int = setting(1000, "The iterations of a chain", "Of one chain.", least=1)
    has_descents: bool = setting(True, "Descents", "Whether L-BFGS-B refines what the chain finds.")

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """What runs a chain with its descents; see `ExternalMethod.rounds`."""
        from scipy.optimize import OptimizeResult, dual_annealing

        box = UnitBox.of(problem.space)

        def anneal(monitor: EvaluationMonitor) -> None:
            chain = monitor.begin()

            def descend(fun: object, x0: np.ndarray, **_: Any) -> OptimizeResult:
                lineage = monitor.begin()
                x, score = Descent(monitor, box, lineage).run(x0, max(6 * box.n, 100))  # SciPy's own limit
                monitor.end(lineage)
                return OptimizeResult(x=x, fun=score, success=True)

            dual_annealing(
                Descent(monitor, box, chain).value,
                box.bounds,
                maxiter=self.max_iterations,
                minimizer_kwargs={"method": descend},
                initial_temp=self.initial_temperature,
                visit=self.visit,
                no_local_search=not self.has_descents,
                rng=rng,
                x0=box.coordinates(problem.space.sample(1, rng))[0],
            )
            monitor.end(chain)

        return anneal
