"""The lowest value of a linear function over a box with bands: exact with one, a bound with several."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from optimizer.proof.bands import Band, box_minima


def cost(band, X):
    sums = X @ band.weights
    outside = np.maximum(np.maximum(band.low - sums, sums - band.high), 0.0)
    if np.isinf(band.price):
        return np.where(outside > 1e-9, np.inf, 0.0)
    return band.price * outside


def exact(weights, low, high, bands):
    """The same minimum by a linear program, with one more variable a band for what is outside."""
    d = len(weights)
    prices = [band.price if np.isfinite(band.price) else 0.0 for band in bands]
    rows, limits = [], []
    for i, band in enumerate(bands):
        pays = np.zeros(len(bands))
        pays[i] = -1.0 if np.isfinite(band.price) else 0.0
        if np.isfinite(band.high):
            rows.append([*band.weights, *pays])
            limits.append(band.high)
        if np.isfinite(band.low):
            rows.append([*-band.weights, *pays])
            limits.append(-band.low)
    bounds = [*zip(low, high, strict=True), *[(0, None)] * len(bands)]
    solved = linprog([*weights, *prices], A_ub=rows or None, b_ub=limits or None, bounds=bounds)
    assert d
    return solved.fun if solved.status == 0 else np.inf


def random_band(rng, d, price):
    weights = np.where(rng.random(d) < 0.7, rng.normal(size=d), 0.0)
    weights[0] = 1.0
    ends = np.sort(rng.normal(0, 3, 2))
    kind = rng.integers(4)
    low, high = [(ends[0], ends[0]), (ends[0], ends[1]), (-np.inf, ends[1]), (ends[0], np.inf)][kind]
    return Band(weights, low, high, price)


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.integers(1, 5), st.sampled_from([0.1, 1.0, 30.0, np.inf]), st.integers(1, 3))
def test_it_is_the_linear_programs_minimum(seed, d, price, n_bands):
    rng = np.random.default_rng(seed)
    bands = [random_band(rng, d, price) for _ in range(n_bands)]
    weights, low = rng.normal(size=(4, d)), rng.normal(0, 2, (4, d))
    high = low + rng.choice([0.0, 0.5, 3.0], (4, d))
    found = box_minima(weights, np.full(4, 2.0), low, high, bands)
    for i in range(4):
        least = exact(weights[i], low[i], high[i], bands) + 2.0
        assert found.values[i] <= least + 1e-7
        if n_bands == 1 and np.isfinite(least):
            assert found.values[i] == pytest.approx(least, abs=1e-6)
            assert found.points[i] @ weights[i] + 2.0 + cost(bands[0], found.points[i]) >= least - 1e-6
        assert (found.points[i] >= low[i]).all() and (found.points[i] <= high[i]).all()


def test_the_point_is_where_the_value_is_reached():
    band = Band(np.array([1.0, 1.0]), 5.0, 5.0, 10.0)
    found = box_minima(np.array([[-1.0, -2.0]]), np.zeros(1), np.zeros((1, 2)), np.full((1, 2), 4.0), [band])
    np.testing.assert_allclose(found.points, [[1.0, 4.0]])
    assert found.values[0] == pytest.approx(-9.0)


def test_a_rule_that_no_point_of_the_box_meets_makes_the_bound_infinite():
    band = Band(np.array([1.0, 1.0]), 9.0, 9.5)
    found = box_minima(np.ones((2, 2)), np.zeros(2), np.zeros((2, 2)), np.array([[4.0, 4.0], [5.0, 5.0]]), [band])
    assert np.isinf(found.values[0])
    assert found.values[1] == pytest.approx(9.0)
