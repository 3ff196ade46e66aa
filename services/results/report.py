"""From what a search chose to the document that pages, files and figures are made of."""

import math
import platform
from dataclasses import asdict
from importlib.metadata import version

import numpy as np

from models import Column, Dataset
from optimizer import Candidates, Curve, Diversity, Goal, LineageState, Numeric, Problem, Summary, first_as_good
from services.catalog.loading import ModelWithData
from services.problems.building import build_curve, build_floor
from services.problems.constraints import constraint_words
from services.problems.defaults import default_curve
from services.problems.plausibility import gate_notes
from services.problems.reference import reference_row
from services.results.assessment import ResultAssessment
from services.results.baselines import RecordedBest, best_recorded, density_info
from services.results.choosing import EndedSearch, ends_of, lineages_behind, pick_results
from services.results.names import name_results
from services.results.valleys import find_valleys
from services.specs.digits import step_decimals
from services.specs.results import DiversityInfo, FeatureInfo, ResultSet, RunResult, SearchStatistics, SweepInfo
from services.specs.run import RunSpec

MAX_RECORDED = 10  # best recorded rows that results are shown beside


_REACHED = 0.01  # standard deviations of the objective from the value that is searched for
_NEAR = 0.005  # of the width between the bounds: nearer than this sits on one


def conclude(
    spec: RunSpec,
    model_data: ModelWithData,
    problem: Problem,
    ended: EndedSearch,
    unpenalised: Candidates | None = None,
    random: Candidates | None = None,
) -> RunResult:
    """The result of a search that has ended: what is chosen of what it found, what it is compared with, what it did.

    Beside it stand ``unpenalised``, representatives of the same search without realism, and ``random``, the best of as
    many random candidates, where there are any.
    """
    found, floor, dataset = problem.passing(ended.found), build_floor(spec), model_data.dataset
    chosen = pick_results(spec, problem, found)
    diversity = Diversity.of(chosen, found, problem.space, floor)
    curve = display_curve(spec, model_data)
    assessment = ResultAssessment(spec, model_data, problem, curve)
    features = _features(model_data, problem)
    names = name_results(features, chosen.X, np.median(dataset.X, axis=0), spec.parts(dataset.parts))
    n_lineages = lineages_behind(chosen, ends_of(ended.events), problem, floor)
    name, unit = objective_words(spec, model_data)
    return RunResult(
        spec=spec,
        goal=spec.goal,
        objective_name=name,
        objective_short=objective_short(spec, name),
        objective_unit=unit,
        outcome_name=dataset.outcome.name,
        outcome_unit=dataset.outcome.unit,
        features=features,
        sweep=_sweep_info(curve, dataset) if curve else None,
        density=density_info(spec, dataset),
        results=assessment.of_candidates(chosen).model_copy(update={"names": names, "n_lineages": n_lineages}),
        best_recorded=assessment.of_recorded(best_recorded(problem, dataset, min(spec.n_results, MAX_RECORDED))),
        reference=_reference(assessment) if spec.reference is not None else None,
        unpenalised=assessment.of_compared(unpenalised) if unpenalised is not None else None,
        baseline_random=assessment.of_candidates(random) if random is not None else None,
        notes=(*gate_notes(problem, ended.found), *bound_notes(problem, dataset, chosen)),
        constraints=constraint_words(problem.space.constraints, dataset),
        diversity=_diversity_info(diversity) if diversity else None,
        valleys=find_valleys(problem, chosen, unit),
        statistics=_statistics(ended, n_kept=int(floor.passing(found).sum())),
        dataset_name=dataset.name,
        n_recorded=dataset.n_rows,
        versions=software_versions(),
    )


def _statistics(ended: EndedSearch, n_kept: int) -> SearchStatistics:
    events = ended.events
    n_merged, n_dropped = (int((events.states == end).sum()) for end in (LineageState.MERGED, LineageState.DROPPED))
    return SearchStatistics(
        n_lineages=len(ended.archive) + len(ended.living) + n_merged + n_dropped,
        n_extinct=len(ended.archive),
        n_merged=n_merged,
        n_dropped=n_dropped,
        n_kept=n_kept,
        n_generations=ended.n_generations,
        last_improvement=int(events.generations[first_as_good(events.bests.scores)]) if len(events) else 0,
        n_evaluations=ended.n_evaluations,
        n_nonfinite=ended.n_nonfinite,
        seconds=ended.seconds,
        overhead_share=ended.overhead_share,
        stop_reason=ended.stop_reason,
    )


def _reference(assessment: ResultAssessment) -> ResultSet:
    spec, dataset = assessment.spec, assessment.model_data.dataset
    candidates = assessment.problem.evaluate(reference_row(spec, dataset)[None])
    if spec.reference is None or spec.reference.row is None:
        return assessment.of_candidates(candidates)
    places = np.flatnonzero(dataset.numbers == spec.reference.row)[:1]
    return assessment.of_recorded(RecordedBest(candidates, dataset.y[places], dataset.numbers[places]))


