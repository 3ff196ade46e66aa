"""One run from specification to result: the same function for the page's worker and for the command line."""

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import (
    Candidates,
    Curve,
    Events,
    Generation,
    Problem,
    SearchOutcome,
    Summary,
    min_distance,
    representatives,
    search,
)
from services.material import Material
from services.problems import build_budget, build_curve, build_floor, build_problem
from services.recorded import best_recorded, density_info
from services.results import FeatureInfo, ResultSet, RunResult, SweepInfo, Tally
from services.runspec import CurveSpec, RunSpec

DISPLAY_POINTS = 100  # of a curve that is shown but not searched


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


def display_curve(spec: RunSpec, material: Material) -> Curve | None:
    """Return the curve that is shown: the searched one, else that over the sweep feature's recorded range."""
    dataset = material.dataset
    if spec.curve is not None:
        return build_curve(spec.curve, dataset)
    if dataset.sweep is None:
        return None
    values = dataset.X[:, dataset.index(dataset.sweep)]
    if values.min() == values.max():
        return None
    return build_curve(
        CurveSpec(feature=dataset.sweep, start=values.min(), end=values.max(), points=DISPLAY_POINTS), dataset
    )


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


def make_result(
    spec: RunSpec,
    material: Material,
    problem: Problem,
    chosen: Candidates,
    unpenalised: Candidates | None,
    tally: Tally,
) -> RunResult:
    """Return the document of a run: the representatives, what they are compared with, and all that shows them."""
    dataset = material.dataset
    parts = dataset.indices(spec.density.parts if spec.density else dataset.parts)
    curve = display_curve(spec, material)
    density = density_info(spec, dataset)

    def as_set(
        candidates: Candidates, measured: tuple[float, ...] | None = None, rows: tuple[int, ...] | None = None
    ) -> ResultSet:
        curves = curve.values(candidates.X, problem.predict) if curve and len(candidates) else None
        return ResultSet(
            X=_rows(candidates.X),
            outcomes=tuple(candidates.outcomes.tolist()),
            scores=tuple(candidates.scores.tolist()),
            penalties=tuple(candidates.penalties.tolist()),
            densities=tuple(candidates.X[:, parts].sum(axis=1).tolist()) if parts else None,
            curves=_rows(curves) if curves is not None else None,
            measured=measured,
            rows=rows,
        )

    recorded = best_recorded(problem, dataset, spec.n_results)
    distance = min_distance(chosen.X, problem.space)
    name, unit = objective_words(spec, material)
    return RunResult(
        spec=spec,
        goal=spec.goal,
        objective_name=name,
        objective_short=_short_name(spec, name),
        objective_unit=unit,
        outcome_name=dataset.outcome.name,
        outcome_unit=dataset.outcome.unit,
        features=_features(spec, material, problem),
        sweep=SweepInfo(
            feature=dataset.features[curve.feature].name,
            unit=dataset.features[curve.feature].unit,
            grid=tuple(curve.grid.tolist()),
        )
        if curve
        else None,
        density=density,
        results=as_set(chosen),
        best_recorded=as_set(
            recorded.candidates, measured=tuple(recorded.measured.tolist()), rows=tuple(recorded.rows.tolist())
        ),
        unpenalised=as_set(unpenalised) if unpenalised is not None else None,
        min_distance=None if math.isnan(distance) else distance,
        tally=tally,
        dataset_name=dataset.name,
        n_recorded=dataset.n_rows,
        versions=software_versions(),
    )


def software_versions() -> dict[str, str]:
    """Return the versions of everything that may change a result's digits."""
    return {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "scikit-learn")}


def _rows(matrix: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in matrix.tolist())


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


def _features(spec: RunSpec, material: Material, problem: Problem) -> tuple[FeatureInfo, ...]:
    dataset = material.dataset
    return tuple(
        FeatureInfo(
            name=column.name,
            unit=column.unit,
            is_free=problem.space.features[j].is_free,
            is_integer=column.is_integer,
            low=float(dataset.X[:, j].min()),
            high=float(dataset.X[:, j].max()),
            std=float(dataset.stds[j]),
            categories=column.categories,
        )
        for j, column in enumerate(dataset.features)
    )


def _short_name(spec: RunSpec, name: str) -> str:
    """Return the objective in a word or two, as a table header has room for."""
    if spec.curve is None or spec.curve.summary is Summary.POINT:
        return name
    return str(spec.curve.summary)


def objective_words(spec: RunSpec, material: Material) -> tuple[str, str]:
    """Return what is searched for, in words, and its unit."""
    outcome = material.dataset.outcome
    if spec.curve is None:
        return outcome.name, outcome.unit
    sweep = material.dataset.features[material.dataset.index(spec.curve.feature)]
    span = f"{sweep.name} {spec.curve.start:g} to {spec.curve.end:g}"
    if spec.curve.summary is Summary.POINT:
        return f"{outcome.name} at {sweep.name} {spec.curve.at:g}", outcome.unit
    unit = outcome.unit
    if spec.curve.summary is Summary.AREA and unit and sweep.unit:
        unit = f"{outcome.unit}·{sweep.unit}"
    return f"{spec.curve.summary} of {outcome.name} over {span}", unit
