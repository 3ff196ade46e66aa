import numpy as np
import pytest

from optimizer.niches.hopping import N_CHAINS, BasinHopping

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
