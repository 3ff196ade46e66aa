"""Recorded rows in three lumps of every kind of column, one that repeats itself, and candidates all around."""

import numpy as np
import pytest

from optimizer import Categorical, Numeric, SearchSpace

FEATURES = (
    Numeric("a", -6.0, 6.0, std=2.0),
    Categorical("kind", (0.5, 0.3, 0.2)),
    Numeric("b", -600.0, 600.0, std=200.0),
    Numeric("constant", 0.0, 9.0, std=1.0),
    Numeric("sweep", 0.0, 100.0, std=30.0),
)


def lumps(n=120, seed=0):
    """(n, 5) rows around three centres, each with a category of its own."""
    rng = np.random.default_rng(seed)
    which = np.arange(n) % 3
    rows = np.zeros((n, 5))
    rows[:, 0] = np.array([-3.0, 0.0, 3.0])[which] + rng.normal(0, 0.5, n)
    rows[:, 1] = np.where(rng.random(n) < 0.9, which, rng.integers(3, size=n))
    rows[:, 2] = np.array([200.0, -300.0, 100.0])[which] + rng.normal(0, 50, n)
    rows[:, 3] = 5.0
    rows[:, 4] = rng.uniform(0, 100, n)
    return rows


@pytest.fixture(scope="session")
def features():
    return FEATURES


@pytest.fixture(scope="session")
def space():
    return SearchSpace(FEATURES)


@pytest.fixture(scope="session")
def rows_of():
    """Return a function that gives (n, 5) recorded rows."""
    return lumps
