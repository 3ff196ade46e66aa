"""Several methods on one problem at equal evaluations: specification, searches, and what each found, in words."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator
from threadpoolctl import threadpool_limits

from optimizer import (
    METHODS,
    Candidates,
    FloorKind,
    Generation,
    Hooks,
    Numeric,
    Plausibility,
    Problem,
    QualityFloor,
    SearchOutcome,
    SpaceError,
    StopReason,
    check_first_generation,
    search,
)
from optimizer.constraints.constraint import listed
from optimizer.features import distances_to, least_distance
from optimizer.methods.external import UnitBox
from optimizer.trace import is_improvement
from services.catalog.loading import ModelWithData
from services.problems.building import build_budget
from services.problems.estimate import time_candidate
from services.problems.outcomes.goals import check_one_goal
from services.problems.outcomes.rows import counted_run
from services.problems.plausibility import build_plausibility
from services.results.search import run_share, searched_problem
from services.specs.base import Spec
from services.specs.digits import label
from services.specs.errors import Failure
from services.specs.method import MethodSpec, check_methods, method_named
from services.specs.results import ResultDocument
from services.specs.run import BudgetSpec, RunSpec
from services.specs.wanted import floor_words
from services.studies.parallel import Execution, run_parallel

MAX_SEEDS = 10
MAX_DISTINCT = 200  # candidates of an entry that differ
MAX_COURSE = 200  # points of its course
METHOD_NAMES = {
    "niches": "Niches",
    "lineages": "Lineages",
    "differential_evolution": "Differential evolution",
    "dual_annealing": "Dual annealing",
    "multistart": "Multi-start gradients",
    "cma_es": "CMA-ES",
    "bayesian": "Bayesian (TPE)",
    "random_search": "Random search",
}
assert set(METHOD_NAMES) == set(METHODS)
USUAL_METHODS = (
    *("niches", "lineages", "differential_evolution", "cma_es"),
    *("multistart", "bayesian", "random_search"),
)
MOST_EVALUATIONS = {"bayesian": 500}
"""Of methods that take long over each candidate themselves: what they are given at most."""
_FREE_OF_BOXES = ("niches", "lineages", "random_search")
COMPARING = "A comparison of methods"
DISTINCT = "distinct"
"""Header of how many different good candidates a method found."""
SAME = 1e-3  # standard deviations of the objective: what is nearer to the best is as good


class ComparisonSpec(Spec):
    """Which run is searched, and by which methods: all that a comparison of methods depends on.

    Attributes:
        run: the problem, its budget of evaluations, and its seed; how it is searched does not count, but knobs of a
            method that it sets are kept for that method.
        methods: names out of `METHODS`, each once.
        n_seeds: every method is run so often, with the run's seed and those that follow it.
    """

    version: int = 1
    run: RunSpec
    methods: tuple[str, ...] = Field(default=USUAL_METHODS, min_length=1)
    n_seeds: int = Field(default=1, ge=1, le=MAX_SEEDS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse methods that there are not, and any that is named twice."""
        check_methods(self.methods)
        if len(set(self.methods)) < len(self.methods):
            raise ValueError(f"Each method must be named once, got {', '.join(self.methods)}.")
        return self

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every method's searches."""
        return tuple(range(self.run.seed, self.run.seed + self.n_seeds))

    def asks_as(self, other: "ComparisonSpec") -> bool:
        """Whether another comparison gives the same: what the run says of its own search does not count."""
        is_same = (self.methods, self.seeds) == (other.methods, other.seeds)
        named = other.model_copy(update={"run": other.run.model_copy(update={"name": self.run.name})})
        return is_same and all(self.run_by(name, 0) == named.run_by(name, 0) for name in self.methods)

    def method(self, name: str) -> MethodSpec:
        """A method as it takes part: with the run's own knobs where it is the run's."""
        return self.run.method if self.run.method.name == name else method_named(name)

    def evaluations(self, name: str) -> int:
        """How many candidates a method may evaluate: the run's budget, less for those that are capped."""
        return min(self.run.budget.evaluations, MOST_EVALUATIONS.get(name, self.run.budget.evaluations))

    def run_by(self, name: str, seed: int) -> RunSpec:
        """The search of a method: it ends by its evaluations alone, and nothing is compared or steered."""
        budget = BudgetSpec(evaluations=self.evaluations(name))
        own = {"method": self.method(name), "seed": seed, "budget": budget}
        return self.run.revised(**own, is_compared=False, decisions=(), starts=())  # these are of one method's lineages


