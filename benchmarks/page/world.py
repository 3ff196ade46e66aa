"""What the server is given to show: finished runs in a store of its own, and a table of 100,000 rows and 30 columns."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from models import Column, ColumnKind, Dataset, TrainingSettings, train
from models.intervals.conformal import calibrated
from scripts.served_app import environment_of, finish_job
from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.jobs import JobKind, JobState, RunStore, Supervisor
from services.problems.defaults import default_spec
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import RunSpec
from services.studies.quality.report import QualitySpec

N_SMALL_RUNS = 30  # more than the list of runs has on a page
N_ROWS, N_COLUMNS = 100_000, 30
N_PARTS, N_CATEGORICAL = 4, 3
N_RECIPES = 40  # rows are recorded around so many, as tables of a production are
TRAINING = TrainingSettings(epochs=3, batch_size=4_096, patience=None, averaging=0.9, n_members=1)


@dataclass(frozen=True, slots=True)
class World:
    """What there is to visit.

    Attributes:
        story: id of the finished concrete story.
        second: id of a smaller run of the same problem.
        quality: id of a finished check of the story's model.
        large: id of a finished run on the large table.
    """

    folder: Path
    story: str
    second: str
    quality: str
    large: str


def make_world(folder: Path) -> World:
    """What there is to visit, made in a folder unless it is there already."""
    index = folder / "world.json"
    if index.is_file():
        return World(folder, **json.loads(index.read_text("utf-8")))
    shutil.copytree(ROOT / "models" / "saved", folder / "models", dirs_exist_ok=True)
    settings = Settings.from_environment(environment_of(folder) | {"MIXWRIGHT_WARM_TRAINING": "0"})
    catalog = Catalog.of(settings)
    concrete = story_spec(story("concrete"), catalog)
    second = concrete.revised(name="Second run", seed=1, budget={"evaluations": 3_000})
    check = QualitySpec(dataset=concrete.dataset, model=concrete.model)
    supervisor = Supervisor(settings, RunStore(settings.database))
    supervisor.start()
    try:
        _keep_small_runs(supervisor.store, catalog)
        world = World(
            folder,
            second=finish_job(supervisor, JobKind.SEARCH, second.name, second),
            quality=finish_job(supervisor, JobKind.QUALITY, check.key, check),
            large=finish_job(supervisor, JobKind.SEARCH, "Large run", _keep_large(catalog)),
            story=finish_job(supervisor, JobKind.SEARCH, concrete.name, concrete, "concrete"),
        )
    finally:
        supervisor.close()
        supervisor.store.close()
    index.write_text(json.dumps({name: value for name, value in asdict(world).items() if name != "folder"}), "utf-8")
    return world


def large_dataset(n_rows: int = N_ROWS, n_columns: int = N_COLUMNS, seed: int = 0) -> Dataset:
    """Table of a made-up production: parts that add up, settings, categories, and an outcome with noise.

    Args:
        n_columns: the outcome among them; at least 12.
    """
    rng = np.random.default_rng(seed)
    d = n_columns - 1
    recipes = rng.uniform(-1, 1, size=(N_RECIPES, d))
    Z = recipes[rng.integers(N_RECIPES, size=n_rows)] + 0.3 * rng.normal(size=(n_rows, d))
    parts = np.exp(0.4 * Z[:, :N_PARTS])
    X = 100 + 20 * Z
    X[:, :N_PARTS] = 1_000 * parts / parts.sum(axis=1, keepdims=True) * rng.normal(1, 0.01, size=(n_rows, 1))
    X[:, d - N_CATEGORICAL :] = np.digitize(Z[:, d - N_CATEGORICAL :], [-0.5, 0.5])
    truth = np.sin(Z[:, :6]).sum(axis=1) - 0.4 * (Z[:, 6:12] ** 2).sum(axis=1) + 0.5 * (X[:, d - 1] == 1)
    return Dataset(
        name="Large table",
        features=tuple(_column(j, d) for j in range(d)),
        outcome=Column("yield", unit="%"),
        X=np.round(X, 3),
        y=np.round(60 + 5 * truth + rng.normal(size=n_rows), 3),
        parts=tuple(_column(j, d).name for j in range(N_PARTS)),
    )


def _column(j: int, d: int) -> Column:
    """Feature j of d."""
    if j >= d - N_CATEGORICAL:
        return Column(f"line {j + 1}", ColumnKind.CATEGORICAL, categories=("low", "middle", "high"))
    return Column(f"part {j + 1}", unit="kg") if j < N_PARTS else Column(f"setting {j + 1}", unit="°C")


def _keep_large(catalog: Catalog) -> RunSpec:
    """Save the large table and a model of it; return the run that is made with them."""
    dataset = large_dataset()
    catalog.datasets.save(dataset)
    trained = calibrated(train(dataset, TRAINING), dataset)
    saved = catalog.models.save("large", trained.artifact, trained.card, overwrite=True)
    model = ModelRef(name="large", digest=saved.digest)
    spec = default_spec(catalog.pair(dataset, model), dataset, model, name="Large run")
    return spec.revised(budget={"evaluations": 2_000}, is_compared=False)


def _keep_small_runs(store: RunStore, catalog: Catalog) -> None:
    """Fill the list of runs with one small run under many names."""
    spec = story_spec(story("bumps"), catalog).revised(budget={"evaluations": 400}, is_compared=False)
    result = run_spec(spec, catalog.model_data(spec)).result.model_dump_json()
    for number in range(1, N_SMALL_RUNS + 1):
        name = f"Small run {number}"
        run = store.add(JobKind.SEARCH, name, spec.revised(name=name).model_dump_json())
        store.start(run, "benchmark")
        store.finish(run, JobState.DONE, result=result)
