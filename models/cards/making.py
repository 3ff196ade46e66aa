"""What training leaves, whatever the family: the model and its card."""

import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import numpy as np

from models.cards.card import DatasetCard, HeldOut, History, MetricsCard, ModelCard, OutcomeCard, feature_cards
from models.cards.families import Family
from models.cards.settings import ModelSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.metrics import score
from models.data.split import Split
from models.networks.predictor import Predictor

_MAXIMUM_HELD_OUT = 2_000


def make_card(
    dataset: Dataset,
    split: Split,
    encoding: Encoding,
    predicted: np.ndarray,
    *,
    family: Family,
    settings: ModelSettings | None,
    history: History | None,
    versions: dict[str, str],
) -> ModelCard:
    """The card of a trained model, given its predictions (n_test,) of the split's test rows.

    Args:
        dataset: that it was trained on.
        split: which rows it learned from, was stopped by and is measured on.
        encoding: means and standard deviations over the training rows.
        predicted: outcomes of the test rows, in their unit.
        family: what kind of model it is.
        settings: that it was trained with.
        history: of its training, None where it has no epochs.
        versions: of the software that trained it, beside Python and NumPy.
    """
    measured = dataset.y[split.test]
    shown = np.linspace(0, len(measured) - 1, min(len(measured), _MAXIMUM_HELD_OUT)).round().astype(int)
    return ModelCard(
        features=feature_cards(dataset, encoding),
        outcome=OutcomeCard(
            name=dataset.outcome.name,
            unit=dataset.outcome.unit,
            is_integer=dataset.outcome.is_integer,
            mean=encoding.outcome_mean,
            std=encoding.outcome_std,
            low=float(dataset.y.min()),
            high=float(dataset.y.max()),
        ),
        sweep=dataset.sweep,
        parts=dataset.parts,
        metrics=MetricsCard(
            **asdict(score(measured, predicted)),
            n_train=len(split.train),
            n_validation=len(split.validation),
            n_test=len(split.test),
        ),
        family=family,
        settings=settings,
        history=history,
        held_out=HeldOut(measured=tuple(measured[shown].tolist()), predicted=tuple(predicted[shown].tolist())),
        dataset=DatasetCard(name=dataset.name, digest=dataset.digest, n_rows=dataset.n_rows),
        versions={"python": platform.python_version(), "numpy": np.__version__, **versions},
        created_at=datetime.now(UTC),
    )


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        card: everything known about it but the weights.
        artifact: the bytes of its .keras or .skops file, as the store takes them.
        predictor: the same model, ready to predict for rows in the card's feature order.
    """

    card: ModelCard
    artifact: bytes
    predictor: Predictor
