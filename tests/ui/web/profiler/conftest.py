"""The profiler alone in a real browser, and what answers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import Dataset
from optimizer import Goal
from services.catalog.loading import ModelWithData
from services.problems.defaults import default_spec
from services.specs.outcomes import ModelRef, OutcomeSpec
from services.studies.what_if.settings import WhatIfStart, start_of_recorded
from tests.ui.web.stage import Stage, staged
from ui.web.profiler.component import PARTS, WhatIfContext


def dataset():
    """Sixty rows: two amounts, a whole number, a category, an age to sweep over."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "sand": rng.uniform(50, 70, 60).round(1),
            "speed": rng.integers(1, 9, 60),
            "resin": rng.choice(["plain", "strong"], 60),
            "age": rng.choice([1, 7, 28], 60),
        }
    )
    frame["yield"] = frame["sand"] + 3 * frame["speed"] + 10 * (frame["resin"] == "strong")
    names = ["sand", "speed", "resin", "age"]
    units = {"sand": "kg", "yield": "%", "age": "d"}
    return Dataset.from_frame(frame, name="small", outcome="yield", features=names, sweep="age", units=units)


def make_stage(key="run", *, is_swept=True):
    """What answers, for the curve over age or for the outcome itself."""
    rows = dataset()
    model_data = ModelWithData.of_callable(rows, lambda X: X[:, 0] + 3 * X[:, 1] + 10 * X[:, 2] + np.sqrt(X[:, 3]))
    spec = default_spec(model_data, rows, ModelRef(kind="function", name="sum"))
    if not is_swept:
        spec = spec.revised(curve=None)
    return WhatIfContext.of(key, spec, model_data, None)


def make_rows_stage(key="rows", n_more=0):
    """What answers for a maximum with a limited outcome, with gaps, and a formula; and so many more features."""
    rng = np.random.default_rng(5)
    names = ["sand", "speed", *(f"part {k}" for k in range(n_more))]
    frame = pd.DataFrame({name: rng.uniform(0, 10, 60) for name in names})
    frame["yield"], frame["waste"] = frame["sand"] + frame["speed"], 2 * frame["speed"]
    frame.loc[::3, "waste"] = np.nan
    units = {"yield": "%", "waste": "kg"}
    table = Dataset.from_frame(
        frame, name="rows", outcome="yield", features=names, units=units, other_outcomes=["waste"]
    )
    told = {"yield": lambda X: X[:, 0] + X[:, 1], "waste": lambda X: 2 * X[:, 1]}
    measured = {name: ModelWithData.of_callable(table.for_outcome(name), each) for name, each in told.items()}
    models = {name: ModelRef(kind="function", name=name) for name in told}
    spec = default_spec(measured["yield"], table.for_outcome("yield"), models["yield"])
    outcomes = (
        OutcomeSpec(name="yield", model=models["yield"], goal=Goal.MAXIMUM),
        OutcomeSpec(name="waste", model=models["waste"], at_most=12.0),
        OutcomeSpec(name="share", formula="waste / yield"),
    )
    model_data = replace(measured["yield"], table=table, measured=measured)
    return WhatIfContext.of(key, spec.revised(outcomes=outcomes), model_data, None)


class Theatre(Stage):
    """The profiler in a page of its own: answers come when the test gives them."""

    def __init__(self, page):
        super().__init__(page, PARTS._replace(css=f"main {{padding-top: 60px}} {PARTS.css}"), "profiler")

    def send(self, stage, setting, *, number=0, times=1, locked=(), start=None, with_scene=True):
        """Give the component the answer for a setting, as Streamlit would."""
        start = start or start_of_recorded(stage.explorer.dataset, 1)
        answer = stage.explorer.answer(setting)
        outcome = float(stage.explorer.outcomes(np.array([start.setting])).mean[0])
        message = {
            "scene": stage.scene if with_scene else {"id": stage.key},
            "number": number,
            "times": times,
            "locked": list(locked),
            "answer": stage.answer(answer, start, outcome),
        }
        return self.give(message)

    def wait_told(self, n):
        """Wait until it told something n times, and return the last."""
        self.page.wait_for_function(f"told.length >= {n}")
        return self.told[-1]

    def slider(self, name):
        """The line of a feature."""
        return self.page.get_by_role("slider", name=f"Move {name}")

    def place(self, name, share):
        """Where on the screen a share of a feature's axis is."""
        box = self.page.get_by_role("region", name=name, exact=True).locator(".canvas").bounding_box()
        return box["x"] + 42 + share * (box["width"] - 50), box["y"] + 50


@pytest.fixture
def new_theatre(browser):
    """Open the component in a page of its own; errors in it fail the test."""
    yield from staged(browser, Theatre, height=720, reduced_motion="reduce")


@pytest.fixture(scope="session")
def stages():
    """Make what answers."""
    return make_stage


@pytest.fixture(scope="session")
def rows_stages():
    """Make what answers for several outcomes."""
    return make_rows_stage


@pytest.fixture(scope="session")
def a_result():
    """A start that is a result."""
    return lambda setting: WhatIfStart("Result 2: high sand", tuple(setting), 2)
