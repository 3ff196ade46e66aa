"""How near results come to the strongest concrete mixes, when a model never saw these."""

import numpy as np

from benchmarks.truth.asking import named
from models import Dataset
from models.data.split import row_groups
from optimizer import Summary
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.specs.run import RunSpec
from services.studies.training import TrainingSpec, run_training
from services.trust import TrustSpec, search_with

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
    model = run_training(TrainingSpec(dataset=named(seen), seed=seed), seen)
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
