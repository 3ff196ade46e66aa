import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import DensityPenalty, SpaceError

parts = st.lists(st.lists(st.floats(0, 1000), min_size=4, max_size=4), min_size=1, max_size=6).map(np.array)


@given(X=parts, target=st.floats(0, 3000), tolerance=st.floats(0.1, 300))
def test_density_costs_the_distance_from_its_target_in_tolerances(X, target, tolerance):
    cost = DensityPenalty((0, 2, 3), target, tolerance).cost(X)
    expected = [abs(a + c + d - target) / tolerance for a, _, c, d in X]
    np.testing.assert_allclose(cost, expected, atol=1e-6)


def test_a_usual_density_costs_nothing_and_a_tolerance_off_costs_one():
    penalty = DensityPenalty((0, 1), target=2350.0, tolerance=60.0)
    X = np.array([[350.0, 2000.0, 1.0], [350.0, 2060.0, 2.0], [290.0, 2000.0, 3.0]])
    np.testing.assert_allclose(penalty.cost(X), [0, 1, 1])
    np.testing.assert_allclose(penalty.density(X), [2350, 2410, 2290])


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
    side = np.sign(penalty.density(X) - target)
    np.testing.assert_allclose(gradient, side[:, None] * np.array([1.0, 0.0, 1.0, 1.0]) / tolerance)
