"""How far a search may leave what was recorded: five positions from "stay among recorded rows" to "explore".

Each sets what the benchmark of truth (`python -m benchmarks.truth`) measured together: plausibility, extrapolation
limit and risk aversion.
"""

from dataclasses import dataclass
from enum import StrEnum

from optimizer import MeasureName
from services.specs.run import PlausibilitySpec, RunSpec

AT_LEAST = 20.0
"""Least plausibility of a result by default, in percent."""


class ExtrapolationLevel(StrEnum):
    """How far a search goes, nearest first."""

    AMONG = "among"
    NEAR = "near"
    BEYOND = "beyond"
    FAR = "far"
    FREE = "free"


DEFAULT_EXTRAPOLATION_LEVEL = ExtrapolationLevel.BEYOND


@dataclass(frozen=True, slots=True)
class LevelSettings:
    """What one level sets."""

    label: str
    meaning: str
    plausibility: PlausibilitySpec | None
    risk_aversion: float


LEVEL_SETTINGS: dict[ExtrapolationLevel, LevelSettings] = {
    ExtrapolationLevel.AMONG: LevelSettings(
        "Stay among recorded rows",
        "Results lie as near to recorded rows as four in five of these lie to each other.",
        PlausibilitySpec(at_least=AT_LEAST, measure=MeasureName.NEIGHBOURS),
        0.5,
    ),
    ExtrapolationLevel.NEAR: LevelSettings(
        "Near",
        "Results go beyond the recorded rows while distance makes predictions uncertain by at most half a standard "
        "deviation of the outcome.",
        PlausibilitySpec(at_least=AT_LEAST, extrapolation_limit=0.5),
        0.5,
    ),
    ExtrapolationLevel.BEYOND: LevelSettings(
        "Beyond, while it holds",
        "Results go beyond the recorded rows while distance makes predictions uncertain by at most one standard "
        "deviation of the outcome.",
        PlausibilitySpec(at_least=AT_LEAST, extrapolation_limit=1.0),
        0.5,
    ),
    ExtrapolationLevel.FAR: LevelSettings(
        "Far",
        "Results may lie as far from the recorded rows as predictions uncertain by two standard deviations.",
        PlausibilitySpec(at_least=5.0, extrapolation_limit=2.0),
        0.5,
    ),
    ExtrapolationLevel.FREE: LevelSettings(
        "Explore",
        "Nothing is asked but the best prediction: where the model is wrong, this finds it.",
        None,
        0.0,
    ),
}
"""What each level sets, nearest first."""


def with_extrapolation_level(spec: RunSpec, level: ExtrapolationLevel, *, has_confidence: bool) -> RunSpec:
    """A run at a level; a model that does not know how uncertain it is has neither risk aversion nor a limit."""
    chosen = LEVEL_SETTINGS[level]
    risk_aversion = chosen.risk_aversion if has_confidence else 0.0
    return spec.revised(plausibility=chosen.plausibility, risk_aversion=risk_aversion)


def extrapolation_level_of(spec: RunSpec) -> ExtrapolationLevel | None:
    """The level that a run's settings are those of, or None where they are of its own."""
    for level, one in LEVEL_SETTINGS.items():
        if spec.plausibility == one.plausibility and spec.risk_aversion in (one.risk_aversion, 0.0):
            return level
    return None
