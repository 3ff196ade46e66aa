"""The search for a front in one call: settings, the loop, and descents between where gradients are known."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.checks import SpaceError
from optimizer.methods.asktell import SOURCE_MEANING, ImmigrantSampler, ImmigrantSource, usual_source
from optimizer.methods.method import CheckedSettings, setting
from optimizer.niches.front.descent import descend
from optimizer.niches.front.dominance import Scaling, farthest_first, is_nondominated
from optimizer.niches.front.results import FrontOutcome, cells
from optimizer.niches.front.search import EQUAL, FrontSearch
from optimizer.problem.front import FrontProblem, TimedFrontProblem
from optimizer.trace import NO_HOOKS, Budget, Hooks, RunLog, StopReason, check_first_generation

_DESCENTS_AT = 0.3, 0.6  # shares of the budget used: what they find, others begin beside
_DESCENT_SHARE = 0.07  # of the budget, for each
_EVALUATIONS_EACH = 10  # of a candidate that descends


@dataclass(frozen=True, slots=True)
class FrontSettings(CheckedSettings):
    """The search for several objectives: lineages that follow reference directions and share one archive."""

    name: ClassVar[str] = "front"
    is_steerable: ClassVar[bool] = False
    uses_strengths: ClassVar[bool] = True

    n_lineages: int = setting(
        100, "The number of lineages", "How many live at once; about as many reference directions.", least=4
    )
    n_children: int = setting(
        50, "The number of children", "Candidates of a generation, all of them evaluated in one call.", least=1
    )
    immigrants_from: ImmigrantSource | None = setting(
        None, "Newcomers come from", SOURCE_MEANING, choices=ImmigrantSource
    )


def search_front(
    problem: FrontProblem,
    budget: Budget,
    rng: np.random.Generator,
    hooks: Hooks = NO_HOOKS,
    settings: FrontSettings | None = None,
) -> FrontOutcome:
    """The front of a problem with several objectives, within the budget; a stop keeps everything found so far.

    Args:
        rng: the same state gives the same outcome, trace included.

    Raises:
        SpaceError: the budget does not reach for the first generation, or the search shall be steered.
    """
    if hooks.decide is not None:
        raise SpaceError("A search for several objectives cannot be steered while it runs: leave the decisions out.")
    settings = settings or FrontSettings()
    source = settings.immigrants_from or usual_source(problem.starts)
    lineages = FrontSearch(
        problem.space,
        problem.n_objectives,
        settings.n_lineages,
        settings.n_children,
        budget.evaluations,
        ImmigrantSampler(problem.space, source, problem.starts, rng),
        rng,
        begin_at=problem.begin_at,
    )
    check_first_generation(lineages.n_asked, budget.evaluations)
    timed = TimedFrontProblem.of(problem)
    log = RunLog(budget, hooks)
    n_evaluations = 0
    descents = [share * budget.evaluations for share in _DESCENTS_AT] if problem.has_gradient else []
    while (reason := log.stop_reason(n_evaluations, lineages.n_asked)) is None:
        generation = lineages.tell(timed.evaluate(lineages.ask()))
        n_evaluations = generation.evaluations
        log.add(generation, lineages.progress)
        if descents and n_evaluations >= descents[0]:
            descents.pop(0)
            left = budget.evaluations - n_evaluations
            n_evaluations += _descend(lineages, timed, log, min(left, int(_DESCENT_SHARE * budget.evaluations)))
    return _outcome(lineages, timed, log, reason)


def _descend(lineages: FrontSearch, problem: TimedFrontProblem, log: RunLog, budget: int) -> int:
    """Let the candidates of the front that are farthest from one another descend; how many evaluations it took."""
    found, _, behind = lineages.kept()
    front = found.take(behind <= 0)
    if not len(front):
        return 0
    scaling = Scaling.of(front.scores)
    scaled = scaling.scaled(front.scores)
    n = min(len(front), budget // _EVALUATIONS_EACH)
    ends = scaled.argmin(axis=0)  # the best of each objective follow it alone, and so make the front wider
    rows = farthest_first(scaled, n, np.unique(ends))
    rows = np.concatenate([ends, rows])[:n]
    alone = np.full(len(rows), -1)
    alone[: len(ends)] = np.arange(len(ends))[: len(rows)]
    moved, n_evaluations = descend(problem, front.take(rows), alone, scaling, budget)
    if n_evaluations:
        log.add(lineages.tell_more(moved, n_evaluations), lineages.progress)
    return n_evaluations


def _outcome(lineages: FrontSearch, problem: TimedFrontProblem, log: RunLog, reason: StopReason) -> FrontOutcome:
    nothing = np.empty(0, dtype=int)
    if not log.trace:
        empty = problem.evaluate(np.empty((0, problem.space.n_features)))
        return FrontOutcome(empty, nothing, empty, nothing, nothing, (), reason, log.seconds, problem.seconds)
    found, hills, behind = lineages.kept()
    may = found.is_feasible
    may[may] = problem.passes(found.X[may])
    found, hills = found.take(may), hills[may]
    is_front = is_nondominated(found.scores)
    front = found.take(is_front)
    scaled = Scaling.of(front.scores).scaled(found.scores)
    good = np.flatnonzero(behind[may] <= EQUAL)
    rows, own = cells(scaled[good], hills[good], lineages.directions)
    return FrontOutcome(
        front=front,
        front_hills=hills[is_front],
        archive=found.take(good[rows]),
        directions=own,
        hills=hills[good[rows]],
        trace=tuple(log.trace),
        stop_reason=reason,
        seconds=log.seconds,
        seconds_evaluating=problem.seconds,
    )
