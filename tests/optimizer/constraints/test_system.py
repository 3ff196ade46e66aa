import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import LinearConstraint, minimize

from optimizer import Numeric, OrderConstraint, RatioConstraint, SumConstraint
from optimizer.constraints.system import System, project


def system_of(constraints, n, std=1.0):
    stds = np.broadcast_to(std, n)
    return System.of([Numeric(f"x{j}", 0.0, 10.0, float(stds[j])) for j in range(n)], constraints)


def projected(Y, system):
    bounds = np.tile(system.lower, (len(Y), 1)), np.tile(system.upper, (len(Y), 1))
    return project(Y, *bounds, system, system.unit**2)


def check_nearest(Y, V, system):
    """No row that a general-purpose solver finds is nearer than ours."""
    kinds = [rows for rows in (system.is_equality, ~system.is_equality) if rows.any()]
    limits = [LinearConstraint(system.A[rows], system.low[rows], system.high[rows]) for rows in kinds]
    bounds = list(zip(system.lower, system.upper, strict=True))

    def cost(v, y):
        return (((v - y) / system.unit) ** 2).sum()

    for y, v in zip(Y, V, strict=True):
        found = minimize(cost, v, (y,), bounds=bounds, constraints=limits, method="SLSQP", options={"ftol": 1e-10})
        assert cost(v, y) <= cost(found.x, y) + 1e-6


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), value=st.floats(1, 49))
def test_one_sum_rule_is_met_at_the_nearest_point(seed, value):
    rng = np.random.default_rng(seed)
    system = system_of([SumConstraint.equal(range(5), value)], 5, rng.uniform(0.5, 3, 5))
    Y = rng.uniform(0, 10, (4, 5))
    V, is_met = projected(Y, system)
    assert is_met.all()
    np.testing.assert_allclose(V.sum(axis=1), value, rtol=1e-9)
    check_nearest(Y, V, system)


@pytest.mark.parametrize(
    "constraints",
    [
        [SumConstraint.equal((0, 1, 2, 3), 20), SumConstraint((0, 1), 8, 9)],
        [SumConstraint.equal((0, 1, 2, 3), 20), RatioConstraint((0,), (1, 2), 0.4, 0.5), OrderConstraint(3, 2)],
        [
            RatioConstraint((0, 1), (2, 3), 0.9, 1.1),
            OrderConstraint(0, 1),
            OrderConstraint(1, 2),
            SumConstraint((0, 3), 7, 9),
        ],
        [SumConstraint.equal((0, 1, 2), 15), SumConstraint.equal((2, 3), 8), SumConstraint((0, 1, 2, 3), -np.inf, 20)],
    ],
)
def test_several_rules_are_met_at_the_nearest_point(constraints):
    system = system_of(constraints, 4, np.array([1.0, 2.0, 0.5, 1.5]))
    Y = np.random.default_rng(5).uniform(0, 10, (12, 4))
    V, is_met = projected(Y, system)
    assert is_met.all()
    check_nearest(Y, V, system)


def test_rows_that_meet_the_rules_stay_to_the_bit_and_others_say_when_nothing_can_be_done():
    system = system_of([SumConstraint.equal((0, 1), 12.0), SumConstraint((2,), 0.0, 10.0)], 3)
    Y = np.array([[5.0, 7.0, 0.1], [0.0, 0.0, 3.0], [12.0, 7.0, 5.0]])
    lower, upper = np.zeros((3, 3)), np.full((3, 3), 10.0)
    upper[1, :2] = 5.0  # at most 10 in this row
    V, is_met = project(Y, lower, upper, system, system.unit**2)
    np.testing.assert_array_equal(is_met, [True, False, True])
    np.testing.assert_array_equal(V[0], Y[0])
    np.testing.assert_allclose(V[1], [5, 5, 3])
    np.testing.assert_allclose(V[2], [7.5, 4.5, 5.0])  # put within the bounds first, then moved


def test_far_units_meet_their_rules_to_their_own_scale():
    tiny, huge = Numeric("tiny", 0, 1e-9, 1e-10), Numeric("huge", 0, 1e9, 1e8)
    for feature, value in ((tiny, 7e-10), (huge, 1.3e9)):
        system = System.of([feature, feature], [SumConstraint.equal((0, 1), value)])
        V, is_met = projected(np.random.default_rng(0).uniform(0, feature.high, (50, 2)), system)
        assert is_met.all()
        np.testing.assert_allclose(V.sum(axis=1), value, rtol=1e-9)
