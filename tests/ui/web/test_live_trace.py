from dataclasses import replace

import numpy as np
import pytest

from optimizer import Candidates, Decision, Generation, Hooks, LineageState, is_end, search
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, RunStore
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_budget, build_problem
from services.problems.stories import LESSON, story, story_spec
from ui.web import scenes
from ui.web.live_view.message import Limits, Sent, next_block
from ui.web.live_view.row_block import BRIEFLY
from ui.web.scenes import LineageCounts, LiveTrace, build_scene


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of the lesson on bumps, by lineages: its generations, and what turns them into rows."""
    catalog = Catalog.of(Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path_factory.mktemp("home"))}))
    spec = story_spec(story("bumps"), catalog).revised(method=LESSON)
    model_data = catalog.model_data(spec)
    seen = []
    rng = np.random.default_rng(0)
    problem = build_problem(spec, model_data)
    search(problem, spec.method.settings(), build_budget(spec), rng, hooks=Hooks(on_generation=seen.append))
    return seen, build_scene("run", spec, model_data)[1]


@pytest.fixture
def store(tmp_path):
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    yield store
    store.close()


def filled(store, generations, size=25):
    job_id = store.add(JobKind.SEARCH, "A run", "{}")
    for start in range(0, len(generations), size):
        store.add_piece(job_id, TracePiece.of(generations[start : start + size], 1).to_bytes())
    return job_id


def test_rows_are_those_of_the_whole_trace_however_often_one_looks(run, store):
    generations, rows = run
    job_id = store.add(JobKind.SEARCH, "A run", "{}")
    trace = LiveTrace(store, job_id, rows, 1)
    assert trace.read().last == 0
    for start in range(0, len(generations), 40):
        store.add_piece(job_id, TracePiece.of(generations[start : start + 40], 1).to_bytes())
        assert trace.read().last == min(start + 40, len(generations))
    found = trace.read()
    whole = TracePiece.of(generations, 1)
    expected = rows.block(whole, LineageCounts())
    np.testing.assert_array_equal(found.rows, expected.rows)
    np.testing.assert_array_equal(found.generations, expected.generations)
    np.testing.assert_array_equal(found.generations[:, 1], whole.generations[:, 1])


def test_counts_are_those_of_every_generation(run, store):
    generations, rows = run
    found = LiveTrace(store, filled(store, generations), rows, 1).read().generations
    assert (found[:, 2] - found[:, 3:].sum(axis=1)).tolist() == [generation.n_living for generation in generations]
    n_extinct = np.cumsum([(generation.states == LineageState.EXTINCT).sum() for generation in generations])
    np.testing.assert_array_equal(found[:, 3], n_extinct)
    assert n_extinct[-1] > 0


def test_a_long_run_is_kept_within_bounds(run, store, monkeypatch):
    generations, rows = run
    monkeypatch.setattr(scenes, "MAX_ROWS", 300)
    monkeypatch.setattr(scenes, "MAX_GENERATIONS", 40)
    monkeypatch.setattr("services.jobs.workers.traces.AT_ONCE", 1)
    job_id = filled(store, generations, size=5)
    found = LiveTrace(store, job_id, rows, 1).read()
    assert len(found.rows) <= 300 and len(found.generations) <= 40
    assert found.last == len(generations)
    best = min(generation.bests.scores.min() for generation in generations)
    assert found.rows[:, 3].min() == np.float32(best)
    assert found.edition > 0
    assert found.generations[-1, 2] == 1 + max(generation.ids.max(initial=0) for generation in generations)


def test_a_lineage_that_ends_where_it_begins_was_born_and_is_no_living_one():
    born, merged, extinct = LineageState.BORN, LineageState.MERGED, LineageState.EXTINCT
    nothing = np.zeros(2)

    def generation(number, ids, states):
        bests = Candidates(np.zeros((2, 1)), nothing, nothing, nothing)
        return Generation(number, number + 1, np.array(ids), np.array(states), bests)

    census = LineageCounts()
    first = TracePiece.of([generation(0, [0, 1], [born, merged]), generation(1, [0, 3], [2, extinct])], 1)
    counts, is_first = census.take(first)
    assert counts.tolist() == [[2, 0, 1, 0], [3, 1, 1, 0]]
    assert is_first.tolist() == [True, True, True]
    counts, is_first = census.take(TracePiece.of([generation(2, [0, 2], [merged, born])], 1))
    assert counts.tolist() == [[4, 1, 2, 0]]
    assert is_first.tolist() == [False, True]
    assert census.take(TracePiece.of([], 1))[0].shape == (0, 4)


def test_a_lineage_counts_as_dropped_whatever_it_was_before():
    born, stalled, extinct, dropped = (LineageState[name] for name in ("BORN", "STALLED", "EXTINCT", "DROPPED"))

    def generation(number, ids, states, decisions=()):
        zeros = np.zeros(len(ids))
        bests = Candidates(np.zeros((len(ids), 1)), zeros, zeros, zeros)
        return Generation(number, 9, np.array(ids), np.array(states), bests, decisions=decisions)

    census = LineageCounts()
    told = [generation(0, [0, 1, 2], [born] * 3), generation(1, [0, 1, 2], [stalled, extinct, stalled])]
    assert census.take(TracePiece.of(told, 1))[0].tolist() == [[3, 0, 0, 0], [3, 1, 0, 0]]
    counts, is_first = census.take(TracePiece.of([generation(2, [0, 1, 2], [dropped, dropped, stalled])], 1))
    assert counts.tolist() == [[3, 0, 0, 2]]
    assert not is_first.any()


def test_decisions_are_read_with_the_trace(run, store):
    generations, rows = run
    decision = Decision(2, "more", 1)
    told = [*generations[:3], replace(generations[3], decisions=(decision,)), *generations[4:]]
    trace = LiveTrace(store, filled(store, told), rows, 1)
    assert trace.decisions == ()
    trace.read()
    trace.read()
    assert trace.decisions == (decision,)


def test_brief_lives_are_marked_as_such(run, store):
    _, rows = run
    zeros = np.zeros(2)
    states = np.array([LineageState.BORN, LineageState.MERGED])
    one = Generation(0, 2, np.arange(2), states, Candidates(np.zeros((2, 1)), zeros, zeros, zeros))
    job_id = filled(store, [one])
    found = LiveTrace(store, job_id, rows, 1).read()
    assert found.rows[:, 2].tolist() == [LineageState.BORN, LineageState.MERGED + BRIEFLY]


def test_a_browser_that_looks_again_and_again_holds_no_lineage_that_has_ended(run, store, monkeypatch):
    """However little is kept and sent: what a browser is told last of a lineage says whether it lives."""
    generations, rows = run
    monkeypatch.setattr(scenes, "MAX_ROWS", 120)
    job_id = store.add(JobKind.SEARCH, "A run", "{}")
    trace = LiveTrace(store, job_id, rows, 1)
    sent, known, editions = Sent(), {}, set()
    for start in range(0, len(generations), 4):
        store.add_piece(job_id, TracePiece.of(generations[start : start + 4], 1).to_bytes())
        found = trace.read()
        piece, sent = next_block(sent, found, is_final=False, news=Limits(2, 900))
        known = {} if piece.follows == 0 else known
        known |= {int(row[1]): row[2] < LineageState.EXTINCT for row in piece.rows}
        editions.add(found.edition)
        last = generations[min(start + 3, len(generations) - 1)]
        living = set(last.ids[~is_end(last.states)].tolist())
        assert {lineage for lineage, lives in known.items() if lives} <= living
    assert len(editions) > 3
