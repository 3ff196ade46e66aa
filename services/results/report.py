"""From a search that has ended to what is chosen of it, and to the document that pages, files and figures show."""

from dataclasses import dataclass

import numpy as np

from models import Column, Dataset
from optimizer import (
    Candidates,
    Diversity,
    Events,
    Goal,
    LineageState,
    Numeric,
    Problem,
    QualityFloor,
    SearchOutcome,
    Summary,
    first_as_good,
    representatives,
)
from optimizer.trace import last_of_lineages
from services.catalog.loading import ModelWithData
from services.catalog.rows import RowBudget, tried
from services.catalog.version import software_versions
from services.problems.building import build_floor
from services.problems.constraints import constraint_words
from services.problems.measured import measured_notes
from services.problems.plausibility import gate_notes
from services.problems.reference import reference_row
from services.results.assessment import ResultAssessment
from services.results.baselines import RecordedBest, density_info
from services.results.names import name_results
from services.results.outcomes import archive_of_one_goal, outcome_infos
from services.results.recorded import RecordedRows, better_row_notes, compared_rows
from services.results.rounding import as_printed, printed_decimals
from services.results.second_opinion import automatic_opinion
from services.results.valleys import find_valleys
from services.results.verdict import judge_run, lies_on
from services.specs.digits import step_decimals
from services.specs.results import (
    Archive,
    ClimbStatistics,
    FeatureInfo,
    FrontInfo,
    ResultSet,
    RunResult,
    SearchStatistics,
    SweepInfo,
    Valley,
)
from services.specs.run import RunSpec

MAX_RECORDED = 10  # best recorded rows that results are shown beside
_REACHED = 0.01  # standard deviations of the objective from the value that is searched for


def pick_results(spec: RunSpec, problem: Problem, found: Candidates) -> Candidates:
    """The representatives of candidates that may become results, those that pass the gate, as they are printed."""
    rng = np.random.default_rng([spec.seed, 1])
    if problem.space.constraints:  # what no repair could bring back to the rules is no result, however good
        found = found.take(np.flatnonzero(problem.space.holds(found.X).all(axis=1)))
    if problem.limits is not None:  # what is printed has to keep them, so that is what is chosen from
        found = as_printed(problem, found)
        found = found.take(problem.limits.violations(found.X) == 0) if len(found) else found
    chosen = representatives(
        found,
        problem.space,
        spec.n_results,
        build_floor(spec),
        rng,
        distinct=spec.distinct,
        choice=spec.choice,
    )
    return chosen if problem.limits is not None else as_printed(problem, chosen)


