"""CMA-ES with restarts, by the package `cmaes`: a Gaussian that learns the shape of its hill."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox, finite
from optimizer.methods.method import setting
from optimizer.problem.problem import Problem

_N_RESAMPLED = 10  # draws outside the bounds before one is clipped: optima often lie in corners, where most fall out


@dataclass(frozen=True, slots=True)
class CmaEs(ExternalMethod):
    """CMA-ES with BIPOP restarts (Hansen 2009, "Benchmarking a bi-population CMA-ES"). A lineage is one run.

    Runs with a population that doubles each time take turns with small ones of small steps, so that both get the same
    share of the budget. Stepped and categorical features are searched by CMA-ES with margin (Hamano et al. 2022),
    categories in the order of their codes.
    """

    name: ClassVar[str] = "cma_es"

    population: int | None = setting(
        None, "The population", "Candidates per generation of the first run, or none for 4 + 3 ln(features).", least=3
    )
    sigma: float = setting(
        0.2, "The first standard deviation", "Of the first draws, in widths of the bounds.", above=0.0
    )
    tolerance: float = setting(
        1e-9,
        "The tolerance of convergence",
        "A run ends when its best of each generation stays within this, in standard deviations of the objective, for "
        "10 generations and more.",
        above=0.0,
    )

    def n_first(self, n_free: int) -> int:
        """The size of the first population."""
        return self.population or 4 + int(3 * np.log(max(n_free, 1)))

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """What makes one run until it has converged; see `ExternalMethod.rounds`."""
        import cmaes  # noqa: F401 - loaded before the clock starts

        box = UnitBox.of(problem.space)
        restarts = _Bipop(self.n_first(box.n), self.sigma, rng)

        def climb(monitor: EvaluationMonitor) -> None:
            population, sigma, is_small = restarts.next_run()
            n_before = monitor.n_evaluations
            self._climb(monitor, box, population, sigma, rng)
            restarts.note(monitor.n_evaluations - n_before, is_small)

        return climb

    def _climb(
        self, monitor: EvaluationMonitor, box: UnitBox, population: int, sigma: float, rng: np.random.Generator
    ) -> None:
        from cmaes import CMAwM

        half = np.where(box.n_values > 0, 0.5 / np.maximum(box.n_values, 1), 0.0)  # a bin's: its value is its middle
        strategy = CMAwM(
            mean=box.coordinates(monitor.problem.space.sample(1, rng))[0],
            sigma=sigma,
            bounds=np.column_stack([half, 1 - half]),
            steps=2 * half,
            n_max_resampling=_N_RESAMPLED,
            seed=int(rng.integers(2**31)),
            population_size=population,
        )
        lineage = monitor.begin()
        bests: list[float] = []
        n_still = 10 + int(np.ceil(30 * box.n / population))
        while not strategy.should_stop():
            asked = [strategy.ask() for _ in range(population)]
            U = np.array([encoded for encoded, _ in asked])
            scores = finite(monitor.evaluate(box.candidates(U), np.repeat(lineage, population)).scores)
            strategy.tell([(raw, float(score)) for (_, raw), score in zip(asked, scores, strict=True)])
            bests.append(float(scores.min()))
            if len(bests) >= n_still and np.ptp(bests[-n_still:]) <= self.tolerance:
                break
        monitor.end(lineage)


@dataclass(slots=True)
class _Bipop:
    """Sizes and first steps of the runs: large ones that double, and small ones, at equal cost."""

    population: int
    sigma: float
    rng: np.random.Generator
    n_large: int = 0
    spent: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})  # by whether the run was small
    has_begun: bool = False

    def next_run(self) -> tuple[int, float, bool]:
        """Population, first standard deviation and whether it is a small run."""
        if not self.has_begun:
            self.has_begun = True
            return self.population, self.sigma, False
        if self.spent[True] < self.spent[False]:
            share = self.rng.random()
            large = self.population * 2**self.n_large
            size = int(self.population * (0.5 * large / self.population) ** (share**2))
            return max(size, self.population), self.sigma * 10 ** (-2 * self.rng.random()), True
        self.n_large += 1
        return self.population * 2**self.n_large, self.sigma, False

    def note(self, n_evaluations: int, is_small: bool) -> None:
        """Take in what a run has cost."""
        self.spent[is_small] += n_evaluations
