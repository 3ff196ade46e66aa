import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import Categorical, Numeric, SearchSpace
from optimizer.niches import hills
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.optima import Optima


def two_hills(X):
    """Minima at 0.2 and 0.8 of the first variable, the second one the lower."""
    return np.minimum(((X - 0.2) ** 2).sum(axis=1) + 0.01, ((X - 0.8) ** 2).sum(axis=1))


def is_known(test, function, population, optima):
    row = population.ids.tolist().index(test.lineage)
    ends = population.bests.scores[row], optima.scores[test.optimum]
    return hills.is_one_hill(function(test.X), ends)


@pytest.mark.parametrize(
    ("between", "ends", "is_one"),
    [
        ([1.0, 2.0], (2.0, 0.0), True),
        ([1.0, 2.1], (2.0, 0.0), False),
        ([-5.0], (2.0, 0.0), True),  # better than both: no valley
        ([np.inf], (2.0, 0.0), False),
        ([1.0 + 1e-12], (1.0, 1.0), True),  # rounding parts no flat top
        ([1e6 + 1e-4], (1e6, 0.0), True),
        ([1.0 + 1e-6], (1.0, 1.0), False),
    ],
)
def test_a_valley_is_what_is_worse_than_both_ends(between, ends, is_one):
    assert hills.is_one_hill(np.array(between), ends) is is_one


@pytest.mark.parametrize(
    ("u", "knows"), [([0.75, 0.8], True), ([0.85, 0.6], True), ([0.2, 0.2], False), ([0.3, 0.1], False)]
)
def test_a_settled_lineage_is_told_apart_by_the_valley(lineages, archive, box, u, knows):
    optima, population = archive([[0.8, 0.8]], [0.0]), lineages([u], scores=two_hills(np.array([u])))
    (test,) = hills.tests_of_settled(population, box(2), optima)
    assert (test.lineage, test.optimum) == (0, 0)
    assert is_known(test, two_hills, population, optima) is knows


@settings(deadline=None, max_examples=50)
@given(m=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_on_a_bowl_there_is_one_hill_only(lineages, archive, box, m, seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((m, m))

    def bowl(X):
        return np.linalg.norm((X - 0.4) @ A, axis=1)

    ends = rng.random((2, m))
    optima, population = archive(ends[:1], bowl(ends[:1])), lineages(ends[1:], scores=bowl(ends[1:]))
    (test,) = hills.tests_of_settled(population, box(m), optima)
    assert is_known(test, bowl, population, optima)


def test_the_candidates_lie_evenly_between_the_two(lineages, archive, box):
    (test,) = hills.tests_of_settled(lineages([[0.1, 0.3]]), box(2), archive([[0.6, 0.3]], [0.0]))
    np.testing.assert_allclose(test.X, [[0.2, 0.3], [0.3, 0.3], [0.4, 0.3], [0.5, 0.3]])


def test_a_settled_lineage_is_tested_against_the_nearest_few_and_none_where_there_are_none(lineages, archive, box):
    optima = archive([[0.1], [0.5], [0.6], [0.9]], np.zeros(4))
    tests = hills.tests_of_settled(lineages([[0.52], [0.95]]), box(1), optima)
    nearest = {(0, 1), (0, 2), (1, 3), (1, 2)}
    assert {(test.lineage, test.optimum) for test in tests} == nearest
    assert hills.tests_of_settled(lineages([[0.5]]), box(1), archive(np.empty((0, 1)), [])) == []


def climbing(lineages, U, scores, ages=8, sigma=0.1):
    population = lineages(U, scores=scores, sigma=sigma)
    population.ages[:] = ages
    return population


def test_a_climbing_lineage_is_tested_against_a_better_optimum_within_its_reach(lineages, archive, box):
    optima = archive([[0.5, 0.5]], [0.0])
    population = climbing(lineages, [[0.6, 0.5]] * 2 + [[0.9, 0.9]], [1.0, -1.0, 1.0], sigma=0.05)
    tests = hills.tests_of_climbing(population, box(2), optima)
    assert [(test.lineage, test.optimum) for test in tests] == [(0, 0)]  # the next is better, the last far away
    assert len(tests[0].X) == 3
    assert population.tested.tolist() == [8, 0, 0]


def test_what_is_within_reach_is_told_by_the_lineage_s_own_gaussian(lineages, archive, box):
    optima = archive([[0.5, 0.9]], [0.0])
    population = climbing(lineages, [[0.5, 0.5]] * 2, [1.0, 1.0], sigma=0.05)
    assert hills.tests_of_climbing(population, box(2), optima) == []
    population.lengths[1] = [1.0, 4.0]  # long along the second axis
    assert [test.lineage for test in hills.tests_of_climbing(population, box(2), optima)] == [1]


def test_a_climbing_lineage_is_tested_every_few_generations(lineages, archive, box):
    optima, population = archive([[0.5, 0.5]], [0.0]), climbing(lineages, [[0.52, 0.5]], [1.0], ages=0)
    due = []
    for _ in range(30):
        population.ages += 1
        due.append(len(hills.tests_of_climbing(population, box(2), optima)))
    assert 2 <= sum(due) <= 4
    assert np.diff(np.flatnonzero(due)).min() >= 5


def test_optima_of_other_categories_are_on_other_hills(lineages, candidates):
    space = SearchSpace((Numeric("x", 0.0, 1.0, std=0.3), Categorical("c", (0.5, 0.5))))
    coordinates = Coordinates.of(space)
    optima = Optima(coordinates)
    optima.add(100, candidates([0.5, 0], -1.0))
    optima.add(101, candidates([0.4, 1], -1.0))
    population = lineages([[0.52]], X=[[0.52, 1]])
    assert [test.optimum for test in hills.tests_of_settled(population, coordinates, optima)] == [1]
    population.ages[:] = 8
    (test,) = hills.tests_of_climbing(population, coordinates, optima)
    assert test.optimum == 1 and (test.X[:, 1] == 1).all()
