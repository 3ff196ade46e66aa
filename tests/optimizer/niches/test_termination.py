from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import Categorical, Numeric, SearchSpace
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource, SteeringState
from optimizer.niches import termination
from optimizer.niches.archive import Optima
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.gaussians import Strategy
from optimizer.niches.initialisation import BasinHopping, Initialiser
from optimizer.niches.termination import (
    Termination,
    duplicates,
    is_one_hill,
    settled,
)

BEST, SCORE = 0.0, 1e-4  # of all, and of the lineage


def judged(lineages, best=BEST, head=-np.inf, is_exact=False, score=SCORE, sigma=0.1, is_favoured=False, **more):
    """A lineage in the midst of its climb but for what is given, after one judgement."""
    population = lineages([[0.5, 0.5]], scores=[score], sigma=sigma)
    values = {"ages": 20, "spreads": 1.0, "anchors": score + 1.0, "stalled": 0} | more
    population = replace(population, **{name: np.array([value]) for name, value in values.items()})
    given = np.array([head]), np.array([is_exact]), np.array([is_favoured])
    return settled(population, Strategy.of(2), best, *given)


def is_settled(lineages, **given):
    return bool(judged(lineages, **given).is_settled[0])


def test_a_lineage_in_the_midst_of_its_climb_goes_on(lineages):
    population = judged(lineages, stalled=7)
    assert not population.is_settled[0]
    assert population.stalled[0] == 0 and population.anchors[0] == SCORE


@pytest.mark.parametrize(("sigma", "settles"), [(1e-14, True), (1e-12, False)])
def test_a_gaussian_that_has_shrunk_to_nothing_is_at_its_end(lineages, sigma, settles):
    assert is_settled(lineages, sigma=sigma) is settles


@pytest.mark.parametrize(("spread", "age", "settles"), [(0.0, 20, True), (0.0, 3, False), (1e-10, 20, False)])
def test_scores_that_do_not_differ_any_more_are_the_end(lineages, spread, age, settles):
    assert is_settled(lineages, spreads=spread, ages=age) is settles


def test_a_lineage_that_stalls_for_long_is_at_its_end(lineages):
    patience = 10 + 30 * 2 / Strategy.of(2).n_children
    assert not is_settled(lineages, anchors=SCORE, stalled=int(patience) - 1)
    population = judged(lineages, anchors=SCORE, stalled=int(patience))
    assert population.is_settled[0] and population.stalled[0] == int(patience) + 1


def test_a_gain_too_small_to_matter_is_none(lineages):
    population = judged(lineages, anchors=SCORE + 1e-12, stalled=3)
    assert population.stalled[0] == 4 and population.anchors[0] == SCORE + 1e-12


def test_a_model_that_has_no_more_to_gain_is_the_end(lineages):
    assert is_settled(lineages, is_exact=True)


def test_a_lineage_of_which_more_is_wanted_is_not_given_up_for_being_poor_and_stalls_for_longer(lineages):
    poor = {"score": 2.0, "spreads": 1e-3}
    assert [is_settled(lineages, is_favoured=is_favoured, **poor) for is_favoured in (False, True)] == [True, False]
    patience = 10 + 30 * 2 / Strategy.of(2).n_children
    for stalled, settles in ((2 * patience, False), (3 * patience, True)):
        assert is_settled(lineages, is_favoured=True, anchors=SCORE, stalled=int(stalled)) is settles


@pytest.mark.parametrize(
    ("score", "spread", "age", "settles"),
    [
        (2.0, 1e-3, 20, True),  # two below the best, and all its children alike
        (2.0, 1e-3, 5, False),  # too young to tell
        (2.0, 0.5, 20, False),
        (5e-4, 1e-6, 20, False),  # nearly the best: climbed to the last digit
    ],
)
def test_a_hill_far_below_the_best_is_not_climbed_to_the_last_digit(lineages, score, spread, age, settles):
    assert is_settled(lineages, score=score, spreads=spread, ages=age) is settles


@pytest.mark.parametrize(
    ("head", "spread", "settles"),
    [(0.5, 0.1, True), (0.5, 0.9, False), (-np.inf, 0.1, False), (2.5, 0.1, False)],
)
def test_a_hop_that_cannot_reach_what_it_hopped_from_is_given_up(lineages, head, spread, settles):
    assert is_settled(lineages, score=2.0, best=1.9995, head=head, spreads=spread, ages=6) is settles


