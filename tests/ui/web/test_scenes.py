import json
from dataclasses import replace

import numpy as np
import pytest

from optimizer import Budget, Candidates, Decision, Generation, Hooks, LineageState, is_end, search
from optimizer.problem.limits import BROKEN
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, RunStore
from services.jobs.store.job import JobState
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_budget, build_problem
from services.problems.stories import LESSON, STORIES, story, story_spec
from services.results.search import run_spec
from tests.fronts import front_of
from ui.web import scenes
from ui.web.live_view.component import (
    NEWS_OF_FRONT,
    Limits,
    RunStatus,
    Sent,
    encode,
    next_block,
    recorded_width,
)
from ui.web.live_view.row_block import BRIEFLY, RowBlock, row_width
from ui.web.scenes import LINE_POINTS, MAX_RECORDED, LineageCounts, LiveTrace, build_scene, separating_axes

BORN, IMPROVED, STALLED, EXTINCT, MERGED, DROPPED = LineageState


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return Catalog.of(Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path_factory.mktemp("home"))}))


@pytest.fixture(scope="module", params=[story.key for story in STORIES if story.key != "front"])
def drawn(request, catalog):
    """A story's specification, material, scene and rows."""
    spec = story_spec(story(request.param), catalog)
    model_data = catalog.model_data(spec)
    return request.param, spec, model_data, *build_scene("run", spec, model_data)


def test_scene_holds_recorded_rows_and_every_feature(drawn):
    _, spec, model_data, scene, _ = drawn
    d = len(model_data.dataset.features)
    assert [feature.name for feature in scene.features] == list(model_data.dataset.feature_names)
    assert scene.recorded.shape == (min(MAX_RECORDED, model_data.dataset.n_rows), recorded_width(d))
    assert np.isfinite(scene.recorded).all()
    assert scene.budget == spec.budget.evaluations
    swept = [feature.name for feature in scene.features if feature.is_swept]
    assert swept == ([spec.curve.feature] if spec.curve else [])
    for j, feature in enumerate(scene.features):
        assert feature.low <= scene.recorded[:, 1 + j].min() and scene.recorded[:, 1 + j].max() <= feature.high + 1e-3


def test_scene_says_what_is_searched_for(drawn):
    key, _, _, scene, _ = drawn
    expected = {
        "concrete": ("area of compressive strength over age 1 to 100", "MPa·days", True),
        "production": ("ProductionYield", "%", None),
        "bumps": ("y", "", True),
    }
    assert (scene.outcome_name, scene.outcome_unit, scene.is_higher_better) == expected[key]


def test_density_is_shown_where_parts_add_up_and_the_curve_where_one_feature_is_free(drawn):
    key, spec, model_data, scene, _ = drawn
    assert (scene.density is not None) == (key == "concrete")
    assert (scene.line is not None) == (key == "bumps")
    if scene.density:
        assert scene.density.unit == "kg/m³"
        assert scene.density.target == pytest.approx(2343.5, abs=0.1)
        assert scene.density.tolerance == pytest.approx(65.3, abs=0.1)
    if scene.line:
        assert len(scene.line.x) == len(scene.line.y) == LINE_POINTS
        assert scene.line.unit == build_problem(spec, model_data).space.features[0].std
        np.testing.assert_allclose(scene.line.y, model_data.predictor.predict(scene.line.x[:, None]))


def test_a_frozen_feature_leaves_the_line_of_the_other(catalog):
    spec = story_spec(story("production"), catalog)
    features = tuple(f.model_copy(update={"is_free": f.name == "Temperature"}) for f in spec.features)
    model_data = catalog.model_data(spec)
    scene, _ = build_scene("run", spec.revised(features=features), model_data)
    assert scene.features[scene.line.feature].name == "Temperature"
    assert (scene.line.x[0], scene.line.x[-1]) == (features[1].low, features[1].high)


