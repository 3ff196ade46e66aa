"""Several methods on one problem at equal evaluations: what each finds, and what it takes."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import (
    Candidates,
    Generation,
    Hooks,
    Numeric,
    Plausibility,
    Problem,
    SearchOutcome,
    SpaceError,
    StopReason,
    check_first_generation,
    search,
)
from optimizer.features import distances_to, least_distance
from optimizer.methods.external import UnitBox
from services.catalog.loading import ModelWithData
from services.problems.building import build_budget, build_problem
from services.problems.estimate import time_evaluation
from services.problems.plausibility import build_plausibility
from services.results.search import run_share
from services.specs.errors import Failure
from services.specs.run import RunSpec
from services.studies.compare.methods_spec import ComparisonResult, ComparisonSpec, Entry, LeftOut
from services.studies.parallel import Execution, run_parallel

MAX_DISTINCT = 200  # candidates of an entry that differ
MAX_COURSE = 200  # points of its course
_FREE_OF_BOXES = ("niches", "lineages", "random_search")


class Task(NamedTuple):
    """One search: which method, with which seed."""

    method: str
    seed: int


def refusal(spec: ComparisonSpec, name: str, problem: Problem) -> str:
    """Why a method cannot search a problem, in words, or "" where it can."""
    space = problem.space
    try:
        check_first_generation(spec.method(name).settings().n_first(len(space.free)), spec.evaluations(name))
        if name not in _FREE_OF_BOXES:
            box = UnitBox.of(space)
            if name == "multistart" and not box.is_numeric.any():
                return "It follows slopes, and every feature that can move is a category."
    except SpaceError as error:
        return str(error)
    return ""


def remark(spec: ComparisonSpec, name: str, problem: Problem) -> str:
    """What to know of how a method searches a problem, in a sentence or two, or ""."""
    words = []
    if spec.evaluations(name) < spec.run.budget.evaluations:
        words.append(
            f"It gets {spec.evaluations(name):,} evaluations only, for it takes some 20 ms of its own over each."
        )
    if name == "multistart":
        if not problem.has_gradient:
            words.append(
                "There are no gradients to follow here: it takes slopes by differences, which cost evaluations."
            )
        if not all(isinstance(problem.space.features[j], Numeric) for j in problem.space.free):
            words.append("Categories stay where each descent began.")
    return " ".join(words)


def comparison_seconds(
    spec: ComparisonSpec, methods: Sequence[str], seconds_per_evaluation: Callable[[str], float], n_processes: int = 1
) -> float:
    """About how many seconds a comparison will take; NaN where that is not known.

    Args:
        spec: the comparison.
        methods: those that can search the problem.
        seconds_per_evaluation: gives how long a method takes for one.
        n_processes: searches at once.
    """
    seconds = [spec.evaluations(name) * seconds_per_evaluation(name) for name in methods]
    n_processes = min(n_processes, spec.n_seeds * max(len(seconds), 1))
    return max([spec.n_seeds * sum(seconds) / n_processes, *seconds])


def run_comparison(
    spec: ComparisonSpec, model_data: ModelWithData, execution: Execution | None = None
) -> ComparisonResult:
    """What several methods find of one problem with the same number of evaluations.

    Every search is the one that a run by that method and seed does, to the last bit, however many are done at once. A
    stop keeps those that are done. Methods that cannot search the problem are left out, with the reason.

    Args:
        spec: the run, the methods and how many seeds.
        model_data: what the run names.
        execution: how many searches at once, and what is called meanwhile; it begins `Task`.

    Raises:
        SpaceError: bounds, goal, penalty or budget of the run do not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    execution = (execution or Execution()).suited_to(model_data)
    model_data = model_data.loaded()
    problem = build_problem(spec.run, model_data)
    reasons = {name: refusal(spec, name, problem) for name in spec.methods}
    left_out = [LeftOut(method=name, words=words) for name, words in reasons.items() if words]
    for piece in left_out:
        execution.on_piece(piece)
    able = [name for name, words in reasons.items() if not words]
    costs = {name: spec.evaluations(name) * time_evaluation(problem, spec.method(name)) for name in able}
    tasks = _ordered([Task(name, seed) for seed in spec.seeds for name in able], costs, execution.n_processes)
    outcomes = run_parallel(
        _Searches(spec, model_data), tasks, execution, piece_of=_piece, costs=[costs[task.method] for task in tasks]
    )
    done = [_piece(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True) if outcome is not None]
    return ComparisonResult.of(spec, [*left_out, *done])


def _piece(task: Task, outcome: Entry | Failure) -> Entry | LeftOut:
    if isinstance(outcome, Failure):
        return LeftOut(method=task.method, seed=task.seed, words=outcome.words)
    return outcome


