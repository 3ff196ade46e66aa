"""Several goals: from a search for their front to results along it, and what is given up for what."""

from dataclasses import replace

import numpy as np

from optimizer import (
    Candidates,
    Events,
    FloorKind,
    FrontCandidates,
    FrontOutcome,
    FrontProblem,
    Goal,
    LineageState,
    Objective,
    QualityFloor,
    front_results,
)
from optimizer.constraints.constraint import listed
from optimizer.niches.front.dominance import Scaling, is_nondominated
from services.catalog.rows import tried
from services.problems.measured import rows_within
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.results.assessment import ResultAssessment
from services.results.baselines import RecordedBest
from services.results.front.verdict import judge_front
from services.results.outcomes import MAX_ARCHIVE, archive_of, places_of, rows_that_keep, spread_along
from services.results.recorded import RecordedRows
from services.results.report import MAX_RECORDED, Picked, document
from services.results.rounding import printed_space
from services.specs.digits import common_decimals, number_words
from services.specs.results import FrontInfo, RunResult, SearchStatistics

EVERYTHING = QualityFloor(FloorKind.BEST_SHARE, 1.0)
"""The floor of a front: nothing on it is worse than anything else there."""

_NEIGHBOURS = 12  # candidates of the front, the nearest ones, that tell what is given up for what
_FIT = 0.7  # share of the variance that they have to tell
_STEP = 0.05  # of a goal's width on the front: about what a step of it is, in words


def as_printed_front(problem: FrontProblem, outcome: FrontOutcome) -> FrontOutcome:
    """What a search found as it is printed; what breaks a limit then is left out. The same where nothing is rounded."""
    space = printed_space(problem.space)
    if space is problem.space or not len(outcome.front):
        return outcome
    found, hills = outcome.found, outcome.found_hills
    printed = problem.evaluate(space.repair(found.X))
    _, first = np.unique(printed.X, axis=0, return_index=True)
    may = np.zeros(len(printed), dtype=bool)
    may[first] = True
    may &= printed.is_feasible & space.holds(printed.X).all(axis=1)
    may[may] = problem.passes(printed.X[may])
    printed, hills = printed.take(may), hills[may]
    is_front = is_nondominated(printed.scores)
    return replace(
        outcome,
        front=printed.take(is_front),
        front_hills=hills[is_front],
        archive=printed,
        directions=np.zeros(len(printed), dtype=int),
        hills=hills,
    )


def front_of(problem: FrontProblem, X: np.ndarray, like: FrontOutcome) -> FrontOutcome:
    """The front of candidates (n, d) that a search found, all of them of one hill: a trace does not tell of others."""
    found = problem.evaluate(np.unique(X, axis=0)) if len(X) else problem.evaluate(X)
    found = problem.passing(found)
    front = found.take(is_nondominated(found.scores)) if len(found) else found
    none, hills = np.empty(0, dtype=int), np.zeros(len(front), dtype=int)
    return replace(like, front=front, front_hills=hills, archive=found.take(none), directions=none, hills=none)


def pick_front(assessment: ResultAssessment, outcome: FrontOutcome) -> tuple[Candidates, FrontInfo]:
    """The results of a front in the order of the first goal, and what is said of them."""
    spec, problem = assessment.spec, assessment.problem
    if not len(outcome.front):
        return problem.evaluate(outcome.front.X), FrontInfo(knee=None, like=(), rates=(), share=0.0)
    picked = front_results(outcome, problem.space, spec.n_results, spec.distinct)
    order = np.argsort(picked.chosen.scores[:, 0], kind="stable")
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    chosen = picked.chosen.take(order)
    like = [None if of < 0 else int(place[of]) for of in picked.like[order].tolist()]
    assert assessment.outcomes is not None
    info = FrontInfo(
        knee=knee_of(chosen, outcome.front),
        like=tuple(like),
        rates=exchange_rates(assessment.outcomes, chosen, outcome.front),
        share=picked.share,
    )
    return problem.evaluate(chosen.X), info


