import numpy as np
import pytest

from optimizer import Goal, Numeric, Objective, Problem, SearchSpace, SumConstraint
from services.results.rounding import as_printed, printed_decimals, printed_space

PARTS = tuple(Numeric(f"p{j}", 0.0, 100.0, std) for j, std in enumerate((12.0, 7.0, 0.9, 30.0)))


def problem_of(features, constraints):
    return Problem(SearchSpace(features, constraints), lambda X: X[:, 0], Objective(Goal.MAXIMUM))


def test_printed_amounts_meet_the_rule_and_are_predicted_again():
    problem = problem_of(PARTS, (SumConstraint.equal((0, 1, 2, 3), 100),))
    found = problem.evaluate(problem.space.sample(40, np.random.default_rng(0)))
    printed = as_printed(problem, found)
    decimals = printed_decimals(problem.space)
    assert decimals == {0: 1, 1: 1, 2: 2, 3: 0}
    for column, digits in decimals.items():
        np.testing.assert_array_equal(printed.X[:, column], np.round(printed.X[:, column], digits))
    np.testing.assert_allclose(printed.X.sum(axis=1), 100, atol=1e-9)
    np.testing.assert_array_equal(printed.outcomes, printed.X[:, 0])
    assert np.abs(printed.X - found.X).max() <= 1.5  # a few of the last digits


def test_more_digits_are_printed_where_a_rule_needs_them():
    features = Numeric("C", 0.0, 100.0, 30.0), Numeric("K", 273.0, 374.0, 30.0)
    problem = problem_of(features, (SumConstraint((0, 1), 273.15, 273.15, (-1.0, 1.0)),))
    assert printed_decimals(problem.space) == {0: 2, 1: 2}
    printed = as_printed(problem, problem.evaluate(problem.space.sample(20, np.random.default_rng(0))))
    np.testing.assert_allclose(printed.X[:, 1] - printed.X[:, 0], 273.15, atol=1e-9)


@pytest.mark.parametrize("constraints", [(), (SumConstraint((0,), 1.0, 50.0),)])
def test_features_that_no_rule_speaks_of_are_left_alone(constraints):
    problem = problem_of(PARTS, constraints)
    named = {j for each in constraints for j in each.columns}
    assert set(printed_decimals(problem.space)) == named
    candidates = problem.evaluate(problem.space.sample(5, np.random.default_rng(0)))
    np.testing.assert_array_equal(as_printed(problem, candidates).X[:, 1:], candidates.X[:, 1:])


def test_what_is_frozen_is_printed_whole_and_the_others_make_up_for_it():
    features = Numeric("a", 0.0, 1.0, 0.3), Numeric("b", 0.0, 1.0, 0.3, frozen=0.30712)
    problem = problem_of(features, (SumConstraint.equal((0, 1), 0.9),))
    assert printed_decimals(problem.space) == {0: 5, 1: 5}
    printed = as_printed(problem, problem.evaluate(problem.space.sample(3, np.random.default_rng(0))))
    np.testing.assert_allclose(printed.X, [[0.59288, 0.30712]], atol=1e-12)  # one setting, once


def test_what_no_digits_reach_is_left_as_it_is():
    frozen = Numeric("a", 0.0, 1.0, 0.3, frozen=0.3), Numeric("b", 0.0, 1.0, 0.3, frozen=0.6)
    space = SearchSpace((*frozen, Numeric("c", 0.0, 1.0, 0.3)), (SumConstraint.equal((0, 1), 0.9),))
    assert printed_space(space) is space