def _ordered(tasks: list[Task], costs: dict[str, float], n_processes: int) -> list[Task]:
    """The tasks in the order in which they begin.

    The quickest first, so that there is something to see; of several at once then the longest, so that none is left to
    go on alone in the end.
    """
    ascending = sorted(tasks, key=lambda task: costs[task.method])
    return ascending if n_processes == 1 else ascending[:1] + ascending[:0:-1]


class _Searches:
    """Searches the problem of a comparison by one method after the other."""

    def __init__(self, spec: ComparisonSpec, model_data: ModelWithData) -> None:
        self._spec = spec
        self._model_data = model_data

    def __call__(self, task: Task, report: Callable[[float], None], should_stop: Callable[[], bool]) -> Entry | None:
        """What a search found, or None where a stop cut it short."""
        run = self._spec.run_by(task.method, task.seed)
        with threadpool_limits(limits=1):
            problem = build_problem(run, self._model_data)
            began = time.thread_time()
            outcome = search(
                problem,
                run.method.settings(),
                build_budget(run),
                np.random.default_rng([run.seed, 0]),
                Hooks(run_share(run, report), should_stop),
            )
            if outcome.stop_reason is StopReason.USER:
                return None
            return entry_of(run, self._model_data, problem, outcome, time.thread_time() - began)


def entry_of(
    run: RunSpec, model_data: ModelWithData, problem: Problem, outcome: SearchOutcome, seconds: float
) -> Entry:
    """A search in numbers."""
    everything = outcome.found.take(np.isfinite(outcome.found.scores))
    found = problem.passing(everything)
    rows = distinct_rows(found, problem, run.distinct)
    plausibility = _plausibility(run, model_data, problem)
    evaluations, course = progress_of_entry(outcome.trace)
    gate, constraints = problem.gate, problem.space.has_constraints
    best = found.take(np.arange(min(1, len(found))))
    return Entry(
        method=run.method.name,
        seed=run.seed,
        n_evaluations=outcome.n_evaluations,
        seconds=seconds,
        best=float(best.outcomes[0]) if len(best) else None,
        best_score=float(best.scores[0]) if len(best) else None,
        best_size=max(abs(float(best.scores[0] - best.penalties[0])), 1.0) if len(best) else 1.0,
        scores=tuple(found.scores[rows].tolist()),
        plausibility=tuple(plausibility.percent(found.X[rows]).tolist())
        if plausibility is not None and len(rows)
        else None,
        share_passing=len(found) / len(everything) if gate is not None and len(everything) else None,
        share_within_rules=float(problem.space.holds(everything.X).all(axis=1).mean())
        if constraints and len(everything)
        else None,
        evaluations=tuple(evaluations.tolist()),
        course=tuple(course.tolist()),
    )


def distinct_rows(found: Candidates, problem: Problem, distinct: float) -> np.ndarray:
    """(k,) rows of candidates that differ, best first, at most 200.

    Each is the best of those that lie at least ``distinct`` recorded standard deviations from all before it: so the
    number of them within a floor needs no second count.

    Args:
        found: best first.
        problem: for scaled distances.
        distinct: the least distance.
    """
    scaled, least = problem.space.scaled(found.X), least_distance(distinct)
    is_left = np.ones(len(found), dtype=bool)
    rows: list[int] = []
    while is_left.any() and len(rows) < MAX_DISTINCT:
        rows.append(int(is_left.argmax()))
        is_left &= distances_to(scaled, rows[-1]) >= least
    return np.array(rows, dtype=int)


def progress_of_entry(trace: tuple[Generation, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(m,) evaluations after which the best by score improved, and the last, and (m,) its objective then."""
    with_any = [generation for generation in trace if len(generation.bests)]
    if not with_any:
        return np.empty(0, dtype=int), np.empty(0)
    champions = [int(generation.bests.scores.argmin()) for generation in with_any]
    scores = np.array([g.bests.scores[k] for g, k in zip(with_any, champions, strict=True)])
    outcomes = np.array([g.bests.outcomes[k] for g, k in zip(with_any, champions, strict=True)])
    spent = np.array([generation.evaluations for generation in with_any])
    lowest = np.minimum.accumulate(scores)
    is_better = np.append(True, lowest[1:] < lowest[:-1])
    spent, outcomes = spent[is_better], outcomes[is_better]
    if trace[-1].evaluations > spent[-1]:
        spent, outcomes = np.append(spent, trace[-1].evaluations), np.append(outcomes, outcomes[-1])
    rows = np.unique(np.geomspace(1, len(spent), min(len(spent), MAX_COURSE)).round().astype(int)) - 1
    return spent[rows], outcomes[rows]


def _plausibility(run: RunSpec, model_data: ModelWithData, problem: Problem) -> Plausibility | None:
    """What judges candidates, or None where no two recorded rows differ in what counts."""
    if problem.gate is not None:
        return problem.gate.plausibility
    try:
        return build_plausibility(run, model_data.dataset, problem.space.features)
    except SpaceError:
        return None
