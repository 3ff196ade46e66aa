import numpy as np
import pytest

from optimizer import SearchSpace
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource, SteeringState
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.hopping import BasinHopping
from optimizer.niches.initialisation import FIRST_SIGMAS, Initialiser, Starts
from optimizer.niches.population import Origin


def births_of(optima, seed=0, bounds=((0, 1),) * 3):
    space, rng = SearchSpace.from_bounds(bounds[: optima.U.shape[1]]), np.random.default_rng(seed)
    immigrants = ImmigrantSampler(space, ImmigrantSource.RANDOM, None, rng)
    return Initialiser(
        Coordinates.of(space), optima, BasinHopping(optima, rng), immigrants, rng, SteeringState(space, 0.0)
    )


@pytest.fixture
def many(archive):
    rng = np.random.default_rng(9)
    return archive(rng.random((40, 3)), np.arange(40.0))


def shares(initialisation, n=400, share_used=0.5):
    origins = np.concatenate([initialisation.draw(5, share_used).origins for _ in range(n // 5)])
    return np.bincount(origins, minlength=len(Origin)) / len(origins)


def of_origin(initialisation, origin, n=300, share_used=0.5):
    """The candidates of every start of one origin, and the sigmas and chains of these."""
    starts = initialisation.draw(n, share_used)
    groups = np.flatnonzero(starts.origins == origin)
    return [starts.X[starts.groups == g] for g in groups], starts.sigmas[groups], starts.hopping[groups]


def test_until_a_few_optima_are_known_all_are_drawn(archive):
    few = archive(np.eye(3), np.arange(3.0))
    assert shares(births_of(few))[Origin.DRAWN] == 1


def test_starts_come_in_groups_one_for_each_lineage(many):
    starts = births_of(many).draw(50, 0.5)
    assert len(starts) == len(starts.sigmas) == len(starts.hopping) == len(np.unique(starts.groups)) <= 50
    assert (np.diff(starts.groups) >= 0).all() and starts.groups[-1] == len(starts) - 1
    assert (starts.X >= 0).all() and (starts.X <= 1).all()
    assert ((starts.hopping >= 0) == (starts.origins == Origin.HOPPED)).all()


def test_the_champion_of_a_group_is_its_best():
    starts = Starts(np.zeros((5, 1)), np.array([0, 0, 1, 1, 1]), np.ones(2), np.zeros(2, int), np.full(2, -1))
    assert starts.champions(np.array([2.0, 1.0, 5.0, np.inf, 4.0])).tolist() == [1, 4]
    assert starts.champions(np.array([2.0, 2.0, np.inf, np.inf, np.inf])).tolist() == [0, 2]
    assert len(Starts.none(4)) == 0 and Starts.none(4).champions(np.empty(0)).shape == (0,)


def test_a_crossed_start_takes_each_coordinate_of_a_parent_and_is_unknown(many):
    crossed, _, _ = of_origin(births_of(many), Origin.CROSSED)
    X = np.concatenate(crossed)
    assert len(X) > 50
    assert all(np.isin(X[:, j], many.candidates.X[:, j]).all() for j in range(3))
    assert many.nearest(X, 1)[1].min() > 1e-3
    values = np.searchsorted(np.sort(many.candidates.X[:, 0]), X[:, 0])
    assert len(np.unique(values)) <= 20  # parents are of the better half


def test_a_hopped_start_is_near_the_head_of_its_chain_and_unknown(many):
    hopped, sigmas, hopping = of_origin(births_of(many), Origin.HOPPED)
    assert len(hopped) > 50 and (hopping >= 0).all()
    assert (sigmas >= 1e-4).all() and (sigmas <= 0.03 + 0.1).all()
    assert many.nearest(np.concatenate(hopped), 1)[1].min() > 3e-4


def test_nothing_hops_before_all_has_been_looked_at(many):
    early, late = shares(births_of(many), share_used=0.1), shares(births_of(many), share_used=0.3)
    assert early[Origin.HOPPED] == 0 and late[Origin.HOPPED] > 0.2


@pytest.mark.parametrize("good", [Origin.DRAWN, Origin.CROSSED, Origin.HOPPED])
def test_what_has_paid_is_done_more_often_and_nothing_is_given_up(many, good):
    initialisation = births_of(many)
    for _ in range(300):
        for origin in Origin:
            initialisation.credit(origin, 500, gain=origin == good)
    drawn = shares(initialisation, n=1000)
    assert drawn.argmax() == good and drawn[good] > 0.5
    assert drawn[Origin.DRAWN] > 0.15 and drawn[Origin.HOPPED] > 0.17 and drawn[Origin.CROSSED] > 0.02


def test_what_costs_less_for_the_same_is_done_more_often(many):
    initialisation = births_of(many)
    for _ in range(300):
        initialisation.credit(Origin.DRAWN, 100, gain=True)
        initialisation.credit(Origin.CROSSED, 5000, gain=True)
        initialisation.credit(Origin.HOPPED, 5000, gain=True)
    assert shares(initialisation, n=1000).argmax() == Origin.DRAWN


@pytest.mark.parametrize("seed", range(20))
def test_where_all_that_could_be_crossed_is_known_something_is_drawn(archive, seed):
    """In one dimension a child of two optima is one of them, and a search without starts would end."""
    initialisation = births_of(archive(np.linspace(0, 1, 6)[:, None], np.zeros(6)), seed)
    for _ in range(40):
        starts = initialisation.draw(1, 0.1)
        assert len(starts) == 1 and starts.origins[0] == Origin.DRAWN and len(starts.X) >= 1


def test_first_step_sizes_are_spread_evenly_over_their_orders(many):
    sigmas = np.log(births_of(many).first_sigmas(4000))
    low, high = np.log(FIRST_SIGMAS)
    assert low <= sigmas.min() and sigmas.max() <= high
    assert sigmas.mean() == pytest.approx((low + high) / 2, abs=0.05)