class Entry(ResultDocument):
    """One search by one method.

    The distinct candidates are all good ones that differ: the best of what the search found, then again and again the
    best of those that lie as far from all before as results have to.

    Attributes:
        n_evaluations: candidates evaluated.
        seconds: processor time of the search, which does not depend on what else the computer does.
        best: objective of the best candidate that may become a result, or None without one.
        best_score: its score, penalties included.
        best_size: how far it lies from zero, or from the value searched for, in standard deviations of the objective;
            1 at least (see `gaps_to_best`).
        scores: of the distinct candidates, best first.
        plausibility: of these, in %, or None where nothing judges them.
        share_passing: share of all candidates found that pass the gate, or None without a gate.
        share_within_rules: share of them that meet every rule, or None without rules.
        evaluations: evaluations after which the best got better, ascending, and the last.
        course: objective of the best candidate then.
    """

    method: str
    seed: int
    n_evaluations: int
    seconds: float
    best: float | None
    best_score: float | None
    best_size: float = 1.0
    scores: tuple[float, ...] = ()
    plausibility: tuple[float, ...] | None = None
    share_passing: float | None = None
    share_within_rules: float | None = None
    evaluations: tuple[int, ...] = ()
    course: tuple[float, ...] = ()


class LeftOut(ResultDocument):
    """A method that cannot search the problem, or a search that failed.

    Attributes:
        method: its name.
        seed: of the search that failed, or None where the method cannot search such a problem at all.
        words: why, for the user.
    """

    method: str
    seed: int | None = None
    words: str


