import numpy as np
import pytest

from optimizer import CardinalityConstraint, Numeric, SumConstraint
from optimizer.constraints.repair import ConstraintRepair
from optimizer.constraints.system import System


def restored(features, constraints, Y, held=None):
    system = System.of(features, constraints)
    V = ConstraintRepair(system).restored(Y, np.zeros(Y.shape[1], bool) if held is None else held, system.unit**2)
    assert system.holds(V).all()
    return V


def test_steps_that_only_an_exact_program_fits_together_are_found():
    features = [Numeric("a", 0, 21, 5.0, step=7.0), Numeric("b", 0, 10, 3.0, step=3.0)]
    # 7 a + 3 b = 23 on a few points only: (14, 9)
    V = restored(features, [SumConstraint.equal((0, 1), 23.0)], np.random.default_rng(0).uniform(0, 10, (8, 2)))
    np.testing.assert_array_equal(V, np.tile([14.0, 9.0], (8, 1)))


def test_the_largest_amounts_stay_and_the_others_are_dropped():
    features = [Numeric(name, 0, 100, std) for name, std in (("a", 10.0), ("b", 1.0), ("c", 10.0))]
    Y = np.array([[50.0, 30.0, 20.0], [0.0, 1.0, 9.0], [5.0, 0.0, 0.0]])
    V = restored(features, [CardinalityConstraint((0, 1, 2), 1)], Y)
    # in standard deviations: b's 30 are more than a's 50
    np.testing.assert_array_equal(V, [[0, 30, 0], [0, 1, 0], [5, 0, 0]])


def test_dropping_goes_together_with_a_sum():
    features = [Numeric(name, 0, high, 10.0, step=0.5) for name, high in (("a", 60), ("b", 60), ("c", 25))]
    constraints = [CardinalityConstraint((0, 1, 2), 2), SumConstraint.equal((0, 1, 2), 90.0)]
    Y = np.array([[40.0, 30.0, 20.0], [10.0, 20.0, 25.0], [0.0, 0.0, 25.0]])
    V = restored(features, constraints, Y)
    # only a and b reach 90 together, whatever the rows were nearest to
    np.testing.assert_array_equal(V[:, 2], 0.0)
    np.testing.assert_array_equal(V[0], [50.0, 40.0, 0.0])


def test_what_is_off_stays_off_where_the_rules_allow():
    features = [Numeric(name, 0, 60, 10.0) for name in "abcd"]
    constraints = [CardinalityConstraint((0, 1, 2, 3), 3), SumConstraint.equal(range(4), 90.0)]
    V = restored(features, constraints, np.array([[40.0, 40.0, 0.0, 0.0]]))
    np.testing.assert_allclose(V, [[45.0, 45.0, 0.0, 0.0]])


@pytest.mark.parametrize("step", [None, 1.0])
def test_held_columns_keep_their_values(step):
    features = [Numeric(name, 0, 60, 10.0, step=step) for name in "abc"]
    Y = np.random.default_rng(1).integers(10, 30, (20, 3)).astype(float)
    V = restored(features, [SumConstraint.equal(range(3), 70.0)], Y, held=np.array([False, True, False]))
    np.testing.assert_array_equal(V[:, 1], Y[:, 1])


def test_the_anchor_is_a_row_that_meets_the_rules_or_none():
    features = [Numeric("a", 0, 5, 1.0, step=1.0), Numeric("b", 0, 5, 1.0, step=1.0)]
    found = ConstraintRepair(System.of(features, [SumConstraint.equal((0, 1), 10.0)])).anchor
    np.testing.assert_array_equal(found, [5, 5])
    assert ConstraintRepair(System.of(features, [SumConstraint.equal((0, 1), 9.5)])).anchor is None
    assert ConstraintRepair(System.of(features, [SumConstraint.equal((0, 1), 11.0)])).anchor is None
