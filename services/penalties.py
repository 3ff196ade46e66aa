"""From a run's specification to what unrealistic candidates pay."""

from collections.abc import Sequence

from models import Dataset
from optimizer import DensityPenalty, DistancePenalty, Feature, Penalty
from services.runspec import RunSpec


def build_penalties(spec: RunSpec, dataset: Dataset, features: Sequence[Feature]) -> tuple[Penalty, ...]:
    """Return the penalties of a specification that are on.

    Raises:
        SpaceError: a penalty cannot be computed.
        DatasetError: a named feature does not exist.
    """
    built: list[Penalty] = []
    if spec.density is not None:
        built.append(build_density(spec, dataset))
    if spec.distance is not None and spec.distance.weight > 0:
        built.append(build_distance(spec, dataset, features))
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
    left_out = (*spec.distance.left_out, *([spec.curve.feature] if spec.curve else []))
    return DistancePenalty.from_rows(
        dataset.X,
        features,
        left_out=dataset.indices(left_out),
        weight=spec.distance.weight,
        threshold=spec.distance.threshold,
    )
