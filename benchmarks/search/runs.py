"""The searches themselves: every method, budget and seed of a problem."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.search.cases import Case
from optimizer import METHODS, Budget, Candidates, search

MOST_EVALUATIONS = {"bayesian": 1_000}  # its sampler takes 10 to 20 ms for each candidate


@dataclass(frozen=True, slots=True)
class Run:
    """One search.

    Attributes:
        method: its name.
        budget: evaluations that were asked for; a method of `MOST_EVALUATIONS` got fewer.
        found: archive and living lineages, best first.
        evaluations: candidates evaluated.
        seconds: wall time.
    """

    method: str
    budget: int
    found: Candidates
    evaluations: int
    seconds: float


def runs(case: Case, methods: Sequence[str], budgets: Sequence[int], n_seeds: int) -> Iterator[Run]:
    """Yield every search of a problem; one that is cut short to the same length at several budgets is done once."""
    done: dict[tuple[str, int, int], Run] = {}
    for method in methods:
        for budget in budgets:
            granted = min(budget, MOST_EVALUATIONS.get(method, budget))
            for seed in range(n_seeds):
                key = (method, granted, seed)
                if key not in done:
                    done[key] = _run(case, method, budget, granted, seed)
                same = done[key]
                yield Run(method, budget, same.found, same.evaluations, same.seconds)


def _run(case: Case, method: str, budget: int, granted: int, seed: int) -> Run:
    """Return one search."""
    outcome = search(case.problem, METHODS[method], Budget(granted), np.random.default_rng(seed))
    return Run(method, budget, outcome.found, outcome.n_evaluations, outcome.seconds)
