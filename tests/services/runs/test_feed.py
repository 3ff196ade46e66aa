import threading

import numpy as np
import pytest

from optimizer import Events
from services.runs import JobKind
from services.runs.feed import TraceFeed
from services.runs.traces import TracePiece
from services.search import run_spec


@pytest.fixture(scope="module")
def pieces(mixed_spec, mixed):
    """The trace of a run, in six pieces."""
    seen = []
    run_spec(mixed_spec, mixed, on_generation=seen.append)
    parts = [seen[a : a + 6] for a in range(0, 36, 6)]
    return [
        TracePiece(Events.of(part, 6), np.array([[g.number, g.evaluations] for g in part], dtype=float))
        for part in parts
    ]


@pytest.fixture
def job_id(store):
    return store.add(JobKind.SEARCH, "A run", "{}")


def _same(one, other):
    return one.to_bytes() == other.to_bytes()


def test_before_the_first_generation_there_is_nothing(store, job_id):
    assert TraceFeed(store, job_id).read() is None
    assert TraceFeed(store, "nobody").read() is None


def test_reading_bit_by_bit_gives_the_whole(store, job_id, pieces):
    feed = TraceFeed(store, job_id)
    for n, piece in enumerate(pieces, start=1):
        store.add_chunk(job_id, piece.to_bytes())
        assert _same(feed.read(), TracePiece.joined(pieces[:n]))
        assert feed.read() is feed.read()
    assert _same(TraceFeed(store, job_id).read(), feed.read())


def test_several_pieces_may_come_between_two_looks(store, job_id, pieces):
    feed = TraceFeed(store, job_id)
    for upto in (2, 5, 6):
        for piece in pieces[store.get(job_id).n_chunks : upto]:
            store.add_chunk(job_id, piece.to_bytes())
        assert _same(feed.read(), TracePiece.joined(pieces[:upto]))


def test_several_pages_may_look_at_once(store, job_id, pieces):
    feed, errors = TraceFeed(store, job_id), []

    def look():
        for _ in range(20):
            piece = feed.read()
            numbers = piece.generations[:, 0].tolist() if piece else []
            if numbers != list(range(len(numbers))):
                errors.append(numbers)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for piece in pieces:
        store.add_chunk(job_id, piece.to_bytes())
    for thread in threads:
        thread.join()
    assert errors == []
    assert _same(feed.read(), TracePiece.joined(pieces))
