import numpy as np

from optimizer import CardinalityConstraint, Categorical, Numeric, OrderConstraint, RatioConstraint, SumConstraint
from optimizer.constraints.system import System

FEATURES = (
    Categorical("resin", (0.5, 0.5)),
    Numeric("a", 0.05, 0.52, 0.1, step=0.1),
    Numeric("b", 0, 9, 2.0, frozen=4.0),
    Numeric("c", 0, 9, 2.0),
    Numeric("unruled", 0, 9, 2.0),
)


def test_frozen_features_move_to_the_limits_and_steps_to_the_bounds():
    system = System.of(FEATURES, [SumConstraint((1, 2, 3), 5, 8), OrderConstraint(2, 3)])
    np.testing.assert_array_equal(system.index, [1, 3])
    np.testing.assert_array_equal(system.A, [[1, 1], [0, -1]])
    np.testing.assert_array_equal(system.low, [1, -np.inf])
    np.testing.assert_array_equal(system.high, [4, -4])
    np.testing.assert_allclose(system.lower, [0.1, 0])
    np.testing.assert_allclose(system.upper, [0.5, 9])
    np.testing.assert_array_equal(system.is_equality, [False, False])
    V = np.array([[0.1, 4.0], [0.1, 3.9], [0.5, 4.0], [0.5, 3.5]])  # a + c in 1 to 4, c at least 4
    np.testing.assert_array_equal(system.holds(V), [False, False, False, False])
    np.testing.assert_allclose(system.excess(V), [[0.1, 0], [0, 0.1], [0.5, 0], [0, 0.5]])


def test_a_ratio_keeps_its_denominator_clear_of_zero():
    system = System.of(FEATURES, [RatioConstraint((1,), (3,), 0.0, 2.0)])
    assert not system.holds(np.array([[0.0, 0.0]]))[0]
    assert system.holds(np.array([[0.1, 0.1]]))[0]


def test_groups_count_frozen_features_and_know_what_off_is():
    (group,) = System.of(FEATURES, [CardinalityConstraint((1, 2, 3), 1, threshold=0.25)]).groups
    assert group.most == 0  # b is frozen on
    np.testing.assert_allclose(group.off, [0.2, 0.25])
    np.testing.assert_array_equal(group.is_forced, [False, False])
    assert System.of(FEATURES, [CardinalityConstraint((2, 3), 1)]).groups[0].most == 0
    assert System.of(FEATURES, [CardinalityConstraint((1, 3, 2), 2, threshold=5.0)]).groups == ()  # never exceeded


def test_a_bound_a_hair_beside_a_step_stays_the_limit():
    system = System.of([Numeric("a", 0, 1.999999999999993, 1.0, step=1.0)], [SumConstraint((0,), 0, 2)])
    assert system.upper[0] == 1.999999999999993
    assert system.on_steps(np.array([[1.7]]))[0, 0] == 1.999999999999993
