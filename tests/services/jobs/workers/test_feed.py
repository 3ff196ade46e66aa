import threading

import numpy as np
import pytest

from optimizer import Events, Hooks
from services.jobs import JobKind
from services.jobs.workers.traces import RunTrace, TracePiece, TraceReader
from services.results.search import run_spec


@pytest.fixture(scope="module")
def pieces(mixed_spec, mixed):
    """The trace of a run, in six pieces."""
    seen = []
    run_spec(mixed_spec, mixed, hooks=Hooks(on_generation=seen.append))
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


class Seen(TraceReader):
    """Keeps what it reads."""

    def take(self, piece):
        self.__dict__.setdefault("pieces", []).append(piece)

    def read(self):
        self.advance()
        return self.__dict__.get("pieces", [])


def test_before_the_first_generation_there_is_nothing(store, job_id):
    assert Seen(store, job_id).read() == Seen(store, "nobody").read() == []
    assert RunTrace(store, job_id).read() is None


def test_every_piece_is_given_once(store, job_id, pieces):
    reader = Seen(store, job_id)
    for upto in (1, 2, 5, 6):
        for piece in pieces[store.get(job_id).n_pieces : upto]:
            store.add_piece(job_id, piece.to_bytes())
        assert _same(TracePiece.joined(reader.read()), TracePiece.joined(pieces[:upto]))
        assert reader.read() is reader.read()


def test_a_long_trace_comes_in_parts(store, job_id, pieces, monkeypatch):
    monkeypatch.setattr("services.jobs.workers.traces.AT_ONCE", 4)
    for piece in pieces:
        store.add_piece(job_id, piece.to_bytes())
    parts = Seen(store, job_id).read()
    assert [len(part.generations) for part in parts] == [24, sum(len(piece.generations) for piece in pieces) - 24]
    assert _same(TracePiece.joined(parts), TracePiece.joined(pieces))


def test_the_course_is_that_of_the_whole_however_often_one_looks(store, job_id, pieces):
    course = RunTrace(store, job_id)
    for n, piece in enumerate(pieces, start=1):
        store.add_piece(job_id, piece.to_bytes())
        assert _same(course.read(), TracePiece.joined(pieces[:n]).leading())
    assert len(course.read().events) < sum(len(piece.events) for piece in pieces) / 4


def test_several_pages_may_look_at_once(store, job_id, pieces):
    course, errors = RunTrace(store, job_id), []

    def look():
        for _ in range(20):
            piece = course.read()
            numbers = piece.generations[:, 0].tolist() if piece else []
            if numbers != list(range(len(numbers))):
                errors.append(numbers)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for piece in pieces:
        store.add_piece(job_id, piece.to_bytes())
    for thread in threads:
        thread.join()
    assert errors == []
    assert _same(course.read(), TracePiece.joined(pieces).leading())