def display_curve(spec: RunSpec, model_data: ModelWithData) -> Curve | None:
    """The curve that is shown: the searched one, else that over the sweep feature's recorded range."""
    dataset = model_data.dataset
    curve = spec.curve or (default_curve(dataset, dataset.sweep) if dataset.sweep else None)
    return build_curve(curve, dataset) if curve else None


def objective_words(spec: RunSpec, model_data: ModelWithData) -> tuple[str, str]:
    """What is searched for, in words, and its unit."""
    outcome = model_data.dataset.outcome
    if spec.curve is None:
        return outcome.name, outcome.unit
    sweep = model_data.dataset.features[model_data.dataset.index(spec.curve.feature)]
    span = f"{sweep.name} {spec.curve.start:g} to {spec.curve.end:g}"
    if spec.curve.summary is Summary.POINT:
        return f"{outcome.name} at {sweep.name} {spec.curve.at:g}", outcome.unit
    unit = outcome.unit
    if spec.curve.summary is Summary.AREA and unit and sweep.unit:
        unit = f"{outcome.unit}·{sweep.unit}"
    return f"{spec.curve.summary} of {outcome.name} over {span}", unit


def objective_short(spec: RunSpec, name: str) -> str:
    """The objective in a word or two, as a table header has room for."""
    if spec.curve is None or spec.curve.summary is Summary.POINT:
        return name
    return str(spec.curve.summary)


def software_versions() -> dict[str, str]:
    """The versions of everything that may change a result's digits."""
    return {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "scikit-learn")}


def _features(model_data: ModelWithData, problem: Problem) -> tuple[FeatureInfo, ...]:
    dataset = model_data.dataset
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
    return DiversityInfo.model_validate(
        {name: None if math.isnan(value) else value for name, value in asdict(diversity).items()}
    )


def bound_notes(problem: Problem, dataset: Dataset, results: Candidates) -> tuple[str, ...]:
    """One note for every free feature that most results have at the same bound, in the order of the features."""
    if len(results) < 2 or _is_reached(problem, results):  # "most" of one result says nothing
        return ()
    notes = []
    for j, feature in enumerate(problem.space.features):
        if not feature.is_free or not isinstance(feature, Numeric) or feature.low == feature.high:
            continue
        for is_high in (False, True):
            n_there = int(_sits_on(feature, results.X[:, j], is_high).sum())
            if n_there > len(results) / 2:
                notes.append(_note(feature, dataset, j, is_high, f"{n_there} of {len(results)}"))
    return tuple(notes)


def _is_reached(problem: Problem, results: Candidates) -> bool:
    # where all results have the value that was searched for, no bound holds them back
    objective = problem.objective
    return objective.goal is Goal.VALUE and bool((objective.scores(results.outcomes) <= _REACHED).all())


def _sits_on(feature: Numeric, values: np.ndarray, is_high: bool) -> np.ndarray:
    """Which of k values no further step fits between and the bound, or none that would matter, (k,)."""
    room = feature.high - values if is_high else values - feature.low
    step = (feature.step or 0.0) * (1 - 1e-9)
    return (room < step) | (room <= _NEAR * (feature.high - feature.low))


def _note(feature: Numeric, dataset: Dataset, j: int, is_high: bool, share: str) -> str:
    column, recorded = dataset.features[j], dataset.X[:, j]
    bound, end = (feature.high, recorded.max()) if is_high else (feature.low, recorded.min())
    side, most = ("upper", "largest") if is_high else ("lower", "smallest")
    where = (
        f"The optimum sits on your bound for {feature.name}: {share} results are at the {side} end, "
        f"{_amount(bound, column, feature)}"
    )
    if not is_high and bound == 0 and end == 0:
        return f"{where}. If it cannot go below 0 in reality, there is nothing to do."
    if bound == end:
        return (
            f"{where}, the {most} recorded value: beyond it the model only guesses. If it can go there in reality, "
            "record rows there first, then relax the bound."
        )
    if (bound > end) if is_high else (bound < end):
        return (
            f"{where}. The {most} recorded value is {_amount(end, column, feature)}, and beyond it the model only "
            "guesses: if it can go there in reality, record rows there first, then relax the bound."
        )
    return f"{where}. The records go on to {_amount(end, column, feature)}: relax the bound if reality allows it."


def _amount(value: float, column: Column, feature: Numeric) -> str:
    decimals = step_decimals(feature.step) if feature.step else 0 if column.is_integer else None
    number = round(value, decimals) if decimals is not None else float(f"{value:.4g}")
    return f"{number:,.10g} {column.unit}".strip()
