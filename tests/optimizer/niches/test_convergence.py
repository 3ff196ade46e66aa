import numpy as np
import pytest

from optimizer import SearchSpace
from optimizer.methods.asktell import SteeringState
from optimizer.niches.convergence import ConvergenceTest, duplicates
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.strategy import Strategy

WISHES = SteeringState(SearchSpace.from_bounds([(0, 1)] * 2), 0.0)
BEST, SCORE = 0.0, 1e-4  # of all, and of the lineage


def judged(lineages, best=BEST, head=-np.inf, fits=False, gain=1.0, score=SCORE, **more):
    """A lineage in the midst of its climb but for what is given, after one judgement."""
    population = lineages([[0.5, 0.5]], scores=[score])
    values = {"ages": 20, "spreads": 1.0, "anchors": score + 1.0, "stalled": 0} | more
    for name, value in values.items():
        getattr(population, name)[:] = value
    ConvergenceTest(Strategy.of(2), WISHES).judge(
        population, best, np.array([head]), np.array([fits]), np.array([gain])
    )
    return population


def is_settled(lineages, **given):
    return bool(judged(lineages, **given).is_settled[0])


def test_a_lineage_in_the_midst_of_its_climb_goes_on(lineages):
    population = judged(lineages, stalled=7)
    assert not population.is_settled[0]
    assert population.stalled[0] == 0 and population.anchors[0] == SCORE


@pytest.mark.parametrize(("sigma", "settles"), [(1e-14, True), (1e-12, False)])
def test_a_gaussian_that_has_shrunk_to_nothing_is_at_its_end(lineages, sigma, settles):
    assert is_settled(lineages, sigmas=sigma) is settles


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


@pytest.mark.parametrize(("fits", "gain", "settles"), [(True, 0.0, True), (True, 1e-6, False), (False, 0.0, False)])
def test_a_model_that_fits_and_has_no_more_to_gain_is_the_end(lineages, fits, gain, settles):
    assert is_settled(lineages, fits=fits, gain=gain) is settles


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
    population.anchors += 1
    ConvergenceTest(Strategy.of(2), WISHES).judge(
        population, 0.0, np.full(3, -np.inf), np.array([False, False, True]), np.zeros(3)
    )
    assert population.is_settled.tolist() == [False, True, True]


def pairs(lineages, box, U, scores, ages=20, sigma=0.01):
    population = lineages(U, scores=scores, sigma=sigma)
    population.ages[:] = ages
    return duplicates(population, box(2))


def test_of_two_lineages_in_one_place_the_worse_is_a_duplicate(lineages, box):
    near = [[0.5, 0.5], [0.505, 0.5]]
    assert pairs(lineages, box, near, [1.0, 2.0]) == [(1, 0)]
    assert pairs(lineages, box, near, [2.0, 1.0]) == [(0, 1)]
    assert pairs(lineages, box, near, [1.0, 1.0]) == [(1, 0)]  # of equals, the younger


def test_lineages_apart_or_young_are_no_duplicates(lineages, box):
    assert pairs(lineages, box, [[0.5, 0.5], [0.52, 0.5]], [1.0, 2.0]) == []
    assert pairs(lineages, box, [[0.5, 0.5], [0.505, 0.5]], [1.0, 2.0], ages=3) == []
    assert pairs(lineages, box, [[0.5, 0.5]], [1.0]) == []
    far = lineages([[0.5, 0.5], [0.55, 0.5]], scores=[1.0, 2.0], sigma=np.array(0.01))
    far.ages[:], far.sigmas[1] = 20, 0.2  # within a wide Gaussian, but far for the narrow one
    assert duplicates(far, box(2)) == []


def test_a_crowd_is_left_by_its_best_alone(lineages, box):
    rng = np.random.default_rng(0)
    U, scores = 0.5 + 1e-4 * rng.standard_normal((12, 2)), rng.random(12)
    found = pairs(lineages, box, U, scores)
    gone = {lineage for lineage, _ in found}
    assert len(gone) == len(found) and 12 - len(gone) <= 3  # each looks at a few neighbours only
    assert all(scores[into] < scores[lineage] for lineage, into in found)


def test_lineages_of_other_categories_are_no_duplicates(lineages, mixed_space):
    X = mixed_space.sample(1, np.random.default_rng(0)).repeat(2, axis=0)
    X[:, 3] = 0
    coordinates = Coordinates.of(mixed_space)
    population = lineages(coordinates.coordinates(X), scores=[1.0, 2.0], X=X)
    population.ages[:] = 20
    assert duplicates(population, coordinates) == [(1, 0)]
    population.bests.X[1, 3] = 2
    assert duplicates(population, coordinates) == []
