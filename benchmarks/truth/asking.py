"""What the truth says of results: a plant's function, for every way of searching; and concrete mixes never seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.truth.plant import Plant
from models import Column, Dataset, TrainedModel
from models.data.split import row_groups
from optimizer import Summary
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.problems.defaults import (
    DEFAULT_EXTRAPOLATION_LEVEL,
    LEVEL_SETTINGS,
    ExtrapolationLevel,
    with_extrapolation_level,
)
from services.specs.run import DatasetRef, DistanceSpec, RunSpec
from services.studies.training import TrainingSpec, run_training
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
        dataset = Dataset(plant.name, plant.columns, Column("outcome"), X, y, parts=plant.parts)
        truth = plant.truth(X)
        return cls(
            plant,
            dataset,
            recorded=float(truth[np.argsort(-y)[:N_BEST]].mean()),
            median=float(np.median(truth)),
            possible=plant.best(X),
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


SHARE = 0.1
AGE = 28.0
"""Days at which strength is compared: most mixes were tested then."""


def strongest_mixes(seed: int = 0) -> tuple[str, dict[str, object]]:
    """How near results come to the strongest mixes when a model is trained and searched without them.

    In words; and as figures: distances of each result to the nearest mix that was held out and that was seen, in
    recorded standard deviations, its strength at 28 days with interval, and the measured one of the nearest mix held
    out, in MPa.
    """
    dataset = Catalog.of(Settings.from_environment()).datasets.load("concrete")
    age = dataset.index(dataset.sweep or "age")
    is_tested = dataset.X[:, age] == AGE
    strength = np.full(dataset.n_rows, -np.inf)
    strength[is_tested] = dataset.y[is_tested]
    groups = row_groups(dataset)
    of_group = np.full(groups.max() + 1, -np.inf)
    np.maximum.at(of_group, groups, strength)
    limit = np.quantile(of_group[np.isfinite(of_group)], 1 - SHARE)
    is_held = of_group[groups] > limit
    seen, held = dataset.taken(~is_held), dataset.taken(is_held & is_tested)
    model = run_training(TrainingSpec(dataset=DatasetRef(name=seen.name, digest=seen.digest), seed=seed), seen)
    with threadpool_limits(limits=1):
        found = search_with(model, seen, TrustSpec(seed=seed), revise=lambda run: at_age(run, dataset.sweep or "age"))
    distances, nearest = nearest_rows(dataset, found.X, held, age)
    usual, measured = nearest_rows(dataset, found.X, seen, age)[0], held.y[nearest]
    best_seen = float(seen.y[seen.X[:, age] == AGE].max())
    n_held = int(np.sum((found.low <= measured) & (measured <= found.high)))
    words = (
        f"concrete without its strongest tenth (best seen at {AGE:g} days {best_seen:.1f} MPa): "
        f"{len(found.predicted)} results of {found.predicted.min():.1f} to {found.predicted.max():.1f} MPa, "
        f"{distances.min():.2f} to {distances.max():.2f} std. dev. from the nearest mix held out, which "
        f"measured {measured.min():.1f} to {measured.max():.1f} MPa; {n_held} of these lie in the result's interval"
    )
    return words, {
        "distance": distances.round(2).tolist(),
        "distance_to_seen": usual.round(2).tolist(),
        "predicted": found.predicted.round(1).tolist(),
        "interval": np.column_stack([found.low, found.high]).round(1).tolist(),
        "measured_nearest": measured.round(1).tolist(),
        "best_seen": round(best_seen, 1),
    }


def at_age(run: RunSpec, sweep: str) -> RunSpec:
    """A run that searches for the strength at 28 days."""
    assert run.curve is not None and run.curve.feature == sweep
    return run.revised(curve=run.curve.model_copy(update={"summary": Summary.POINT, "at": AGE}))


def nearest_rows(dataset: Dataset, X: np.ndarray, rows: Dataset, age: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (k,) of results to the nearest of some rows, age left out, and which those are."""
    stds = np.where(np.arange(len(dataset.stds)) == age, np.inf, dataset.stds)
    away = np.sqrt(np.square((X[:, None] - rows.X) / stds).sum(axis=2))
    return away.min(axis=1), away.argmin(axis=1)
