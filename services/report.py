"""From what a search chose to the document that pages, files and figures are made of."""

import math
import platform
from dataclasses import asdict
from importlib.metadata import version

import numpy as np

from models import Dataset
from optimizer import Candidates, Curve, Diversity, Problem, Summary
from services.appraisal import Appraisal
from services.material import Material
from services.notes import bound_notes
from services.problems import build_curve
from services.recorded import RecordedBest, best_recorded, density_info
from services.reference import reference_row
from services.results import DiversityInfo, FeatureInfo, ResultSet, RunResult, SweepInfo, Tally
from services.rules import rule_words
from services.runspec import CurveSpec, RunSpec

MAX_RECORDED = 10  # best recorded rows that results are shown beside
DISPLAY_POINTS = 100  # of a curve that is shown but not searched


def make_result(
    spec: RunSpec,
    material: Material,
    problem: Problem,
    chosen: Candidates,
    unpenalised: Candidates | None,
    random: Candidates | None,
    diversity: Diversity | None,
    tally: Tally,
) -> RunResult:
    """Return the document of a run: the representatives, what they are compared with, and all that shows them."""
    dataset = material.dataset
    curve = display_curve(spec, material)
    appraisal = Appraisal(spec, material, problem, curve)
    recorded = best_recorded(problem, dataset, min(spec.n_results, MAX_RECORDED))
    name, unit = objective_words(spec, material)
    return RunResult(
        spec=spec,
        goal=spec.goal,
        objective_name=name,
        objective_short=objective_short(spec, name),
        objective_unit=unit,
        outcome_name=dataset.outcome.name,
        outcome_unit=dataset.outcome.unit,
        features=_features(spec, material, problem),
        sweep=_sweep_info(curve, dataset) if curve else None,
        density=density_info(spec, dataset),
        results=appraisal.of_candidates(chosen),
        best_recorded=appraisal.of_recorded(recorded),
        reference=_reference(appraisal) if spec.reference is not None else None,
        unpenalised=appraisal.of_compared(unpenalised) if unpenalised is not None else None,
        baseline_random=appraisal.of_candidates(random) if random is not None else None,
        notes=bound_notes(problem, dataset, chosen),
        rules=rule_words(problem.space.rules, dataset),
        diversity=_diversity_info(diversity) if diversity else None,
        tally=tally,
        dataset_name=dataset.name,
        n_recorded=dataset.n_rows,
        versions=software_versions(),
    )


def _reference(appraisal: Appraisal) -> ResultSet:
    """Return all there is to say of the reference: as of a recorded row where it is one."""
    spec, dataset = appraisal.spec, appraisal.material.dataset
    candidates = appraisal.problem.evaluate(reference_row(spec, dataset)[None])
    if spec.reference is None or spec.reference.row is None:
        return appraisal.of_candidates(candidates)
    places = np.flatnonzero(dataset.numbers == spec.reference.row)[:1]
    return appraisal.of_recorded(RecordedBest(candidates, dataset.y[places], dataset.numbers[places]))


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


def objective_short(spec: RunSpec, name: str) -> str:
    """Return the objective in a word or two, as a table header has room for."""
    if spec.curve is None or spec.curve.summary is Summary.POINT:
        return name
    return str(spec.curve.summary)


def software_versions() -> dict[str, str]:
    """Return the versions of everything that may change a result's digits."""
    return {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "scikit-learn")}


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


def _sweep_info(curve: Curve, dataset: Dataset) -> SweepInfo:
    column = dataset.features[curve.feature]
    return SweepInfo(feature=column.name, unit=column.unit, grid=tuple(curve.grid.tolist()))


def _diversity_info(diversity: Diversity) -> DiversityInfo:
    """Return the figures as the document has them: what is not a number is None."""
    figures = {name: None if math.isnan(value) else value for name, value in asdict(diversity).items()}
    return DiversityInfo.model_validate(figures)
