import numpy as np
import pytest

from optimizer import CardinalityConstraint, Numeric, RatioConstraint, SpaceError, SumConstraint
from optimizer.constraints.program import Program
from optimizer.constraints.system import System

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
    monkeypatch.setattr("optimizer.constraints.program._SECONDS", 0.0)
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
