import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import DensityPenalty, SpaceError

parts = st.lists(st.lists(st.floats(0, 1000), min_size=4, max_size=4), min_size=1, max_size=6).map(np.array)


@given(X=parts, target=st.floats(0, 3000), tolerance=st.floats(0.1, 300))
def test_density_costs_the_square_of_what_is_beyond_its_tolerance(X, target, tolerance):
    cost = DensityPenalty((0, 2, 3), target, tolerance).cost(X)
    expected = [max(abs(a + c + d - target) / tolerance - 1, 0) ** 2 for a, _, c, d in X]
    np.testing.assert_allclose(cost, expected, rtol=1e-6, atol=1e-6)


def test_a_usual_density_costs_nothing_and_a_tolerance_beyond_costs_one():
    penalty = DensityPenalty((0, 1), target=2350.0, tolerance=60.0)
    X = np.array([[350.0, 2000.0, 1.0], [350.0, 2060.0, 2.0], [290.0, 2000.0, 3.0], [470.0, 2000.0, 1.0]])
    np.testing.assert_allclose(penalty.cost(X), [0, 0, 0, 1])
    np.testing.assert_allclose(penalty.density(X), [2350, 2410, 2290, 2470])


@given(off=st.floats(-1.5, 1.5), near=st.floats(1e-9, 1e-3))
def test_value_and_slope_have_no_jump(off, near):
    penalty = DensityPenalty((0,), target=5.0, tolerance=1.0)
    costs, slopes = penalty.cost_with_gradient(np.array([[5 + off], [5 + off + near]]))
    assert abs(np.diff(costs)[0]) <= 2 * near
    assert abs(np.diff(slopes[:, 0])[0]) <= 2 * near + 1e-12


def test_the_cost_is_unweighted():
    X = np.array([[1.0, 2.0]])
    assert DensityPenalty((0, 1), 0.0, 1.0, weight=7.0).cost(X) == DensityPenalty((0, 1), 0.0, 1.0).cost(X)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"parts": ()}, ["parts that add up", "choose at least one"]),
        ({"tolerance": 0.0}, ["tolerance of the density", "above 0", "0.0"]),
        ({"tolerance": np.nan}, ["tolerance of the density", "nan"]),
        ({"weight": -1.0}, ["weight of the density penalty", "at least 0", "-1.0"]),
        ({"target": np.nan}, ["target density", "number", "nan"]),
    ],
)
def test_a_density_that_cannot_be_computed_says_why(given, words):
    with pytest.raises(SpaceError) as refused:
        DensityPenalty(**({"parts": (0,), "target": 1.0, "tolerance": 1.0} | given))
    assert [word for word in words if word not in str(refused.value)] == []


@given(X=parts, target=st.floats(0, 3000), tolerance=st.floats(0.1, 300))
def test_the_gradient_points_away_from_the_target(X, target, tolerance):
    penalty = DensityPenalty((0, 2, 3), target, tolerance)
    costs, gradient = penalty.cost_with_gradient(X)
    np.testing.assert_array_equal(costs, penalty.cost(X))
    slope = 2 * np.sqrt(costs) * np.sign(penalty.density(X) - target) / tolerance
    np.testing.assert_allclose(gradient, slope[:, None] * np.array([1.0, 0.0, 1.0, 1.0]))
