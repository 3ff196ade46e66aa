import numpy as np
import pytest
from scipy.stats import kstest

from optimizer import CardinalityConstraint, Numeric, OrderConstraint, SumConstraint
from optimizer.constraints.moves import along, keep_largest, mirrored, switched, walk
from optimizer.constraints.system import System


def system_of(constraints, n, high=10.0):
    return System.of([Numeric(f"x{j}", 0.0, high, float(j + 1)) for j in range(n)], constraints)


def test_directions_along_an_equality_keep_it_and_lose_one_dimension_in_units():
    system = system_of([SumConstraint.equal(range(4), 20), SumConstraint((0, 1), 3, 9)], 4)
    D = np.random.default_rng(0).standard_normal((4000, 4)) * system.unit
    moved = along(D, system, system.unit, np.ones(D.shape, dtype=bool))
    np.testing.assert_allclose(moved.sum(axis=1), 0, atol=1e-12)
    assert ((moved / system.unit) ** 2).sum(axis=1).mean() == pytest.approx(3, rel=0.03)
    np.testing.assert_allclose(along(moved, system, system.unit, np.ones(D.shape, dtype=bool)), moved, atol=1e-12)


def test_directions_leave_alone_what_may_not_move():
    system = system_of([SumConstraint.equal(range(4), 20)], 4)
    scale = np.array([1.0, 2.0, 0.0, 1.0])
    may_move = np.ones((50, 4), dtype=bool)
    may_move[:25, 3] = False
    moved = along(np.random.default_rng(0).standard_normal((50, 4)), system, scale, may_move)
    np.testing.assert_allclose(moved.sum(axis=1), 0, atol=1e-12)
    assert (moved[:, 2] == 0).all() and (moved[:25, 3] == 0).all() and (moved[25:, 3] != 0).all()


def test_a_long_walk_is_uniform_inside_the_rules():
    system = system_of([SumConstraint.equal(range(3), 1.0)], 3, high=1.0)
    start = np.tile([1.0, 0.0, 0.0], (1500, 1))
    bounds = np.zeros((1500, 3)), np.ones((1500, 3))
    V = walk(start, start, *bounds, system, 60, np.random.default_rng(1))
    np.testing.assert_allclose(V.sum(axis=1), 1.0)
    for column in V.T:  # a coordinate of a uniform point of this triangle has the law 1 - (1 - x)^2
        assert kstest(column, lambda x: 1 - (1 - x) ** 2).pvalue > 0.01


def test_a_walk_stays_inside_inequalities_and_fills_them():
    system = system_of([OrderConstraint(0, 1)], 2, high=1.0)
    start = np.full((1500, 2), 0.5)
    V = walk(start, start, np.zeros((1500, 2)), np.ones((1500, 2)), system, 60, np.random.default_rng(2))
    assert (V[:, 0] <= V[:, 1] + 1e-12).all()
    assert kstest(V[:, 1], lambda x: x**2).pvalue > 0.01


def test_rows_beyond_a_limit_are_mirrored_at_it():
    system = System.of(
        [Numeric("a", 0, 9, 1.0), Numeric("b", 0, 9, 1.0)], [OrderConstraint(0, 1), SumConstraint((0, 1), 2, 3)]
    )
    V = mirrored(np.array([[1.0, 0.2], [0.5, 2.0], [1.0, 4.0]]), system, system.unit)
    np.testing.assert_allclose(V[0].sum(), 2.8)  # 1.2 is 0.8 below the sum's limit
    np.testing.assert_allclose(V[1], [0.5, 2.0])
    np.testing.assert_allclose(V[2].sum(), 2.0)  # no farther than the other limit
    assert V[0, 1] - V[0, 0] == pytest.approx(0.8)


def test_the_largest_keys_and_what_must_be_on_are_kept():
    features = [Numeric("a", 0, 9, 1.0), Numeric("b", 2, 9, 1.0), Numeric("c", 0, 9, 1.0)]
    (group,) = System.of(features, [CardinalityConstraint((0, 1, 2), 2)]).groups
    keys = np.array([[5.0, 0.0, 4.0], [1.0, 9.0, 3.0]])
    np.testing.assert_array_equal(keep_largest(group, keys), [[True, True, False], [False, True, True]])


def test_switching_swaps_drops_and_adds_as_often_as_the_weight_says():
    features = [Numeric(name, 0, 9, 1.0) for name in "abcd"]
    (group,) = System.of(features, [CardinalityConstraint((0, 1, 2, 3), 2)]).groups
    V = np.tile([3.0, 5.0, 0.0, 0.0], (6000, 1))
    weights = np.array([0.3, 0.3, 0.3, 0.0])
    is_on, values = switched(group, V, weights, np.random.default_rng(0))
    assert (is_on.sum(axis=1) <= 2).all() and not is_on[:, 3].any()
    has_changed = (is_on != (V > 0)).any(axis=1)
    assert has_changed.mean() == pytest.approx(0.3, abs=0.02)
    swapped = is_on[:, 2]
    assert set(values[swapped, 2]) == {3.0, 5.0} and 0.4 < swapped[has_changed].mean() < 0.8
    assert (values[~is_on] == 0).all()
    alone = np.tile([3.0, 0.0, 0.0, 0.0], (6000, 1))
    n_on = switched(group, alone, weights, np.random.default_rng(0))[0].sum(axis=1)
    assert set(n_on) == {0, 1, 2}