def test_events_become_rows_that_the_view_knows(drawn):
    _, spec, model_data, _, rows = drawn
    d = len(model_data.dataset.features)
    problem = build_problem(spec, model_data)
    outcome = search(problem, spec.method.settings(), Budget(600), np.random.default_rng(0))
    piece = TracePiece.of(outcome.trace, d)
    events, table = piece.events, rows.block(piece, LineageCounts()).rows
    assert table.shape == (len(events.ids), row_width(d)) and table.dtype == np.float32
    np.testing.assert_array_equal(table[:, 0], events.generations + 1)  # counted from 1 on screen
    np.testing.assert_allclose(table[:, 6 : 6 + d], events.bests.X, rtol=1e-6)
    if spec.density:
        parts = model_data.dataset.indices(spec.density.parts)
        np.testing.assert_allclose(table[:, 5], events.bests.X[:, parts].sum(axis=1), rtol=1e-6)
    else:
        assert np.isnan(table[:, 5]).all()


def test_ellipses_and_hills_become_columns_and_nothing_becomes_nothing(drawn):
    _, spec, model_data, _, rows = drawn
    d = len(model_data.dataset.features)
    problem = build_problem(spec, model_data)
    X = problem.space.sample(2, np.random.default_rng(0))
    given = {"covariances": np.stack([np.eye(d), np.full((d, d), np.nan)]), "merged_into": np.array([-1, 0])}
    states = np.array([LineageState.BORN, LineageState.MERGED])
    generation = Generation(0, 2, np.arange(2), states, problem.evaluate(X), **given)
    block = rows.block(TracePiece.of([generation], d, lambda: rows.projection), LineageCounts())
    shapes = block.rows[:, -6:]
    np.testing.assert_allclose(shapes[0, :2], rows.projection.project(X[:1])[0], rtol=1e-5)
    np.testing.assert_array_equal(np.isnan(shapes[:, 2]), [False, True])
    np.testing.assert_array_equal(shapes[:, -1], [-1, 0])
    assert block.sent_rows is block.rows
    pair = rows.projection.pair
    expected = np.full((2, 3), np.nan) if pair is None else np.array([[1.0, 0.0, 1.0], [np.nan] * 3])
    np.testing.assert_array_equal(block.rows[:, -9:-6], expected)
    plain = TracePiece.of([replace(generation, covariances=None, merged_into=None)], d)
    assert rows.block(plain, LineageCounts()).sent_rows.shape[1] == row_width(d) - 9


def test_results_become_rows_with_the_place_of_the_very_candidates(catalog):
    spec = story_spec(story("bumps"), catalog)
    model_data = catalog.model_data(spec)
    _, rows = build_scene("run", spec, model_data)
    found = run_spec(
        spec.revised(budget=spec.budget.model_copy(update={"evaluations": 500})), model_data
    ).result.results
    table = rows.of_results(found, 1)
    assert table.shape == (len(found), recorded_width(1))
    np.testing.assert_allclose(table[:, 0], found.outcomes, rtol=1e-6)
    np.testing.assert_allclose(table[:, 1], np.array(found.X)[:, 0], rtol=1e-6)
    empty = found.model_copy(update={"X": (), "outcomes": ()})
    assert rows.of_results(empty, 1).shape == (0, recorded_width(1))


@pytest.fixture(scope="module")
def run(catalog):
    """A run of the lesson on bumps, by lineages: its generations, and what turns them into rows."""
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


def generation(number, ids, states):
    """A generation of lineages that all stand at 0."""
    zeros = np.zeros(len(ids))
    bests = Candidates(np.zeros((len(ids), 1)), zeros, zeros, zeros)
    return Generation(number, number + 1, np.array(ids), np.array(states), bests)


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
    census = LineageCounts()
    first = TracePiece.of([generation(0, [0, 1], [BORN, MERGED]), generation(1, [0, 3], [STALLED, EXTINCT])], 1)
    counts, is_first = census.take(first)
    assert counts.tolist() == [[2, 0, 1, 0], [3, 1, 1, 0]]
    assert is_first.tolist() == [True, True, True]
    counts, is_first = census.take(TracePiece.of([generation(2, [0, 2], [MERGED, BORN])], 1))
    assert counts.tolist() == [[4, 1, 2, 0]]
    assert is_first.tolist() == [False, True]
    assert census.take(TracePiece.of([], 1))[0].shape == (0, 4)


