"""The same search at several settings of what weighs against the objective: settings, searches, tables and words."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Self

import numpy as np
import pandas as pd
from pydantic import Field, FiniteFloat, model_validator

from optimizer import Candidates, Generation, Hooks, StopReason
from optimizer.constraints.constraint import listed
from optimizer.features import evenly
from optimizer.trace import last_of_lineages
from services.catalog.loading import ModelWithData
from services.problems.building import build_floor
from services.problems.estimate import duration_words, estimate_seconds
from services.problems.outcomes.goals import check_one_goal
from services.results.names import result_names
from services.results.search import run_share, run_spec
from services.specs.base import Spec
from services.specs.digits import common_decimals, label, number_words
from services.specs.errors import Failure
from services.specs.results import ResultDocument, RunResult
from services.specs.run import DistanceSpec, PlausibilitySpec, RunSpec
from services.studies.parallel import Execution, run_parallel
from services.texts.results import percent_words
from services.texts.tables import set_frame

MAX_WEIGHTS = 25
MAX_DENSITIES = 200  # of lineages, that a point keeps
TUNING = "What realism costs"
WEIGHTS = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)  # most of the price is paid below 1


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
        path: of the field of the specification that holds it, such as "density.weight".
        help: what a value means, in a sentence.
        unit: of its values, or "" for a weight without one.
        settings: sensible values, the first of which switches it off.
        highest: value that makes sense at all.
        is_off_without: whether it is switched off by having no value, not by 0.
        is_tighter_below: whether a smaller value asks for more; off, which is 0, then comes after the largest.
    """

    label: str
    path: str
    help: str
    unit: str = ""
    settings: tuple[float, ...] = WEIGHTS
    highest: float = 100.0
    is_off_without: bool = False
    is_tighter_below: bool = False

    def read(self, run: RunSpec) -> float:
        """The value of a specification, 0 where the setting is off."""
        part, _, field = self.path.rpartition(".")
        return getattr(getattr(run, part) if part else run, field, None) or 0.0

    def apply(self, run: RunSpec, value: float) -> RunSpec:
        """The specification with another value; one with a density penalty where that is turned."""
        part, _, field = self.path.rpartition(".")
        changes = {field: None if self.is_off_without and value <= 0 else value}
        if not part:
            return run.revised(**changes)
        held = getattr(run, part) or {"distance": DistanceSpec, "plausibility": PlausibilitySpec}[part]()
        return run.revised(**{part: held.model_copy(update=changes)})


