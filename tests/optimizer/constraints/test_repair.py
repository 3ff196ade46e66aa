from itertools import product

import numpy as np
import pytest

from optimizer import CardinalityConstraint, Numeric, OrderConstraint, RatioConstraint, SpaceError, SumConstraint
from optimizer.constraints.repair import ConstraintRepair, Program, round_to_steps
from optimizer.constraints.system import System, project


def repaired(features, constraints, Y, fixed=None):
    system = System.of(features, constraints)
    V = ConstraintRepair(system).repaired(Y, np.zeros(Y.shape[1], bool) if fixed is None else fixed, system.unit**2)
    assert system.holds(V).all()
    return V


def test_steps_that_only_an_exact_program_fits_together_are_found():
    features = [Numeric("a", 0, 21, 5.0, step=7.0), Numeric("b", 0, 10, 3.0, step=3.0)]
    # 7 a + 3 b = 23 on a few points only: (14, 9)
    V = repaired(features, [SumConstraint.equal((0, 1), 23.0)], np.random.default_rng(0).uniform(0, 10, (8, 2)))
    np.testing.assert_array_equal(V, np.tile([14.0, 9.0], (8, 1)))


def test_the_largest_amounts_stay_and_the_others_are_dropped():
    features = [Numeric(name, 0, 100, std) for name, std in (("a", 10.0), ("b", 1.0), ("c", 10.0))]
    Y = np.array([[50.0, 30.0, 20.0], [0.0, 1.0, 9.0], [5.0, 0.0, 0.0]])
    V = repaired(features, [CardinalityConstraint((0, 1, 2), 1)], Y)
    # in standard deviations: b's 30 are more than a's 50
    np.testing.assert_array_equal(V, [[0, 30, 0], [0, 1, 0], [5, 0, 0]])


def test_dropping_goes_together_with_a_sum():
    features = [Numeric(name, 0, high, 10.0, step=0.5) for name, high in (("a", 60), ("b", 60), ("c", 25))]
    constraints = [CardinalityConstraint((0, 1, 2), 2), SumConstraint.equal((0, 1, 2), 90.0)]
    Y = np.array([[40.0, 30.0, 20.0], [10.0, 20.0, 25.0], [0.0, 0.0, 25.0]])
    V = repaired(features, constraints, Y)
    # only a and b reach 90 together, whatever the rows were nearest to
    np.testing.assert_array_equal(V[:, 2], 0.0)
    np.testing.assert_array_equal(V[0], [50.0, 40.0, 0.0])


def test_what_is_off_stays_off_where_the_rules_allow():
    features = [Numeric(name, 0, 60, 10.0) for name in "abcd"]
    constraints = [CardinalityConstraint((0, 1, 2, 3), 3), SumConstraint.equal(range(4), 90.0)]
    V = repaired(features, constraints, np.array([[40.0, 40.0, 0.0, 0.0]]))
    np.testing.assert_allclose(V, [[45.0, 45.0, 0.0, 0.0]])


@pytest.mark.parametrize("step", [None, 1.0])
def test_held_columns_keep_their_values(step):
    features = [Numeric(name, 0, 60, 10.0, step=step) for name in "abc"]
    Y = np.random.default_rng(1).integers(10, 30, (20, 3)).astype(float)
    V = repaired(features, [SumConstraint.equal(range(3), 70.0)], Y, fixed=np.array([False, True, False]))
    np.testing.assert_array_equal(V[:, 1], Y[:, 1])


def test_the_anchor_is_a_row_that_meets_the_rules_or_none():
    features = [Numeric("a", 0, 5, 1.0, step=1.0), Numeric("b", 0, 5, 1.0, step=1.0)]
    found = ConstraintRepair(System.of(features, [SumConstraint.equal((0, 1), 10.0)])).feasible_row
    np.testing.assert_array_equal(found, [5, 5])
    assert ConstraintRepair(System.of(features, [SumConstraint.equal((0, 1), 9.5)])).feasible_row is None
    assert ConstraintRepair(System.of(features, [SumConstraint.equal((0, 1), 11.0)])).feasible_row is None


FEATURES = (Numeric("a", 0, 10, 2.0, step=1.0), Numeric("b", 0, 10, 2.0), Numeric("c", 1, 10, 2.0))


def program_of(*constraints):
    return Program.of(System.of(FEATURES, constraints))


def test_extremes_are_those_of_the_rules_with_their_steps_and_switches():
    program = program_of(SumConstraint((0, 1, 2), 0, 12.5), CardinalityConstraint((0, 1), 1))
    assert program.extreme(np.array([1.0, 1.0, 0.0]), -1.0) == pytest.approx(10)
    assert program.extreme(np.array([1.0, 0.0, 1.0]), -1.0) == pytest.approx(12.5)
    assert program.extreme(np.array([1.0, 1.0, 1.0]), 1.0) == pytest.approx(1)


