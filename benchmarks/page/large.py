"""A table of 100,000 rows and 30 columns, with a model of it that is trained in seconds."""

import numpy as np

from models import Column, ColumnKind, Dataset, TrainingSettings
from models.intervals.conformal import calibrated
from models.training.training import train
from services.catalog.loading import Catalog
from services.problems.defaults import default_spec
from services.specs.run import ModelRef, RunSpec

N_ROWS, N_COLUMNS = 100_000, 30
N_PARTS, N_CATEGORICAL = 4, 3
RECIPES = 40  # rows are recorded around so many, as tables of a production are
EVALUATIONS = 2_000
MODEL = "large"
TRAINING = TrainingSettings(epochs=3, batch_size=4_096, patience=None, averaging=0.9, n_members=1)


def large_dataset(n_rows: int = N_ROWS, n_columns: int = N_COLUMNS, seed: int = 0) -> Dataset:
    """Return a table of a made-up production: parts that add up, settings, categories, and an outcome with noise.

    Args:
        n_rows: recorded rows.
        n_columns: the outcome among them; at least 12.
        seed: the same seed gives the same table.
    """
    rng = np.random.default_rng(seed)
    d = n_columns - 1
    recipes = rng.uniform(-1, 1, size=(RECIPES, d))
    Z = recipes[rng.integers(RECIPES, size=n_rows)] + 0.3 * rng.normal(size=(n_rows, d))
    parts = np.exp(0.4 * Z[:, :N_PARTS])
    X = 100 + 20 * Z
    X[:, :N_PARTS] = 1_000 * parts / parts.sum(axis=1, keepdims=True) * rng.normal(1, 0.01, size=(n_rows, 1))
    X[:, d - N_CATEGORICAL :] = np.digitize(Z[:, d - N_CATEGORICAL :], [-0.5, 0.5])
    truth = np.sin(Z[:, :6]).sum(axis=1) - 0.4 * (Z[:, 6:12] ** 2).sum(axis=1) + 0.5 * (X[:, d - 1] == 1)
    return Dataset(
        name="Large table",
        features=tuple(_column(j, d) for j in range(d)),
        outcome=Column("yield", unit="%"),
        X=np.round(X, 3),
        y=np.round(60 + 5 * truth + rng.normal(size=n_rows), 3),
        parts=tuple(_column(j, d).name for j in range(N_PARTS)),
    )


def _column(j: int, d: int) -> Column:
    """Return feature j of d."""
    if j >= d - N_CATEGORICAL:
        return Column(f"line {j + 1}", ColumnKind.CATEGORICAL, categories=("low", "middle", "high"))
    return Column(f"part {j + 1}", unit="kg") if j < N_PARTS else Column(f"setting {j + 1}", unit="°C")


def keep_large(catalog: Catalog) -> RunSpec:
    """Put the table and a model of it on the shelves; return the run that is made with them."""
    dataset = large_dataset()
    catalog.datasets.save(dataset)
    trained = calibrated(train(dataset, TRAINING), dataset)
    saved = catalog.models.save(MODEL, trained.artifact, trained.card, overwrite=True)
    model = ModelRef(name=MODEL, digest=saved.digest)
    spec = default_spec(catalog.pair(dataset, model), dataset, model, name="Large run")
    return spec.revised(budget={"evaluations": EVALUATIONS}, is_compared=False)
