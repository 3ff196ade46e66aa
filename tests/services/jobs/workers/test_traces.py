import io
from dataclasses import replace

import numpy as np
import pytest

from optimizer import Climb, Hooks, LineageState
from services.jobs.kinds import Recorder
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.projection import MapProjection
from services.results.search import run_spec


class _Pieces:
    """Keeps the pieces that a recorder sends."""

    def __init__(self):
        self.pieces = []

    def add_piece(self, payload):
        self.pieces.append(TracePiece.from_bytes(payload))


@pytest.fixture(scope="module")
def generations(mixed_spec, mixed):
    seen = []
    run_spec(mixed_spec, mixed, hooks=Hooks(on_generation=seen.append))
    return seen


def _no_map():
    raise AssertionError("lineages without Gaussians need no map")


def _piece(generations):
    return TracePiece.of(generations, 6, _no_map)


def _assert_same(one, other):
    for name in ("generations", "ids", "states"):
        np.testing.assert_array_equal(getattr(one.events, name), getattr(other.events, name))
    for name in ("X", "scores", "outcomes", "penalties"):
        mine, theirs = getattr(one.events.bests, name), getattr(other.events.bests, name)
        assert mine.dtype == theirs.dtype
        assert mine.tobytes() == theirs.tobytes()
    np.testing.assert_array_equal(one.generations, other.generations)
    for mine, theirs in ((one.ellipses, other.ellipses), (one.events.merged_into, other.events.merged_into)):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_array_equal(mine, theirs)


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


def test_a_climb_survives_the_way_through_bytes_and_joining(generations):
    starts = generations[-1].bests
    n = len(starts)
    climb = Climb(starts, np.arange(n) > 2, np.arange(n) - 1, np.arange(n) == 1)
    told = [*generations[:-1], replace(generations[-1], climb=climb)]
    pieces = [TracePiece.from_bytes(_piece(part).to_bytes()) for part in (told[:4], told[4:])]
    assert pieces[0].climb is None
    found = TracePiece.joined(pieces).climb
    np.testing.assert_array_equal(found.starts.X, starts.X)
    np.testing.assert_array_equal(found.starts.scores, starts.scores)
    np.testing.assert_array_equal(found.is_fresh, climb.is_fresh)
    np.testing.assert_array_equal(found.lineages, climb.lineages)
    np.testing.assert_array_equal(found.is_top, climb.is_top)


def test_an_empty_piece(generations):
    empty = TracePiece.of([], 6)
    assert len(empty.events) == 0
    _assert_same(TracePiece.from_bytes(empty.to_bytes()), empty)
    _assert_same(TracePiece.joined([empty, _piece(generations)]), _piece(generations))


def test_nothing_is_unpickled(generations):
    buffer = io.BytesIO()
    np.savez(buffer, X=np.array([print], dtype=object))
    with pytest.raises((ValueError, KeyError)):
        TracePiece.from_bytes(buffer.getvalue())


def test_a_recorder_sends_the_first_generation_at_once_and_all_in_the_end(generations):
    kept = _Pieces()
    recorder = Recorder(kept.add_piece, _no_map)
    recorder.send()
    assert kept.pieces == []
    recorder.note(generations[0])
    assert len(kept.pieces) == 1
    for generation in generations[1:]:
        recorder.note(generation)
    recorder.send()
    recorder.send()
    assert len(kept.pieces) < len(generations)
    _assert_same(TracePiece.joined(kept.pieces), _piece(generations))


def _with_gaussians(generations, mixed_spec, mixed):
    """The same search as if its lineages had drawn from Gaussians, and its map."""
    rng = np.random.default_rng(0)
    given = []
    for g in generations:
        roots = rng.normal(size=(len(g.ids), 6, 6))
        states = np.where(g.states == LineageState.EXTINCT, LineageState.MERGED, g.states)
        hills = np.where(states == LineageState.MERGED, 0, -1)
        covariances = roots @ roots.transpose(0, 2, 1)
        given.append(replace(g, covariances=covariances, states=states, merged_into=hills))
    return given, MapProjection.of(mixed.dataset.X, build_problem(mixed_spec, mixed).space)


