"""One run from specification to result: the same function for the page's worker and for the command line."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import (
    Candidates,
    Events,
    Generation,
    Problem,
    SearchOutcome,
    representatives,
    search,
)
from services.material import Material
from services.problems import build_budget, build_floor, build_problem
from services.report import make_result
from services.results import RunResult, Tally
from services.runspec import RunSpec


@dataclass(frozen=True, slots=True)
class RunReport:
    """A result and the trace that led to it."""

    result: RunResult
    events: Events
    generations: np.ndarray
    """(g, 2) number and cumulative evaluations of every generation."""


def run_spec(
    spec: RunSpec,
    material: Material,
    *,
    on_generation: Callable[[Generation], None] | None = None,
    on_searched: Callable[[], object] = lambda: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> RunReport:
    """Return what a run finds; equal specifications give equal results on every number of threads.

    A stop ends the search and keeps what was found; the comparison without penalty is left out then.

    Args:
        spec: the run.
        material: what it names, loaded.
        on_generation: called with every generation of the search.
        on_searched: called when the search has ended, before results are chosen and compared.
        should_stop: asked before every generation; True ends the search.

    Raises:
        SpaceError: bounds, goal, penalty or budget do not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    with threadpool_limits(limits=1):
        problem = build_problem(spec, material)
        outcome = search(
            problem,
            spec.method.settings(),
            build_budget(spec),
            np.random.default_rng([spec.seed, 0]),
            on_generation=on_generation,
            should_stop=should_stop,
        )
        on_searched()
        chosen = pick_results(spec, problem, outcome.found)
        unpenalised = _unpenalised(spec, problem, should_stop)
        result = make_result(spec, material, problem, chosen, unpenalised, _tally(spec, outcome))
    generations = np.array([[g.number, g.evaluations] for g in outcome.trace], dtype=float).reshape(-1, 2)
    return RunReport(result, Events.of(outcome.trace, problem.space.n_features), generations)


def pick_results(spec: RunSpec, problem: Problem, found: Candidates) -> Candidates:
    """Return the representatives of what a search found, best first."""
    rng = np.random.default_rng([spec.seed, 1])
    return representatives(found, problem.space, spec.n_results, build_floor(spec), rng, spec.distinct)


def _unpenalised(spec: RunSpec, problem: Problem, should_stop: Callable[[], bool]) -> Candidates | None:
    """Return the representatives of the same search without penalties, or None where that says nothing new."""
    if not (spec.is_compared and problem.penalties) or should_stop():
        return None
    plain = problem.without_penalties()
    rng = np.random.default_rng([spec.seed, 0])
    outcome = search(plain, spec.method.settings(), build_budget(spec), rng, should_stop=should_stop)
    return None if should_stop() else pick_results(spec, plain, outcome.found)


def _tally(spec: RunSpec, outcome: SearchOutcome) -> Tally:
    return Tally(
        n_lineages=outcome.n_lineages,
        n_extinct=len(outcome.archive),
        n_kept=int(build_floor(spec).passing(outcome.found.scores).sum()),
        n_generations=len(outcome.trace),
        last_improvement=outcome.last_improvement,
        n_evaluations=outcome.n_evaluations,
        n_nonfinite=outcome.n_nonfinite,
        seconds=outcome.seconds,
        overhead_share=1 - outcome.seconds_evaluating / outcome.seconds if outcome.seconds else 0.0,
        stop_reason=outcome.stop_reason,
    )