@pytest.mark.parametrize("best", [0.0, np.inf])
def test_a_lineage_without_a_score_waits_for_one(lineages, best):
    assert not is_settled(lineages, score=np.inf, best=best, anchors=np.inf, spreads=np.inf)


def test_each_is_judged_for_itself(lineages):
    population = lineages(np.full((3, 2), 0.5), scores=[1e-4, 2e-4, 3e-4])
    population.ages[:], population.spreads[:] = 20, [1.0, 0.0, 1.0]
    population.anchors[:] += 1
    is_exact = np.array([False, False, True])
    population = settled(population, Strategy.of(2), 0.0, np.full(3, -np.inf), is_exact, np.zeros(3, dtype=bool))
    assert population.is_settled.tolist() == [False, True, True]


def pairs(lineages, box, U, scores, ages=20, sigma=0.01):
    population = lineages(U, scores=scores, sigma=sigma)
    population.ages[:] = ages
    return duplicates(population, box(2))


def test_of_two_lineages_in_one_place_the_worse_is_a_duplicate(lineages, box):
    near = [[0.5, 0.5], [0.505, 0.5]]
    assert pairs(lineages, box, near, [1.0, 2.0]) == {1: 0}
    assert pairs(lineages, box, near, [2.0, 1.0]) == {0: 1}
    assert pairs(lineages, box, near, [1.0, 1.0]) == {1: 0}  # of equals, the younger


def test_lineages_apart_or_young_are_no_duplicates(lineages, box):
    assert pairs(lineages, box, [[0.5, 0.5], [0.52, 0.5]], [1.0, 2.0]) == {}
    assert pairs(lineages, box, [[0.5, 0.5], [0.505, 0.5]], [1.0, 2.0], ages=3) == {}
    assert pairs(lineages, box, [[0.5, 0.5]], [1.0]) == {}
    far = lineages([[0.5, 0.5], [0.55, 0.5]], scores=[1.0, 2.0], sigma=np.array(0.01))
    far.ages[:], far.gaussians.sigmas[1] = 20, 0.2  # within a wide Gaussian, but far for the narrow one
    assert duplicates(far, box(2)) == {}


def test_a_crowd_is_left_by_its_best_alone(lineages, box):
    rng = np.random.default_rng(0)
    U, scores = 0.5 + 1e-4 * rng.standard_normal((12, 2)), rng.random(12)
    found = pairs(lineages, box, U, scores)
    assert 12 - len(found) <= 3  # each looks at a few neighbours only
    assert all(scores[into] < scores[lineage] for lineage, into in found.items())


def test_lineages_of_other_categories_are_no_duplicates(lineages, mixed_space):
    X = mixed_space.sample(1, np.random.default_rng(0)).repeat(2, axis=0)
    X[:, 3] = 0
    coordinates = Coordinates.of(mixed_space)
    population = lineages(coordinates.coordinates(X), scores=[1.0, 2.0], X=X)
    population.ages[:] = 20
    assert duplicates(population, coordinates) == {1: 0}
    population.bests.X[1, 3] = 2
    assert duplicates(population, coordinates) == {}


def two_hills(X):
    """Minima at 0.2 and 0.8 of the first variable, the second one the lower."""
    return np.minimum(((X - 0.2) ** 2).sum(axis=1) + 0.01, ((X - 0.8) ** 2).sum(axis=1))


def is_known(test, function, population, optima):
    row = population.ids.tolist().index(test.lineage)
    ends = population.bests.scores[row], optima.scores[test.optimum]
    return is_one_hill(function(test.X), ends)


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
    assert is_one_hill(np.array(between), ends) is is_one


@pytest.mark.parametrize(
    ("u", "knows"), [([0.75, 0.8], True), ([0.85, 0.6], True), ([0.2, 0.2], False), ([0.3, 0.1], False)]
)
def test_a_settled_lineage_is_told_apart_by_the_valley(lineages, archive, box, u, knows):
    optima, population = archive([[0.8, 0.8]], [0.0]), lineages([u], scores=two_hills(np.array([u])))
    (test,) = termination.tests_of_settled(population, box(2), optima)
    assert (test.lineage, test.optimum) == (0, 0)
    assert is_known(test, two_hills, population, optima) is knows


