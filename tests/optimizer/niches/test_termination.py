import numpy as np
import pytest

from optimizer import SearchSpace
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource, SteeringState
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.hopping import BasinHopping
from optimizer.niches.initialisation import Initialiser
from optimizer.niches.termination import Termination

ALL = frozenset(range(10))


def endings_of(optima, n_children=6):
    space, rng = SearchSpace.from_bounds([(0, 1)] * optima.U.shape[1]), np.random.default_rng(0)
    coordinates, hopping = Coordinates.of(space), BasinHopping(optima, rng)
    initialisation = Initialiser(
        coordinates,
        optima,
        hopping,
        ImmigrantSampler(space, ImmigrantSource.RANDOM, None, rng),
        rng,
        SteeringState(space, 0.0),
    )
    return Termination(coordinates, optima, hopping, initialisation, n_children)


@pytest.fixture
def empty(archive):
    return archive(np.empty((0, 2)), [])


def ended(optima, climbing, waiting, known=None, judged=ALL):
    return endings_of(optima).end(climbing, waiting, known or {}, judged)


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
