import numpy as np
import pytest

from models import Column, ColumnKind, Dataset, Encoding


@pytest.fixture(scope="session")
def mixed() -> Dataset:
    """Eighty settings of two numbers and a category, each measured at three ages; the outcome is known."""
    rng = np.random.default_rng(0)
    settings = np.column_stack([rng.uniform(0, 10, 80), rng.uniform(-1, 1, 80), rng.integers(0, 3, 80)])
    X = np.column_stack([np.repeat(settings, 3, axis=0), np.tile([1.0, 7.0, 28.0], 80)])
    y = 3 * X[:, 0] + 5 * X[:, 1] ** 2 + 4 * X[:, 2] + 6 * np.log(X[:, 3]) + rng.normal(0, 0.5, len(X))
    kind = Column("kind", ColumnKind.CATEGORICAL, categories=("A", "B", "C"))
    features = (Column("a", unit="kg"), Column("b"), kind, Column("age", unit="d"))
    return Dataset("mixed", features, Column("strength", unit="MPa"), X, y, sweep="age")


@pytest.fixture(scope="session")
def encoding(mixed: Dataset) -> Encoding:
    return Encoding.from_dataset(mixed, np.arange(mixed.n_rows))
