import io

import numpy as np
import pytest

from optimizer import Events
from services.runs.search_job import Recorder
from services.runs.traces import TracePiece
from services.search import run_spec


class _Paper:
    """Keeps the pieces that a recorder sends."""

    def __init__(self):
        self.pieces = []

    def add_chunk(self, payload):
        self.pieces.append(TracePiece.from_bytes(payload))


@pytest.fixture(scope="module")
def generations(mixed_spec, mixed):
    seen = []
    run_spec(mixed_spec, mixed, on_generation=seen.append)
    return seen


def _piece(generations):
    numbers = np.array([[g.number, g.evaluations] for g in generations], dtype=float).reshape(-1, 2)
    return TracePiece(Events.of(generations, 6), numbers)


def _assert_same(one, other):
    for name in ("generations", "ids", "states"):
        np.testing.assert_array_equal(getattr(one.events, name), getattr(other.events, name))
    for name in ("X", "scores", "outcomes", "penalties"):
        mine, theirs = getattr(one.events.bests, name), getattr(other.events.bests, name)
        assert mine.dtype == theirs.dtype
        assert mine.tobytes() == theirs.tobytes()
    np.testing.assert_array_equal(one.generations, other.generations)


def test_a_piece_survives_the_way_through_bytes_to_the_bit(generations):
    piece = _piece(generations)
    _assert_same(TracePiece.from_bytes(piece.to_bytes()), piece)


def test_numbers_that_are_not_finite_survive_too(generations):
    piece = _piece(generations[:1])
    for values in (piece.events.bests.scores, piece.events.bests.outcomes):
        values[:3] = [np.inf, np.nan, -0.0]
    _assert_same(TracePiece.from_bytes(piece.to_bytes()), piece)


@pytest.mark.parametrize("cuts", [[1], [5, 6, 20], [0, 3]])
def test_pieces_joined_are_the_whole(generations, cuts):
    pieces = [_piece(part) for part in (generations[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True))]
    _assert_same(TracePiece.joined(pieces), _piece(generations))


def test_an_empty_piece(generations):
    empty = TracePiece.empty(6)
    assert len(empty.events) == 0
    _assert_same(TracePiece.from_bytes(empty.to_bytes()), empty)
    _assert_same(TracePiece.joined([empty, _piece(generations)]), _piece(generations))


def test_nothing_is_unpickled(generations):
    buffer = io.BytesIO()
    np.savez(buffer, X=np.array([print], dtype=object))
    with pytest.raises((ValueError, KeyError)):
        TracePiece.from_bytes(buffer.getvalue())


def test_a_recorder_sends_the_first_generation_at_once_and_all_in_the_end(generations):
    paper = _Paper()
    recorder = Recorder(paper)
    recorder.send()
    assert paper.pieces == []
    recorder.note(generations[0])
    assert len(paper.pieces) == 1
    for generation in generations[1:]:
        recorder.note(generation)
    recorder.send()
    recorder.send()
    assert len(paper.pieces) < len(generations)
    _assert_same(TracePiece.joined(paper.pieces), _piece(generations))
