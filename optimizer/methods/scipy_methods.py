"""The methods that SciPy has: multi-start L-BFGS-B, dual annealing, and differential evolution."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox, finite
from optimizer.methods.method import setting
from optimizer.problem.problem import Problem

_MAX_TRIES = 10  # lengths tried along a direction: at kinks and between the steps of features SciPy's 20 are wasted
_LEAST_POPULATION = 5  # SciPy's


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


Strategy = Literal[
    "best1bin", "best1exp", "rand1bin", "rand1exp", "rand2bin", "rand2exp", "randtobest1bin", "randtobest1exp",
    "currenttobest1bin", "currenttobest1exp", "best2exp", "best2bin",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DifferentialEvolution(ExternalMethod):
    """SciPy's differential evolution, a whole generation in one evaluation.

    A lineage is one place in the population: whoever holds it gives way only to a better one. When a population has
    converged, all its lineages end and a new one is drawn. SciPy's final polish is left out.
    """

    name: ClassVar[str] = "differential_evolution"

    population: int = setting(
        15, "The members of the population per free feature", "Members per free feature.", least=1
    )
    strategy: Strategy = setting(
        "best1bin", "The strategy is", "SciPy's name of the mutation.", choices=get_args(Strategy)
    )
    tolerance: float = setting(
        1e-6,
        "The tolerance of convergence",
        "A population has converged when the standard deviation of its scores is less than this.",
        above=0.0,
    )
    max_generations: int = setting(1000, "The generations of a population", "Of one population.", least=1)

    def n_first(self, n_free: int) -> int:
        """The size of the population."""
        return max(_LEAST_POPULATION, self.population * n_free)

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """What lets one population converge; see `ExternalMethod.rounds`."""
        from scipy.optimize import differential_evolution

        box = UnitBox.of(problem.space)

        def evolve(monitor: EvaluationMonitor) -> None:
            places = _Places(monitor, box, self.n_first(box.n))
            differential_evolution(
                places.scores,
                box.bounds,
                strategy=self.strategy,
                init=box.coordinates(problem.space.sample(places.n, rng)),
                tol=0.0,
                atol=self.tolerance,
                maxiter=self.max_generations,
                polish=False,
                vectorized=True,
                updating="deferred",
                rng=rng,
            )
            monitor.end(places.lineages)

        return evolve


class _Places:
    """Which lineage holds which place of SciPy's population, which keeps its best in the first place."""

    def __init__(self, monitor: EvaluationMonitor, box: UnitBox, n: int) -> None:
        self.n = n
        self.lineages = monitor.begin(n)
        self._monitor = monitor
        self._box = box
        self._best = np.full(n, np.inf)

    def scores(self, U: np.ndarray) -> np.ndarray:
        """(n,) the scores of SciPy's population (m, n), member i a child of place i."""
        results = self._monitor.evaluate(self._box.candidates(U.T), self.lineages)
        scores = finite(results.scores)
        self._best = np.minimum(self._best, scores)
        best = int(self._best.argmin())
        for places in (self._best, self.lineages):
            places[[0, best]] = places[[best, 0]]
        return scores