def knee_of(chosen: FrontCandidates, front: FrontCandidates) -> int | None:
    """The place of the result that gives up least: farthest below the plane through the ends of the front.

    None where no result lies below it, so that none is a better compromise than another.
    """
    sums = Scaling.of(front.scores).scaled(chosen.scores).sum(axis=1)
    best = int(sums.argmin())
    return best if len(chosen) > 2 and sums[best] < 1.0 else None


def exchange_rates(outcomes: RunOutcomes, chosen: FrontCandidates, front: FrontCandidates) -> tuple[str, ...]:
    """What one step of the first goal costs in each other goal at every result, by a plane through its neighbours.

    The other goals are held, as far as the front is more than a line.
    """
    goals = [each for each in outcomes.asked if each.goal is not None]
    m = len(goals)
    nearest = max(_NEIGHBOURS, 3 * m)
    if len(front) < 2 * m:
        return ("",) * len(chosen)
    values, own = front.outcomes[:, :m], chosen.outcomes[:, :m]
    widths = np.ptp(values, axis=0)
    if (widths <= 0).any():
        return ("",) * len(chosen)
    units = outcomes.units
    step = _round_step(_STEP * float(widths[0]))
    said = []
    for row in own:
        near = np.argsort(np.linalg.norm((values - row) / widths, axis=1), kind="stable")[:nearest]
        scaled = (values[near] - row) / widths
        words = []
        for j in range(1, m):
            others = [i for i in range(m) if i != j]
            design = np.column_stack([np.ones(len(near)), scaled[:, others]])
            fitted, *_ = np.linalg.lstsq(design, scaled[:, j], rcond=None)
            missed = float(((design @ fitted - scaled[:, j]) ** 2).sum())
            spread = float(((scaled[:, j] - scaled[:, j].mean()) ** 2).sum())
            rate = float(fitted[1] * widths[j] / widths[0])
            if spread <= 0 or missed > (1 - _FIT) * spread:
                continue
            words.append(_rate_words(goals[0].goal, step, rate, goals[j].name, units[goals[j].name], goals[j].goal))
        said.append(_rates_sentence(goals[0].name, units[goals[0].name], goals[0].goal, step, [w for w in words if w]))
    return tuple(said)


