import numpy as np
import pytest

from optimizer import SearchSpace
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource, SteeringState
from optimizer.niches.coordinates import Coordinates
from optimizer.niches.initialisation import FIRST_SIGMAS, N_CHAINS, BasinHopping, Initialiser, Starts
from optimizer.niches.population import Origin


def initialiser_of(optima, seed=0, bounds=((0, 1),) * 3):
    space, rng = SearchSpace.from_bounds(bounds[: optima.U.shape[1]]), np.random.default_rng(seed)
    immigrants = ImmigrantSampler(space, ImmigrantSource.RANDOM, None, rng)
    return Initialiser(
        Coordinates.of(space), optima, BasinHopping(optima, rng), immigrants, rng, SteeringState(space, 0.0)
    )


@pytest.fixture
def many(archive):
    rng = np.random.default_rng(9)
    return archive(rng.random((40, 3)), np.arange(40.0))


def shares(initialiser, n=400, share_used=0.5):
    origins = np.concatenate([initialiser.draw(5, share_used).origins for _ in range(n // 5)])
    return np.bincount(origins, minlength=len(Origin)) / len(origins)


def of_origin(initialiser, origin, n=300, share_used=0.5):
    """The candidates of every start of one origin, and the sigmas and chains of these."""
    starts = initialiser.draw(n, share_used)
    groups = np.flatnonzero(starts.origins == origin)
    return [starts.X[starts.groups == g] for g in groups], starts.sigmas[groups], starts.chains[groups]


def test_until_a_few_optima_are_known_all_are_drawn(archive):
    few = archive(np.eye(3), np.arange(3.0))
    assert shares(initialiser_of(few))[Origin.DRAWN] == 1


def test_starts_come_in_groups_one_for_each_lineage(many):
    starts = initialiser_of(many).draw(50, 0.5)
    assert len(starts) == len(starts.sigmas) == len(starts.chains) == len(np.unique(starts.groups)) <= 50
    assert (np.diff(starts.groups) >= 0).all() and starts.groups[-1] == len(starts) - 1
    assert (starts.X >= 0).all() and (starts.X <= 1).all()
    assert ((starts.chains >= 0) == (starts.origins == Origin.HOPPED)).all()


def test_the_champion_of_a_group_is_its_best():
    starts = Starts(np.zeros((5, 1)), np.array([0, 0, 1, 1, 1]), np.ones(2), np.zeros(2, int), np.full(2, -1))
    assert starts.champions(np.array([2.0, 1.0, 5.0, np.inf, 4.0])).tolist() == [1, 4]
    assert starts.champions(np.array([2.0, 2.0, np.inf, np.inf, np.inf])).tolist() == [0, 2]
    assert len(Starts.none(4)) == 0 and Starts.none(4).champions(np.empty(0)).shape == (0,)


def test_a_crossed_start_takes_each_coordinate_of_a_parent_and_is_unknown(many):
    crossed, _, _ = of_origin(initialiser_of(many), Origin.CROSSED)
    X = np.concatenate(crossed)
    assert len(X) > 50
    assert all(np.isin(X[:, j], many.candidates.X[:, j]).all() for j in range(3))
    assert many.nearest(X, 1)[1].min() > 1e-3
    values = np.searchsorted(np.sort(many.candidates.X[:, 0]), X[:, 0])
    assert len(np.unique(values)) <= 20  # parents are of the better half


def test_a_hopped_start_is_near_the_head_of_its_chain_and_unknown(many):
    hopped, sigmas, hopping = of_origin(initialiser_of(many), Origin.HOPPED)
    assert len(hopped) > 50 and (hopping >= 0).all()
    assert (sigmas >= 1e-4).all() and (sigmas <= 0.03 + 0.1).all()
    assert many.nearest(np.concatenate(hopped), 1)[1].min() > 3e-4


def test_nothing_hops_before_all_has_been_looked_at(many):
    early, late = shares(initialiser_of(many), share_used=0.1), shares(initialiser_of(many), share_used=0.3)
    assert early[Origin.HOPPED] == 0 and late[Origin.HOPPED] > 0.2


@pytest.mark.parametrize("good", [Origin.DRAWN, Origin.CROSSED, Origin.HOPPED])
def test_what_has_paid_is_done_more_often_and_nothing_is_given_up(many, good):
    initialiser = initialiser_of(many)
    for _ in range(300):
        for origin in Origin:
            initialiser.credit(origin, 500, gain=origin == good)
    drawn = shares(initialiser, n=1000)
    assert drawn.argmax() == good and drawn[good] > 0.5
    assert drawn[Origin.DRAWN] > 0.15 and drawn[Origin.HOPPED] > 0.17 and drawn[Origin.CROSSED] > 0.02


def test_what_costs_less_for_the_same_is_done_more_often(many):
    initialiser = initialiser_of(many)
    for _ in range(300):
        initialiser.credit(Origin.DRAWN, 100, gain=True)
        initialiser.credit(Origin.CROSSED, 5000, gain=True)
        initialiser.credit(Origin.HOPPED, 5000, gain=True)
    assert shares(initialiser, n=1000).argmax() == Origin.DRAWN


@pytest.mark.parametrize("seed", range(20))
def test_where_all_that_could_be_crossed_is_known_something_is_drawn(archive, seed):
    """In one dimension a child of two optima is one of them, and a search without starts would end."""
    initialiser = initialiser_of(archive(np.linspace(0, 1, 6)[:, None], np.zeros(6)), seed)
    for _ in range(40):
        starts = initialiser.draw(1, 0.1)
        assert len(starts) == 1 and starts.origins[0] == Origin.DRAWN and len(starts.X) >= 1


def test_first_step_sizes_are_spread_evenly_over_their_orders(many):
    sigmas = np.log(initialiser_of(many).first_sigmas(4000))
    low, high = np.log(FIRST_SIGMAS)
    assert low <= sigmas.min() and sigmas.max() <= high
    assert sigmas.mean() == pytest.approx((low + high) / 2, abs=0.05)


GROWTH = 1.6


def chains_of(optima, seed=0):
    return BasinHopping(optima, np.random.default_rng(seed))


def length(hopping, n=400):
    """The length of hops of the only chain there is, in shares of the bounds' width, as its step sizes tell it."""
    return 10 * np.median([hopping.hop(1)[2] for _ in range(n)])


@pytest.fixture
def one(archive):
    """A chain at the second of two optima: of so few, no differences are taken."""
    optima = archive([[0.1, 0.1], [0.5, 0.5]], [0.0, 5.0])
    hopping = chains_of(optima)
    chain, _, _ = hopping.hop(3)
    return optima, hopping, chain


def test_a_chain_begins_at_an_optimum_that_is_not_among_the_best(one):
    _, hopping, chain = one
    assert hopping.head(chain) == 1 and hopping.head_score(chain) == 5.0


@pytest.mark.parametrize("scores", [[], [1.0], [1.0, 1.0]])
def test_where_all_optima_are_the_best_no_chain_begins(archive, scores):
    assert chains_of(archive(np.zeros((len(scores), 2)), scores)).hop(3) is None


def test_hops_are_as_long_as_told_and_about_the_head(one):
    _, hopping, _ = one
    moves = np.concatenate([hopping.hop(200)[1] for _ in range(300)]) - 0.5
    assert np.abs(np.median(moves, axis=0)).max() < 0.005
    assert length(hopping) == pytest.approx(0.05, rel=0.15)


def test_a_failed_hop_makes_the_next_ones_shorter(one):
    _, hopping, chain = one
    for _ in range(12):
        hopping.note(chain, 1, is_new=False)  # it fell back to where it was
    assert length(hopping) == pytest.approx(0.05 * GROWTH ** (-12 / 4), rel=0.15)


def test_a_better_optimum_becomes_the_head_and_its_distance_the_length(one, candidates):
    optima, hopping, chain = one
    u = np.array([0.5, 0.5]) + 0.12
    row = optima.add(102, candidates(u, 3.0))
    hopping.note(chain, row, is_new=True)
    assert hopping.head(chain) == row and hopping.head_score(chain) == 3.0
    used = [hop for hop in (hopping.hop(1) for _ in range(600)) if hop[0] == chain]
    assert 10 * np.median([sigma for _, _, sigma in used]) == pytest.approx(0.12, rel=0.2)


def test_a_worse_optimum_changes_no_head(one, candidates):
    optima, hopping, chain = one
    row = optima.add(102, candidates([0.9, 0.9], 7.0))
    hopping.note(chain, row, is_new=True)
    assert hopping.head(chain) == 1


def hops_on(hopping, chain):
    return any(hop is not None and hop[0] == chain for hop in (hopping.hop(1) for _ in range(30)))


def test_a_chain_ends_when_it_has_failed_often(one):
    _, hopping, chain = one
    for _ in range(10 + 5 * 2):
        hopping.note(chain, 1, is_new=False)
    assert hops_on(hopping, chain)
    hopping.note(chain, 1, is_new=False)
    assert hopping.hop(1) is None  # and none begins again where one has begun


def test_a_chain_ends_among_the_best(one, candidates):
    optima, hopping, chain = one
    row = optima.add(102, candidates([0.2, 0.2], -1.0))
    hopping.note(chain, row, is_new=True)
    assert hopping.head(chain) == row and not hops_on(hopping, chain)


def test_a_chain_ends_when_its_hops_climb_better_hills_that_are_known(one):
    _, hopping, chain = one
    for _ in range(3):
        hopping.note(chain, 0, is_new=False)
    assert hops_on(hopping, chain)
    hopping.note(chain, 0, is_new=False)
    assert not hops_on(hopping, chain)


def test_what_comes_late_changes_no_chain_that_ended(one, candidates):
    optima, hopping, chain = one
    for _ in range(4):
        hopping.note(chain, 0, is_new=False)
    row = optima.add(102, candidates([0.2, 0.2], 1.0))
    hopping.note(chain, row, is_new=True)
    assert hopping.head(chain) == 1 and not hops_on(hopping, chain)


def test_there_are_at_most_so_many_chains_each_at_an_optimum_of_its_own(archive):
    rng = np.random.default_rng(0)
    optima = archive(rng.random((60, 2)), np.arange(60.0))
    hopping = chains_of(optima)
    used = {hopping.hop(2)[0] for _ in range(300)}
    assert len(used) == N_CHAINS
    heads = [hopping.head(chain) for chain in used]
    assert len(set(heads)) == N_CHAINS and 0 not in heads
    assert np.mean(heads) < 25  # the better ones first


def test_on_a_regular_range_of_hills_half_of_the_hops_lead_from_top_to_top(archive):
    grid = np.stack(np.meshgrid(np.arange(7), np.arange(7)), axis=-1).reshape(-1, 2) / 8
    hopping = chains_of(archive(grid, 1.0 + np.arange(49.0)))
    hops = np.concatenate([hopping.hop(4)[1] for _ in range(500)])
    is_top = np.isclose(hops * 8, np.rint(hops * 8), atol=1e-9).all(axis=1)
    assert 0.4 < is_top.mean() < 0.6


def test_chains_follow_their_optima_and_end_with_them(archive):
    rng = np.random.default_rng(0)
    optima = archive(rng.random((12, 2)), np.arange(12.0))
    hopping = BasinHopping(optima, rng)
    begun = {number: hopping.head(number) for number in {hopping.hop(2)[0] for _ in range(60)}}
    is_kept = np.arange(12) % 2 == 0
    scores = {number: hopping.head_score(number) for number in begun}
    hopping.keep(is_kept)
    optima.keep(is_kept)
    assert {is_kept[head] for head in begun.values()} == {True, False}
    for number, head in begun.items():
        assert hopping.head_score(number) == (scores[number] if is_kept[head] else -np.inf)
        if not is_kept[head]:
            assert not hopping.note(number, 0, True)
    hops = [hopping.hop(1)[0] for _ in range(40)]
    assert all(hopping.head(number) >= 0 for number in hops)
