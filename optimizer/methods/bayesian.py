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
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        box = UnitBox.of(problem.space)
        distributions = _distributions(box)

        def search_round(monitor: EvaluationMonitor) -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                sampler = optuna.samplers.TPESampler(
                    n_startup_trials=self.n_random, multivariate=True, constant_liar=True, seed=int(rng.integers(2**31))
                )
            study = optuna.create_study(sampler=sampler)
            lineage = monitor.begin()
            for start in range(0, self.n_trials, self.n_batch):
                n = min(self.n_batch, self.n_trials - start)
                trials = [study.ask(distributions) for _ in range(n)]
                drawn = np.array([[trial.params[name] for name in distributions] for trial in trials], dtype=float)
                U = np.where(box.n_values > 0, (drawn + 0.5) / np.maximum(box.n_values, 1), drawn)
                results = monitor.evaluate(box.candidates(U), np.repeat(lineage, n))
                for trial, score in zip(trials, finite(results.scores), strict=True):
                    study.tell(trial, float(score))
            monitor.end(lineage)

        return search_round


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