def _round_step(size: float) -> float:
    """A number of one digit near a size: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(size))
    return float(power * min((1.0, 2.0, 5.0, 10.0), key=lambda times: abs(times * power - size)))


def _rate_words(first: Goal | None, step: float, rate: float, name: str, unit: str, goal: Goal | None) -> str:
    """What another goal loses for a step, such as "2.40 €/m³ of cost"; "" where it gains or does not move."""
    change = rate * (step if first is not Goal.MINIMUM else -step)
    loss = change if goal is Goal.MINIMUM else -change
    if not np.isfinite(loss) or loss <= 0:
        return ""
    return f"{number_words(loss, common_decimals([loss]))} {unit}".rstrip() + f" of {name}"


def _rates_sentence(name: str, unit: str, goal: Goal | None, step: float, losses: list[str]) -> str:
    if not losses:
        return ""
    more = "less" if goal is Goal.MINIMUM else "more"
    return f"{step:,.6g} {unit}".rstrip() + f" {more} {name} costs {listed(losses)}."


def conclude_front(
    assessment: ResultAssessment,
    front: FrontProblem,
    outcome: FrontOutcome,
    events: Events,
    *,
    n_generations: int,
    n_evaluations: int,
) -> RunResult:
    """The result of a search for a front: results along it, the archive, and the recorded rows beside them."""
    outcomes, problem = assessment.outcomes, assessment.problem
    assert outcomes is not None
    outcome = as_printed_front(front, outcome)
    chosen, info = pick_front(assessment, outcome)
    found, hills = outcome.found, outcome.found_hills
    shown = archived_places(chosen.X, outcome)
    notes = () if len(chosen) else (nothing_found(front),)
    picked = Picked(
        found=problem.evaluate(found.X),
        chosen=chosen,
        floor=EVERYTHING,
        recorded=recorded_front(assessment),
        notes=notes,
        archive=tried(
            assessment.model_data.rows,
            "What other limits would cost was not told",
            lambda: archive_of(outcomes, found.X[shown], shown < len(outcome.front), hills[shown]),
        ),
        front=info,
    )
    result = document(assessment, picked, _statistics(outcome, events, n_generations, n_evaluations, len(found)))
    return result.model_copy(update={"verdict": judge_front(result)})


def archived_places(chosen: np.ndarray, outcome: FrontOutcome) -> np.ndarray:
    """The places among what a search found of what a result keeps: results (k, d), the front, then what is beside it.

    Where the front is larger than what is kept, its candidates lie far apart in their goals.
    """
    known = {row.tobytes() for row in chosen}
    n = len(outcome.front)
    is_result = np.array([row.tobytes() in known for row in outcome.front.X], dtype=bool)
    first = np.flatnonzero(is_result)[:MAX_ARCHIVE]
    if n > MAX_ARCHIVE:
        return spread_along(outcome.front.scores, MAX_ARCHIVE, first)
    return np.concatenate([first, np.setdiff1d(np.arange(len(outcome.found)), first)])[:MAX_ARCHIVE]


def nothing_found(front: FrontProblem) -> str:
    """Why a search for a front has no results, and how to mend it."""
    reasons = ["limits"] * bool(front.limits) + ["the plausibility asked for"] * (front.gate is not None)
    if front.measured is not None:
        reasons.append("what was measured already")
    why = listed(reasons) if reasons else "rules"
    return (
        f"No candidate that the search found may be a result, because of {why}. Relax a limit, hold it with less "
        "confidence or by the prediction, or give the search more evaluations."
    )


def recorded_front(assessment: ResultAssessment) -> RecordedRows:
    """The recorded rows that nothing recorded beats in every goal, within bounds, rules and limits; best first.

    Best by the first goal. Where no row lies within, those of all rows.
    """
    spec, problem, dataset, outcomes = (
        assessment.spec,
        assessment.problem,
        assessment.model_data.dataset,
        assessment.outcomes,
    )
    assert outcomes is not None
    within = rows_within(spec, dataset, problem.space) & rows_that_keep(outcomes, dataset)
    n_within = int(within.sum())
    values = outcomes.recorded[places_of(outcomes, dataset.numbers)]
    goals = [j for j, each in enumerate(outcomes.asked) if each.goal is not None]
    asked = [Objective(outcomes.asked[j].goal or Goal.MAXIMUM, value=outcomes.asked[j].value) for j in goals]
    scores = np.column_stack([each.scores(values[:, j]) for each, j in zip(asked, goals, strict=True)])
    scores[~np.isfinite(scores).all(axis=1)] = np.inf
    if n_within:
        scores[~within] = np.inf
    best = np.flatnonzero(is_nondominated(scores))
    best = best[np.argsort(scores[best, 0], kind="stable")]
    most, limit = MAX_RECORDED, assessment.model_data.rows
    if limit is not None:
        most = min(most, max(1, limit.n_few), limit.n_candidates_left)
    if len(best) > most:
        best = best[np.linspace(0, len(best) - 1, most).round().astype(int)]
    rows = RecordedBest(problem.evaluate(dataset.X[best]), dataset.y[best], dataset.numbers[best])
    return RecordedRows(rows, None, n_within)


def _statistics(
    outcome: FrontOutcome, events: Events, n_generations: int, n_evaluations: int, n_kept: int
) -> SearchStatistics:
    states, numbers = events.states, events.generations
    better = np.isin(states, [LineageState.BORN, LineageState.IMPROVED])
    if events.places is not None and len(events):
        better &= events.places.is_front
    return SearchStatistics(
        n_lineages=len(np.unique(events.ids)),
        n_extinct=int((states == LineageState.EXTINCT).sum()),
        n_kept=n_kept,
        n_generations=n_generations,
        last_improvement=int(numbers[better].max()) if better.any() else 0,
        n_evaluations=n_evaluations,
        n_nonfinite=sum(generation.n_nonfinite for generation in outcome.trace),
        seconds=outcome.seconds,
        overhead_share=1 - outcome.seconds_evaluating / outcome.seconds if outcome.seconds else 0.0,
        stop_reason=outcome.stop_reason,
    )
