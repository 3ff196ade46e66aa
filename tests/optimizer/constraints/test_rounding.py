from itertools import product

import numpy as np
import pytest

from optimizer import Numeric, OrderConstraint, RatioConstraint, SumConstraint
from optimizer.constraints.projection import project
from optimizer.constraints.rounding import round_to_steps
from optimizer.constraints.system import System


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