def test_the_nearest_row_is_near_in_every_unit():
    program = program_of(SumConstraint.equal((0, 1, 2), 12.0), CardinalityConstraint((0, 1), 1))
    system = program.system
    found = program.nearest(np.array([6.3, 0.4, 5.0]), system.lower, system.upper, system.unit**2)
    assert found is not None and found[0] == np.rint(found[0]) and found[1] == 0
    assert found.sum() == pytest.approx(12) and np.abs(found - [6.3, 0.4, 5.0]).sum() < 1.8


def test_rules_that_could_not_be_told_in_time_are_not_called_a_conflict(monkeypatch):
    monkeypatch.setattr("optimizer.constraints.repair._SECONDS", 0.0)
    features = [Numeric(f"x{j}", 0, 1000, 2.0, step=1.0) for j in range(30)]
    weights = np.arange(1.0, 31.0) * 7 + 10_000
    constraints = [RatioConstraint((j,), (j + 1,), w / 10_100, w / 9_900) for j, w in enumerate(weights[:-1])]
    with pytest.raises(SpaceError, match=r"could not be told in 0 s.*leave some out"):
        Program.of(System.of(features, [*constraints, SumConstraint.equal(range(30), 15_001.0)])).feasible()


def test_no_row_is_none():
    assert program_of(SumConstraint.equal((0, 1, 2), 31.0)).feasible() is None
    assert program_of(CardinalityConstraint((0, 2), 0)).feasible() is None
    program = program_of(SumConstraint.equal((0, 1), 12.0))
    lower, upper = program.system.lower, np.array([1.0, 10.0])
    assert program.nearest(np.array([5.0, 5.0]), lower, upper, np.ones(2)) is None


def rounded(Y, system):
    lower, upper = np.tile(system.lower, (len(Y), 1)), np.tile(system.upper, (len(Y), 1))
    inside, is_met = project(Y, lower, upper, system, system.unit**2)
    assert is_met.all()
    return inside, round_to_steps(inside, lower, upper, system, system.unit**2)


def test_one_sum_of_equal_steps_goes_to_the_nearest_point_of_the_grid():
    features = [Numeric(f"x{j}", 0, 4, 1.0, step=1.0) for j in range(4)]
    system = System.of(features, [SumConstraint.equal(range(4), 7)])
    grid = np.array([row for row in product(range(5), repeat=4) if sum(row) == 7])
    inside, V = rounded(np.random.default_rng(3).uniform(0, 4, (200, 4)), system)
    assert (V.sum(axis=1) == 7).all()
    nearest = ((inside[:, None] - grid) ** 2).sum(axis=2).min(axis=1)
    np.testing.assert_allclose(((V - inside) ** 2).sum(axis=1), nearest)


@pytest.mark.parametrize(
    ("steps", "constraints"),
    [
        ((0.1, 0.1, 0.1, 0.1), [SumConstraint.equal(range(4), 23.4)]),
        ((1.0, 0.1, 1.0, None), [SumConstraint.equal(range(4), 23.456)]),
        ((5.0, 1.0, 0.5, 0.1), [SumConstraint.equal(range(4), 23.4), OrderConstraint(1, 0)]),
        (
            (1.0, 1.0, 1.0, 1.0),
            [SumConstraint.equal(range(4), 23.0), OrderConstraint(1, 0), RatioConstraint((2,), (0, 1), 0.3, 0.6)],
        ),
        ((1.0, 1.0, None, None), [RatioConstraint((0, 2), (1, 3), 0.7, 0.8), SumConstraint((0, 1), 9, 11)]),
    ],
)
def test_rows_on_steps_meet_the_rules_and_stay_near(steps, constraints):
    features = [Numeric(f"x{j}", 0, 15, 4.0, step=step) for j, step in enumerate(steps)]
    system = System.of(features, constraints)
    inside, V = rounded(np.random.default_rng(4).uniform(0, 15, (300, 4)), system)
    assert system.holds(V).all()
    stepped = system.is_stepped
    multiples = V[:, stepped] / system.step[stepped]
    np.testing.assert_allclose(multiples, np.rint(multiples), atol=1e-9)
    off = np.abs(V - inside).max(axis=1)
    assert np.median(off) <= max(system.step) and off.max() <= 3 * max(system.step)


def test_fine_steps_are_not_moved_far_to_make_up_for_coarse_ones():
    sizes = [(1.0, 0.0, 500.0)] * 6 + [(0.1, 0.0, 30.0)]
    features = [Numeric(f"x{j}", low, high, high / 5, step=step) for j, (step, low, high) in enumerate(sizes)]
    system = System.of(features, [SumConstraint.equal(range(7), 1500.0)])
    inside, V = rounded(np.random.default_rng(4).uniform(0, 1, (300, 7)) * system.upper, system)
    assert system.holds(V).all()
    assert np.abs(V - inside)[:, 6].max() <= 0.6
