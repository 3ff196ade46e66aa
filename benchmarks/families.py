"""How fast each family of models predicts, as the search asks: one part of ``python -m benchmarks.predict``."""

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.timing import interleaved_medians, print_table
from models import (
    BoostingSettings,
    Column,
    Dataset,
    FamilySettings,
    ForestSettings,
    GaussianProcessSettings,
    UncertainPredictor,
    train_family,
)

LEARNED_ROWS = 1_000
REPEATS = 5
SETTINGS: tuple[FamilySettings, ...] = (ForestSettings(), BoostingSettings(), GaussianProcessSettings())


def family_figures(X: np.ndarray, n_few: int) -> dict[str, float]:
    """Print what predicting rows (n, d), and the first n_few of them, costs with each family; return rows per second.

    The models learned with their default settings from 1,000 rows of a smooth function with noise.
    """
    dataset = _table(X.shape[1])
    models = [train_family(dataset, settings) for settings in SETTINGS]
    ways: dict[str, Callable[[], object]] = {}
    for model in models:
        label, predictor = model.card.family.words.label, model.predictor
        assert isinstance(predictor, UncertainPredictor)
        ways[label] = partial(predictor.predict, X)
        ways[f"{label}, with spread"] = partial(predictor.predict_with_spread, X)
        ways[f"{label}, with spread, {n_few} rows"] = partial(predictor.predict_with_spread, X[:n_few])
    taken = interleaved_medians(ways, dict.fromkeys(ways, REPEATS))
    print_table(
        f"{len(X):,} rows by models of other families, learned from {LEARNED_ROWS:,} rows",
        ("way", "ms"),
        [(way, f"{1e3 * seconds:.1f}") for way, seconds in taken.items()],
    )
    labels = {model.card.family: model.card.family.words.label for model in models}
    return {f"{family}_rows_per_second": round(len(X) / taken[label]) for family, label in labels.items()}


def _table(n_features: int) -> Dataset:
    """Return rows of a smooth function with noise."""
    rng = np.random.default_rng(1)
    X = rng.normal(5, 2, (LEARNED_ROWS, n_features))
    y = np.sin(X[:, 0]) + 0.2 * X[:, 1] * X[:, 2] + rng.normal(0, 0.2, LEARNED_ROWS)
    columns = tuple(Column(f"x{j}") for j in range(n_features))
    return Dataset("families", columns, Column("y"), X, y)
