"""A small table of every kind of feature with a formula as its model, the bumps, and the shipped shelves."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from models import Dataset, ModelStore, PhysicalLimits, train
from models.cards.card import CompanionCard, IntervalCard, KernelCard
from models.cards.settings import QuadraticSettings
from models.data.encoding import Encoding
from models.intervals.conformal import ConformalPredictor, calibrated
from models.store import SHIPPED_FOLDER
from services.catalog.loading import Catalog, ModelWithData
from services.catalog.settings import ROOT, Settings
from services.problems.defaults import default_spec
from services.problems.stories import story, story_spec
from services.specs.outcomes import ModelRef, OutcomeSpec
from services.specs.run import RunSpec


class Formula:
    """A predictor that needs no training: y = 2 sand + 3 water - (temp - 20)^2 / 10 + resin + sqrt(age)."""

    def __init__(self, feature_names):
        self.feature_names = tuple(feature_names)

    def predict(self, X):
        sand, water, temp, speed, resin, age = X.T
        resins = np.array([0.0, 10.0, -5.0])[resin.astype(int)]
        return 2 * sand + 3 * water - (temp - 20) ** 2 / 10 + speed + resins + np.sqrt(age)


@pytest.fixture
def settings(tmp_path):
    """An installation of its own in a temporary folder, with the shipped models and tables."""
    return Settings(
        home=tmp_path / "home",
        database=f"sqlite:///{tmp_path / 'home' / 'runs.sqlite'}",
        saved_models=SHIPPED_FOLDER,
        shipped_data=ROOT / "data",
        n_parallel=1,
        is_training_warm=False,
    )


@pytest.fixture(scope="session")
def catalog(tmp_path_factory):
    """The shipped tables and models; what is saved goes to a temporary folder."""
    home = tmp_path_factory.mktemp("shelves")
    return Catalog.of(Settings(home, "", SHIPPED_FOLDER, ROOT / "data", 1, False))


@pytest.fixture(scope="session")
def mixed_dataset():
    """Eighty rows: four numbers (speed whole, sand and water adding up), a category, and age to sweep over."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "sand": rng.uniform(50, 70, 80),
            "water": rng.uniform(20, 40, 80),
            "temp": rng.uniform(10, 40, 80),
            "speed": rng.integers(1, 9, 80),
            "resin": rng.choice(["A", "B", "C"], 80, p=[0.6, 0.3, 0.1]),
            "age": rng.choice([1, 7, 28], 80),
        }
    )
    frame["yield"] = Formula(frame.columns).predict(frame.replace({"resin": {"A": 0, "B": 1, "C": 2}}).to_numpy(float))
    return Dataset.from_frame(
        frame,
        name="mixed",
        outcome="yield",
        features=["sand", "water", "temp", "speed", "resin", "age"],
        sweep="age",
        parts=["sand", "water"],
        units={"sand": "kg", "water": "kg", "age": "d", "yield": "%"},
    )


@pytest.fixture(scope="session")
def mixed(mixed_dataset):
    """The small table together with its formula."""
    return ModelWithData(mixed_dataset, Formula(mixed_dataset.feature_names))


@pytest.fixture(scope="session")
def confident(mixed):
    """The small table and its formula with intervals: errors that grow outwards, and are larger for what is sought."""
    encoding = Encoding.from_dataset(mixed.dataset, np.arange(mixed.dataset.n_rows))
    weights = {"variance": 1.0, "linear": 0.0, "quadratic": 0.0, "noise": 0.01}
    kernel = KernelCard(smoothness="exponential", scales=(3.0,) * encoding.n_inputs, **weights)
    card = IntervalCard(
        companions=(CompanionCard(kernel=kernel, weight=0.3),),
        noise=0.1,
        scores=tuple(np.linspace(0.1, 2.0, 20)),
        above=1.5,
        below=1.5,
        coverage=0.9,
        level=0.9,
        n_rows=80,
    )
    return replace(mixed, confidence=ConformalPredictor(mixed.predictor, encoding, card, mixed.dataset))


@pytest.fixture(scope="session")
def limited(confident):
    """The same where the outcome can be nothing but what was recorded."""
    recorded = confident.dataset
    dataset = replace(recorded, limits=PhysicalLimits(float(recorded.y.min()), float(recorded.y.max())))
    return replace(confident, dataset=dataset, confidence=replace(confident.confidence, dataset=dataset))


@pytest.fixture(scope="session")
def mixed_spec(mixed):
    """A run over the small table by a few lineages: all features free, area of the curve over age, density penalty."""
    spec = default_spec(mixed, mixed.dataset, ModelRef(kind="function", name="formula"))
    method = {"name": "lineages", "n_lineages": 10, "n_mutants": 4, "patience": 3}
    return spec.revised(budget={"evaluations": 1_500}, method=method, n_results=3)


@pytest.fixture(scope="session", params=["lineages", "niches"])
def any_spec(request, mixed_spec):
    """The same run, and by niches as well."""
    return mixed_spec if request.param == "lineages" else mixed_spec.revised(method={"name": "niches"})


@pytest.fixture(scope="session")
def plain_spec(mixed_spec):
    """The same run for the outcome itself: no curve, no penalty."""
    return mixed_spec.revised(curve=None, density=None)


@pytest.fixture(scope="session")
def bumps_spec(catalog):
    """The run of the story with one feature: 4,000 evaluations, a few hundredths of a second."""
    return story_spec(story("bumps"), catalog)


@pytest.fixture(scope="session")
def with_feature():
    """Return a function that changes one feature of a specification."""

    def change(spec, name, /, **changes):
        assert name in [feature.name for feature in spec.features]
        features = tuple(f.model_copy(update=changes) if f.name == name else f for f in spec.features)
        return spec.revised(features=features)

    return change


@pytest.fixture(scope="session")
def untimed():
    """Return a function that gives a result as JSON data without what no two runs share: its timings."""

    def strip(result):
        data = result.model_dump(mode="json")
        del data["statistics"]["seconds"], data["statistics"]["overhead_share"]
        return data

    return strip


class Reactor(NamedTuple):
    """The table with three outcomes, a quick model of each, and the run that these suggest."""

    catalog: Catalog
    dataset: Dataset
    models: dict[str, ModelRef]
    spec: RunSpec

    def run(self, *outcomes, **changes):
        """Return the run with these outcomes, each given as a name and fields; models are filled in."""
        asked = [
            OutcomeSpec(name=name, model=None if "formula" in fields else self.models[name], **fields)
            for name, fields in outcomes
        ]
        return self.spec.revised(outcomes=tuple(asked), **changes)

    def model_data(self, spec):
        """Return what `spec` names."""
        return self.catalog.models_of(self.dataset, spec)


@pytest.fixture(scope="session")
def reactor(tmp_path_factory, catalog):
    """The reactor: yield, impurity and energy, the latter two with gaps; a quadratic model with intervals of each."""
    store, dataset, models = ModelStore(tmp_path_factory.mktemp("reactor")), catalog.datasets.load("reactor"), {}
    for name in dataset.outcome_names:
        rows = dataset.for_outcome(name)
        trained = calibrated(train(rows, QuadraticSettings()), rows)
        saved = store.save(name, trained.artifact, trained.card)
        models[name] = ModelRef(name=saved.name, digest=saved.digest)
    own = replace(catalog, models=store)
    spec = default_spec(own.pair(dataset, models["yield"]), dataset, models["yield"])
    return Reactor(own, dataset, models, spec.revised(budget={"evaluations": 1_500}, is_compared=False))