def new_results(
    spec: RunSpec, problem: Problem, found: Candidates, rows: RowBudget | None = None
) -> tuple[Candidates, Candidates]:
    """The candidates that results are chosen from, of those found, and the results, best first.

    Where results have to be new and some would not be, what lies next to these is looked at as well, so that a search
    whose optimum was measured has a result beside it. Where all would be new anyway, that changes nothing.

    Args:
        rows: the budget of rows, where these cost: no more than a part of what it has left is looked at.
    """
    believable = found.take(problem.believable(found.X)) if problem.is_selective else found
    chosen = pick_results(spec, problem, believable)
    if problem.measured is None or not (is_known := problem.measured.is_measured(chosen.X)).any():
        return believable, chosen
    beside = problem.new_beside(chosen.take(is_known), None if rows is None else rows.n_candidates_left // 2)
    allowed = problem.passing(Candidates.concatenate([believable, beside]))
    return allowed, pick_results(spec, problem, allowed)


def ends_of(events: Events) -> Candidates:
    """Where every lineage of a trace ended, in order of birth.

    That is the best candidate of a lineage that went extinct or lived at the end. One that merged ended on the hill of
    another lineage: it counts as ending where that one did, or, where the trace does not tell which, where it merged.
    One that was dropped ended nowhere, and so did those that merged with it.
    """
    last = last_of_lineages(events.ids)
    hosts = _hosts(events, events.ids[last], last)
    ends = last[hosts]
    return events.bests.take(ends[events.states[ends] != LineageState.DROPPED])


def _hosts(events: Events, ids: np.ndarray, last: np.ndarray) -> np.ndarray:
    """For each of the n lineages the place, in ``ids``, of the one on whose hill it ended."""
    hosts = np.arange(len(ids))
    if events.merged_into is None or not len(ids):
        return hosts
    into = np.where(events.states[last] == LineageState.MERGED, events.merged_into[last], -1)
    places = np.searchsorted(ids, into).clip(max=len(ids) - 1)
    hosts = np.where((into >= 0) & (ids[places] == into), places, hosts)
    # a hill may have become part of another one: pointer jumping halves every chain of mergers
    for _ in range(int(np.ceil(np.log2(len(ids) + 1)))):
        hosts = hosts[hosts]
    return hosts


def lineages_behind(chosen: Candidates, ends: Candidates, problem: Problem, floor: QualityFloor) -> tuple[int, ...]:
    """How many lineages ended nearest to each of the k results, of those that ended well enough to be one.

    A lineage counts if where it ended passes the quality floor, the results among the candidates that this is told by,
    and the gate; and then at the result that is nearest in recorded standard deviations over the free features, of
    equally near ones the better. So the numbers add up to the lineages that led to anything worth showing; one that
    went extinct on a poor hill is behind no result.
    """
    if not len(chosen):
        return ()
    passes = floor.passing(Candidates.concatenate([chosen, ends]))[len(chosen) :]
    ends = ends.take(passes)
    X = ends.X[problem.believable(ends.X)]  # one that ended where it was measured led to the result beside it
    scaled = problem.space.scaled(X)
    distances = np.stack([np.linalg.norm(scaled - row, axis=1) for row in problem.space.scaled(chosen.X)])
    return tuple(np.bincount(distances.argmin(axis=0), minlength=len(chosen)).tolist())


def conclude(
    assessment: ResultAssessment,
    outcome: SearchOutcome,
    events: Events,
    *,
    n_generations: int,
    n_evaluations: int,
) -> RunResult:
    """The result of a search that has ended: what is chosen of what it found, the records beside it, what it did.

    Args:
        assessment: of the run.
        outcome: what it found; of a search that was not seen to its end without the trace, which tells of a climb only.
        events: what its trace tells.
    """
    spec, problem, outcomes, rows = assessment.spec, assessment.problem, assessment.outcomes, assessment.model_data.rows
    (found, chosen), floor = new_results(spec, problem, outcome.found, rows), build_floor(spec)
    recorded = compared_rows(assessment, min(spec.n_results, MAX_RECORDED))
    _, unit = objective_words(spec, assessment.model_data)
    picked = Picked(
        found=found,
        chosen=chosen,
        floor=floor,
        recorded=recorded,
        n_lineages=lineages_behind(chosen, ends_of(events), problem, floor),
        valleys=tried(
            rows,
            "What lies between results was not looked at",
            lambda: find_valleys(problem, chosen, unit, None if rows is None else rows.n_candidates_left // 2),
        )
        or (),
        notes=tried(
            rows,
            "Whether a recorded row beats every result, and why there are no more, was not looked at",
            lambda: _search_notes(assessment, outcome.found, (found, chosen), recorded),
        )
        or (),
        archive=tried(
            rows,
            "What other limits would cost was not told",
            lambda: archive_of_one_goal(outcomes, problem, found),
        )
        if outcomes is not None
        else None,
    )
    statistics = _statistics(
        outcome,
        events,
        n_kept=int(floor.passing(found).sum()),
        n_generations=n_generations,
        n_evaluations=n_evaluations,
    )
    result = document(assessment, picked, statistics)
    return result.model_copy(update={"verdict": judge_run(result)})


def _search_notes(
    assessment: ResultAssessment, everything: Candidates, picked: tuple[Candidates, Candidates], recorded: RecordedRows
) -> tuple[str, ...]:
    """Why a search has no results, or which recorded row beats all of them.

    Args:
        everything: that the search found.
        picked: what of it results were chosen from, and the results.
    """
    problem, dataset, (found, chosen) = assessment.problem, assessment.model_data.dataset, picked
    _, unit = objective_words(assessment.spec, assessment.model_data)
    return (
        *(gate_notes(problem, everything) if not np.isfinite(found.scores).any() else ()),
        *(measured_notes(problem, dataset, everything) if not len(chosen) else ()),
        *better_row_notes(assessment, chosen, recorded, unit),
    )


@dataclass(frozen=True, slots=True)
class Picked:
    """What is chosen of what a search found, and what is said of it.

    Attributes:
        found: the candidates that results were chosen from.
        chosen: the results, in the order in which they are shown.
        recorded: rows that they are shown beside.
        n_lineages: how many lineages ended nearest to each result, or None.
    """

    found: Candidates
    chosen: Candidates
    floor: QualityFloor
    recorded: RecordedRows
    n_lineages: tuple[int, ...] | None = None
    valleys: tuple[Valley, ...] = ()
    notes: tuple[str, ...] = ()
    archive: Archive | None = None
    front: FrontInfo | None = None


def document(assessment: ResultAssessment, picked: Picked, statistics: SearchStatistics) -> RunResult:
    """The result of a search, without its verdict."""
    spec, model_data, problem, curve = assessment.spec, assessment.model_data, assessment.problem, assessment.curve
    dataset, outcomes, recorded, chosen = model_data.dataset, assessment.outcomes, picked.recorded, picked.chosen
    features = _features(model_data, problem)
    names = name_results(features, chosen.X, np.median(dataset.X, axis=0), spec.parts(dataset.parts))
    sweep = None
    if curve is not None:
        column = dataset.features[curve.feature]
        sweep = SweepInfo(feature=column.name, unit=column.unit, grid=tuple(curve.grid.tolist()))
    name, unit = objective_words(spec, model_data)
    own = {"names": names, "n_lineages": picked.n_lineages}
    result = RunResult(
        spec=spec,
        goal=spec.goal,
        objective_name=name,
        objective_short=objective_short(spec, name),
        objective_unit=unit,
        outcome_name=dataset.outcome.name,
        outcome_unit=dataset.outcome.unit,
        features=features,
        sweep=sweep,
        density=density_info(spec, dataset),
        results=assessment.of_candidates(chosen).model_copy(update=own),
        best_recorded=assessment.of_recorded(recorded.best),
        best_of_all=recorded.best_of_all,
        n_within=recorded.n_within,
        reference=tried(model_data.rows, "The reference was not predicted", lambda: _reference(assessment))
        if spec.reference is not None
        else None,
        unpenalised=None,
        notes=(
            *picked.notes,
            *(outcomes.limit_notes() if outcomes is not None else ()),
            *bound_notes(problem, dataset, chosen),
            *(model_data.rows.notes if model_data.rows is not None else ()),
        ),
        constraints=constraint_words(problem.space.constraints, dataset),
        diversity=Diversity.of(chosen, picked.found, problem.space, picked.floor),
        valleys=picked.valleys,
        outcomes=outcome_infos(outcomes) if outcomes is not None else (),
        archive=picked.archive,
        front=picked.front,
        statistics=statistics
        if model_data.rows is None
        else statistics.model_copy(update={"n_rows_asked": model_data.rows.n_asked}),
        dataset_name=dataset.name,
        n_recorded=dataset.n_rows,
        versions=software_versions([model_data.predictor, *(each.predictor for each in model_data.measured.values())]),
    )
    return result.model_copy(update={"second_opinion": automatic_opinion(result, dataset)})


def _statistics(outcome: SearchOutcome, events: Events, **known: int) -> SearchStatistics:
    n_merged, n_dropped = (int((events.states == end).sum()) for end in (LineageState.MERGED, LineageState.DROPPED))
    return SearchStatistics(
        n_lineages=len(outcome.archive) + len(outcome.living) + n_merged + n_dropped,
        n_extinct=len(outcome.archive),
        n_merged=n_merged,
        n_dropped=n_dropped,
        last_improvement=int(events.generations[first_as_good(events.bests.scores)]) if len(events) else 0,
        n_nonfinite=outcome.n_nonfinite,
        seconds=outcome.seconds,
        overhead_share=1 - outcome.seconds_evaluating / outcome.seconds if outcome.seconds else 0.0,
        stop_reason=outcome.stop_reason,
        climb=_climb(outcome),
        **known,
    )


def _climb(outcome: SearchOutcome) -> ClimbStatistics | None:
    climb = outcome.trace[-1].climb if outcome.trace else None
    if climb is None:
        return None
    n_fresh = int(climb.is_fresh.sum())
    return ClimbStatistics(n_starts=len(climb), n_fresh=n_fresh, n_tops=climb.n_tops, n_lineages=climb.n_lineages)


def _reference(assessment: ResultAssessment) -> ResultSet:
    spec, dataset = assessment.spec, assessment.model_data.dataset
    candidates = assessment.problem.evaluate(reference_row(spec, dataset)[None])
    if spec.reference is None or spec.reference.row is None:
        return assessment.of_candidates(candidates)
    places = np.flatnonzero(dataset.numbers == spec.reference.row)[:1]
    return assessment.of_recorded(RecordedBest(candidates, dataset.y[places], dataset.numbers[places]))


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


def _features(model_data: ModelWithData, problem: Problem) -> tuple[FeatureInfo, ...]:
    dataset = model_data.dataset
    decimals = printed_decimals(problem.space)
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
            decimals=decimals.get(j),
        )
        for j, column in enumerate(dataset.features)
    )


