"""``train TABLE --name NAME``: a model without a page."""

import argparse

from models import FAMILIES, Family
from services.catalog.loading import Catalog
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that trains and saves a model."""
    defaults = TrainingSpec.model_fields
    train = commands.add_parser("train", help="train and save a model")
    train.add_argument("table", help="name of a shipped table")
    train.add_argument("--name", required=True, help="name of the model")
    trained_here = [family.value for family, words in FAMILIES.items() if words.is_trained_here]
    train.add_argument(
        "--family", choices=trained_here, default=Family.MLP.value, help="what kind of model (default mlp)"
    )
    train.add_argument(
        "--widths", type=int, nargs="+", default=list(defaults["widths"].default), help="hidden layers, of mlp alone"
    )
    train.add_argument("--epochs", type=int, default=defaults["epochs"].default, help="at most, of mlp alone")
    members = defaults["n_members"].default
    train.add_argument(
        "--members", type=int, default=members, help=f"networks whose mean predicts, of mlp alone (default {members})"
    )
    train.add_argument("--seed", type=int, default=defaults["seed"].default)
    train.set_defaults(act=train_command)


def train_command(given: argparse.Namespace, catalog: Catalog) -> None:
    """Train a model on a shipped table, and save it."""
    dataset = catalog.datasets.load(given.table)
    spec = TrainingSpec(
        dataset=DatasetRef(name=dataset.name, digest=dataset.digest),
        family=Family(given.family),
        widths=tuple(given.widths),
        epochs=given.epochs,
        n_members=given.members,
        seed=given.seed,
    )
    trained = run_training(spec, dataset)
    saved = catalog.models.save(given.name, trained.artifact, trained.card, overwrite=True)
    label, metrics = saved.card.family.words.label, saved.card.metrics
    figures = f"R2 {metrics.r2:.3f}, RMSE {metrics.rmse:.3g}, MAE {metrics.mae:.3g} on held-out rows"
    print(f"{saved.name}: {label}, {figures}")
