"""A small result with all that can be drawn of it, and the component alone in a real browser."""

import json

import numpy as np
import pytest

from models import Column, ColumnKind, Dataset
from optimizer import Goal, StopReason
from services.specs.results import DensityInfo, FeatureInfo, ResultSet, RunResult, SearchStatistics, SweepInfo
from services.specs.run import (
    CategoricalSpec,
    CurveSpec,
    DatasetRef,
    DensitySpec,
    ModelRef,
    NumericSpec,
    RunSpec,
)
from ui.web.live_view import RowBlock, Scene, SceneFeature, row_width
from ui.web.result_view import RunBackground, encode, picture_of
from ui.web.result_view.component import PARTS

CATEGORIES = ("basalt", "gravel", "lime")
RESULTS = ((300.0, 2040.0, 1.0, 28.0), (500.0, 1860.0, 2.0, 28.0), (410.0, 1950.0, 0.0, 28.0))
RECORDED = ((310.0, 2000.0, 0.0, 7.0), (350.0, 2100.0, 1.0, 90.0))
RANDOM = ((200.0, 1900.0, 2.0, 28.0),)
THEMES = {
    "light": {"text": "#1c2733", "background": "#ffffff", "secondary-background": "#f4f6f8", "primary": "#0b62a8"},
    "dark": {"text": "#e6edf3", "background": "#12181f", "secondary-background": "#1b242e", "primary": "#4ea3e0"},
}


def _set(settings, **extra):
    X = np.array(settings)
    n = len(settings)
    known = {
        "outcomes": tuple((X[:, 0] / 10).tolist()),
        "scores": tuple((-X[:, 0] / 100).tolist()),
        "penalties": (0.0,) * n,
        "densities": tuple((X[:, 0] + X[:, 1]).tolist()),
        "curves": tuple((row[0] / 10, row[0] / 8, row[0] / 6) for row in settings),
        "plausibility": (60.0, 3.0, 20.0)[:n],
        "robust_low": tuple((X[:, 0] / 10 - 5).tolist()),
        "robust_high": tuple((X[:, 0] / 10 + 5).tolist()),
    }
    return ResultSet(X=settings, **(known | extra))


@pytest.fixture(scope="session")
def dataset():
    """Two hundred rows: cement and sand add up, stone is categorical, age is swept."""
    rng = np.random.default_rng(0)
    cement, sand = rng.uniform(100, 540, 200), rng.uniform(1800, 2100, 200)
    stone, age = rng.integers(0, 3, 200).astype(float), rng.choice([1.0, 3.0, 7.0, 28.0, 90.0], 200)
    return Dataset(
        name="mixes",
        features=(
            Column("cement", unit="kg/m³"),
            Column("sand", unit="kg/m³"),
            Column("stone", ColumnKind.CATEGORICAL, categories=CATEGORIES),
            Column("age", unit="days", is_integer=True),
        ),
        outcome=Column("strength", unit="MPa"),
        X=np.column_stack([cement, sand, stone, age]),
        y=cement / 10 + age / 10,
        sweep="age",
        parts=("cement", "sand"),
    )


@pytest.fixture(scope="session")
def result(dataset):
    """Three results, two best recorded rows and the best of random, of a curve over age."""
    spec = RunSpec(
        dataset=DatasetRef(name="mixes", digest="d"),
        model=ModelRef(name="m"),
        curve=CurveSpec(feature="age", start=1, end=28, points=3),
        features=(
            NumericSpec(name="cement", low=90, high=600, value=300, step=0.1),
            NumericSpec(name="sand", is_free=False, low=1850, high=2050, value=2000),
            CategoricalSpec(name="stone", allowed=CATEGORIES, value="basalt"),
            NumericSpec(name="age", is_free=False, low=1, high=90, value=28),
        ),
        density=DensitySpec(parts=("cement", "sand"), target=2340, tolerance=60.4),
    )
    features = tuple(
        FeatureInfo(
            name=column.name,
            unit=column.unit,
            is_free=column.name in ("cement", "stone"),
            is_integer=column.is_integer,
            low=dataset.X[:, j].min(),
            high=dataset.X[:, j].max(),
            std=dataset.stds[j],
            categories=column.categories,
        )
        for j, column in enumerate(dataset.features)
    )
    statistics = {"n_lineages": 10, "n_extinct": 5, "n_kept": 5, "n_generations": 3, "last_improvement": 1}
    statistics |= {"n_evaluations": 30, "n_nonfinite": 0, "seconds": 0.1, "overhead_share": 0.1}
    return RunResult(
        spec=spec,
        goal=Goal.MAXIMUM,
        objective_name="area of strength over age 1 to 28",
        objective_short="area",
        objective_unit="MPa·days",
        outcome_name="strength",
        outcome_unit="MPa",
        features=features,
        sweep=SweepInfo(feature="age", unit="days", grid=(1.0, 14.0, 28.0)),
        density=DensityInfo(unit="kg/m³", recorded=(2300.0,), mean=2340, std=60.4, target=2340, tolerance=60.4),
        results=_set(RESULTS, names=("low cement", "", "<b>basalt</b>")),
        best_recorded=_set(RECORDED, measured=(40.0, 41.0), rows=(17, 3)),
        baseline_random=_set(RANDOM),
        unpenalised=None,
        statistics=SearchStatistics(**statistics, stop_reason=StopReason.BUDGET),
        dataset_name="mixes",
        n_recorded=200,
        versions={},
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
    return encode(picture_of(result, dataset, bands=(low, low + 30)))


@pytest.fixture(scope="session")
def mapped(result, dataset, background):
    """The message with the map as well."""
    return encode(picture_of(result, dataset, background))
