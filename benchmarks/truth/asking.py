"""From one table of a plant to what the true function says of its results, for every way of searching compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.truth.plants import Plant
from models import Column, Dataset, TrainedModel
from services.problems.defaults import (
    DEFAULT_EXTRAPOLATION_LEVEL,
    LEVEL_SETTINGS,
    ExtrapolationLevel,
    with_extrapolation_level,
)
from services.specs.run import DistanceSpec, RunSpec
from services.trust import TrustSpec, search_with

N_ROWS = 600
N_BEST = 5


@dataclass(frozen=True, slots=True)
class Table:
    """What was recorded of a plant, and what could be reached.

    Attributes:
        dataset: rows around six recipes, measured with noise.
        recorded: mean true outcome of the five best recorded rows.
        median: true outcome of the median recorded row.
        possible: greatest true outcome within the recorded range of every input.
        std: standard deviation of the measured outcomes.
    """

    plant: Plant
    dataset: Dataset
    recorded: float
    median: float
    possible: float
    std: float

    @classmethod
    def of(cls, plant: Plant, seed: int) -> "Table":
        """The table that a seed draws; the parts of a recipe are among its roles."""
        X, y = plant.rows(N_ROWS, np.random.default_rng([seed, 77]))
        dataset = Dataset(
            plant.name, tuple(Column(name) for name in plant.inputs), Column("outcome"), X, y, parts=plant.parts
        )
        truth = plant.truth(X)
        return cls(
            plant,
            dataset,
            recorded=float(truth[np.argsort(-y)[:N_BEST]].mean()),
            median=float(np.median(truth)),
            possible=plant.best(X.min(axis=0), X.max(axis=0)),
            std=float(y.std()),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the true function said of the results of one search.

    Attributes:
        gain: true mean of the results above that of the five best recorded rows, as a share of what is possible.
        covered: (k,) whether the true outcome lies within the result's interval.
        errors: (k,) predicted minus true, in standard deviations of the outcome.
        n_harmful: results whose true outcome is below that of the median recorded row.
    """

    gain: float
    covered: np.ndarray
    errors: np.ndarray
    n_harmful: int

    @classmethod
    def of(cls, table: Table, X: np.ndarray, predicted: np.ndarray, low: np.ndarray, high: np.ndarray) -> "Answer":
        """What becomes of results (k, d) with their predictions and intervals (k,)."""
        truth = table.plant.truth(X)
        return cls(
            gain=float((truth.mean() - table.recorded) / (table.possible - table.recorded)),
            covered=(low <= truth) & (truth <= high),
            errors=(predicted - truth) / table.std,
            n_harmful=int((truth < table.median).sum()),
        )


def _plain(run: RunSpec) -> RunSpec:
    """A run without any realism but that of the recorded ranges."""
    return run.revised(plausibility=None, risk_aversion=0.0, density=None)


def _at(level: ExtrapolationLevel) -> tuple[str, Callable[[RunSpec], RunSpec]]:
    default = " (default)" if level is DEFAULT_EXTRAPOLATION_LEVEL else ""
    title = f"the dial at “{LEVEL_SETTINGS[level].label}”{default}"
    return title, lambda run: with_extrapolation_level(run, level, has_confidence=True)


DEFAULT_WAY = str(DEFAULT_EXTRAPOLATION_LEVEL)
WAYS: dict[str, tuple[str, Callable[[RunSpec], RunSpec]]] = {
    **{str(level): _at(level) for level in ExtrapolationLevel},
    "plain": ("plain, without any realism", _plain),
    "distance": ("distance penalty alone", lambda run: _plain(run).revised(distance=DistanceSpec())),
    "caution": ("risk aversion 2 alone", lambda run: _plain(run).revised(risk_aversion=2.0)),
}
"""Ways of searching: the title of each, and what makes its run of the run of the app's defaults."""


def answers(table: Table, model: TrainedModel, seed: int, ways: Sequence[str]) -> dict[str, Answer]:
    """What the true function says of the results of every way, with one model."""
    given = {}
    for way in ways:
        found = search_with(model, table.dataset, TrustSpec(seed=seed), revise=WAYS[way][1])
        given[way] = Answer.of(table, found.X, found.predicted, found.low, found.high)
    return given