def test_ellipses_and_hills_survive_and_are_small(generations, mixed_spec, mixed):
    given, projection = _with_gaussians(generations, mixed_spec, mixed)
    piece = TracePiece.of(given, 6, lambda: projection)
    assert piece.ellipses.shape == (len(piece.events), 8) and piece.ellipses.dtype == np.float32
    assert (piece.events.merged_into == 0).sum() == (piece.events.states == LineageState.MERGED).sum() > 0
    _assert_same(TracePiece.from_bytes(piece.to_bytes()), piece)
    plain = TracePiece.of([replace(g, covariances=None, merged_into=None) for g in given], 6)
    n_more = len(piece.events) - len(plain.events)
    assert len(piece.to_bytes()) - len(plain.to_bytes()) < 36 * len(piece.events) + 90 * n_more + 1_000
    expected = projection.ellipses(given[0].bests.X, given[0].covariances)
    np.testing.assert_allclose(piece.ellipses[: len(expected)], expected, rtol=1e-6)


def test_a_recorder_asks_for_the_map_where_there_are_gaussians(generations, mixed_spec, mixed):
    given, projection = _with_gaussians(generations, mixed_spec, mixed)
    kept = _Pieces()
    recorder = Recorder(kept.add_piece, lambda: projection)
    for generation in given:
        recorder.note(generation)
    recorder.send()
    _assert_same(TracePiece.joined(kept.pieces), TracePiece.of(given, 6, lambda: projection))


def test_ellipses_that_were_stored_before_there_was_a_pair_of_features_can_be_read(generations, mixed_spec, mixed):
    given, projection = _with_gaussians(generations, mixed_spec, mixed)
    piece = TracePiece.of(given, 6, lambda: projection)
    found = TracePiece.from_bytes(replace(piece, ellipses=piece.ellipses[:, :5]).to_bytes())
    np.testing.assert_array_equal(found.ellipses[:, :5], piece.ellipses[:, :5])
    assert found.ellipses.shape == piece.ellipses.shape and np.isnan(found.ellipses[:, 5:]).all()


def test_pieces_with_and_without_ellipses_join(generations, mixed_spec, mixed):
    given, projection = _with_gaussians(generations[:5], mixed_spec, mixed)
    one, other = TracePiece.of(given, 6, lambda: projection), _piece(generations[5:9])
    both = TracePiece.joined([one, other])
    np.testing.assert_array_equal(both.ellipses[: len(one.events)], one.ellipses)
    assert np.isnan(both.ellipses[len(one.events) :]).all()
    assert (both.events.merged_into[len(one.events) :] == -1).all()
    assert len(both.ellipses) == len(both.events) == len(one.events) + len(other.events)


def test_traces_that_were_stored_before_there_were_ellipses_can_be_read(generations):
    piece, buffer = _piece(generations), io.BytesIO()
    bests = piece.events.bests
    np.savez(
        buffer,
        generations=piece.generations,
        numbers=piece.events.generations,
        ids=piece.events.ids,
        states=piece.events.states,
        X=bests.X,
        values=np.column_stack([bests.scores, bests.outcomes, bests.penalties]),
    )
    _assert_same(TracePiece.from_bytes(buffer.getvalue()), piece)


def test_the_leading_events_are_those_that_improved_on_the_best(generations):
    piece = _piece(generations)
    scores = piece.events.bests.scores
    leading = piece.leading()
    expected = [k for k in range(len(scores)) if scores[k] < min(scores[:k], default=np.inf)]
    np.testing.assert_array_equal(leading.events.bests.scores, scores[expected])
    np.testing.assert_array_equal(leading.generations, piece.generations)
    assert len(piece.leading(best=scores.min()).events) == 0
