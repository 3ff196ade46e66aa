import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import LineageState
from ui.web.live_view.row_block import RowBlock, row_width, thinned

BORN, IMPROVED, STALLED, EXTINCT, MERGED, DROPPED = LineageState
BRIEF_EXTINCT = EXTINCT + 3


def block_of(events, n_generations=None):
    """A block of one feature from (generation, lineage, state, score), in order."""
    events = np.array(events, dtype=np.float32).reshape(-1, 4)
    last = n_generations or int(events[:, 0].max())
    numbers = np.arange(1, last + 1)
    counts = [
        [int(((events[:, 0] <= number) & (events[:, 2] == state)).sum()) for state in (BORN, EXTINCT, MERGED, DROPPED)]
        for number in numbers
    ]
    table = np.column_stack([events, np.zeros((len(events), row_width(1) - 4), dtype=np.float32)])
    return RowBlock(table, np.column_stack([numbers, 100 * numbers, counts]).astype(float))


@st.composite
def runs(draw):
    """A run of lineages that are born, improve and end."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, n_lineages = draw(st.integers(1, 60)), draw(st.integers(1, 25))
    events = []
    for lineage in range(n_lineages):
        born = int(rng.integers(1, n + 1))
        end = int(rng.integers(born + 1, n + 30))
        moves = [g for g in range(born + 1, min(end, n + 1)) if rng.random() < 0.5]
        scores = np.sort(rng.normal(size=len(moves) + 1))[::-1]
        events.append((born, lineage, BORN, scores[0]))
        events += [(g, lineage, IMPROVED, score) for g, score in zip(moves, scores[1:], strict=True)]
        if end <= n:
            events.append((end, lineage, rng.choice([EXTINCT, MERGED, DROPPED]), scores[-1]))
    return block_of(sorted(events), n)


def lives(block):
    """Of each lineage its last known score and whether it has ended."""
    return {int(row[1]): (float(row[3]), row[2] >= EXTINCT) for row in block.rows}


@given(block=runs(), max_generations=st.integers(1, 70))
def test_fewer_generations_tell_the_same_end(block, max_generations):
    found = thinned(block, max_generations, 10**6)
    assert len(found.generations) <= max_generations
    np.testing.assert_array_equal(found.generations[-1], block.generations[-1])
    assert np.isin(found.generations[:, 0], block.generations[:, 0]).all()
    assert np.isin(found.rows[:, 0], found.generations[:, 0]).all()
    assert (np.diff(found.rows[:, 0]) >= 0).all()
    assert lives(found) == lives(block)
    for number in found.generations[:, 0]:
        before, after = (lives(RowBlock(r.rows[r.rows[:, 0] <= number], r.generations)) for r in (block, found))
        assert before == after  # at every drawn generation the picture is that of the run
    pairs = found.rows[:, :2].tolist()
    if len(found.generations) < len(block.generations):
        assert len({tuple(pair) for pair in pairs}) == len(pairs)


@given(block=runs(), max_rows=st.integers(1, 60), split=st.integers(0, 40))
def test_no_ended_lineage_seems_to_live_on_and_the_best_stays(block, max_rows, split):
    known, news = lives(RowBlock(block.rows[block.rows[:, 0] <= split], block.generations)), block.after(split)
    found = thinned(news, 20, max_rows)
    told = known | lives(found)
    for lineage, (_, has_ended) in lives(block).items():
        if lineage in told:
            assert told[lineage][1] == has_ended
    if len(news.rows):
        best = int(news.rows[news.rows[:, 3].argmin(), 1])
        assert best in lives(found)
        n_best = int((found.rows[:, 1] == best).sum())
        assert len(found.rows) <= max_rows + n_best + len(known)


@given(block=runs())
def test_what_fits_stays_as_it_is(block):
    assert thinned(block, len(block.generations), len(block.rows)) is block


def test_a_move_outdoes_a_standstill_and_an_end_both():
    block = block_of(
        [(1, 0, BORN, 5), (2, 0, IMPROVED, 4), (3, 0, STALLED, 4), (4, 0, STALLED, 4), (5, 0, IMPROVED, 3),
         (6, 0, MERGED, 3), (6, 1, BORN, 7), (7, 1, IMPROVED, 6), (8, 1, EXTINCT, 6)]
    )  # fmt: skip
    found = thinned(block, 2, 100)
    assert found.rows[:, :4].tolist() == [[4, 0, BORN, 4], [8, 0, MERGED, 3], [8, 1, BRIEF_EXTINCT, 6]]
    pairs = thinned(block, 4, 100)
    assert pairs.rows[:, [0, 1, 2]].tolist() == [
        [2, 0, BORN], [4, 0, STALLED], [6, 0, MERGED], [6, 1, BORN], [8, 1, EXTINCT],
    ]  # fmt: skip
    assert pairs.generations[:, 2:].tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [2, 0, 1, 0], [2, 1, 1, 0]]


def test_thinning_what_was_thinned_forgets_no_brief_life():
    block = block_of([(g, g, state, g) for g in range(1, 9) for state in (BORN, EXTINCT)])
    once = thinned(block, 4, 100)
    assert (once.rows[:, 2] == BRIEF_EXTINCT).all()
    twice = thinned(once, 2, 100)
    assert (twice.rows[:, 2] == BRIEF_EXTINCT).all() and len(twice.rows) == 8
    assert len(thinned(twice, 2, 3).rows) == 3


def test_a_hundred_thousand_lineages_become_what_can_be_drawn():
    n = 20_000
    rng = np.random.default_rng(0)
    born = np.sort(rng.integers(1, n, 60_000))
    ends = np.minimum(born + rng.integers(1, 20, len(born)), n)
    events = np.zeros((2 * len(born), row_width(1)), dtype=np.float32)
    events[:, 0] = np.concatenate([born, ends])
    events[:, 1] = np.tile(np.arange(len(born)), 2)
    events[:, 2] = np.repeat([BORN, EXTINCT], len(born))
    events[:, 3] = np.tile(rng.normal(size=len(born)), 2)
    block = RowBlock(events[np.argsort(events[:, 0], kind="stable")], np.column_stack([np.arange(1, n + 1)] * 6))
    found = thinned(block, 1_000, 8_000)
    assert len(found.generations) <= 1_000 and 4_000 < len(found.rows) <= 8_000
    assert found.rows[:, 3].min() == block.rows[:, 3].min()


def test_shapes_go_with_their_events_and_travel_only_where_there_are_some():
    block = block_of([(1, 0, BORN, 5), (2, 0, IMPROVED, 4), (2, 1, BORN, 9), (3, 0, IMPROVED, 3), (4, 1, MERGED, 8)])
    block.rows[:, -9:] = [*[np.nan] * 8, -1]
    assert block.sent_rows.shape[1] == block.rows.shape[1] - 9
    block.rows[:, -6:] = np.arange(30).reshape(5, 6)
    assert block.sent_rows is block.rows
    np.testing.assert_array_equal(thinned(block, 2, 100).rows[:, -6], [6, 12, 18, 24])


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 9])
def test_what_follows_a_generation(number):
    block = block_of([(1, 0, BORN, 5), (2, 0, IMPROVED, 4), (2, 1, BORN, 9), (4, 1, MERGED, 8)])
    later = block.after(number)
    assert later.generations[:, 0].tolist() == [g for g in (1, 2, 3, 4) if g > number]
    assert later.rows[:, 0].tolist() == [g for g in (1, 2, 2, 4) if g > number]
    assert later.follows == number and block.last == 4 and RowBlock.empty(1).last == 0