def bound_notes(problem: Problem, dataset: Dataset, results: Candidates) -> tuple[str, ...]:
    """One note for every free feature that most results have at the same bound, in the order of the features.

    An amount of which there is nothing is at no bound that could be relaxed.
    """
    if len(results) < 2:  # "most" of one result says nothing
        return ()
    objective = problem.objective
    if objective.goal is Goal.VALUE and (objective.scores(results.outcomes) <= _REACHED).all():
        return ()  # where all results have the value that was searched for, no bound holds them back
    notes = []
    for j, feature in enumerate(problem.space.features):
        if not feature.is_free or not isinstance(feature, Numeric) or feature.low == feature.high:
            continue
        for is_high in (False, True):
            if not is_high and feature.low == dataset.X[:, j].min() == 0:
                continue
            n_there = sum(lies_on(feature, value, is_high) for value in results.X[:, j].tolist())
            if n_there > len(results) / 2:
                notes.append(_note(feature, dataset, j, is_high, f"{n_there} of {len(results)}"))
    return tuple(notes)


def _note(feature: Numeric, dataset: Dataset, j: int, is_high: bool, share: str) -> str:
    column, recorded = dataset.features[j], dataset.X[:, j]
    bound, end = (feature.high, recorded.max()) if is_high else (feature.low, recorded.min())
    side, most = ("upper", "largest") if is_high else ("lower", "smallest")
    where = (
        f"The optimum sits on your bound for {feature.name}: {share} results are at the {side} end, "
        f"{_amount(bound, column, feature)}"
    )
    last = _amount(end, column, feature)
    if bound == end:
        return f"{where}, the {most} recorded value. Record rows beyond it before you relax the bound."
    if (bound > end) if is_high else (bound < end):
        later = "beyond it the model only guesses. Record rows there before you relax the bound."
        return f"{where}. The {most} recorded value is {last}: {later}"
    return f"{where}. The records go on to {last}: relax the bound if reality allows it."


def _amount(value: float, column: Column, feature: Numeric) -> str:
    decimals = step_decimals(feature.step) if feature.step else 0 if column.is_integer else None
    number = round(value, decimals) if decimals is not None else float(f"{value:.4g}")
    return f"{number:,.10g} {column.unit}".strip()
