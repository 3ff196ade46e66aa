"""Train the models that ship anew: those of the command line and of users never replace them."""

from pathlib import Path

from models import ModelStore
from models.cards.settings import Family
from models.store import SHIPPED_FOLDER, SHIPPED_MODELS
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training

AUTOMATIC = SHIPPED_FOLDER / "automatic"
"""Folder of the models whose opinion is asked beside those of the stories."""
_ORDERS = (
    *((SHIPPED_FOLDER, name, Family.MLP) for name in SHIPPED_MODELS),
    (AUTOMATIC, "concrete", Family.AUTOMATIC),
)


def main() -> None:
    """Train and save each, under the name of its table."""
    catalog = Catalog.of(Settings.from_environment({}))
    for folder, name, family in _ORDERS:
        make_model(catalog, folder, name, family)
        print(folder / name)


def make_model(catalog: Catalog, folder: Path, name: str, family: Family) -> None:
    """Train a model of a shipped table and save it in a folder under the table's name."""
    dataset = catalog.datasets.load(name)
    spec = TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), family=family, seed=0)
    trained = run_training(spec, dataset)
    ModelStore(folder).save(name, trained.artifact, trained.card, overwrite=True)


if __name__ == "__main__":
    main()
