"""What a result says of all outcomes of a run: what they are, their values, and what recorded rows keep of limits."""

from dataclasses import replace

import numpy as np

from models import Dataset
from optimizer import Budget, Candidates, FrontProblem, FrontSettings, Goal, Limit, Objective, Problem, search_front
from optimizer.niches.front.dominance import Scaling, farthest_first
from services.problems.outcomes.run_outcomes import Limited, RunOutcomes
from services.results.rounding import as_printed
from services.specs.results import Archive, OutcomeInfo, OutcomeValues

MAX_ARCHIVE = 200  # candidates that a result keeps to tell what other limits would cost
_BEST = 40  # of them, the best ones that a search for one goal found
_ASKED = 3_000  # candidates evaluated to learn what other limits would cost, at most: half a second
_LEAST = 600  # of them, at least
_AT_ONCE = FrontSettings(n_lineages=100, n_children=300)  # few generations, as each has a price of its own
_LOOSER = 1.0  # standard deviations: how far beyond its limits that is asked
_N_BEGIN = 30  # good candidates at which that begins


def outcome_infos(outcomes: RunOutcomes) -> tuple[OutcomeInfo, ...]:
    """The outcomes of a run, as its result shows them."""
    keeps = outcomes.recorded_keep()
    infos = []
    for outcome, column in zip(outcomes.asked, outcomes.columns, strict=True):
        own = [j for j, each in enumerate(outcomes.limited) if each.outcome.name == outcome.name]
        by_interval = any(outcomes.limited[j].end is not None for j in own)
        curve = outcome.curve
        infos.append(
            OutcomeInfo(
                name=outcome.name,
                label=outcome.name if curve is None else f"{curve.summary} of {outcome.name}",
                unit=column.unit,
                formula=outcome.formula,
                goal=outcome.goal,
                value=outcome.value,
                at_least=outcome.at_least,
                at_most=outcome.at_most,
                confidence=outcome.confidence if by_interval else None,
                scale=outcomes.scales[outcome.name],
                n_met=int(keeps[:, own].all(axis=1).sum()) if outcome.is_limited else None,
            )
        )
    return tuple(infos)


def candidate_values(outcomes: RunOutcomes, X: np.ndarray, level: float) -> tuple[OutcomeValues, ...]:
    """All outcomes of candidates (k, d), with their intervals at a level."""
    keeps = outcomes.keeps(X) if len(X) else np.ones((0, len(outcomes.limited)), dtype=bool)
    found = []
    for outcome in outcomes.asked:
        told = outcomes.expected(outcome.name, X, level)
        has_interval = len(X) > 0 and bool(np.isfinite(told.low).all() and np.isfinite(told.high).all())
        found.append(
            OutcomeValues(
                values=tuple(told.mean.tolist()),
                lows=tuple(told.low.tolist()) if has_interval else None,
                highs=tuple(told.high.tolist()) if has_interval else None,
                keeps=_kept(outcomes, outcome.name, keeps),
            )
        )
    return tuple(found)


def recorded_values(
    outcomes: RunOutcomes, numbers: np.ndarray, X: np.ndarray, level: float
) -> tuple[OutcomeValues, ...]:
    """All outcomes of recorded rows (k, d) of these numbers: predicted, and as they were measured."""
    places = places_of(outcomes, numbers)
    keeps, found = outcomes.recorded_keep()[places], []
    for j, (outcome, told) in enumerate(zip(outcomes.asked, candidate_values(outcomes, X, level), strict=True)):
        recorded = outcomes.recorded[places, j]
        measured = tuple(float(value) if np.isfinite(value) else None for value in recorded)
        own = {"measured": measured, "keeps": _kept(outcomes, outcome.name, keeps)}
        found.append(told.model_copy(update=own))
    return tuple(found)


def places_of(outcomes: RunOutcomes, numbers: np.ndarray) -> np.ndarray:
    """Where recorded rows of these numbers (k,) stand in the table of a run, (k,)."""
    order = np.argsort(outcomes.table.numbers, kind="stable")
    return order[np.searchsorted(outcomes.table.numbers[order], numbers)]


def rows_that_keep(outcomes: RunOutcomes, dataset: Dataset) -> np.ndarray:
    """Whether each row of the dataset of one outcome keeps all limits of a run, as it was measured, (r,)."""
    return np.asarray(outcomes.recorded_keep()[places_of(outcomes, dataset.numbers)].all(axis=1))


def broken_words(outcomes: RunOutcomes, number: int) -> str:
    """Which limits a recorded row breaks or does not tell, such as "its cost of 120 is above your limit of 100"."""
    (place,) = places_of(outcomes, np.array([number]))
    keeps, words = outcomes.recorded_keep()[place], []
    units = outcomes.units
    for each, is_kept in zip(outcomes.limited, keeps, strict=True):
        if not is_kept:
            value = float(outcomes.recorded[place, outcomes.names.index(each.outcome.name)])
            words.append(_broken(each, value, units[each.outcome.name]))
    return " and ".join(words)


