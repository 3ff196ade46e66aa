from dataclasses import replace

import numpy as np
import pytest

from optimizer import Budget, Generation, LineageState, search
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.stories import STORIES, story, story_spec
from services.results.search import run_spec
from ui.web.live_view.message import recorded_width
from ui.web.live_view.row_block import row_width
from ui.web.scenes import LINE_POINTS, MAX_RECORDED, LineageCounts, build_scene


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return Catalog.of(Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path_factory.mktemp("home"))}))


@pytest.fixture(scope="module", params=[story.key for story in STORIES])
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
    plain = TracePiece.of([replace(generation, covariances=None, merged_into=None)], d)
    assert rows.block(plain, LineageCounts()).sent_rows.shape[1] == row_width(d) - 6


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


def test_no_results_become_no_rows(catalog):
    spec = story_spec(story("concrete"), catalog)
    model_data = catalog.model_data(spec)
    _, rows = build_scene("run", spec, model_data)
    result = run_spec(spec.revised(budget=spec.budget.model_copy(update={"evaluations": 300})), model_data).result
    empty = result.results.model_copy(update={"X": (), "outcomes": ()})
    assert rows.of_results(empty, 8).shape == (0, recorded_width(8))
