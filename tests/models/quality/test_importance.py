import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.quality import shuffling_costs


class Linear:
    """y = weights . x, which counts its calls."""

    def __init__(self, weights):
        self.weights = np.array(weights)
        self.n_calls = 0

    def predict(self, X):
        self.n_calls += 1
        return X @ self.weights


def _rows(n=60, d=3, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


@given(st.lists(st.sampled_from([0.0, 0.5, 3.0]), min_size=2, max_size=5), st.integers(0, 50))
def test_a_feature_costs_what_the_model_makes_of_it(weights, seed):
    model, X = Linear(weights), _rows(d=len(weights), seed=seed)
    costs = shuffling_costs(model.predict, X, X @ model.weights, 4, np.random.default_rng(seed))
    assert costs.shape == (4, len(weights))
    for weight, cost in zip(weights, costs.mean(axis=0), strict=True):
        # shuffling a feature of unit variance makes errors of variance 2 w^2
        assert cost == pytest.approx(np.sqrt(2) * weight, rel=0.5) if weight else cost == pytest.approx(0, abs=1e-12)


def test_each_feature_takes_one_call():
    model, X = Linear([1.0, 2.0, 0.0]), _rows()
    shuffling_costs(model.predict, X, X @ model.weights, 7, np.random.default_rng(0))
    assert model.n_calls == 1 + 3


def test_a_feature_that_never_varies_costs_nothing():
    X = _rows()
    X[:, 1] = 4.2
    model = Linear([1.0, 5.0, 1.0])
    costs = shuffling_costs(model.predict, X, X @ model.weights, 3, np.random.default_rng(0))
    assert (costs[:, 1] == 0).all()
    assert (costs[:, [0, 2]] > 0.5).all()


def test_the_growth_is_that_of_an_error_that_was_there_before():
    X, noise = _rows(n=4_000), np.random.default_rng(1).standard_normal(4_000)
    model = Linear([1.0, 0.0, 0.0])
    costs = shuffling_costs(model.predict, X, X[:, 0] + noise, 3, np.random.default_rng(0))
    assert costs[:, 0].mean() == pytest.approx(np.sqrt(3) - 1, abs=0.1)
