"""The small mixed table with a boosted model of it on shelves of their own, and a check of both."""

import pytest

from models import BoostingSettings, train
from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.check import run_quality
from services.studies.quality.report import QualitySpec


@pytest.fixture(scope="session")
def boosted(mixed_dataset):
    """A small boosted model of the mixed table."""
    return train(mixed_dataset, BoostingSettings(n_members=2, rounds=60, min_rows_per_leaf=5))


@pytest.fixture(scope="session")
def own_shelves(tmp_path_factory, mixed_dataset, boosted):
    """The mixed table and the boosted model, saved; and all tables that ship."""
    folder = tmp_path_factory.mktemp("quality")
    made = Catalog.of(Settings(folder, "", folder / "models", ROOT / "data", 1, False))
    made.datasets.save(mixed_dataset)
    made.models.save("boosted", boosted.artifact, boosted.card)
    return made


@pytest.fixture(scope="session")
def spec_of(own_shelves):
    """Return a function that gives the check of a saved model on a table."""

    def make(dataset, name, **changes):
        ref = ModelRef(name=name, digest=own_shelves.models.load(name).digest)
        return QualitySpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), model=ref, **changes)

    return make


@pytest.fixture(scope="session")
def spec(spec_of, mixed_dataset):
    """The check of the boosted model in three folds."""
    return spec_of(mixed_dataset, "boosted", n_folds=3, n_repeats=2)


@pytest.fixture(scope="session")
def result(spec, own_shelves):
    """What that check found."""
    return run_quality(spec, own_shelves)
