"""One run from specification to result: the same function for the page's worker and for the command line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import (
    NO_HOOKS,
    Candidates,
    Decide,
    Decision,
    Events,
    FrontOutcome,
    FrontProblem,
    FrontSettings,
    Generation,
    Hooks,
    LineageState,
    Problem,
    SearchOutcome,
    SpaceError,
    StopReason,
    is_end,
    is_steerable,
    replaying,
    search,
    search_front,
)
from optimizer.trace import last_of_lineages
from services.catalog.loading import ModelWithData
from services.catalog.rows import RowBudget
from services.problems.building import build_budget, build_front, build_problem
from services.problems.outcomes.rows import counted_run
from services.processes import aside
from services.results.assessment import ResultAssessment
from services.results.baselines import best_of_random
from services.results.front.results import as_printed_front, conclude_front, front_of, pick_front
from services.results.report import conclude, pick_results
from services.results.rounding import searched_as_printed
from services.specs.results import ResultSet, RunResult
from services.specs.run import RunSpec

CONCLUDING, COMPARING, DRAWING = "Making results", "Searching again without realism", "Drawing random candidates"
"""What is done after a search, in this order."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """A result and the trace that led to it."""

    result: RunResult
    trace: tuple[Generation, ...]

    @property
    def events(self) -> Events:
        """What happened in the generations; gathered anew at every call, which takes seconds for a long trace."""
        return Events.of(self.trace, len(self.result.spec.features))

    @property
    def generations(self) -> np.ndarray:
        """(g, 2) number and cumulative evaluations of every generation."""
        return np.array([[g.number, g.evaluations] for g in self.trace], dtype=float).reshape(-1, 2)


def searched_problem(spec: RunSpec, model_data: ModelWithData) -> Problem:
    """The problem that a run searches; of functions whose rows cost, among settings as they are printed.

    Args:
        model_data: as `counted_run` gives it.

    Raises:
        SpaceError: as `build_problem`.
        DatasetError: as `build_problem`.
    """
    problem = build_problem(spec, model_data)
    return problem if model_data.rows is None else searched_as_printed(problem)


def run_spec(
    spec: RunSpec,
    model_data: ModelWithData,
    hooks: Hooks = NO_HOOKS,
    *,
    on_built: Callable[[Problem | FrontProblem], object] = lambda problem: None,
    on_searched: Callable[[], object] = lambda: None,
    on_step: Callable[[str, float], object] = lambda words, share: None,
    on_result: Callable[[RunResult], object] = lambda result: None,
    is_beside_random: bool = True,
) -> RunReport:
    """What a run finds; equal specifications give equal results on every number of threads.

    The specification of the result is the one that repeats it: it holds the decisions that were taken on the way.

    A stop ends the search and keeps what was found; the comparison without realism is left out then.

    Where rows of a function cost, the budget counts rows that it is asked, each once, for the search and for all else:
    what the budget does not reach for is left out, and the result says so.

    Args:
        hooks: called on the way. What the user decides comes besides the decisions that the specification holds, and
            is not asked where the method cannot be steered.
        on_built: called with the problem, before the search begins.
        on_searched: called when the search has ended, before results are chosen and compared.
        on_step: called after the search with what is done now, in words, and the share of that which is done.
        on_result: called with the result as soon as it is there, before what it is shown beside is searched for.
        is_beside_random: whether as many random candidates are drawn, to show the results beside the best of them.

    Raises:
        SpaceError: bounds, goal, penalty or budget do not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    spec, model_data = counted_run(spec, model_data.loaded())
    rows = model_data.rows
    with threadpool_limits(limits=1):
        problem = searched_problem(spec, model_data)
        if spec.is_front:
            return _run_front(spec, model_data, problem, hooks, on_built, on_searched, on_step, on_result)
        on_built(problem)
        outcome = search(
            problem,
            spec.method.settings(),
            build_budget(spec, rows),
            np.random.default_rng([spec.seed, 0]),
            replace(hooks, decide=_deciding(spec, hooks.decide), distinct=spec.distinct),
        )
        on_searched()
        if spec.decisions or outcome.decisions:
            spec = spec.revised(decisions=outcome.decisions)
        on_step(CONCLUDING, 0.0)
        _leave_out_comparisons(spec, problem, rows, outcome.n_evaluations, is_beside_random=is_beside_random)
        assessment = ResultAssessment.of(spec, model_data, problem)
        result = conclude(
            assessment,
            outcome,
            Events.of((g.without_shapes() for g in outcome.trace), problem.space.n_features),
            n_generations=len(outcome.trace),
            n_evaluations=outcome.n_evaluations,
        )
        on_result(result)
        if rows is not None:
            return RunReport(result, outcome.trace)
        n_random = outcome.n_evaluations if is_beside_random else 0
        # pages go first, on which the results are read by now
        compared = aside(partial(_beside, assessment, n_random, hooks.should_stop, on_step))
    return RunReport(result.model_copy(update=compared), outcome.trace)


