"""Runs of a model that only a worker loads are drawn without asking it."""

from pathlib import Path

import numpy as np
import pytest

from models.keras.operator_model import KerasModelFile
from services.catalog.loading import Catalog, ModelWithData
from services.catalog.settings import Settings
from services.problems.stories import STORIES, story, story_spec
from ui.web.live_view.component import recorded_width
from ui.web.scenes import build_scene


@pytest.mark.parametrize("key", [story.key for story in STORIES if story.key != "bumps"])
def test_the_recorded_rows_are_shown_as_measured_and_without_outcomes_where_a_curve_counts(key, tmp_path):
    catalog = Catalog.of(Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path)}))
    spec = story_spec(story(key), catalog).revised(plausibility=None, risk_aversion=0.0)
    loaded = catalog.model_data(spec)
    deferred = ModelWithData(loaded.dataset, KerasModelFile(Path("plant.keras"), loaded.predictor.encoding))
    scene, _ = build_scene("run", spec, deferred)
    assert scene.line is None
    if spec.curve:
        assert scene.recorded.shape == (500, recorded_width(len(loaded.dataset.features)))
        assert np.isnan(scene.recorded[:, 0]).all() and np.isfinite(scene.recorded[:, 1:]).all()
    else:
        np.testing.assert_allclose(
            np.sort(scene.recorded[:, 0])[[0, -1]], [loaded.dataset.y.min(), loaded.dataset.y.max()], rtol=0.2
        )
