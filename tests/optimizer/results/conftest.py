import numpy as np
import pytest

from optimizer import Candidates, Categorical, Numeric, SearchSpace


@pytest.fixture(scope="session")
def scored():
    """Return a function that makes candidates of settings and scores."""

    def make(X, scores):
        X, scores = np.array(X, dtype=float), np.array(scores, dtype=float)
        return Candidates(X, scores, scores, np.zeros(len(X)))

    return make


@pytest.fixture(scope="session")
def space():
    """Two numbers whose recorded standard deviations are 2 and 0.5, and a category."""
    return SearchSpace((Numeric("a", 0, 10, std=2.0), Numeric("b", 0, 10, std=0.5), Categorical("c", (0.4, 0.6))))


@pytest.fixture(scope="session")
def blobs(scored, space):
    """Four clumps of twenty candidates each, and the clump of each candidate."""
    rng = np.random.default_rng(0)
    X = np.repeat(np.array([[1, 1, 0], [9, 1, 0], [1, 9, 1], [9, 9, 1]], dtype=float), 20, axis=0)
    X[:, :2] += rng.normal(0, 0.05, size=(len(X), 2))
    return scored(space.repair(X), rng.normal(size=len(X))), np.repeat(np.arange(4), 20)
