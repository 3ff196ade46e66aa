"""How long a run will take on an idle machine, how much slower this one is now, and both in words.

What jobs really took corrects it: `services.jobs.durations`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from models.keras.operator_model import ModelNotLoadedError
from optimizer import FrontProblem, Objective, Problem
from services.catalog.loading import ModelWithData
from services.catalog.rows import RowBudget
from services.problems.outcomes.objective import build_curve
from services.problems.outcomes.rows import counted_run, rows_asked
from services.processes import slowdown
from services.specs.digits import counted
from services.specs.method import MethodSpec
from services.specs.run import RunSpec

_N_TIMED = 32  # candidates at least, in calls of as many as the method asks for at once
_N_CALLS = 3  # at least
_FRONT_AT_ONCE = 50  # children of a generation of a search for a front
_FRONT_OVERHEAD = 0.25e-3  # seconds of its own per evaluation, measured on one core by `benchmarks.pareto`
_REALISM = 1.7  # times as long: what a search with penalties, gates and a polish takes, measured on the stories
_BEFORE = 0.3  # seconds: table, model and judges
_AFTER = 1.2  # results are judged, rounded, compared and told, likewise
FRONT_WORDS = "A front: lineages that each follow a direction between the goals and share one archive"
SEARCH_SHARE = 0.8  # of the time until the results of a search are there, about


def time_evaluation(problem: Problem | FrontProblem, method: MethodSpec) -> float:
    """The seconds per evaluation on an idle machine: the candidate's, measured, and the method's own, as known.

    A front has a search of its own, whatever the method.

    NaN for a model that answers only where it is loaded, in a worker.
    """
    is_front = isinstance(problem, FrontProblem)
    n_at_once, overhead = (_FRONT_AT_ONCE, _FRONT_OVERHEAD) if is_front else (method.n_at_once, method.overhead)
    X = problem.space.sample(n_at_once, np.random.default_rng(0))
    takes_gradients = method.takes_gradients and not is_front and problem.has_gradient
    evaluate: Callable[[np.ndarray], object] = problem.evaluate_with_gradient if takes_gradients else problem.evaluate
    try:
        evaluate(X)
    except ModelNotLoadedError:
        return float("nan")
    walls, works = [], []
    with threadpool_limits(limits=1):  # as in a run
        for _ in range(max(_N_CALLS, _N_TIMED // len(X))):
            began, worked = time.perf_counter(), time.thread_time()
            evaluate(X)
            walls.append(time.perf_counter() - began)
            works.append(time.thread_time() - worked)
    # a busy machine interrupts a call, so its own work counts, unless a model works elsewhere and is waited for
    seconds = max(float(np.median(works)), min(walls) / slowdown())
    return seconds / len(X) + overhead


def estimate_seconds(spec: RunSpec, seconds_per_evaluation: float) -> float:
    """The seconds until the results of a run are there; what they are shown beside follows.

    Args:
        seconds_per_evaluation: see `time_evaluation`.
    """
    search = spec.budget.evaluations * seconds_per_evaluation * (_REALISM if spec.is_penalised else 1.0)
    return _BEFORE + (search if spec.budget.seconds is None else min(search, spec.budget.seconds)) + _AFTER


@dataclass(frozen=True, slots=True)
class RowEstimate:
    """What a run asks of functions whose rows cost.

    Attributes:
        rows: its budget.
        seconds_per_row: measured.
        seconds: until the run is done.
    """

    rows: RowBudget
    seconds_per_row: float
    seconds: float

    @property
    def words(self) -> str:
        """Rows and time in a sentence or two."""
        rows = self.rows
        return (
            f"At most {counted(rows.n_rows, 'row')} are asked: the search evaluates "
            f"{counted(rows.n_candidates, 'candidate')} of {counted(rows.n_each, 'row')} each, the rest is kept for "
            f"checks. A row takes {self.seconds_per_row:.2g} s, the run {duration_words(self.seconds)} at most."
        )


def estimate_rows(spec: RunSpec, model_data: ModelWithData) -> RowEstimate | None:
    """The rows that a run asks of functions whose rows cost, and the time; None where no rows cost.

    One recorded row, a candidate of the run, is asked for that, unless times are known already. The budget of the run
    has room for it.
    """
    spec, model_data = counted_run(spec, model_data.loaded())
    rows = model_data.rows
    if rows is None:
        return None
    asked = rows_asked(spec, model_data)
    if any(not function.took.n_rows for function, _ in asked):
        dataset = model_data.dataset
        best = np.argsort(np.where(np.isfinite(dataset.y), dataset.y, -np.inf))[-1:]
        for outcome in spec.outcomes:
            data = model_data.measured.get(outcome.name, model_data)
            if outcome.model is not None and data.functions:
                curve = build_curve(outcome.curve, data.dataset) if outcome.curve else None
                Objective(curve=curve).outcomes(dataset.X[best], data.predictor.predict)
    per_candidate = sum(n * function.took.per_row for function, n in asked)
    per_row = per_candidate / rows.n_each
    own = rows.n_candidates * spec.method.overhead * (_REALISM if spec.is_penalised else 1.0) * slowdown()
    search, rest = rows.n_candidates * per_candidate + own, (rows.n_rows - rows.n_candidates * rows.n_each) * per_row
    if spec.budget.seconds is not None:  # one generation may go beyond it
        search = min(search, spec.budget.seconds)
    return RowEstimate(rows, per_row, search + rest + (_BEFORE + _AFTER) * slowdown())


def time_candidate(spec: RunSpec, model_data: ModelWithData, problem: Problem, method: MethodSpec) -> float:
    """The seconds per evaluation of a run by a method, as `time_evaluation`; where rows cost, by one row or none."""
    estimate = estimate_rows(spec, model_data)
    if estimate is None:
        return time_evaluation(problem, method)
    return estimate.rows.n_each * estimate.seconds_per_row + method.overhead


def duration_words(seconds: float) -> str:
    """A duration as a person says it."""
    if seconds != seconds:
        return "as long as the operator's model needs, which shows when it runs"
    if seconds < 2:
        return "a second or two"
    if seconds < 90:
        return f"about {max(5, round(seconds / 5) * 5)} seconds" if seconds >= 8 else f"about {round(seconds)} seconds"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.1f} hours"


def left_words(share: float, seconds: float) -> str:
    """How long something still takes that has done a share of its work in so many seconds, or "".

    Nothing is said before a fiftieth is done, or half a second over: before that it would be a guess.
    """
    if not 0.02 <= share < 1 or seconds < 0.5:
        return ""
    return f"{duration_words(seconds * (1 - share) / share)} left"


def plan_words(spec: RunSpec, seconds: float) -> str:
    """What will run and roughly how long, in a sentence or two."""
    how = FRONT_WORDS if spec.is_front else spec.method.words
    text = f"{how}, {spec.budget.evaluations:,} evaluations at most; {spec.n_results} results. "
    if spec.is_compared and spec.is_penalised:
        text += f"The same search is done once more {without_words(spec)}, to compare. "
    return text + f"This takes {duration_words(seconds)}."


def realism_parts(spec: RunSpec) -> tuple[str, ...]:
    """What counts besides the objective, one phrase each: none where a plain search is asked for."""
    n_on, asked = spec.n_active_penalties, spec.plausibility
    parts = [f"the {'penalties' if n_on > 1 else 'penalty'}"] if n_on else []
    if asked is not None and asked.at_least is not None:
        parts.append(f"the plausibility of at least {asked.at_least:g} %")
    if asked is not None and asked.extrapolation_limit is not None:
        parts.append("the extrapolation limit")
    if spec.risk_aversion > 0:
        parts.append("risk aversion")
    return tuple(parts)


def without_words(spec: RunSpec) -> str:
    """What the search that a run is compared with leaves out, such as "without the penalty"."""
    parts = realism_parts(spec)
    if len(parts) < 2:
        return f"without {parts[0] if parts else 'any penalty'}"
    return f"without realism, that is without {', '.join(parts[:-1])} and {parts[-1]}"
