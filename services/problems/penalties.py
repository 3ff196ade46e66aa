"""From a run's specification to what unrealistic candidates pay, and to the gate that results pass."""

from collections.abc import Callable, Sequence

import numpy as np

from models import Dataset
from models.intervals.conformal import ConformalPredictor
from optimizer import (
    Candidates,
    DensityPenalty,
    DistancePenalty,
    Feature,
    Gate,
    MeasureName,
    Penalty,
    Plausibility,
    PlausibilityPenalty,
    Problem,
    SpaceError,
)
from services.specs.run import PlausibilitySpec, RunSpec

BY_DISTANCE = (MeasureName.REGIONS, MeasureName.NEIGHBOURS)
"""Measures whose unusualness is a distance to the recorded rows."""

PlausibilityFactory = Callable[[RunSpec, Dataset, Sequence[Feature]], Plausibility]
"""Gives the plausibility of candidates of a run: `build_plausibility`, or what keeps what that has built."""


def build_penalties(
    spec: RunSpec, dataset: Dataset, features: Sequence[Feature], plausibility: Plausibility | None = None
) -> tuple[Penalty, ...]:
    """Return the penalties of a specification that are on.

    Args:
        spec: the run.
        dataset: the recorded rows.
        features: of the search space.
        plausibility: of the same run, where it is built already; see `build_plausibility`.

    Raises:
        SpaceError: a penalty cannot be computed.
        DatasetError: a named feature does not exist.
    """
    built: list[Penalty] = []
    if spec.density is not None:
        built.append(build_density(spec, dataset))
    if spec.distance is not None and spec.distance.weight > 0:
        built.append(build_distance(spec, dataset, features))
    if spec.plausibility is not None and spec.plausibility.weight > 0:
        judge = plausibility or build_plausibility(spec, dataset, features)
        built.append(PlausibilityPenalty(judge, spec.plausibility.weight))
    return tuple(penalty for penalty in built if penalty.weight > 0)


def build_density(spec: RunSpec, dataset: Dataset) -> DensityPenalty:
    """Return the density penalty of a specification that has one."""
    assert spec.density is not None
    return DensityPenalty(
        parts=tuple(dataset.indices(spec.density.parts)),
        target=spec.density.target,
        tolerance=spec.density.tolerance,
        weight=spec.density.weight,
    )


def build_distance(spec: RunSpec, dataset: Dataset, features: Sequence[Feature]) -> DistancePenalty:
    """Return the distance penalty of a specification that has one; the sweep feature of a curve does not count."""
    assert spec.distance is not None
    return DistancePenalty.from_rows(
        dataset.X,
        features,
        left_out=dataset.indices(left_out(spec, spec.distance.left_out)),
        weight=spec.distance.weight,
        threshold=spec.distance.threshold,
    )


def build_plausibility(spec: RunSpec, dataset: Dataset, features: Sequence[Feature]) -> Plausibility:
    """Return how plausible candidates of a run are; one that says nothing of it is judged by the usual measure.

    The sweep feature of a curve does not count; features that the run freezes do.

    Raises:
        SpaceError: no two recorded rows differ in what counts.
        DatasetError: a feature that is left out does not exist.
    """
    judged = spec.plausibility or PlausibilitySpec()
    return Plausibility.of_rows(
        dataset.X, features, measure=judged.measure, left_out=dataset.indices(left_out(spec, judged.left_out))
    )


def plausibility_key(spec: RunSpec, dataset: Dataset) -> str:
    """Return what the plausibility of a run depends on: where this is the same, it is; bounds do not count."""
    judged = spec.plausibility or PlausibilitySpec()
    return f"{dataset.digest}|{judged.measure}|{sorted(left_out(spec, judged.left_out))}"


def build_gate(spec: RunSpec, plausibility: Plausibility, confidence: ConformalPredictor | None) -> Gate | None:
    """Return the gate of a specification, or None where it asks for none.

    Args:
        spec: the run.
        plausibility: of the same run; see `build_plausibility`.
        confidence: how uncertain distance makes a prediction where the search goes; without it there is no reach.

    Raises:
        SpaceError: reach is asked for, and plausibility is not measured by distance.
    """
    asked = spec.plausibility
    if asked is None or not asked.is_gate:
        return None
    farthest = np.inf
    if asked.extrapolation_limit is not None and confidence is not None:
        if asked.measure not in BY_DISTANCE:
            raise SpaceError(
                f"The extrapolation limit is a distance, and plausibility is measured by '{asked.measure}': choose "
                "'regions' or 'neighbours', or set no limit."
            )
        farthest = confidence.extrapolation_limit(asked.extrapolation_limit)
    if asked.at_least is None and not np.isfinite(farthest):
        return None
    return Gate(plausibility, asked.at_least, farthest)


def left_out(spec: RunSpec, names: Sequence[str]) -> tuple[str, ...]:
    """Return the features that do not count: those named, and the sweep feature of a curve."""
    sweep = (spec.curve.feature,) if spec.curve is not None and spec.curve.feature not in names else ()
    return (*names, *sweep)


def realism_parts(spec: RunSpec) -> tuple[str, ...]:
    """Return what counts beside the objective, one phrase each: none where a plain search is asked for."""
    penalties = [penalty for penalty in (spec.density, spec.distance, spec.plausibility) if penalty is not None]
    n_on = sum(penalty.weight > 0 for penalty in penalties)
    parts = [f"the {'penalties' if n_on > 1 else 'penalty'}"] if n_on else []
    if spec.plausibility is not None and spec.plausibility.at_least is not None:
        parts.append(f"the plausibility of at least {spec.plausibility.at_least:g} %")
    if spec.plausibility is not None and spec.plausibility.extrapolation_limit is not None:
        parts.append("the extrapolation limit")
    if spec.risk_aversion > 0:
        parts.append("risk aversion")
    return tuple(parts)


def without_words(spec: RunSpec) -> str:
    """Return what the search that a run is compared with leaves out, such as "without the penalty"."""
    parts = realism_parts(spec)
    if len(parts) < 2:
        return f"without {parts[0] if parts else 'any penalty'}"
    return f"without realism, that is without {', '.join(parts[:-1])} and {parts[-1]}"


def gate_notes(problem: Problem, found: Candidates) -> tuple[str, ...]:
    """Return why a search has no results although it found something, and how to mend it; nothing where it has some.

    Args:
        problem: of the run.
        found: all that its search found, plausible or not.
    """
    found = found.take(np.isfinite(found.scores))
    if problem.gate is None or not len(found) or problem.gate.passes(found.X).any():
        return ()
    most = float(problem.gate.plausibility.percent(found.X).max())
    said = (
        f"No candidate is plausible enough to be a result: of {len(found):,} that the search kept, the most plausible "
        f"reaches {most:.1f} %, and {problem.gate.words} is asked for."
    )
    starts = problem.passing_starts
    if starts is not None and problem.gate.passes(problem.space.repair(starts[:1])).any():
        return (
            f"{said} Recorded rows within the bounds do reach it: give the search more evaluations, or another method.",
        )
    return (
        f"{said} No recorded row that is moved into these bounds and rules reaches it either: widen the bounds towards "
        "what was recorded, or ask for less plausibility.",
    )
