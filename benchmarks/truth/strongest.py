"""The concrete mixes: what a search finds with a model that never saw the strongest tenth of them."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from models import Dataset
from models.data.split import row_groups
from optimizer import Summary
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.specs.run import DatasetRef, RunSpec
from services.studies.training import TrainingSpec, run_training
from services.trust import TrustSpec, search_with

SHARE = 0.1
AGE = 28.0
"""Days at which strength is compared: most mixes were tested then."""


@dataclass(frozen=True, slots=True)
class Strongest:
    """Results beside the strongest mixes, which the model never saw.

    Attributes:
        distances: (k,) of each result to the nearest mix that was held out, in recorded standard deviations.
        usual: (k,) to the nearest mix that it did see.
        predicted: (k,) strength of the results at 28 days, in MPa.
        measured: (k,) strength of the nearest held-out mix, in MPa.
        best_seen: greatest strength that the model saw at 28 days, in MPa.
    """

    distances: np.ndarray
    usual: np.ndarray
    predicted: np.ndarray
    low: np.ndarray
    high: np.ndarray
    measured: np.ndarray
    best_seen: float

    @property
    def figures(self) -> dict[str, object]:
        """The same as the benchmark reports it."""
        return {
            "distance": [round(float(value), 2) for value in self.distances],
            "distance_to_seen": [round(float(value), 2) for value in self.usual],
            "predicted": [round(float(value), 1) for value in self.predicted],
            "interval": [[round(float(a), 1), round(float(b), 1)] for a, b in zip(self.low, self.high, strict=True)],
            "measured_nearest": [round(float(value), 1) for value in self.measured],
            "best_seen": round(self.best_seen, 1),
        }

    @property
    def sentence(self) -> str:
        """The same for a reader."""
        n_held = int(np.sum((self.low <= self.measured) & (self.measured <= self.high)))
        return (
            f"concrete without its strongest tenth (best seen at {AGE:g} days {self.best_seen:.1f} MPa): "
            f"{len(self.predicted)} results of {self.predicted.min():.1f} to {self.predicted.max():.1f} MPa, "
            f"{self.distances.min():.2f} to {self.distances.max():.2f} std. dev. from the nearest mix held out, which "
            f"measured {self.measured.min():.1f} to {self.measured.max():.1f} MPa; {n_held} of these lie in the "
            "result's interval"
        )


def strongest_mixes(seed: int = 0) -> Strongest:
    """How near results come to the strongest mixes when a model is trained and searched without them."""
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
    return Strongest(
        distances,
        nearest_rows(dataset, found.X, seen, age)[0],
        found.predicted,
        found.low,
        found.high,
        held.y[nearest],
        float(seen.y[seen.X[:, age] == AGE].max()),
    )


def at_age(run: RunSpec, sweep: str) -> RunSpec:
    """A run that searches for the strength at 28 days."""
    assert run.curve is not None and run.curve.feature == sweep
    return run.revised(curve=run.curve.model_copy(update={"summary": Summary.POINT, "at": AGE}))


def nearest_rows(dataset: Dataset, X: np.ndarray, rows: Dataset, age: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (k,) of results to the nearest of some rows, age left out, and which those are."""
    stds = np.where(np.arange(len(dataset.stds)) == age, np.inf, dataset.stds)
    away = np.sqrt(np.square((X[:, None] - rows.X) / stds).sum(axis=2))
    return away.min(axis=1), away.argmin(axis=1)
