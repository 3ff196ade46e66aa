"""What a tuning asks for and what it gives, as documents: its specification, a point per setting, all of them."""

from collections.abc import Iterable
from typing import Self

import numpy as np
from pydantic import Field, FiniteFloat, model_validator

from optimizer import Plausibility
from services.specs.base import Spec
from services.specs.results import ResultDocument, RunResult
from services.specs.run import RunSpec
from services.studies.tune.swept_settings import SWEPT_SETTINGS, SweptSetting, swept_settings_of

MAX_WEIGHTS = 25


class TuneSpec(Spec):
    """Which run is repeated, and at which values of which setting: all that a tuning depends on.

    Attributes:
        run: the run; its own value does not count.
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
    def of(cls, result: RunResult, plausibility: Plausibility | None = None) -> "TuneFigures":
        """The figures of a result.

        Args:
            result: of a run.
            plausibility: judges results of a run that did not ask for it.
        """
        found = result.results
        if not len(found):
            return cls()
        outcomes, density = np.array(found.outcomes), result.density
        deviation = None
        if density is not None and found.densities is not None and density.tolerance > 0:
            deviation = float(np.abs(np.array(found.densities) - density.target).mean() / density.tolerance)
        percents = found.plausibility
        if percents is None and plausibility is not None:
            percents = tuple(plausibility.percent(np.array(found.X)).tolist())
        width = None
        if found.lows is not None and found.highs is not None:
            width = float(np.mean(np.subtract(found.highs, found.lows)))
        return cls(
            best=found.outcomes[0],
            mean=float(outcomes.mean()),
            density_deviation=deviation,
            plausibility=float(np.mean(percents)) if percents is not None else None,
            least_plausibility=float(np.min(percents)) if percents is not None else None,
            interval_width=width,
        )


class TunePoint(ResultDocument):
    """What one value gives.

    Attributes:
        weight: the value.
        result: exactly what a run with it finds.
        figures: its results in numbers.
        densities: of the lineages that ended good enough to become results, or of an even sample of them; empty without
            parts that add up, and in documents of before.
    """

    weight: float
    result: RunResult
    figures: TuneFigures
    densities: tuple[float, ...] = ()


class TuneFailure(ResultDocument):
    """A value that could not be searched.

    Attributes:
        weight: the value.
        error: why, for the user.
    """

    weight: float
    error: str


class TuneResult(ResultDocument):
    """What the settings gave, in the order in which they were asked for; after a stop, those that were done.

    Attributes:
        spec: what was asked for.
        points: one for every setting that was done.
        is_complete: whether that is all of them.
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
    def is_complete(self) -> bool:
        """Whether every setting was done."""
        return len(self.points) == len(self.spec.weights)

    @property
    def curve(self) -> tuple[TunePoint, ...]:
        """The points from the least realism to the most."""
        by_weight = {point.weight: point for point in self.points}
        return tuple(by_weight[weight] for weight in SWEPT_SETTINGS[self.spec.dial].in_order(by_weight))

    def at(self, weight: float) -> TunePoint | None:
        """The point of a setting, or None where it was not done."""
        return next((point for point in self.points if point.weight == weight), None)
