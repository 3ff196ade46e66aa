"""A small table of every kind of feature, and the board alone in a real browser: no server."""

import re

import numpy as np
import pandas as pd
import pytest

from models import Dataset
from services.problems.defaults import default_feature
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef, RunSpec
from tests.ui.web.stage import Stage, staged
from ui.web.settings_board.component import PARTS, board_message, feature_summaries

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="session")
def dataset():
    """Two hundred rows: sand and water as numbers, speed as a whole one, a category whose names are markup."""
    rng = np.random.default_rng(3)
    n = 200
    frame = pd.DataFrame({"sand": rng.uniform(50, 70, n).round(1), "water": rng.uniform(20, 40, n).round(1)})
    frame["speed"] = rng.integers(1, 9, n)
    frame["resin"] = rng.choice(["A", "B", EVIL], n, p=[0.6, 0.3, 0.1])
    frame.loc[:1, ["sand", "water"]] = [[50.0, 20.0], [70.0, 40.0]]
    frame["yield"] = frame["sand"] + frame["water"]
    features = ["sand", "water", "speed", "resin"]
    return Dataset.from_frame(frame, name="mix", outcome="yield", features=features, units={"sand": "kg"})


@pytest.fixture(scope="session")
def spec(dataset):
    """A run over it with all features free."""
    features = tuple(default_feature(dataset, column) for column in dataset.features)
    return RunSpec(
        dataset=DatasetRef(name="mix", digest=dataset.digest),
        model=ModelRef(kind="function", name="formula"),
        features=features,
    )


class BoardStage(Stage):
    """The board in a page of its own."""

    def __init__(self, page, dataset):
        super().__init__(page, PARTS, "settingsBoard", inside="parseNumber, summaryOf")
        self.pictures = feature_summaries(dataset)
        self.dataset = dataset

    def show(self, spec, revision="1", usual_strengths=None, **notes):
        """Give it the settings of a run."""
        usual = usual_strengths or dict.fromkeys(("sand", "water", "speed", "resin"), 0.2)
        known = {"revision": revision, "usual_strengths": usual} | notes
        return self.give(board_message(spec, self.dataset, self.pictures, **known))

    def open(self, name):
        """Open a fold: that of a feature, of the goal, of all features, or of the size of the search."""
        self.page.locator(".opener").filter(has_text=re.compile(f"^{name}")).click()
        return self

    def type(self, label, text):
        """Type into a field."""
        field = self.field(label)
        field.fill(text)
        field.press("Enter")
        return self

    def field(self, label):
        """The part of that name."""
        return self.page.get_by_label(label, exact=True)

    def drag(self, label, dx):
        """Drag a handle sideways."""
        box = self.field(label).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y, steps=4)
        self.page.mouse.up()
        return self

    def last(self, name):
        """What it told last of one feature."""
        return next(each for each in self.told[-1]["features"] if each["name"] == name)

    @property
    def summaries(self):
        """What is said of the features, in their order."""
        return self.page.locator(".summary").all_text_contents()


@pytest.fixture
def stage(browser, dataset):
    """The board in a page of its own; errors in it fail the test."""
    for new_stage in staged(browser, BoardStage, height=700):
        yield new_stage(dataset)
