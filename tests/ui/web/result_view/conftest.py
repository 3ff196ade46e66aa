"""A small result with all that can be drawn of it, and the component alone in a real browser."""

import json

import numpy as np
import pytest

from tests.ui.mixes import mixes, result_of, rows_of
from ui.web.live_view.message import Scene, SceneFeature
from ui.web.live_view.row_block import RowBlock, row_width
from ui.web.result_view.component import PARTS, RunBackground, result_message

RESULTS = ((300.0, 2040.0, 1.0, 28.0), (500.0, 1860.0, 2.0, 28.0), (410.0, 1950.0, 0.0, 28.0))
RECORDED = ((310.0, 2000.0, 0.0, 7.0), (350.0, 2100.0, 1.0, 90.0))
RANDOM = ((200.0, 1900.0, 2.0, 28.0),)
THEMES = {
    "light": {"text": "#1c2733", "background": "#ffffff", "secondary-background": "#f4f6f8", "primary": "#0b62a8"},
    "dark": {"text": "#e6edf3", "background": "#12181f", "secondary-background": "#1b242e", "primary": "#4ea3e0"},
}


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


class Stage:
    """A page that holds the component and nothing else."""

    def __init__(self, page, theme="light"):
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        colours = "".join(f"--st-{name}-color: {value};" for name, value in THEMES[theme].items())
        background = "body {margin: 20px; background: var(--st-background-color)}"
        style = f":root {{{colours} --st-font: sans-serif}} {background}"
        page.set_content(f"<style>{style}{PARTS.css}</style><main>{PARTS.html}</main>")
        page.add_script_tag(type="module", content=f"{PARTS.js}\nwindow.resultView = resultView; window.told = [];")
        page.wait_for_function("Boolean(window.resultView)")
        self.view = page.locator(".result-view")

    def send(self, message, chosen=0):
        """Give the component a message, as Streamlit would."""
        call = """data => { resultView({
            data, parentElement: document.querySelector("main"), setTriggerValue: (_, value) => told.push(value),
        }); }"""
        self.page.evaluate(call, json.loads(json.dumps({**message, "chosen": chosen})))
        return self

    def tell(self, name):
        """Return what the component says of itself."""
        return self.view.get_attribute(f"data-{name}")

    @property
    def told(self):
        """What it told the server."""
        return self.page.evaluate("told")

    @property
    def order(self):
        """The names in the table, from top to bottom."""
        return self.view.locator("tbody b").all_inner_texts()


@pytest.fixture
def new_stage(browser):
    """Open the component in a page of its own; errors in it fail the test."""
    stages = []

    def open_stage(theme="light", width=1340, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        stages.append(Stage(context.new_page(), theme))
        return stages[-1]

    yield open_stage
    for stage in stages:
        assert stage.errors == []
        stage.page.context.close()


@pytest.fixture(scope="session")
def message(result, dataset):
    """The message of the result with axes and curves."""
    low = np.array([[10.0, 20.0, 30.0]] * 3)
    return result_message(result, dataset, bands=(low, low + 30))


@pytest.fixture(scope="session")
def mapped(result, dataset, background):
    """The message with the map as well."""
    return result_message(result, dataset, background)
