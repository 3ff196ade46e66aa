"""The best near a setting: all features that are not locked go to where they do best, by a short search."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import (
    Budget,
    Categorical,
    Feature,
    Goal,
    Hooks,
    Limit,
    Limits,
    Numeric,
    Plausibility,
    Problem,
    SearchSpace,
    SpaceError,
    search,
)
from services.problems.building import build_problem
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.plausibility import build_plausibility
from services.specs.method import method_named
from services.specs.outcomes import OutcomeSpec
from services.studies.what_if.explorer import WhatIfModel

EVALUATIONS = 2_000  # one hill around a setting: a second or two
_N_COMPARED = 50  # of the best settings found, by what is expected of them
_ROUNDING = 1e-9  # standard deviations: the same setting may be predicted so much lower in another block of rows


@dataclass(frozen=True)
class _Aim:
    """What is improved: the problem, and what is expected of settings (n, d).

    Attributes:
        expected: of what is searched for, (n,).
        no_worse: how much worse the goals that are held are than at the first of the settings, (n, g), at most 0 where
            they are not.
    """

    problem: Problem
    expected: Callable[[np.ndarray], np.ndarray]
    no_worse: Callable[[np.ndarray], np.ndarray] = lambda X: np.zeros((len(X), 0))


def best_with_the_others(
    explorer: WhatIfModel,
    setting: np.ndarray,
    locked: Collection[int],
    on_share: Callable[[float], object] = lambda share: None,
    *,
    goal: str | None = None,
) -> np.ndarray:
    """(d,) the best setting with the locked features where they are; the setting itself if none is better.

    Best is what the run calls so: its goal with penalties and risk aversion, rules and limits met, plausible enough.
    Whatever the setting was, also one that breaks a rule or that no result may be, the other is better by this score
    and expected to be no worse; but where the setting breaks a limit, what keeps all of them is better, whatever it
    reaches. Features that the run freezes may move where they are not locked, over their axes.

    Args:
        on_share: told, after every generation, which share of the search is done.
        goal: of a run with several goals that make a front, the outcome that is improved, while no other goal is
            expected to get worse; by default the first.

    Raises:
        SpaceError: everything is locked, or the rules cannot be met with what is, or the run has no such goal.
    """
    swept = {j for j, axis in enumerate(explorer.axes) if axis.is_swept}
    if len(swept | set(locked)) >= len(explorer.axes):
        raise SpaceError("Every feature is locked: unlock at least one.")
    here = setting[None]
    aim = _aim(explorer, here, goal)
    changed = list(aim.problem.space.features)
    for j in range(len(changed)):
        if j not in swept:
            changed[j] = _held(changed[j], setting[j]) if j in locked else _freed(explorer, changed[j], j)
    space = SearchSpace(tuple(changed), aim.problem.space.constraints)
    # whoever moves features by hand may well come to what was measured
    problem = replace(aim.problem, space=space, starts=here, measured=None)
    hooks = Hooks(on_generation=lambda generation: on_share(min(1.0, generation.evaluations / EVALUATIONS)))
    rng = np.random.default_rng([explorer.spec.seed, 5])
    with threadpool_limits(limits=1):
        found = problem.passing(search(problem, method_named().settings(), Budget(EVALUATIONS), rng, hooks).found)
        own = problem.evaluate(here)
    better = found.take(np.flatnonzero(found.scores < own.scores[0])[:_N_COMPARED]).X.copy()
    better[:, list(swept)] = setting[list(swept)]  # the curve runs over it: it has no value of its own
    if not len(better):
        return setting
    if explorer.problem.limits is not None and explorer.problem.limits.violations(here)[0] > 0:
        return better[0]
    both = np.concatenate([here, better])
    expected = problem.objective.scores(aim.expected(both))
    is_no_worse = expected[1:] <= expected[0] if np.isfinite(expected[0]) else np.isfinite(expected[1:])
    is_no_worse &= (aim.no_worse(both)[1:] <= 0).all(axis=1)
    return better[is_no_worse.argmax()] if is_no_worse.any() else setting


def _aim(explorer: WhatIfModel, here: np.ndarray, goal: str | None) -> _Aim:
    goals = explorer.others.goals if explorer.others is not None else ()
    if not goals:
        if goal is not None:
            raise SpaceError(f"The run has one goal, so there is no choosing '{goal}': leave the goal out.")
        return _Aim(explorer.problem, lambda X: explorer.outcomes(X).mean)
    names = [info.name for info in goals]
    chosen = names[0] if goal is None else goal
    if chosen not in names:
        raise SpaceError(f"The run has no goal '{chosen}': choose one of {', '.join(names)}.")
    assert explorer.others is not None
    outcomes = explorer.others.outcomes
    held = [each for each in outcomes.asked if each.goal is not None and each.name != chosen]
    problem = _problem_of_goal(explorer, outcomes, chosen)
    return _Aim(
        replace(problem, limits=_held_goals(outcomes, here, held)),
        lambda X: outcomes.expected(chosen, X, explorer.spec.level).mean,
        lambda X: _worse(outcomes, X, held),
    )


def _problem_of_goal(explorer: WhatIfModel, outcomes: RunOutcomes, chosen: str) -> Problem:
    """The problem of a run in which one of its goals is the only one."""
    asked = tuple(
        each if each.name == chosen else each.model_copy(update={"goal": None, "value": None})
        for each in outcomes.asked
    )
    rows = outcomes.measured.get(chosen) or next(iter(outcomes.measured.values()))
    model_data = replace(rows, table=outcomes.table, measured=outcomes.measured)

    def make_plausibility(*run: Any) -> Plausibility:
        check = explorer.plausibility_check
        return check.first if check else build_plausibility(*run)

    return build_problem(explorer.spec.revised(outcomes=asked), model_data, make_plausibility)


def _held_goals(outcomes: RunOutcomes, here: np.ndarray, held: list[OutcomeSpec]) -> Limits:
    """The limits of a run, and its other goals at least as good as they are at a setting (1, d)."""
    names, n = [each.name for each in held], len(outcomes.kept)
    now = outcomes.values(here, names)
    limits = [
        _no_worse(each, float(now[each.name][0]), outcomes.scales[each.name], column)
        for column, each in enumerate(held, start=n)
        if np.isfinite(now[each.name][0])
    ]

    def predict(X: np.ndarray) -> np.ndarray:
        values = outcomes.values(X, names)
        return np.column_stack([outcomes.kept_values(X), *(values[name] for name in names)])

    def predict_with_gradient(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        kept, slopes = outcomes.kept_values_with_gradients(X)
        fields = outcomes.values_with_gradients(X, names)
        own = np.stack([fields[name][1] for name in names], axis=1)
        return np.column_stack([kept, *(fields[name][0] for name in names)]), np.concatenate([slopes, own], axis=1)

    has_gradient = outcomes.kept_have_gradients and outcomes.has_gradient(names)
    return Limits(predict, (*outcomes.kept, *limits), predict_with_gradient if has_gradient else None)


def _no_worse(outcome: OutcomeSpec, now: float, scale: float, column: int) -> Limit:
    room = _ROUNDING * scale
    if outcome.goal is Goal.VALUE:
        assert outcome.value is not None
        reach = abs(now - outcome.value) + room
        return Limit(column, outcome.value - reach, outcome.value + reach, scale)
    if outcome.goal is Goal.MAXIMUM:
        return Limit(column, at_least=now - room, scale=scale)
    return Limit(column, at_most=now + room, scale=scale)


def _worse(outcomes: RunOutcomes, X: np.ndarray, held: list[OutcomeSpec]) -> np.ndarray:
    """(n, g) by how much goals are worse than at the first of settings (n, d), beyond what is rounding."""
    values = outcomes.values(X, [each.name for each in held])
    columns = []
    for each in held:
        own = values[each.name]
        if each.goal is Goal.VALUE:
            assert each.value is not None
            own = np.abs(own - each.value)
        columns.append((own[0] - own if each.goal is Goal.MAXIMUM else own - own[0]) / outcomes.scales[each.name])
    return np.column_stack(columns) - _ROUNDING


def _held(feature: Feature, x: float) -> Feature:
    if isinstance(feature, Categorical):
        return replace(feature, frozen=int(x), allowed=())
    return replace(feature, low=min(feature.low, x), high=max(feature.high, x), frozen=float(x))


def _freed(explorer: WhatIfModel, feature: Feature, j: int) -> Feature:
    """A feature that may move, one that the run freezes over its whole axis."""
    axis = explorer.axes[j]
    if feature.is_free:
        return replace(feature, mutation_strength=None)  # it is to go to its best, whatever lineages of the run keep
    if isinstance(feature, Categorical):
        return replace(feature, frozen=None)
    std = float(explorer.dataset.stds[j])
    if std == 0 or axis.low == axis.high:
        return feature  # it never varied
    return Numeric(feature.name, axis.low, axis.high, std=std, step=axis.step)