def test_a_lineage_counts_as_dropped_whatever_it_was_before():
    census = LineageCounts()
    told = [generation(0, [0, 1, 2], [BORN] * 3), generation(1, [0, 1, 2], [STALLED, EXTINCT, STALLED])]
    assert census.take(TracePiece.of(told, 1))[0].tolist() == [[3, 0, 0, 0], [3, 1, 0, 0]]
    counts, is_first = census.take(TracePiece.of([generation(2, [0, 1, 2], [DROPPED, DROPPED, STALLED])], 1))
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
    job_id = filled(store, [generation(0, [0, 1], [BORN, MERGED])])
    found = LiveTrace(store, job_id, rows, 1).read()
    assert found.rows[:, 2].tolist() == [BORN, MERGED + BRIEFLY]


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


def test_the_last_phase_becomes_rows_of_its_starts_and_no_lineage_is_counted_for_it(catalog, store):
    spec = story_spec(story("concrete"), catalog)
    spec = spec.revised(budget=spec.budget.model_copy(update={"evaluations": 6_000}))
    model_data = catalog.model_data(spec)
    scene, rows = build_scene("run", spec, model_data)
    d = len(scene.features)
    outcome = search(
        build_problem(spec, model_data), spec.method.settings(), build_budget(spec), np.random.default_rng(0)
    )
    climb = outcome.trace[-1].climb
    job_id = store.add(JobKind.SEARCH, "A run", "{}")
    for part in (outcome.trace[:-1], outcome.trace[-1:]):
        store.add_piece(job_id, TracePiece.of(part, d, lambda: rows.projection).to_bytes())
    block = LiveTrace(store, job_id, rows, d).read()
    assert block.climb.shape == (len(climb), row_width(d))
    np.testing.assert_array_equal(block.climb[:, 1], climb.lineages)
    np.testing.assert_array_equal(block.climb[:, 2] % 2, climb.is_fresh)
    np.testing.assert_allclose(block.climb[:, 6 : 6 + d], climb.starts.X, rtol=1e-6)
    assert set(block.climb[:, 0]) == {block.last}
    before, after = block.generations[-2:, 2]  # lineages born
    assert before == after == outcome.n_lineages - climb.n_lineages
    assert block.after(block.last - 1).climb is block.climb and block.after(block.last).climb is None
    one = next_block(Sent(), block, is_final=True, news=Limits(5, 400))[0]
    assert one.climb is block.climb


def test_scores_are_told_in_the_unit_of_the_objective(drawn):
    key, spec, model_data, scene, _ = drawn
    problem = build_problem(spec, model_data)
    candidates = problem.evaluate(problem.space.sample(50, np.random.default_rng(0)))
    told = scene.score_scale.factor * candidates.scores
    if key == "production":
        assert scene.score_scale.name == f"Distance from {spec.value:g} after penalties"
        np.testing.assert_allclose(
            told, abs(candidates.outcomes - spec.value) + scene.score_scale.factor * candidates.penalties
        )
    else:
        assert scene.score_scale.name == "Outcome after penalties"
        np.testing.assert_allclose(told, candidates.outcomes + scene.score_scale.factor * candidates.penalties)
    assert scene.is_penalised == spec.is_penalised and scene.by_model == (spec.curve is not None)


def test_the_map_begins_with_the_features_that_tell_most_and_ends_with_those_that_part_the_results(catalog):
    spec = story_spec(story("concrete"), catalog)
    model_data = catalog.model_data(spec)
    scene, rows = build_scene("run", spec, model_data)
    names = [scene.features[j].name for j in scene.axes]
    assert names[0] == "cement" and "age" not in names  # the curve runs over age
    space, X = rows.projection.space, np.tile(model_data.dataset.X[:1], (4, 1))
    water, slag = (model_data.dataset.index(name) for name in ("water", "blast furnace slag"))
    age = model_data.dataset.index("age")
    X[:, age] = [1, 3, 90, 365]
    X[:, slag] += space.features[slag].std * np.array([0, 0, 2, 2])
    X[:, water] += space.features[water].std * np.array([0, 1, 0, 1])
    assert separating_axes(X, space, age) == (slag, water)
    assert separating_axes(X[:1], space) is None


def test_one_free_feature_has_no_pair_of_axes(catalog):
    spec = story_spec(story("bumps"), catalog)
    model_data = catalog.model_data(spec)
    scene, rows = build_scene("run", spec, model_data)
    assert scene.axes is None
    assert separating_axes(model_data.dataset.X, rows.projection.space) is None


