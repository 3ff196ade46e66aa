"""The best that can be done with some features locked: a short search of its own over all the others."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from optimizer import Budget, Categorical, Feature, Numeric, SearchSpace, SpaceError, search
from services.specs.method import method_named
from services.studies.what_if.explorer import Axis, WhatIfModel

EVALUATIONS = 2_000  # one hill around a setting: half a second


def best_with_the_others(explorer: WhatIfModel, setting: np.ndarray, locked: Collection[int]) -> np.ndarray:
    """(d,) the best setting with the locked features where they are; the setting itself if none is better.

    Best is what the run calls so: its goal with penalties and caution, rules met, plausible enough. Features that the
    run freezes may move where they are not locked, over their axes.

    Raises:
        SpaceError: everything is locked, or the rules cannot be met with what is.
    """
    swept = {j for j, axis in enumerate(explorer.axes) if axis.is_swept}
    if len(swept | set(locked)) >= len(explorer.axes):
        raise SpaceError("Every feature is locked: unlock at least one.")
    features = tuple(
        feature if j in swept else _held(feature, x) if j in locked else _freed(feature, axis, explorer, j)
        for j, (feature, axis, x) in enumerate(
            zip(explorer.problem.space.features, explorer.axes, setting, strict=True)
        )
    )
    space = SearchSpace(features, explorer.problem.space.constraints)
    problem = replace(explorer.problem, space=space, starts=setting[None])
    rng = np.random.default_rng([explorer.spec.seed, 5])
    with threadpool_limits(limits=1):
        found = problem.passing(search(problem, method_named().settings(), Budget(EVALUATIONS), rng).found)
        own = problem.evaluate(setting[None])
    is_own_fine = bool(space.contains(setting[None])[0]) and len(problem.passing(own)) == 1
    if not len(found) or (is_own_fine and own.scores[0] <= found.scores[0]):
        return setting
    best = found.X[0].copy()
    best[list(swept)] = setting[list(swept)]  # the curve runs over it: it has no value of its own
    return best


def _held(feature: Feature, x: float) -> Feature:
    if isinstance(feature, Categorical):
        return replace(feature, frozen=int(x), allowed=())
    return replace(feature, low=min(feature.low, x), high=max(feature.high, x), frozen=float(x))


def _freed(feature: Feature, axis: Axis, explorer: WhatIfModel, j: int) -> Feature:
    """A feature that may move, one that the run freezes over its whole axis."""
    if feature.is_free:
        return feature
    if isinstance(feature, Categorical):
        return replace(feature, frozen=None)
    std = float(explorer.dataset.stds[j])
    if std == 0 or axis.low == axis.high:
        return feature  # it never varied
    return Numeric(feature.name, axis.low, axis.high, std=std, step=axis.step)
