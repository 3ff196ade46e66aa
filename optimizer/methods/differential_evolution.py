"""Differential evolution, by SciPy: a population whose members step along each other's differences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox, finite
from optimizer.methods.method import setting
from optimizer.problem.problem import Problem

Strategy = Literal[
    "best1bin", "best1exp", "rand1bin", "rand1exp", "rand2bin", "rand2exp", "randtobest1bin", "randtobest1exp",
    "currenttobest1bin", "currenttobest1exp", "best2exp", "best2bin",
]  # fmt: skip
_LEAST_POPULATION = 5  # SciPy's


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