class ComparisonResult(ResultDocument):
    """What the methods gave, in the order in which they were asked for; after a stop, what was done.

    Attributes:
        entries: one for every search that was done.
    """

    version: int = 1
    spec: ComparisonSpec
    entries: tuple[Entry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def of(cls, spec: ComparisonSpec, pieces: Iterable[Entry | LeftOut]) -> "ComparisonResult":
        """What pieces of a comparison, in whatever order they came, make together."""
        ordered = sorted(pieces, key=lambda piece: (spec.methods.index(piece.method), piece.seed or 0))
        entries = tuple(piece for piece in ordered if isinstance(piece, Entry))
        return cls(spec=spec, entries=entries, left_out=tuple(p for p in ordered if isinstance(p, LeftOut)))

    def of_method(self, name: str) -> tuple[Entry, ...]:
        """The searches of a method."""
        return tuple(entry for entry in self.entries if entry.method == name)

    def n_within(self, entry: Entry) -> int:
        """How many of an entry's distinct candidates lie within the floor of the best that any method found."""
        return int((np.array(entry.scores) <= self._floor).sum())

    @property
    def floor_words(self) -> str:
        """Which candidates count as good, in words."""
        return f"{floor_words(self.floor)} that any method found"

    @property
    def floor(self) -> QualityFloor:
        """The run's own floor; the usual one where that is a share of each search's own, which compares nothing."""
        own = self.spec.run.floor
        return QualityFloor() if own.kind is FloorKind.BEST_SHARE else QualityFloor(own.kind, own.amount)

    @property
    def _floor(self) -> float:
        """The worst score that counts as good."""
        scored = [(entry.best_score, entry.best_size) for entry in self.entries if entry.best_score is not None]
        if not scored:
            return -np.inf
        score, size = min(scored, key=lambda pair: pair[0])
        room = self.floor.amount if self.floor.kind is FloorKind.WITHIN else self.floor.amount / 100 * size
        return score + room * (1 + 1e-12) + 1e-12


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

    ``methods`` are those that can search the problem; ``seconds_per_evaluation`` gives how long one takes for one.
    """
    seconds = [spec.evaluations(name) * seconds_per_evaluation(name) for name in methods]
    n_processes = min(n_processes, spec.n_seeds * max(len(seconds), 1))
    return max([spec.n_seeds * sum(seconds) / n_processes, *seconds])


def run_comparison(
    spec: ComparisonSpec, model_data: ModelWithData, execution: Execution | None = None
) -> ComparisonResult:
    """What several methods find of one problem with the same number of evaluations, or of rows, where these cost.

    Every search is the one that a run by that method and seed does, to the last bit, however many are done at once. A
    stop keeps those that are done. Methods that cannot search the problem are left out, with the reason.

    Raises:
        SpaceError: bounds, goal, penalty or budget of the run do not fit together, or its goals make a front.
        DatasetError: the specification and the table do not fit together.
    """
    check_one_goal(spec.run, COMPARING)
    execution = (execution or Execution()).suited_to(model_data)
    model_data = model_data.loaded()
    spec = _with_equal_curves(spec, model_data)
    problem = searched_problem(*counted_run(spec.run, model_data))
    reasons = {name: refusal(spec, name, problem) for name in spec.methods}
    left_out = [LeftOut(method=name, words=words) for name, words in reasons.items() if words]
    for piece in left_out:
        execution.on_piece(piece)
    able = [name for name, words in reasons.items() if not words]
    seconds_each = {name: time_candidate(spec.run, model_data, problem, spec.method(name)) for name in able}
    execution.on_expected(comparison_seconds(spec, able, seconds_each.__getitem__, execution.n_processes))
    costs = {name: spec.evaluations(name) * seconds_each[name] for name in able}
    tasks = _ordered([Task(name, seed) for seed in spec.seeds for name in able], costs, execution.n_processes)
    work = partial(_search, spec, model_data)
    outcomes = run_parallel(work, tasks, execution, piece_of=_piece, costs=[costs[task.method] for task in tasks])
    done = [_piece(task, outcome) for task, outcome in zip(tasks, outcomes, strict=True) if outcome is not None]
    return ComparisonResult.of(spec, [*left_out, *done])


def _with_equal_curves(spec: ComparisonSpec, model_data: ModelWithData) -> ComparisonSpec:
    """The same, with the points that curves of functions whose rows cost have with the smallest budget of a method."""
    least = min(map(spec.evaluations, spec.methods))
    run, counted = counted_run(spec.run.revised(budget=BudgetSpec(evaluations=least)), model_data)
    if counted.rows is None:
        return spec
    return spec.model_copy(update={"run": run.revised(budget=spec.run.budget)})


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


def _search(
    spec: ComparisonSpec,
    model_data: ModelWithData,
    task: Task,
    report: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> Entry | None:
    """What a search found, or None where a stop cut it short."""
    run, model_data = counted_run(spec.run_by(task.method, task.seed), model_data)
    with threadpool_limits(limits=1):
        problem = replace(searched_problem(run, model_data), measured=None)  # how good a search is, new or not
        began = time.thread_time()
        rng, hooks = np.random.default_rng([run.seed, 0]), Hooks(run_share(run, report), should_stop)
        outcome = search(problem, run.method.settings(), build_budget(run, model_data.rows), rng, hooks)
        if outcome.stop_reason is StopReason.USER:
            return None
        return _entry(run, model_data, problem, outcome, time.thread_time() - began)


def _entry(run: RunSpec, model_data: ModelWithData, problem: Problem, outcome: SearchOutcome, seconds: float) -> Entry:
    everything = outcome.found.take(np.isfinite(outcome.found.scores))
    found = problem.passing(everything)
    rows = distinct_rows(found, problem, run.distinct)
    gate, best = problem.gate, found.take(np.arange(min(1, len(found))))
    plausibility = gate.plausibility if gate else _plausibility(run, model_data, problem)
    evaluations, course = _course(outcome.trace)
    n_found = len(everything)
    return Entry(
        method=run.method.name,
        seed=run.seed,
        n_evaluations=outcome.n_evaluations,
        seconds=seconds,
        best=float(best.outcomes[0]) if len(best) else None,
        best_score=float(best.scores[0]) if len(best) else None,
        best_size=max(abs(float(best.scores[0] - best.penalties[0])), 1.0) if len(best) else 1.0,
        scores=tuple(found.scores[rows].tolist()),
        plausibility=tuple(plausibility.percent(found.X[rows]).tolist()) if plausibility and len(rows) else None,
        share_passing=len(found) / n_found if problem.is_selective and n_found else None,
        share_within_rules=float(problem.space.holds(everything.X).all(axis=1).mean())
        if problem.space.constraints and n_found
        else None,
        evaluations=tuple(evaluations.tolist()),
        course=tuple(course.tolist()),
    )


def distinct_rows(found: Candidates, problem: Problem, distinct: float) -> np.ndarray:
    """(k,) rows of candidates that differ, best first, at most 200.

    Each is the best of those that lie at least ``distinct`` recorded standard deviations from all before it: so the
    number of them within a floor needs no second count. Those that are given are best first.
    """
    scaled, least = problem.space.scaled(found.X), least_distance(distinct)
    is_left = np.ones(len(found), dtype=bool)
    rows: list[int] = []
    while is_left.any() and len(rows) < MAX_DISTINCT:
        rows.append(int(is_left.argmax()))
        is_left &= distances_to(scaled, rows[-1]) >= least
    return np.array(rows, dtype=int)


def _course(trace: tuple[Generation, ...]) -> tuple[np.ndarray, np.ndarray]:
    """(m,) evaluations after which the best by score improved, and the last, and (m,) its objective then."""
    steps = [
        (generation.evaluations, generation.bests.scores[k], generation.bests.outcomes[k])
        for generation in trace
        if np.isfinite(generation.bests.scores).any()
        for k in [generation.bests.scores.argmin()]
    ]
    if not steps:
        return np.empty(0, dtype=int), np.empty(0)
    spent, scores, outcomes = map(np.array, zip(*steps, strict=True))
    is_better = is_improvement(scores)
    spent, outcomes = spent[is_better], outcomes[is_better]
    if trace[-1].evaluations > spent[-1]:
        spent, outcomes = np.append(spent, trace[-1].evaluations), np.append(outcomes, outcomes[-1])
    rows = np.unique(np.geomspace(1, len(spent), min(len(spent), MAX_COURSE)).round().astype(int)) - 1
    return spent[rows], outcomes[rows]


def _plausibility(run: RunSpec, model_data: ModelWithData, problem: Problem) -> Plausibility | None:
    try:
        return build_plausibility(run, model_data.dataset, problem.space.features)
    except SpaceError:  # no two recorded rows differ in what counts
        return None


def comparison_frame_of_methods(comparison: ComparisonResult, name: str, unit: str) -> pd.DataFrame:
    """One row per method, the best first: medians over its searches; what nobody knows has no column."""
    rows = [_row(comparison, comparison.of_method(method), name, unit) for method in ranked(comparison)]
    return pd.DataFrame(rows).dropna(axis="columns", how="all") if rows else pd.DataFrame({"method": []})


def ranked(comparison: ComparisonResult) -> list[str]:
    """The methods that have searched, the one with the best median score first."""
    scores = _scores(comparison)
    return sorted(scores, key=scores.__getitem__)


def searches_frame(comparison: ComparisonResult, name: str, unit: str) -> pd.DataFrame:
    """One row per search, in the order in which they were asked for."""
    frame = pd.DataFrame([_row(comparison, (entry,), name, unit) for entry in comparison.entries] or {"method": []})
    frame.insert(1, "seed", [entry.seed for entry in comparison.entries])
    return frame.dropna(axis="columns", how="all") if len(frame) else frame


def comparison_sentence(comparison: ComparisonResult, name: str) -> str:
    """Which methods came first in what, in a sentence, or "" before two of them have found something."""
    scores = {method: score for method, score in _scores(comparison).items() if np.isfinite(score)}
    if len(scores) < 2:
        return ""
    leaders = [method for method in scores if scores[method] <= min(scores.values()) + SAME]
    counts = {m: float(np.median([comparison.n_within(entry) for entry in comparison.of_method(m)])) for m in scores}
    most = [method for method in counts if counts[method] == max(counts.values())]
    words = f"{_named(leaders, len(scores))} found the best {name}"
    words += ", and" if most == leaders else f"; {_named(most, len(scores))} found"
    return f"{words} the most different good candidates: {max(counts.values()):g}."


def _named(methods: list[str], n: int) -> str:
    if len(methods) == n:
        return f"All {n} methods" if n > 2 else "Both methods"
    return listed([METHOD_NAMES[method] for method in methods])


def _scores(comparison: ComparisonResult) -> dict[str, float]:
    """The median best score of every method that has searched, in the order in which they were asked for."""
    return {
        method: float(np.median([np.inf if entry.best_score is None else entry.best_score for entry in entries]))
        for method in comparison.spec.methods
        if (entries := comparison.of_method(method))
    }


def _row(comparison: ComparisonResult, entries: Sequence[Entry], name: str, unit: str) -> dict[str, float | str | None]:
    """Medians over some searches, None for what is not known of any."""
    found = [(entry.best_score, entry.best) for entry in entries if entry.best_score is not None]
    counts = [comparison.n_within(entry) for entry in entries]
    believed = [each for entry, n in zip(entries, counts, strict=True) for each in (entry.plausibility or ())[:n]]
    row: dict[str, float | str | None] = {
        "method": METHOD_NAMES[entries[0].method],
        label(f"best {name}", unit): _median([entry.best for entry in entries]),
        DISTINCT: _median(counts),
        label("plausibility", "%"): _median(believed),
        label("believable", "%"): _median([entry.share_passing for entry in entries], 100),
        label("meet the rules", "%"): _median([entry.share_within_rules for entry in entries], 100),
        "evaluations": _median([entry.n_evaluations for entry in entries]),
        label("time", "s"): _median([entry.seconds for entry in entries]),
    }
    if len(entries) > 1 and found:
        row[label("worst seed", unit)] = max(found, key=lambda pair: pair[0])[1]
    return row


def _median(values: Sequence[float | None], times: float = 1) -> float | None:
    known = [value for value in values if value is not None]
    return times * float(np.median(known)) if known else None
