"""Bayesian optimisation by Optuna's TPE sampler: for predictions that take long, a few hundred of them."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox, finite
from optimizer.methods.method import setting
from optimizer.problem.problem import Problem


@dataclass(frozen=True, slots=True)
class Bayesian(ExternalMethod):
    """Tree-structured Parzen estimators (Optuna), asked for several candidates at a time.

    A lineage is one study. The time between evaluations grows with what a study remembers (measured on one core: 4 s
    for 400 candidates, 15 s for 1,000), so a new one is begun after ``n_trials``.
    """

    name: ClassVar[str] = "bayesian"

    n_batch: int = setting(10, "The candidates asked for at once", "Candidates evaluated together.", least=1)
    n_random: int = setting(
        30, "The random candidates of a study", "Random candidates that a study begins with.", least=1
    )
    n_trials: int = setting(400, "The candidates of a study", "Candidates of a study.", least=1)

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """What makes one study; see `ExternalMethod.rounds`."""
        import optuna  # noqa: F401 - loaded before the clock starts

        box = UnitBox.of(problem.space)

        def study(monitor: EvaluationMonitor) -> None:
            lineage = monitor.begin()
            asked = _Study(box, self.n_random, int(rng.integers(2**31)))
            for start in range(0, self.n_trials, self.n_batch):
                U = asked.ask(min(self.n_batch, self.n_trials - start))
                results = monitor.evaluate(box.candidates(U), np.repeat(lineage, len(U)))
                asked.tell(finite(results.scores))
            monitor.end(lineage)

        return study


class _Study:
    """One study of Optuna's over unit coordinates."""

    def __init__(self, box: UnitBox, n_random: int, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler = optuna.samplers.TPESampler(
                n_startup_trials=n_random, multivariate=True, constant_liar=True, seed=seed
            )
        self._study = optuna.create_study(sampler=sampler)
        self._box = box
        self._distributions = _distributions(box)
        self._waiting: list[Any] = []

    def ask(self, n: int) -> np.ndarray:
        """(n, m) coordinates to evaluate."""
        self._waiting = [self._study.ask(self._distributions) for _ in range(n)]
        asked = np.array([[trial.params[name] for name in self._distributions] for trial in self._waiting], dtype=float)
        n_values = self._box.n_values
        return np.where(n_values > 0, (asked + 0.5) / np.maximum(n_values, 1), asked)

    def tell(self, scores: np.ndarray) -> None:
        """Take in the scores (n,) of the last candidates."""
        for trial, score in zip(self._waiting, scores, strict=True):
            self._study.tell(trial, float(score))


def _distributions(box: UnitBox) -> dict[str, Any]:
    """What each coordinate may be: a number between 0 and 1, the number of a step, or a category."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, Any] = {}
    for i, (n_values, is_numeric) in enumerate(zip(box.n_values.tolist(), box.is_numeric, strict=True)):
        if not n_values:
            found[f"u{i}"] = FloatDistribution(0.0, 1.0)
        elif is_numeric:
            found[f"u{i}"] = IntDistribution(0, n_values - 1)
        else:
            found[f"u{i}"] = CategoricalDistribution(list(range(n_values)))
    return found