@settings(max_examples=50)
@given(m=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_on_a_bowl_there_is_one_hill_only(lineages, archive, box, m, seed):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((m, m))

    def bowl(X):
        return np.linalg.norm((X - 0.4) @ A, axis=1)

    ends = rng.random((2, m))
    optima, population = archive(ends[:1], bowl(ends[:1])), lineages(ends[1:], scores=bowl(ends[1:]))
    (test,) = termination.tests_of_settled(population, box(m), optima)
    assert is_known(test, bowl, population, optima)


def test_the_candidates_lie_evenly_between_the_two(lineages, archive, box):
    (test,) = termination.tests_of_settled(lineages([[0.1, 0.3]]), box(2), archive([[0.6, 0.3]], [0.0]))
    np.testing.assert_allclose(test.X, [[0.2, 0.3], [0.3, 0.3], [0.4, 0.3], [0.5, 0.3]])


def test_a_settled_lineage_is_tested_against_the_nearest_few_and_none_where_there_are_none(lineages, archive, box):
    optima = archive([[0.1], [0.5], [0.6], [0.9]], np.zeros(4))
    tests = termination.tests_of_settled(lineages([[0.52], [0.95]]), box(1), optima)
    nearest = {(0, 1), (0, 2), (1, 3), (1, 2)}
    assert {(test.lineage, test.optimum) for test in tests} == nearest
    assert termination.tests_of_settled(lineages([[0.5]]), box(1), archive(np.empty((0, 1)), [])) == []


def climbing(lineages, U, scores, ages=8, sigma=0.1):
    population = lineages(U, scores=scores, sigma=sigma)
    population.ages[:] = ages
    return population


def test_a_climbing_lineage_is_tested_against_a_better_optimum_within_its_reach(lineages, archive, box):
    optima = archive([[0.5, 0.5]], [0.0])
    population = climbing(lineages, [[0.6, 0.5]] * 2 + [[0.9, 0.9]], [1.0, -1.0, 1.0], sigma=0.05)
    population, tests = termination.tests_of_climbing(population, box(2), optima)
    assert [(test.lineage, test.optimum) for test in tests] == [(0, 0)]  # the next is better, the last far away
    assert len(tests[0].X) == 3
    assert population.tested.tolist() == [8, 0, 0]


def test_what_is_within_reach_is_told_by_the_lineage_s_own_gaussian(lineages, archive, box):
    optima = archive([[0.5, 0.9]], [0.0])
    population = climbing(lineages, [[0.5, 0.5]] * 2, [1.0, 1.0], sigma=0.05)
    assert termination.tests_of_climbing(population, box(2), optima)[1] == []
    population.gaussians.lengths[1] = [1.0, 4.0]  # long along the second axis
    assert [test.lineage for test in termination.tests_of_climbing(population, box(2), optima)[1]] == [1]


def test_a_climbing_lineage_is_tested_every_few_generations(lineages, archive, box):
    optima, population = archive([[0.5, 0.5]], [0.0]), climbing(lineages, [[0.52, 0.5]], [1.0], ages=0)
    due = []
    for _ in range(30):
        population, tests = termination.tests_of_climbing(replace(population, ages=population.ages + 1), box(2), optima)
        due.append(len(tests))
    assert 2 <= sum(due) <= 4
    assert np.diff(np.flatnonzero(due)).min() >= 5


def test_optima_of_other_categories_are_on_other_hills(lineages, candidates):
    space = SearchSpace((Numeric("x", 0.0, 1.0, std=0.3), Categorical("c", (0.5, 0.5))))
    coordinates = Coordinates.of(space)
    optima = Optima(coordinates)
    optima.add(100, candidates([0.5, 0], -1.0))
    optima.add(101, candidates([0.4, 1], -1.0))
    population = lineages([[0.52]], X=[[0.52, 1]])
    assert [test.optimum for test in termination.tests_of_settled(population, coordinates, optima)] == [1]
    population.ages[:] = 8
    _, (test,) = termination.tests_of_climbing(population, coordinates, optima)
    assert test.optimum == 1 and (test.X[:, 1] == 1).all()


ALL = frozenset(range(10))


def termination_of(optima, n_children=6):
    space, rng = SearchSpace.from_bounds([(0, 1)] * optima.U.shape[1]), np.random.default_rng(0)
    coordinates, hopping = Coordinates.of(space), BasinHopping(optima, rng)
    initialiser = Initialiser(
        coordinates,
        optima,
        hopping,
        ImmigrantSampler(space, ImmigrantSource.RANDOM, None, rng),
        rng,
        SteeringState(space, 0.0),
    )
    return Termination(coordinates, optima, initialiser, n_children)


@pytest.fixture
def empty(archive):
    return archive(np.empty((0, 2)), [])


def ended(optima, climbing, waiting, known=None, judged=ALL):
    return termination_of(optima).end(climbing, waiting, known or {}, judged)


def test_a_settled_lineage_on_a_hill_of_its_own_becomes_an_optimum(lineages, archive):
    optima, everyone = archive([[0.9, 0.9]], [1.0]), lineages([[0.1, 0.1], [0.5, 0.5]], scores=[2.0, 3.0])
    going, waiting, gone, merged = ended(optima, everyone.take(np.array([1])), everyone.take(np.array([0])))
    assert going.ids.tolist() == [1] and len(waiting) == 0 and gone.ids.tolist() == [0] and merged == {}
    assert optima.ids.tolist() == [100, 0] and optima.scores.tolist() == [1.0, 2.0]


def test_a_climbing_lineage_that_settled_waits_to_be_told_apart(lineages, empty):
    climbing = lineages([[0.1, 0.1], [0.5, 0.5]])
    climbing.is_settled[1] = True
    going, waiting, gone, _ = ended(empty, climbing, climbing.take(np.empty(0, int)))
    assert (going.ids.tolist(), waiting.ids.tolist(), len(gone), len(empty)) == ([0], [1], 0, 0)


@pytest.mark.parametrize("is_waiting", [True, False])
@pytest.mark.parametrize(("score", "best"), [(0.5, 0.5), (2.0, 1.0)])
def test_a_lineage_on_a_known_hill_merges_and_may_better_its_optimum(lineages, archive, is_waiting, score, best):
    optima, one = archive([[0.9, 0.9]], [1.0]), lineages([[0.8, 0.8]], scores=[score])
    nobody = one.take(np.empty(0, int))
    both = (nobody, one) if is_waiting else (one, nobody)
    going, waiting, gone, merged = ended(optima, *both, known={0: 0})
    assert len(going) == len(waiting) == 0 and gone.ids.tolist() == [0] and merged == {0: 100}
    assert optima.scores.tolist() == [best] and optima.ids.tolist() == [100]


def test_of_lineages_that_settled_together_one_is_an_optimum_and_those_near_it_wait(lineages, empty):
    waiting = lineages([[0.1, 0.1], [0.12, 0.1], [0.9, 0.9]], scores=[2.0, 1.0, 5.0])
    nobody = waiting.take(np.empty(0, int))
    _, still, gone, merged = ended(empty, nobody, waiting)
    assert gone.ids.tolist() == [1] and merged == {}  # the best; whether the others stand on its hill is to be tested
    assert still.ids.tolist() == [0, 2] and len(empty) == 1


def test_lineages_at_one_place_are_one_optimum_without_a_test(lineages, empty):
    waiting = lineages([[0.1, 0.1], [0.1, 0.1 + 1e-9]], scores=[2.0, 1.0])
    _, still, gone, merged = ended(empty, waiting.take(np.empty(0, int)), waiting)
    assert len(still) == 0 and gone.ids.tolist() == [0, 1] and merged == {0: 1}
    assert empty.ids.tolist() == [1]


def test_a_lineage_that_was_not_told_apart_waits(lineages, archive):
    optima, waiting = archive([[0.9, 0.9]], [1.0]), lineages([[0.1, 0.1], [0.5, 0.5]])
    _, still, gone, _ = ended(optima, waiting.take(np.empty(0, int)), waiting, judged=frozenset())
    assert still.ids.tolist() == [0, 1] and len(gone) == 0 and len(optima) == 1


def test_of_two_climbing_lineages_in_one_place_the_worse_merges_into_the_better(lineages, empty):
    climbing = lineages([[0.5, 0.5], [0.501, 0.5], [0.1, 0.1]], scores=[2.0, 1.0, 0.0], sigma=0.01)
    climbing.ages[:] = 20
    going, _, gone, merged = ended(empty, climbing, climbing.take(np.empty(0, int)))
    assert going.ids.tolist() == [1, 2] and gone.ids.tolist() == [0] and merged == {0: 1}
