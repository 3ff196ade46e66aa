"""A small result with all that can be drawn of it, and the component alone in a real browser."""

import numpy as np
import pytest

from tests.ui.mixes import front_of_mixes, mixes, result_of, rows_of
from tests.ui.web.stage import Stage, staged
from ui.web.live_view.component import Scene, SceneFeature
from ui.web.live_view.row_block import RowBlock, row_width
from ui.web.result_view.component import PARTS, RunBackground, result_message

RESULTS = ((300.0, 2040.0, 1.0, 28.0), (500.0, 1860.0, 2.0, 28.0), (410.0, 1950.0, 0.0, 28.0))
RECORDED = ((310.0, 2000.0, 0.0, 7.0), (350.0, 2100.0, 1.0, 90.0))
RANDOM = ((200.0, 1900.0, 2.0, 28.0),)


def _rows(settings, **extra):
    X = np.array(settings)
    robust = {"robust_low": tuple((X[:, 0] / 10 - 5).tolist()), "robust_high": tuple((X[:, 0] / 10 + 5).tolist())}
    return rows_of(settings, plausibility=(60.0, 3.0, 20.0)[: len(settings)], **robust, **extra)


@pytest.fixture(scope="session")
def dataset():
    """The table of mixes."""
    return mixes()


@pytest.fixture(scope="session")
def result(dataset):
    """Three results, two best recorded rows and the best of random, of a curve over age."""
    return result_of(
        dataset,
        ("cement", "stone"),
        (2300.0,),
        step=0.1,
        objective_short="area",
        results=_rows(RESULTS, names=("low cement", "", "<b>basalt</b>")),
        best_recorded=_rows(RECORDED, measured=(40.0, 41.0), rows=(17, 3)),
        baseline_random=_rows(RANDOM),
        unpenalised=None,
    )


class FlatRows:
    """Puts candidates on a map of their first two settings."""

    def of_candidates(self, X, outcomes):
        return np.column_stack([outcomes, X, X[:, 0], X[:, 1]]).astype(np.float32)


@pytest.fixture(scope="session")
def background(dataset):
    """A background of the recorded rows and 900 lineages."""
    recorded = FlatRows().of_candidates(dataset.X, dataset.y)
    rng = np.random.default_rng(1)
    n = 900
    events = np.zeros((n, row_width(4)), dtype=np.float32)
    events[:, 1], events[:, 3], events[:, 4] = np.arange(n), rng.normal(size=n), rng.uniform(10, 90, n)
    events[:, 6:10] = dataset.X[rng.integers(0, len(dataset.X), n)]
    events[:, 10:12] = events[:, 6:8]
    events[:, 12:] = np.nan
    features = tuple(SceneFeature(column.name, column.unit, 0, 3000) for column in dataset.features)
    scene = Scene("r", features, recorded, "area", explained=(0.5, 0.25))
    return RunBackground(scene, FlatRows(), RowBlock(events, np.zeros((0, 5))))


class ResultStage(Stage):
    """The view of results in a page of its own."""

    def __init__(self, page, theme="light"):
        super().__init__(page, PARTS, "resultView", theme)

    def send(self, message, chosen=0):
        """Give it a result of which one is chosen."""
        return self.give({**message, "chosen": chosen})

    @property
    def order(self):
        """The names in the table, from top to bottom."""
        return self.view.locator("tbody b").all_inner_texts()


@pytest.fixture
def new_stage(browser):
    """Open the component in a page of its own; errors in it fail the test."""
    yield from staged(browser, ResultStage, width=1340, height=900)


@pytest.fixture(scope="session")
def message(result, dataset):
    """The message of the result with axes and curves."""
    low = np.array([[10.0, 20.0, 30.0]] * 3)
    return result_message(result, dataset, bands=(low, low + 30))


@pytest.fixture(scope="session")
def mapped(result, dataset, background):
    """The message with the map as well."""
    return result_message(result, dataset, background)


@pytest.fixture(scope="session")
def front(dataset):
    """A front of strength and cost with a limit on fines."""
    return front_of_mixes(dataset)


@pytest.fixture(scope="session")
def limited(dataset):
    """The lowest cost with limits on strength and fines."""
    return front_of_mixes(dataset, goals=1)
