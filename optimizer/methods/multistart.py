"""One local search by SciPy's L-BFGS-B, down to the next minimum of the score."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox, finite
from optimizer.methods.method import setting
from optimizer.problem.problem import Problem

_MAX_TRIES = 10  # lengths tried along a direction: at kinks and between the steps of features SciPy's 20 are wasted


class Descent:
    """The score and its slope along the unit coordinates, for one lineage.

    Where the problem knows its gradient, a slope costs one evaluation; where not, it is taken by forward differences,
    a candidate per coordinate, all in one call of ``evaluate``. The differences of a stepped feature reach to its next
    value; categories have no slope and stay as they are.

    Args:
        monitor: through which everything is evaluated.
        box: the coordinates.
        lineage: (1,) number of the lineage.
    """

    def __init__(self, monitor: EvaluationMonitor, box: UnitBox, lineage: np.ndarray) -> None:
        self._monitor = monitor
        self._box = box
        self._lineage = lineage
        self._has_gradient = monitor.problem.has_gradient

    def value(self, u: np.ndarray) -> float:
        """The score at coordinates (m,)."""
        X = self._box.candidates(u[None])
        return float(finite(self._monitor.evaluate(X, self._lineage).scores)[0])

    def value_and_slope(self, u: np.ndarray) -> tuple[float, np.ndarray]:
        """The score at coordinates (m,) and its slope (m,)."""
        if self._has_gradient:
            results, gradient = self._monitor.evaluate_with_gradient(self._box.candidates(u[None]), self._lineage)
            return float(finite(results.scores)[0]), self._box.slopes(gradient)[0]
        steps = self._box.differences
        steps = np.where(u + steps > 1, -steps, steps)
        moving = np.flatnonzero(steps)
        U = np.vstack([u, u + np.diag(steps)[moving]])
        results = self._monitor.evaluate(self._box.candidates(U), np.repeat(self._lineage, len(U)))
        scores = finite(results.scores)
        slope = np.zeros(len(u))
        slope[moving] = (scores[1:] - scores[0]) / steps[moving]
        return float(scores[0]), slope

    def run(self, start: np.ndarray, max_iterations: int) -> tuple[np.ndarray, float]:
        """The coordinates (m,) of the minimum reached from ``start`` (m,), and its score."""
        from scipy.optimize import minimize

        found = minimize(
            self.value_and_slope,
            start,
            method="L-BFGS-B",
            jac=True,
            bounds=self._box.bounds,
            options={"maxiter": max_iterations, "maxls": _MAX_TRIES},
        )
        return found.x, float(found.fun)


@dataclass(frozen=True, slots=True)
class Multistart(ExternalMethod):
    """Multi-start L-BFGS-B (SciPy). A lineage is one descent; a generation is about 100 evaluations.

    Stepped features move by their steps, categorical ones stay where a start put them.
    """

    name: ClassVar[str] = "multistart"
    min_per_generation: ClassVar[int] = 100

    max_iterations: int = setting(200, "The iterations of a descent", "Iterations of one descent.", least=1)

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """What descends from a random candidate; see `ExternalMethod.rounds`."""
        import scipy.optimize  # noqa: F401 - loaded before the clock starts

        box = UnitBox.of(problem.space)

        def descend(monitor: EvaluationMonitor) -> None:
            lineage = monitor.begin()
            start = box.coordinates(problem.space.sample(1, rng))[0]
            Descent(monitor, box, lineage).run(start, self.max_iterations)
            monitor.end(lineage)

        return descend
