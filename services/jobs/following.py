"""Runs that follow from a result: one that searches around it, and one that finds the others."""

from collections.abc import Collection, Sequence

import numpy as np

from optimizer import Decision, DecisionKind, is_steerable
from optimizer.features import Scaling
from services.jobs import RunStore, StoreError
from services.jobs.workers.traces import TracePiece
from services.results.names import result_names
from services.specs.digits import sensible_decimals
from services.specs.results import RunResult
from services.specs.run import CategoricalSpec, FeatureSpec, RunSpec
from services.specs.wanted import bound_words

AROUND = 0.5  # recorded standard deviations: how far a search around a result may go from it
APART = 0.25  # the same: how far its results differ at least
LONGEST = 150  # characters of a name before what is added: the run store holds 200
_NEAR = 0.5  # of the distance between two results: nearer than this a lineage is on its way to one
_WITHOUT = ", without"
_LEAST = 0.2  # recorded standard deviations, where results need not differ


def more_like(result: RunResult, k: int) -> RunSpec:
    """The run that searches around the result at place ``k``: its categories, and numbers near its own.

    Bounds are half a recorded standard deviation to either side, within those of the run.
    """
    spec, X = result.spec, result.results.X[k]
    values = dict(zip([feature.name for feature in result.features], X, strict=True))
    known = {feature.name: feature for feature in result.features}
    features: list[FeatureSpec] = []
    for feature in spec.features:
        value, info = values[feature.name], known[feature.name]
        if not feature.is_free or feature.name == spec.swept:
            features.append(feature)
        elif isinstance(feature, CategoricalSpec):
            features.append(feature.model_copy(update={"allowed": (info.categories[int(value)],)}))
        else:
            room, decimals = max(AROUND * info.std, feature.step or 0.0), sensible_decimals(info.std, feature.step)
            low = max(feature.low, round(value - room, decimals))
            high = min(feature.high, round(value + room, decimals))
            holds = low <= value <= high and low < high
            features.append(feature.model_copy(update={"low": low, "high": high}) if holds else feature)
    name = result_names(k + 1)[k]
    return spec.revised(
        name=f"Like {name} of {spec.name[:LONGEST]}",
        features=tuple(feature.model_dump() for feature in features),
        starts=(tuple(X),) if is_steerable(spec.method.settings()) else (),
        continues="",
        decisions=(),
        distinct=min(spec.distinct, APART),
    )


def with_limits(result: RunResult, bounds: Sequence[float]) -> RunSpec:
    """The run with other limits: one number for each side of each limit, in the order of the outcomes.

    Raises:
        StoreError: there are more or fewer numbers than limits.
        pydantic.ValidationError: the numbers contradict each other.
    """
    left, outcomes = list(bounds), []
    n = sum(bound is not None for each in result.spec.outcomes for bound in (each.at_least, each.at_most))
    if len(left) != n:
        raise StoreError(f"This run has {n} limits, got {len(left)} numbers: move the limits once more.")
    for each in result.spec.outcomes:
        sides = [side for side in ("at_least", "at_most") if getattr(each, side) is not None]
        outcomes.append({**each.model_dump(), **{side: left.pop(0) for side in sides}})
    return result.spec.revised(outcomes=tuple(outcomes), continues="", decisions=(), starts=())


def limits_of(spec: RunSpec) -> str:
    """The limits of a run in words, such as "strength at least 40, cost 60 to 100"."""
    return ", ".join(f"{each.name or 'the outcome'} {bound_words(each)}" for each in spec.outcomes if each.is_limited)


def again_without(store: RunStore, run_id: str, places: Collection[int]) -> RunSpec:
    """The same run, in which the lineages that led to some of its results are dropped on the way.

    It repeats the run up to where such a lineage comes near its result, so what is left of the budget finds others:
    nothing like them becomes a result any more.

    Raises:
        StoreError: the run is gone, has no such results, its course is not kept, or its method takes no decisions.
    """
    job = store.get(run_id)
    if job is None or not job.result:
        raise StoreError(f"The run {run_id} and its results are not in the run store any more: search again.")
    result = RunResult.model_validate_json(job.result)
    spec = RunSpec.model_validate_json(job.spec)
    pieces = [TracePiece.from_bytes(piece) for piece in store.pieces(run_id)]
    if spec.is_front:
        raise StoreError(
            "A search for several goals cannot leave a result out: narrow the bounds so that it lies outside."
        )
    if not is_steerable(spec.method.settings()):
        raise StoreError(
            f"The method '{spec.method.name}' cannot leave a result out: search by 'niches' or 'lineages', or narrow "
            "the bounds so that it lies outside."
        )
    if not pieces:
        raise StoreError(
            f"How the run '{job.name}' went is not kept: narrow the bounds so that the result lies outside."
        )
    events = TracePiece.joined(pieces).events
    scaling, decisions = _scaling(result), list(result.spec.decisions)
    bests = scaling.scaled(events.bests.X)
    for k in places:
        apart = np.linalg.norm(bests - scaling.scaled(np.array([result.results.X[k]])), axis=1)
        # what comes with the last generation comes too late to be decided about
        apart[events.generations >= events.generations.max(initial=1)] = np.inf
        near = np.flatnonzero(apart < _NEAR * max(spec.distinct, _LEAST))
        row = int(near[0]) if len(near) else int(np.argmin(apart))
        decisions.append(Decision(int(events.generations[row]), DecisionKind.DROP, int(events.ids[row])))
    names = [str(k + 1) for k in sorted(places)]
    without = f"{_WITHOUT} {'Result' if len(names) == 1 else 'Results'} {', '.join(names)}"
    ordered = tuple(sorted(set(decisions), key=lambda one: (one.after, one.lineage)))
    return spec.revised(name=f"{job.name[:LONGEST]}{without}", decisions=ordered)


def without_decisions(spec: RunSpec) -> RunSpec:
    """The run that decides about no lineage, and is not named after what was left out."""
    return spec.revised(name=spec.name.partition(_WITHOUT)[0] or spec.name, decisions=())


def _scaling(result: RunResult) -> Scaling:
    """Distances by the features that a run moves, in recorded standard deviations."""
    is_moved = np.array([feature.is_free and feature.name != result.spec.swept for feature in result.features])
    n_codes = np.where(is_moved, [len(feature.categories) for feature in result.features], 0)
    stds = np.array([0.0 if feature.categories else feature.std for feature in result.features])
    return Scaling(np.where(is_moved, stds, 0.0), n_codes)
