"""What weighs against the objective, where a specification keeps it, and the same run with another setting of it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.specs.run import DistanceSpec, PlausibilitySpec, RunSpec


class SweptSetting(StrEnum):
    """What may be swept, from "explore" to "stay among the recorded rows"."""

    DENSITY = "density"
    DISTANCE = "distance"
    PLAUSIBILITY = "plausibility"
    GATE = "gate"
    REACH = "reach"
    CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class SweptSettingInfo:
    """How one setting is shown, read and changed.

    Attributes:
        label: what it is called on the Optimize page.
        unit: of its values, or "" for a weight without one.
        settings: sensible values, the first of which switches it off.
        highest: value that makes sense at all.
        help: what a value means, in a sentence.
        part: of the specification that holds it, or "" where the specification itself does.
        field: of that part.
        is_off_without: whether it is switched off by having no value, not by 0.
        is_tighter_below: whether a smaller value asks for more; off, which is 0, then comes after the largest.
    """

    label: str
    unit: str
    settings: tuple[float, ...]
    highest: float
    help: str
    part: str
    field: str
    is_off_without: bool = False
    is_tighter_below: bool = False

    def read(self, run: RunSpec) -> float:
        """The value of a specification, 0 where the setting is off."""
        return getattr(getattr(run, self.part) if self.part else run, self.field, None) or 0.0

    def apply(self, run: RunSpec, value: float) -> RunSpec:
        """The specification with another value; one with a density penalty where that is turned."""
        changes = {self.field: None if self.is_off_without and value <= 0 else value}
        if not self.part:
            return run.revised(**changes)
        part = getattr(run, self.part) or {"distance": DistanceSpec, "plausibility": PlausibilitySpec}[self.part]()
        return run.revised(**{self.part: part.model_copy(update=changes)})

    def in_order(self, values: Iterable[float]) -> tuple[float, ...]:
        """The values from one end to the other, each once."""
        return tuple(sorted(set(values), key=lambda one: math.inf if self.is_tighter_below and one == 0 else one))


WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)  # most of the price is paid below 1

SWEPT_SETTINGS: Mapping[SweptSetting, SweptSettingInfo] = {
    SweptSetting.DENSITY: SweptSettingInfo(
        "Density penalty",
        "",
        WEIGHTS,
        100.0,
        "What one tolerance away from the target density costs, in standard deviations of the objective.",
        "density",
        "weight",
    ),
    SweptSetting.DISTANCE: SweptSettingInfo(
        "Distance penalty",
        "",
        WEIGHTS,
        100.0,
        "What one recorded standard deviation farther from every recorded row than usual costs, in standard deviations "
        "of the objective.",
        "distance",
        "weight",
    ),
    SweptSetting.PLAUSIBILITY: SweptSettingInfo(
        "Plausibility penalty",
        "",
        WEIGHTS,
        100.0,
        "What it costs to be as unusual as the rows of which only 5 % are more so, in standard deviations of the "
        "objective.",
        "plausibility",
        "weight",
    ),
    SweptSetting.GATE: SweptSettingInfo(
        "Plausibility at least",
        "%",
        (0.0, 5.0, 10.0, 20.0, 40.0, 60.0),
        99.0,
        "How many of the recorded rows are more unusual than a result, at least.",
        "plausibility",
        "at_least",
        is_off_without=True,
    ),
    SweptSetting.REACH: SweptSettingInfo(
        "Extrapolation limit",
        "std. dev.",
        (0.0, 0.25, 0.5, 1.0, 2.0, 4.0),
        20.0,
        "How far results may lie from the recorded rows: as far as distance makes predictions uncertain by so many "
        "standard deviations of the outcome; 0 lets them go as far as they like.",
        "plausibility",
        "extrapolation_limit",
        is_off_without=True,
        is_tighter_below=True,
    ),
    SweptSetting.CAUTION: SweptSettingInfo(
        "Risk aversion",
        "",
        (0.0, 0.5, 1.0, 2.0, 3.0),
        20.0,
        "How many standard errors of the model count against a candidate.",
        "",
        "risk_aversion",
    ),
}


def swept_settings_of(run: RunSpec, *, has_uncertainty: bool = True) -> tuple[SweptSetting, ...]:
    """The settings that a run can be searched at: density only where it says which parts add up.

    There is neither an extrapolation limit nor risk aversion where the model does not say how sure it is.
    """
    is_there = {
        SweptSetting.DENSITY: run.density is not None,
        SweptSetting.REACH: has_uncertainty,
        SweptSetting.CAUTION: has_uncertainty,
    }
    return tuple(swept for swept in SweptSetting if is_there.get(swept, True))


def default_swept_setting(run: RunSpec) -> SweptSetting:
    """The first setting that is on, else the first there is."""
    every = swept_settings_of(run)
    return next((swept for swept in every if SWEPT_SETTINGS[swept].read(run) > 0), every[0])


def default_settings(swept: SweptSetting, run: RunSpec) -> tuple[float, ...]:
    """The values to try: from off to strong, with the one that the run has now."""
    info = SWEPT_SETTINGS[swept]
    return tuple(sorted({*info.settings, info.read(run)}))


def setting_words(swept: SweptSetting, setting: float) -> str:
    """A value as a person reads it: "density penalty 0.5", "plausibility at least 20 %"."""
    info = SWEPT_SETTINGS[swept]
    return f"{info.label.lower()} {setting:g}{' ' + info.unit if info.unit else ''}"


def parse_settings(text: str) -> tuple[float, ...]:
    """The values that a person typed: numbers between blanks, commas or semicolons, each once, ascending.

    Raises:
        ValueError: there is none, or one is no number; the text is for the user.
    """
    words = text.replace(",", " ").replace(";", " ").split()
    try:
        settings = {float(word) for word in words}
    except ValueError:
        raise ValueError(
            f"The settings must be numbers between blanks or commas, such as 0, 0.5, 1, got {text!r}."
        ) from None
    if not settings:
        raise ValueError("There is no setting to try: type some, such as 0, 0.5, 1.")
    return tuple(sorted(settings))