SWEPT_SETTINGS: Mapping[SweptSetting, SweptSettingInfo] = {
    SweptSetting.DENSITY: SweptSettingInfo(
        "Density penalty",
        "density.weight",
        "What one tolerance beyond the usual density costs, in standard deviations of the objective.",
        settings=(0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 5.0),
    ),
    SweptSetting.DISTANCE: SweptSettingInfo(
        "Distance penalty",
        "distance.weight",
        "What one recorded standard deviation farther from every recorded row than usual costs, in standard "
        "deviations of the objective.",
    ),
    SweptSetting.PLAUSIBILITY: SweptSettingInfo(
        "Plausibility penalty",
        "plausibility.weight",
        "What it costs to be as unusual as the rows of which only 5 % are more so, in standard deviations of the "
        "objective.",
    ),
    SweptSetting.GATE: SweptSettingInfo(
        "Plausibility at least",
        "plausibility.at_least",
        "How many of the recorded rows are more unusual than a result, at least.",
        unit="%",
        settings=(0.0, 5.0, 10.0, 20.0, 40.0, 60.0),
        highest=99.0,
        is_off_without=True,
    ),
    SweptSetting.REACH: SweptSettingInfo(
        "Extrapolation limit",
        "plausibility.extrapolation_limit",
        "How far results may lie from the recorded rows: as far as distance makes predictions uncertain by so "
        "many standard deviations of the outcome; 0 lets them go as far as they like.",
        unit="std. dev.",
        settings=(0.0, 0.25, 0.5, 1.0, 2.0, 4.0),
        highest=20.0,
        is_off_without=True,
        is_tighter_below=True,
    ),
    SweptSetting.CAUTION: SweptSettingInfo(
        "Risk aversion",
        "risk_aversion",
        "How many standard errors of the model count against a candidate.",
        settings=(0.0, 0.5, 1.0, 2.0, 3.0),
        highest=20.0,
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


class TuneSpec(Spec):
    """Which run is repeated, and at which values of which setting: all that a tuning depends on.

    Attributes:
        dial: the setting that is swept.
        weights: its values, each once, tried in this order; 0 switches it off.
    """

    version: int = 1
    run: RunSpec
    dial: SweptSetting
    weights: tuple[FiniteFloat, ...] = Field(min_length=1, max_length=MAX_WEIGHTS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse a setting that the run does not have, and values that it cannot have."""
        if self.dial not in swept_settings_of(self.run):
            has = ", ".join(swept_settings_of(self.run))
            raise ValueError(f"The run has no {self.dial} to turn: it does not say which parts add up. It has {has}.")
        info = SWEPT_SETTINGS[self.dial]
        for weight in self.weights:
            if not 0 <= weight <= info.highest:
                raise ValueError(
                    f"{info.label}: each setting must be between 0 and {info.highest:g}{info.unit and ' ' + info.unit},"
                    f" got {weight:g}."
                )
        if len(set(self.weights)) < len(self.weights):
            raise ValueError(f"Each setting must be named once, got {', '.join(f'{w:g}' for w in self.weights)}.")
        return self

    def run_at(self, weight: float) -> RunSpec:
        """The run with a value: without the comparison with no penalty, which the value 0 is."""
        return SWEPT_SETTINGS[self.dial].apply(self.run, weight).revised(is_compared=False, decisions=())

    @property
    def present(self) -> float:
        """The setting that the run itself has."""
        return SWEPT_SETTINGS[self.dial].read(self.run)

    def asks_as(self, other: "TuneSpec") -> bool:
        """Whether another tuning gives the same points: the run's own value does not count."""
        is_same = (self.dial, self.weights) == (other.dial, other.weights)
        return is_same and self.run_at(0.0) == other.run_at(0.0)


class TuneFigures(ResultDocument):
    """One set of results in numbers; None where there are no results, or nothing to measure them against.

    Attributes:
        best: objective of the best result by score, as predicted.
        mean: objective over all results, as predicted.
        density_deviation: mean distance of the densities from their target, in tolerances.
        plausibility: mean share of recorded rows that are more unusual, in %.
        least_plausibility: the least of any result, in %.
        interval_width: mean width of the predicted intervals, in the objective's unit.
    """

    best: float | None = None
    mean: float | None = None
    density_deviation: float | None = None
    plausibility: float | None = None
    least_plausibility: float | None = None
    interval_width: float | None = None

    @classmethod
    def of(cls, result: RunResult) -> "TuneFigures":
        """The figures of a run's results."""
        found, density = result.results, result.density
        if not len(found):
            return cls()
        known = {"best": found.outcomes[0], "mean": float(np.mean(found.outcomes))}
        if density is not None and found.densities is not None and density.tolerance > 0:
            known["density_deviation"] = float(np.abs(density.tolerances_off(found.densities)).mean())
        if (percents := found.plausibility) is not None:
            known |= {"plausibility": float(np.mean(percents)), "least_plausibility": float(np.min(percents))}
        if found.lows is not None and found.highs is not None:
            known["interval_width"] = float(np.mean(np.subtract(found.highs, found.lows)))
        return cls(**known)


class TunePoint(ResultDocument):
    """What one value gives.

    Attributes:
        result: exactly what a run with it finds.
        densities: of the lineages that ended good enough to become results, or of an even sample of them; empty without
            parts that add up, and in documents of before.
    """

    weight: float
    result: RunResult
    figures: TuneFigures
    densities: tuple[float, ...] = ()


class TuneFailure(ResultDocument):
    """A value that could not be searched, and why, for the user."""

    weight: float
    error: str


class TuneResult(ResultDocument):
    """What the settings gave, in the order in which they were asked for; after a stop, those that were done.

    Attributes:
        points: one for every setting that was done.
        failures: one for every setting that could not be searched.
    """

    version: int = 1
    spec: TuneSpec
    points: tuple[TunePoint, ...]
    failures: tuple[TuneFailure, ...] = ()

    @classmethod
    def of(cls, spec: TuneSpec, pieces: Iterable[TunePoint | TuneFailure]) -> "TuneResult":
        """What pieces of a tuning, in whatever order they came, make together."""
        places = {weight: place for place, weight in enumerate(spec.weights)}
        ordered = sorted(pieces, key=lambda piece: places[piece.weight])
        points = tuple(piece for piece in ordered if isinstance(piece, TunePoint))
        return cls(spec=spec, points=points, failures=tuple(p for p in ordered if isinstance(p, TuneFailure)))

    @property
    def curve(self) -> tuple[TunePoint, ...]:
        """The points from the least realism to the most."""
        is_off_last = SWEPT_SETTINGS[self.spec.dial].is_tighter_below
        return tuple(sorted(self.points, key=lambda one: math.inf if is_off_last and one.weight == 0 else one.weight))

    def at(self, weight: float) -> TunePoint | None:
        """The point of a setting, or None where it was not done."""
        return next((point for point in self.points if point.weight == weight), None)


def run_tune(spec: TuneSpec, model_data: ModelWithData, execution: Execution | None = None) -> TuneResult:
    """The results of the same search at several settings of one swept setting.

    Every point equals, to the last bit, what a run with that setting gives, however many are searched at once. A stop
    keeps the points that are done; a search that it cuts short is left out, for its point would be another than that of
    a run. A setting that cannot be searched does not keep the others from it.

    Raises:
        SpaceError: bounds, goal, penalty or budget do not fit together, at any setting; or goals make a front.
        DatasetError: the specification and the table do not fit together.
    """
    check_one_goal(spec.run, TUNING)
    execution = (execution or Execution()).suited_to(model_data)
    search = partial(_search, spec, model_data.loaded())
    outcomes = run_parallel(search, spec.weights, execution, piece_of=_piece)
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    if failed and len(failed) == len(outcomes) and failed[0].error is not None:
        raise failed[0].error
    done = zip(spec.weights, outcomes, strict=True)
    return TuneResult.of(spec, [_piece(weight, outcome) for weight, outcome in done if outcome is not None])


def _piece(weight: float, outcome: TunePoint | Failure) -> TunePoint | TuneFailure:
    return TuneFailure(weight=weight, error=outcome.words) if isinstance(outcome, Failure) else outcome


def _search(
    spec: TuneSpec,
    model_data: ModelWithData,
    weight: float,
    report: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> TunePoint | None:
    """The point of a setting, or None where a stop cut it short."""
    run = spec.run_at(weight)
    done = run_spec(run, model_data, Hooks(run_share(run, report), should_stop), is_beside_random=False)
    if done.result.statistics.stop_reason is StopReason.USER:
        return None
    return TunePoint(
        weight=weight,
        result=done.result,
        figures=TuneFigures.of(done.result),
        densities=_densities(run, model_data, done.trace),
    )


def _densities(run: RunSpec, model_data: ModelWithData, trace: Sequence[Generation]) -> tuple[float, ...]:
    """Densities of the lineages whose last candidate passed the floor, or of an even sample, best first."""
    parts = run.parts(model_data.dataset.parts)
    if not parts or not trace:
        return ()
    ids = np.concatenate([generation.ids for generation in trace])
    bests = Candidates.concatenate([generation.bests for generation in trace])
    ended = bests.take(last_of_lineages(ids))
    good = ended.take(build_floor(run).passing(ended)).by_score()
    rows = evenly(len(good), min(len(good), MAX_DENSITIES))
    return tuple(good.X[rows][:, model_data.dataset.indices(parts)].sum(axis=1).tolist())


def curve_frame(tuned: TuneResult) -> pd.DataFrame:
    """The curve as a table: one row per setting from the lowest to the highest, only what could be measured."""
    points = tuned.curve
    if not points:
        return pd.DataFrame({setting_header(tuned): []})
    name, unit = points[0].result.objective_short, points[0].result.objective_unit
    figures = {
        "best": label(f"best predicted {name}", unit),
        "mean": label(f"mean predicted {name}", unit),
        "density_deviation": label("density deviation", "tolerances"),
        "plausibility": label("plausibility", "%"),
        "least_plausibility": label("least plausibility", "%"),
        "interval_width": label("interval width", unit),
    }
    columns: dict[str, list[float | None]] = {
        setting_header(tuned): [point.weight for point in points],
        "results": [len(point.result.results) for point in points],
        **{header: [getattr(point.figures, field) for point in points] for field, header in figures.items()},
        label("search", "s"): [point.result.statistics.seconds for point in points],
    }
    known = {header: values for header, values in columns.items() if any(value is not None for value in values)}
    return pd.DataFrame(known)


def sets_frame(tuned: TuneResult) -> pd.DataFrame:
    """The results of every setting below one another, named by the setting they belong to."""
    header, frames = setting_header(tuned), []
    for point in tuned.curve:
        if n := len(point.result.results):
            frames.append(set_frame(point.result, point.result.results, result_names(n)))
            frames[-1].insert(0, header, point.weight)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({header: []})


def setting_header(tuned: TuneResult) -> str:
    """What the column of settings is called."""
    info = SWEPT_SETTINGS[tuned.spec.dial]
    return label(info.label.lower(), info.unit)


def tune_seconds(spec: TuneSpec, seconds_per_evaluation: float, n_processes: int = 1) -> float:
    """The seconds that a tuning will take with so many searches at once."""
    seconds = [estimate_seconds(spec.run_at(weight), seconds_per_evaluation) for weight in spec.weights]
    return math.ceil(len(seconds) / n_processes) * sum(seconds) / len(seconds)


def tune_plan(spec: TuneSpec, seconds: float, n_processes: int = 1) -> str:
    """What a tuning will do and roughly how long, in a sentence or two."""
    n, evaluations = len(spec.weights), spec.run.budget.evaluations
    at_once = "one after the other" if n_processes == 1 else f"up to {n_processes} at once"
    searches = "1 search" if n == 1 else f"{n} searches, {at_once},"
    return f"{searches} of {evaluations:,} evaluations at most each. This takes {duration_words(seconds)}."


def price_sentence(dial: SweptSetting, point: TunePoint, other: TunePoint | None) -> str:
    """What the results of one setting promise, and how that differs from another setting's.

    The other is such as the present one; None, or the same, for no comparison.
    """
    figures, result = point.figures, point.result
    at = f"With {setting_words(dial, point.weight)}"
    if figures.mean is None:
        return f"{at} nothing good enough was found."
    unit = f" {result.objective_unit}" if result.objective_unit else ""
    mean = number_words(figures.mean, common_decimals([figures.mean]))
    text = f"{at} the results promise {mean}{unit} on average"
    if other is not None and other.weight != point.weight and other.figures.mean:
        share = 100 * (figures.mean - other.figures.mean) / abs(other.figures.mean)
        words = f"{abs(share):.1f} % {'more' if share > 0 else 'less'} than" if abs(share) >= 0.05 else "as much as"
        text += f", {words} at the present setting {other.weight:g}"
    details = []
    for words, name, say in (
        ("lie {} tolerances from the usual density", "density_deviation", _tolerances),
        ("lie farther out than {} of the recorded rows", "plausibility", lambda share: percent_words(100 - share)),
        (f"have intervals {{}}{unit} wide", "interval_width", "{:,.4g}".format),
    ):
        value, before = (None if one is None else getattr(one.figures, name) for one in (point, other))
        if value is not None:
            now, then = say(value), "" if before is None else say(before)
            details.append(words.format(now) + (f" (there {then})" if then not in ("", now) else ""))
    return f"{text}. They {listed(details)}." if details else f"{text}."


def _tolerances(value: float) -> str:
    return "less than 0.1" if value < 0.05 else f"{value:.1f}"