def _run_front(
    spec: RunSpec,
    model_data: ModelWithData,
    problem: Problem,
    hooks: Hooks,
    on_built: Callable[[Problem | FrontProblem], object],
    on_searched: Callable[[], object],
    on_step: Callable[[str, float], object],
    on_result: Callable[[RunResult], object],
) -> RunReport:
    """What a run with several goals finds; see `run_spec`."""
    if spec.decisions:
        raise SpaceError("A search for several goals cannot be steered: leave the decisions out.")
    front, rows = build_front(spec, model_data), model_data.rows
    if rows is not None:
        front = searched_as_printed(front)
    on_built(front)
    outcome = _searched_front(spec, front, hooks, rows)
    on_searched()
    on_step(CONCLUDING, 0.0)
    _leave_out_comparisons(spec, problem, rows, outcome.n_evaluations, is_beside_random=False)
    assessment = ResultAssessment.of(spec, model_data, problem)
    result = conclude_front(
        assessment,
        front,
        outcome,
        Events.of((g.without_shapes() for g in outcome.trace), problem.space.n_features),
        n_generations=len(outcome.trace),
        n_evaluations=outcome.n_evaluations,
    )
    on_result(result)
    if rows is not None:
        return RunReport(result, outcome.trace)
    plain = aside(
        partial(_front_without_realism, assessment, model_data, hooks.should_stop, partial(on_step, COMPARING))
    )
    return RunReport(result.model_copy(update={"unpenalised": plain}), outcome.trace)


def _leave_out_comparisons(
    spec: RunSpec, problem: Problem, rows: RowBudget | None, n_evaluations: int, *, is_beside_random: bool
) -> None:
    """Note that results are not shown beside other searches, each of which would ask as many rows once more."""
    if rows is None:
        return
    if spec.is_compared and problem.is_realistic:
        rows.leave_out("The same search without realism was not done", n_evaluations * rows.n_each)
    if is_beside_random:
        rows.leave_out("No random candidates were drawn to compare with", n_evaluations * rows.n_each)


def _searched_front(spec: RunSpec, front: FrontProblem, hooks: Hooks, rows: RowBudget | None = None) -> FrontOutcome:
    settings = spec.method.settings()
    return search_front(
        front,
        build_budget(spec, rows),
        np.random.default_rng([spec.seed, 0]),
        replace(hooks, decide=None),
        settings if isinstance(settings, FrontSettings) else None,
    )


def _front_without_realism(
    assessment: ResultAssessment,
    model_data: ModelWithData,
    should_stop: Callable[[], bool],
    report: Callable[[float], object],
) -> ResultSet | None:
    """The results of the same search for a front without realism, or None where that says nothing new."""
    spec = assessment.spec
    if not (spec.is_compared and assessment.problem.is_realistic) or should_stop():
        return None
    free = spec.revised(density=None, distance=None, plausibility=None, risk_aversion=0.0, unmeasured_only=False)
    plain = build_front(free, model_data)
    outcome = _searched_front(spec, plain, Hooks(run_share(spec, report), should_stop))
    if should_stop():
        return None
    chosen, _ = pick_front(assessment, as_printed_front(plain, outcome))
    return assessment.of_compared(chosen)


