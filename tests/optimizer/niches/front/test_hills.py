import numpy as np

from optimizer import Categorical, Numeric, SearchSpace
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.front.hills import POINTS, SpanningTests, renumbered

PLAIN = Coordinates.of(SearchSpace.from_bounds([(0, 1)] * 2))


def two_groups():
    x = np.linspace(0.0, 0.2, 6)
    return np.vstack([np.column_stack([x, 0 * x]), np.column_stack([x + 0.8, 0 * x])])


def test_the_long_edge_is_tested_and_a_valley_parts_two_hills():
    X = two_groups()
    tests = SpanningTests.of(X, PLAIN, 100)
    assert len(tests.tested) == 1 and len(tests.X) == POINTS
    assert ((tests.X[:, 0] > 0.2) & (tests.X[:, 0] < 0.8)).all()
    valley = tests.hills(np.zeros(12), np.array([0.0, 0.3, 0.0]))
    assert len(set(valley[:6])) == len(set(valley[6:])) == 1 and valley[0] != valley[6]
    assert len(set(tests.hills(np.zeros(12), np.zeros(POINTS)))) == 1
    assert len(set(tests.hills(np.full(12, 0.3), np.full(POINTS, 0.3)))) == 1  # no worse than its ends


def test_what_the_budget_does_not_reach_for_is_one_hill():
    tests = SpanningTests.of(two_groups(), PLAIN, POINTS - 1)
    assert len(tests.X) == 0
    assert len(set(tests.hills(np.zeros(12), np.empty(0)))) == 1


def test_different_categories_are_different_hills_without_a_test():
    space = SearchSpace((Numeric("x", 0.0, 1.0, std=0.3), Categorical("c", (0.5, 0.5))))
    X = np.array([[0.1, 0], [0.2, 0], [0.1, 1], [0.2, 1]])
    tests = SpanningTests.of(X, Coordinates.of(space), 100)
    hills = tests.hills(np.zeros(4), np.zeros(len(tests.X)))
    assert hills[0] == hills[1] != hills[2] == hills[3]


def test_few_members_need_no_test():
    for n in (0, 1):
        tests = SpanningTests.of(np.zeros((n, 2)), PLAIN, 100)
        assert len(tests.X) == 0
        assert len(tests.hills(np.zeros(n), np.empty(0))) == n


def test_hills_keep_their_numbers():
    before = np.array([3, 3, 3, 0, 0, 0])
    np.testing.assert_array_equal(renumbered(np.array([0, 0, 0, 1, 1, 1]), before, 4), before)
    parted = renumbered(np.array([0, 0, 1, 2, 2, 2]), before, 4)
    np.testing.assert_array_equal(parted, [3, 3, 4, 0, 0, 0])
    np.testing.assert_array_equal(renumbered(np.zeros(6, dtype=int), before, 4), np.full(6, parted[3] * 0 + 0))
