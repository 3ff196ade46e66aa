"""What an unrealistic candidate costs: the penalties of a specification, and what counts besides the objective."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from models import Dataset
from optimizer import DensityPenalty, DistancePenalty, Feature, Penalty, Plausibility, PlausibilityPenalty
from services.problems.plausibility import build_plausibility
from services.specs.run import RunSpec


class PenaltyInput(NamedTuple):
    """What penalties are built of.

    Attributes:
        plausibility: of the same run, where it is built already.
    """

    spec: RunSpec
    dataset: Dataset
    features: Sequence[Feature]
    plausibility: Plausibility | None = None


def density_penalty(given: PenaltyInput) -> Penalty | None:
    """The density penalty of a specification, or None where it has none."""
    density = given.spec.density
    if density is None:
        return None
    columns = tuple(given.dataset.indices(density.parts))
    return DensityPenalty(columns, target=density.target, tolerance=density.tolerance, weight=density.weight)


def distance_penalty(given: PenaltyInput) -> Penalty | None:
    """The distance penalty of a specification, or None where it is off."""
    distance = given.spec.distance
    if distance is None or distance.weight == 0:
        return None
    return DistancePenalty.from_rows(
        given.dataset.X,
        given.features,
        left_out=given.dataset.indices(given.spec.left_out(distance.left_out)),
        weight=distance.weight,
        threshold=distance.threshold,
    )


def plausibility_penalty(given: PenaltyInput) -> Penalty | None:
    """The plausibility penalty of a specification, or None where it is off."""
    asked = given.spec.plausibility
    if asked is None or asked.weight == 0:
        return None
    built = given.plausibility or build_plausibility(given.spec, given.dataset, given.features)
    return PlausibilityPenalty(built, asked.weight)


PENALTIES: tuple[Callable[[PenaltyInput], Penalty | None], ...] = (
    density_penalty,
    distance_penalty,
    plausibility_penalty,
)
"""What builds each penalty there is."""


def build_penalties(
    spec: RunSpec, dataset: Dataset, features: Sequence[Feature], plausibility: Plausibility | None = None
) -> tuple[Penalty, ...]:
    """The penalties of a specification that are on; see `PenaltyInput`.

    Raises:
        SpaceError: a penalty cannot be computed.
        DatasetError: a named feature does not exist.
    """
    given = PenaltyInput(spec, dataset, features, plausibility)
    built = [build(given) for build in PENALTIES]
    return tuple(penalty for penalty in built if penalty is not None and penalty.weight > 0)


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