def _beside(
    assessment: ResultAssessment,
    n_random: int,
    should_stop: Callable[[], bool],
    on_step: Callable[[str, float], object],
) -> dict[str, ResultSet | None]:
    """What the results of a run are shown beside, by the names that it has in them."""
    spec, problem = assessment.spec, assessment.problem
    unpenalised = _unpenalised(spec, problem, should_stop, partial(on_step, COMPARING))
    random = best_of_random(spec, problem, n_random, should_stop, partial(on_step, DRAWING))
    return {
        "unpenalised": assessment.of_compared(unpenalised) if unpenalised is not None else None,
        "baseline_random": assessment.of_candidates(random) if random is not None else None,
    }


def _deciding(spec: RunSpec, decide: Decide | None) -> Decide | None:
    """How the search of a specification is steered: as it was before, and then as the user decides."""
    if not spec.decisions and (decide is None or not is_steerable(spec.method.settings())):
        return None
    replay = replaying(spec.decisions)
    return lambda generation: (*replay(generation), *(decide(generation) if decide else ()))


def run_share(run: RunSpec, report: Callable[[float], object]) -> Callable[[Generation], None]:
    """What reports, after every generation of a run, which share of its budget is spent."""

    def note(generation: Generation) -> None:
        report(min(1.0, generation.evaluations / run.budget.evaluations))

    return note


def _unpenalised(
    spec: RunSpec, problem: Problem, should_stop: Callable[[], bool], report: Callable[[float], object]
) -> Candidates | None:
    """The representatives of the same search without realism, or None where that says nothing new."""
    if not (spec.is_compared and problem.is_realistic) or should_stop():
        return None
    plain = problem.without_penalties()
    rng = np.random.default_rng([spec.seed, 0])
    hooks = Hooks(run_share(spec, report), should_stop)
    outcome = search(plain, spec.method.settings(), build_budget(spec), rng, hooks)
    return None if should_stop() else pick_results(spec, plain, outcome.found)


def salvage(
    spec: RunSpec,
    model_data: ModelWithData,
    events: Events,
    generations: np.ndarray,
    seconds: float,
    decisions: Sequence[Decision] = (),
) -> RunResult:
    """What a stopped search would have returned after these generations, without a comparison.

    What a trace does not tell stays 0: predictions that were not finite, and the share of the search's own work.

    Args:
        generations: (g, 2) number and cumulative evaluations of every generation.
        decisions: of the user, as the trace has them; the specification of the result holds them.

    Raises:
        SpaceError: bounds, goal or penalty do not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    if spec.decisions or decisions:
        spec = spec.revised(decisions=tuple(decisions))
    spec, model_data = counted_run(spec, model_data.loaded())
    with threadpool_limits(limits=1):
        problem = build_problem(spec, model_data)
        n, n_evaluations = len(generations), int(generations[-1, 1]) if len(generations) else 0
        if spec.is_front:
            front = build_front(spec, model_data)
            nothing, none = front.evaluate(np.empty((0, problem.space.n_features))), np.empty(0, dtype=int)
            ended = FrontOutcome(nothing, none, nothing, none, none, (), StopReason.USER, seconds, seconds)
            return conclude_front(
                ResultAssessment.of(spec, model_data, problem),
                front,
                front_of(front, events.bests.X, ended),
                events,
                n_generations=n,
                n_evaluations=n_evaluations,
            )
        # all of its seconds count as those of the model, so that the share of its own work is 0
        outcome = SearchOutcome(*archive_and_living(events), (), StopReason.USER, seconds, seconds)
        assessment = ResultAssessment.of(spec, model_data, problem)
        return conclude(assessment, outcome, events, n_generations=n, n_evaluations=n_evaluations)


def archive_and_living(events: Events) -> tuple[Candidates, Candidates]:
    """The bests of extinct lineages in order of their ends, and of the living in order of birth.

    Merged lineages leave nothing: the hill that they climbed has its best from another one. What was dropped leaves
    nothing either, those among it that had gone extinct before.
    """
    last = last_of_lineages(events.ids)
    is_living = ~is_end(events.states[last])
    is_dropped = np.isin(events.ids, events.ids[events.states == LineageState.DROPPED])
    is_kept = (events.states == LineageState.EXTINCT) & ~is_dropped
    return events.bests.take(is_kept), events.bests.take(last[is_living])
