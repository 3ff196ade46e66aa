"""The same search at several settings of what weighs against the objective: specification, searches, result."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Self

import numpy as np
from pydantic import Field, FiniteFloat, model_validator

from optimizer import Candidates, Generation, Hooks, StopReason
from optimizer.features import evenly
from services.catalog.loading import ModelWithData
from services.problems.building import build_floor
from services.results.search import run_share, run_spec
from services.specs.base import Spec
from services.specs.errors import Failure
from services.specs.results import ResultDocument, RunResult
from services.specs.run import RunSpec
from services.studies.parallel import Execution, run_parallel
from services.studies.tune.swept_settings import SWEPT_SETTINGS, SweptSetting, swept_settings_of

MAX_WEIGHTS = 25


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
        found = result.results
        if not len(found):
            return cls()
        outcomes, density = np.array(found.outcomes), result.density
        deviation = None
        if density is not None and found.densities is not None and density.tolerance > 0:
            deviation = float(np.abs(np.array(found.densities) - density.target).mean() / density.tolerance)
        percents = found.plausibility
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
        by_weight = {point.weight: point for point in self.points}
        return tuple(by_weight[weight] for weight in SWEPT_SETTINGS[self.spec.dial].in_order(by_weight))

    def at(self, weight: float) -> TunePoint | None:
        """The point of a setting, or None where it was not done."""
        return next((point for point in self.points if point.weight == weight), None)


MAX_DENSITIES = 200  # of lineages, that a point keeps


def run_tune(spec: TuneSpec, model_data: ModelWithData, execution: Execution | None = None) -> TuneResult:
    """The results of the same search at several settings of one swept setting.

    Every point equals, to the last bit, what a run with that setting gives, however many are searched at once. A stop
    keeps the points that are done; a search that it cuts short is left out, for its point would be another than that of
    a run. A setting that cannot be searched does not keep the others from it.

    Raises:
        SpaceError: bounds, goal, penalty or budget do not fit together, at any setting.
        DatasetError: the specification and the table do not fit together.
    """
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
    last = len(ids) - 1 - np.unique(ids[::-1], return_index=True)[1]
    ended = bests.take(last)
    good = ended.take(build_floor(run).passing(ended)).by_score()
    rows = evenly(len(good), min(len(good), MAX_DENSITIES))
    return tuple(good.X[rows][:, model_data.dataset.indices(parts)].sum(axis=1).tolist())