def _broken(limited: Limited, value: float, unit: str) -> str:
    if not np.isfinite(value):
        return f"its {limited.outcome.name} was not measured"
    side = "below" if limited.is_low else "above"
    amount, bound = (f"{number:,.5g} {unit}".rstrip() for number in (value, limited.bound))
    return f"its {limited.outcome.name} of {amount} is {side} your limit of {bound}"


def archive_of(
    outcomes: RunOutcomes, X: np.ndarray, is_front: np.ndarray | None = None, hills: np.ndarray | None = None
) -> Archive:
    """Good candidates (a, d) as a result keeps them."""
    n_limits = len(outcomes.limited)
    return Archive(
        X=tuple(map(tuple, X.tolist())),
        outcomes=tuple(map(tuple, outcomes.predict(X).tolist())) if len(X) else (),
        kept=tuple(map(tuple, outcomes.kept_values(X)[:, :n_limits].tolist())) if len(X) and n_limits else (),
        is_front=None if is_front is None else tuple(is_front.tolist()),
        hills=None if hills is None else tuple(hills.tolist()),
    )


def archive_of_one_goal(outcomes: RunOutcomes, problem: Problem, found: Candidates) -> Archive:
    """The best candidates that a search for one goal found, and what the goal reaches under other limits.

    Lineages that have come to a limit tell nothing of tighter ones. So a short search looks for the front of the goal
    and of what has to be kept, one standard deviation on either side of each limit. Where rows cost, it does not.

    Args:
        found: what results were chosen from.
    """
    best = found.by_score().X[: _BEST if outcomes.limited else MAX_ARCHIVE]
    if outcomes.limited and outcomes.rows is not None:
        outcomes.rows.leave_out("What other limits would cost was not searched for", _LEAST * outcomes.rows.n_each)
    if not outcomes.limited or not len(best) or outcomes.rows is not None:
        return archive_of(outcomes, best)
    traded = _traded(outcomes, problem, best[:_N_BEGIN])
    known = {row.tobytes() for row in best}
    new = traded[[row.tobytes() not in known for row in traded]]
    unlimited = replace(problem, limits=None)
    rows = as_printed(unlimited, unlimited.evaluate(np.concatenate([best, new[: MAX_ARCHIVE - len(best)]])))
    return archive_of(outcomes, rows.by_score().X)


def _traded(outcomes: RunOutcomes, problem: Problem, begin_at: np.ndarray) -> np.ndarray:
    """Candidates (a, d) on the front of the goal and of what has to be kept, spread along it, its ends first."""
    plain = replace(problem, limits=None, penalties=(), gate=None, measured=None)
    objectives, limits = {0: Objective(Goal.MINIMUM)}, []
    for column, (each, limit) in enumerate(zip(outcomes.limited, outcomes.kept, strict=False), start=1):
        objectives[column] = Objective(Goal.MAXIMUM if each.is_low else Goal.MINIMUM, scale=limit.scale)
        room = _LOOSER * limit.scale
        limits.append(
            Limit(
                column,
                at_least=None if limit.at_least is None else limit.at_least - room,
                at_most=None if limit.at_most is None else limit.at_most + room,
                scale=limit.scale,
            )
        )
    uncertain = outcomes.kept[len(outcomes.limited) :]
    limits += [replace(limit, outcome=column) for column, limit in enumerate(uncertain, start=1 + len(limits))]
    front = FrontProblem(
        predict=lambda X: np.column_stack([plain.evaluate(X).scores, outcomes.kept_values(X)]),
        objectives=objectives,
        limits=tuple(limits),
        space=problem.space,
        penalties=problem.penalties,
        gate=problem.gate,
        starts=problem.starts,
        begin_at=begin_at,
        measured=problem.measured,
    )
    budget = Budget(min(_ASKED, max(_LEAST, outcomes.spec.budget.evaluations // 4)))  # less than the search itself had
    found = search_front(front, budget, np.random.default_rng([outcomes.spec.seed, 3]), settings=_AT_ONCE).front
    return found.X[spread_along(found.scores, MAX_ARCHIVE)] if len(found) else found.X


def spread_along(scores: np.ndarray, n: int, chosen: np.ndarray | None = None) -> np.ndarray:
    """The places of ``n`` of some candidates on a front, far apart in their scores (f, m); chosen ones come first."""
    first = np.empty(0, dtype=int) if chosen is None else chosen
    return farthest_first(Scaling.of(scores).scaled(scores), n, first)[:n]


def _kept(outcomes: RunOutcomes, name: str, keeps: np.ndarray) -> tuple[bool, ...] | None:
    """Whether rows keep the limits of one outcome, of all limits that they keep (k, l); None without any."""
    own = [j for j, each in enumerate(outcomes.limited) if each.outcome.name == name]
    if not own:
        return None
    return tuple(map(bool, np.asarray(keeps[:, own].all(axis=1))))