@pytest.fixture(scope="module")
def front(catalog):
    """A run with two goals: its specification, report, scene, what makes rows, and the rows."""
    spec = front_of(catalog)
    report = run_spec(spec, catalog.model_data(spec))
    scene, rows = build_scene("run", spec, catalog.model_data(spec))
    piece = TracePiece.of(report.trace, len(scene.features), n_goals=2)
    return spec, report, scene, rows, rows.block(piece, LineageCounts())


def test_the_scene_of_several_goals_holds_them_and_what_was_measured(front, catalog):
    _, _, scene, _, _ = front
    strength, cost = scene.goals
    assert (strength.name, strength.unit, strength.is_higher_better) == ("compressive strength", "MPa", True)
    assert (cost.name, cost.unit, cost.is_higher_better) == ("cost", "US$/m³", False)
    dataset = catalog.datasets.load("concrete")
    assert strength.scale == pytest.approx(dataset.y.std())
    np.testing.assert_allclose(scene.recorded_goals[:, 0], scene.recorded[:, 0])  # measured, not predicted
    assert np.isin(scene.recorded_goals[:, 0], dataset.y).all()
    assert 30 < scene.recorded_goals[:, 1].min() < scene.recorded_goals[:, 1].max() < 200
    assert not scene.is_steerable and scene.broken_from == BROKEN
    empty = RowBlock.empty(len(scene.features), len(scene.goals))  # before there is a run
    assert encode(scene, empty, RunStatus(None), height=400)["scene"]["goals"][1]["name"] == "cost"


def test_rows_of_several_goals_tell_them_and_how_far_each_is_behind(front):
    _, report, scene, _, block = front
    places, d = report.events.places, len(scene.features)
    assert block.rows.shape == (len(report.events), row_width(d, 2)) and block.n_goals == 2
    goals = block.rows[:, 8 + d : 11 + d]
    np.testing.assert_allclose(goals[:, :2], places.outcomes[:, :2], rtol=1e-6)
    np.testing.assert_allclose(goals[:, 2], report.events.bests.penalties, rtol=1e-6, atol=1e-6)
    scores, is_broken = block.rows[:, 3], places.violations > 0
    assert is_broken.any() and (scores[is_broken] >= BROKEN).all() and (scores[~is_broken] < BROKEN).all()
    assert (scores[places.is_front & ~is_broken] == 0).all() and (scores[~places.is_front] > 0).all()
    assert block.sent_rows.shape[1] == row_width(d, 2) - 9  # there are no Gaussians


def test_results_of_several_goals_tell_each_of_them(front):
    _, report, scene, rows, _ = front
    found, d = report.result.results, len(scene.features)
    told = rows.of_results(found, d)
    assert told.shape == (len(found), recorded_width(d) + 2)
    np.testing.assert_allclose(told[:, -2:].T, [found.others[1].values, found.others[2].values], rtol=1e-6)


def test_messages_of_a_front_stay_small_while_it_grows(front, store):
    """A hundred lineages, many of which come and go: 25 kB, however long nobody looked."""
    _, report, scene, rows, _ = front
    d = len(scene.features)
    trace = LiveTrace(store, store.add(JobKind.SEARCH, "A front", "{}"), rows, d)
    sent, n_known = Sent(), 0
    for start in range(0, len(report.trace), 5):
        trace.take(TracePiece.of(report.trace[start : start + 5], d, n_goals=2))
        piece, sent = next_block(sent, trace.block, is_final=False, news=NEWS_OF_FRONT)
        if start:
            assert len(json.dumps(encode(scene, piece, RunStatus(JobState.RUNNING), height=400))) < 25_000
        n_known += len(piece.rows)
    assert trace.block.n_goals == 2 and n_known > 200


def test_one_goal_with_limits_says_from_which_score_on_they_are_broken(catalog):
    spec = front_of(catalog, goals=("cost",))
    scene, rows = build_scene("run", spec, catalog.model_data(spec))
    assert (scene.goals, scene.recorded_goals, scene.broken_from) == ((), None, BROKEN)
    assert (scene.outcome_name, scene.outcome_unit, scene.is_higher_better) == ("cost", "US$/m³", False)
    assert rows.n_goals == 0 and scene.is_steerable
    plain = story_spec(story("concrete"), catalog)
    assert build_scene("run", plain, catalog.model_data(plain))[0].broken_from is None
