"""The dials of realism: what weighs against the objective, where a specification keeps it, and how it is turned."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.specs.run import DistanceSpec, PlausibilitySpec, RunSpec


class SweptSetting(StrEnum):
    """What may be turned, from "explore" to "stay among the recorded rows"."""

    DENSITY = "density"
    DISTANCE = "distance"
    PLAUSIBILITY = "plausibility"
    GATE = "gate"
    REACH = "reach"
    CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class SweptSettingInfo:
    """How one dial is read and set.

    Attributes:
        label: what it is called on the Optimize page.
        unit: of its setting, or "" for a weight without one.
        settings: a sensible ladder of settings, the first of which switches it off.
        highest: setting that makes sense at all.
        help: what a setting means, in a sentence.
        read: gives the setting of a specification, 0 where the dial is off.
        turn: gives the specification with another setting.
        is_tighter_below: whether a smaller setting asks for more; off, which is 0, then comes after the largest.
    """

    label: str
    unit: str
    settings: tuple[float, ...]
    highest: float
    help: str
    read: Callable[[RunSpec], float]
    turn: Callable[[RunSpec, float], RunSpec]
    is_tighter_below: bool = False

    def in_order(self, settings: Iterable[float]) -> tuple[float, ...]:
        """The settings from one end of the dial to the other, each once."""
        return tuple(sorted(set(settings), key=lambda one: math.inf if self.is_tighter_below and one == 0 else one))


def _turn_density(run: RunSpec, weight: float) -> RunSpec:
    assert run.density is not None  # see `swept_settings_of`
    return run.revised(density=run.density.model_copy(update={"weight": weight}))


def _turn_distance(run: RunSpec, weight: float) -> RunSpec:
    return run.revised(distance=(run.distance or DistanceSpec()).model_copy(update={"weight": weight}))


def _turn_plausibility(run: RunSpec, weight: float) -> RunSpec:
    return run.revised(plausibility=(run.plausibility or PlausibilitySpec()).model_copy(update={"weight": weight}))


def _turn_gate(run: RunSpec, percent: float) -> RunSpec:
    changes = {"at_least": percent if percent > 0 else None}
    return run.revised(plausibility=(run.plausibility or PlausibilitySpec()).model_copy(update=changes))


def _turn_reach(run: RunSpec, extrapolation_limit: float) -> RunSpec:
    changes = {"extrapolation_limit": extrapolation_limit if extrapolation_limit > 0 else None}
    return run.revised(plausibility=(run.plausibility or PlausibilitySpec()).model_copy(update=changes))


WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)  # most of the price is paid below 1

DIALS: Mapping[SweptSetting, SweptSettingInfo] = {
    SweptSetting.DENSITY: SweptSettingInfo(
        "Density penalty",
        "",
        WEIGHTS,
        100.0,
        "What one tolerance away from the target density costs, in standard deviations of the objective.",
        lambda run: run.density.weight if run.density else 0.0,
        _turn_density,
    ),
    SweptSetting.DISTANCE: SweptSettingInfo(
        "Distance penalty",
        "",
        WEIGHTS,
        100.0,
        "What one recorded standard deviation farther from every recorded row than usual costs, in standard deviations "
        "of the objective.",
        lambda run: run.distance.weight if run.distance else 0.0,
        _turn_distance,
    ),
    SweptSetting.PLAUSIBILITY: SweptSettingInfo(
        "Plausibility penalty",
        "",
        WEIGHTS,
        100.0,
        "What it costs to be as unusual as the rows of which only 5 % are more so, in standard deviations of the "
        "objective.",
        lambda run: run.plausibility.weight if run.plausibility else 0.0,
        _turn_plausibility,
    ),
    SweptSetting.GATE: SweptSettingInfo(
        "Plausibility at least",
        "%",
        (0.0, 5.0, 10.0, 20.0, 40.0, 60.0),
        99.0,
        "How many of the recorded rows are more unusual than a result, at least.",
        lambda run: (run.plausibility.at_least if run.plausibility else None) or 0.0,
        _turn_gate,
    ),
    SweptSetting.REACH: SweptSettingInfo(
        "Extrapolation limit",
        "std. dev.",
        (0.0, 0.25, 0.5, 1.0, 2.0, 4.0),
        20.0,
        "How far results may lie from the recorded rows: as far as distance makes predictions uncertain by so many "
        "standard deviations of the outcome; 0 lets them go as far as they like.",
        lambda run: (run.plausibility.extrapolation_limit if run.plausibility else None) or 0.0,
        _turn_reach,
        is_tighter_below=True,
    ),
    SweptSetting.CAUTION: SweptSettingInfo(
        "Risk aversion",
        "",
        (0.0, 0.5, 1.0, 2.0, 3.0),
        20.0,
        "How many standard errors of the model count against a candidate.",
        lambda run: run.risk_aversion,
        lambda run, risk_aversion: run.revised(risk_aversion=risk_aversion),
    ),
}


def swept_settings_of(run: RunSpec, *, has_uncertainty: bool = True) -> tuple[SweptSetting, ...]:
    """The dials that a run has: density only where it says which parts add up.

    Args:
        run: the run.
        has_uncertainty: whether the model says how sure it is; without, there is neither reach nor caution.
    """
    is_there = {
        SweptSetting.DENSITY: run.density is not None,
        SweptSetting.REACH: has_uncertainty,
        SweptSetting.CAUTION: has_uncertainty,
    }
    return tuple(dial for dial in SweptSetting if is_there.get(dial, True))


def default_swept_setting(run: RunSpec) -> SweptSetting:
    """The dial that one would turn first: the first that is on, else the first there is."""
    return next((dial for dial in swept_settings_of(run) if DIALS[dial].read(run) > 0), swept_settings_of(run)[0])


def default_settings(dial: SweptSetting, run: RunSpec) -> tuple[float, ...]:
    """The settings to try: a ladder from off to strong, with the one that the run has now."""
    info = DIALS[dial]
    return tuple(sorted({*info.settings, info.read(run)}))


def setting_words(dial: SweptSetting, setting: float) -> str:
    """A setting as a person reads it: "density penalty 0.5", "plausibility at least 20 %"."""
    return f"{DIALS[dial].label.lower()} {setting:g}{' ' + DIALS[dial].unit if DIALS[dial].unit else ''}"


def parse_settings(text: str) -> tuple[float, ...]:
    """The settings that a person typed: numbers between blanks, commas or semicolons, each once, ascending.

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
