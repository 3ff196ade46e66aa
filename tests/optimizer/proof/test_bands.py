"""The lowest value of a linear function over a box with bands: exact with one, a bound with several."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import LinearConstraint, linprog, minimize

from optimizer.proof.bands import Band, box_minima


def cost(band, X):
    sums = X @ band.weights
    outside = np.maximum(np.maximum(band.low - sums, sums - band.high), 0.0)
    if np.isinf(band.price):
        return np.where(outside > 1e-9, np.inf, 0.0)
    return band.price * outside**2


def exact(weights, low, high, bands):
    """The same minimum by a solver that knows nothing of bands, with one more variable a band for what is outside."""
    d = len(weights)
    rows, least, most = [], [], []
    for i, band in enumerate(bands):
        pays = np.zeros(len(bands))
        pays[i] = 1.0 if np.isfinite(band.price) else 0.0
        for sign, end in ((1, band.high), (-1, -band.low)):  # sign * sum <= end + what is outside
            if np.isfinite(end):
                rows.append([*(sign * band.weights), *-pays])
                least.append(-np.inf)
                most.append(end)
    bounds = [*zip(low, high, strict=True), *[(0.0, 1e3)] * len(bands)]
    bent = np.array([0.0] * d + [band.price if np.isfinite(band.price) else 0.0 for band in bands])
    linear = np.array([*weights, *[0.0] * len(bands)])
    solved = linprog(linear * 0, A_ub=rows or None, b_ub=most or None, bounds=bounds)
    if solved.status != 0:
        return np.inf
    found = minimize(
        lambda y: linear @ y + bent @ y**2,
        solved.x,
        jac=lambda y: linear + 2 * bent * y,
        bounds=bounds,
        constraints=[LinearConstraint(np.array(rows), least, most)] if rows else [],
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    return found.fun


def random_band(rng, d, price):
    weights = np.where(rng.random(d) < 0.7, rng.normal(size=d), 0.0)
    weights[0] = 1.0
    ends = np.sort(rng.normal(0, 3, 2))
    kind = rng.integers(4)
    low, high = [(ends[0], ends[0]), (ends[0], ends[1]), (-np.inf, ends[1]), (ends[0], np.inf)][kind]
    return Band(weights, low, high, price)


@settings(max_examples=60)
@given(st.integers(0, 100_000), st.integers(1, 5), st.sampled_from([0.1, 1.0, 30.0, np.inf]), st.integers(1, 3))
def test_it_is_the_minimum_that_a_general_solver_finds(seed, d, price, n_bands):
    rng = np.random.default_rng(seed)
    bands = [random_band(rng, d, price) for _ in range(n_bands)]
    weights, low = rng.normal(size=(4, d)), rng.normal(0, 2, (4, d))
    high = low + rng.choice([0.0, 0.5, 3.0], (4, d))
    found = box_minima(weights, np.full(4, 2.0), low, high, bands)
    for i in range(4):
        least = exact(weights[i], low[i], high[i], bands) + 2.0
        near = 1e-6 * max(1.0, abs(least)) if np.isfinite(least) else 0.0  # a solver meets its constraints to 1e-7
        assert found.values[i] <= least + near
        if n_bands == 1 and np.isfinite(least):
            assert found.values[i] == pytest.approx(least, abs=near)
            assert found.points[i] @ weights[i] + 2.0 + cost(bands[0], found.points[i]) >= least - near
        assert (found.points[i] >= low[i]).all() and (found.points[i] <= high[i]).all()


def test_the_point_is_where_the_value_is_reached():
    band = Band(np.array([1.0, 1.0]), 5.0, 5.0, 10.0)
    found = box_minima(np.array([[-1.0, -2.0]]), np.zeros(1), np.zeros((1, 2)), np.full((1, 2), 4.0), [band])
    np.testing.assert_allclose(found.points, [[1.05, 4.0]])  # where the cost is as steep as the function
    assert found.values[0] == pytest.approx(-9.025)


def test_a_rule_that_no_point_of_the_box_meets_makes_the_bound_infinite():
    band = Band(np.array([1.0, 1.0]), 9.0, 9.5)
    found = box_minima(np.ones((2, 2)), np.zeros(2), np.zeros((2, 2)), np.array([[4.0, 4.0], [5.0, 5.0]]), [band])
    assert np.isinf(found.values[0])
    assert found.values[1] == pytest.approx(9.0)
