"""From a dataset to a trained model with its card."""

import platform
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from models.backend import load_backend
from models.card import DatasetCard, HeldOut, History, MetricsCard, ModelCard, OutcomeCard, feature_cards
from models.dataset import Dataset
from models.encoding import Encoding
from models.fitting import EpochRecord, Fit, build_model, fit_model
from models.keras_file import MAXIMUM_PARAMETERS, read_network
from models.metrics import score
from models.network import Network
from models.predictor import MlpPredictor
from models.settings import TrainingError, TrainingSettings
from models.split import Split, split_rows
from models.steps import Samples

MINIMUM_ROWS = 20
"""With fewer rows there is nothing to hold out."""

_MAXIMUM_HELD_OUT = 2_000


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        card: everything known about it but the weights.
        keras_bytes: the .keras file that Keras wrote.
        network: the same network, ready to predict without TensorFlow.
    """

    card: ModelCard
    keras_bytes: bytes
    network: Network

    @property
    def predictor(self) -> MlpPredictor:
        """What answers for rows in the card's feature order."""
        return MlpPredictor(self.card.encoding, self.network)


def train(
    dataset: Dataset,
    settings: TrainingSettings | None = None,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TrainedModel:
    """Return an MLP trained on a dataset and judged on rows held out; the same seed gives the same weights.

    Args:
        dataset: at least 20 rows, a varying feature and a varying outcome.
        settings: widths, epochs, rates and so on; the defaults suit tables of some hundred to some ten thousand rows.
        on_epoch: called after every epoch.
        should_stop: asked several times a second; True ends the training and keeps the best so far.

    Raises:
        TrainingError: the dataset or the settings do not allow training, or it diverged at once.
    """
    settings = settings or TrainingSettings()
    _check_dataset(dataset)
    shares = {"validation_share": settings.validation_share, "test_share": settings.test_share}
    split = split_rows(dataset, seed=settings.seed, **shares)
    _check_training_rows(dataset, split)
    encoding = Encoding.from_dataset(dataset, split.train)
    _check_size(encoding.n_inputs, settings)

    def samples(rows: np.ndarray) -> Samples:
        return Samples(encoding.encode(dataset.X[rows]), encoding.encode_outcome(dataset.y[rows]))

    model = build_model(encoding.n_inputs, settings)
    train_rows, validation_rows = samples(split.train), samples(split.validation)
    fit = fit_model(model, train_rows, validation_rows, settings, on_epoch=on_epoch, should_stop=should_stop)
    keras_bytes = saved_bytes(model)
    network = read_network(keras_bytes)
    predicted = MlpPredictor(encoding, network).predict(dataset.X[split.test])
    return TrainedModel(_make_card(dataset, settings, split, encoding, fit, predicted), keras_bytes, network)


def _check_dataset(dataset: Dataset) -> None:
    """Raise TrainingError where nothing can be learned."""
    if dataset.n_rows < MINIMUM_ROWS:
        raise TrainingError(
            f"The table has {dataset.n_rows} complete rows; training needs at least {MINIMUM_ROWS}. Record more rows, "
            "or leave out features with many missing values."
        )
    if not _varies(dataset.y):
        raise TrainingError(
            f"The outcome '{dataset.outcome.name}' is {dataset.y[0]:g} in every row: choose an outcome that varies."
        )
    if not any(_varies(dataset.X[:, j]) for j in range(len(dataset.features))):
        raise TrainingError("No feature varies from row to row: choose at least one that does.")


def _check_training_rows(dataset: Dataset, split: Split) -> None:
    """Raise TrainingError where the rows left for training say nothing."""
    if not _varies(dataset.y[split.train]):
        raise TrainingError(
            f"The outcome '{dataset.outcome.name}' differs in so few rows that those left for training are all equal: "
            "record more rows, or try another seed."
        )


def _check_size(n_inputs: int, settings: TrainingSettings) -> None:
    """Raise TrainingError for a network larger than can be read again."""
    widths = (n_inputs, *settings.widths, 1)
    n_parameters = sum((a + 1) * b for a, b in pairwise(widths))
    if n_parameters > MAXIMUM_PARAMETERS or n_inputs > 4096:
        raise TrainingError(
            f"This network would have {n_inputs:,} inputs and {n_parameters:,} weights; at most 4,096 inputs and "
            f"{MAXIMUM_PARAMETERS:,} weights are possible. Choose fewer neurons, or features with fewer categories."
        )


def _varies(values: np.ndarray) -> bool:
    """Return whether values differ by more than rounding."""
    return float(np.ptp(values)) > 1e-12 * float(np.abs(values).max())


def saved_bytes(model: Any) -> bytes:
    """Return what ``model.save`` writes; Keras can write to a path only."""
    with tempfile.TemporaryDirectory(prefix="mixwright-") as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def _make_card(
    dataset: Dataset, settings: TrainingSettings, split: Split, encoding: Encoding, fit: Fit, predicted: np.ndarray
) -> ModelCard:
    """Return the card of a trained model, given its predictions of the held-out rows."""
    measured = dataset.y[split.test]
    shown = np.linspace(0, len(measured) - 1, min(len(measured), _MAXIMUM_HELD_OUT)).round().astype(int)
    keras, tensorflow = load_backend()
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
        settings=settings,
        history=History(
            train_loss=tuple(record.train_loss for record in fit.records),
            validation_loss=tuple(record.validation_loss for record in fit.records),
            best_epoch=fit.best_epoch,
            ended=fit.ended,
        ),
        held_out=HeldOut(measured=tuple(measured[shown].tolist()), predicted=tuple(predicted[shown].tolist())),
        dataset=DatasetCard(name=dataset.name, digest=dataset.digest, n_rows=dataset.n_rows),
        versions={
            "python": platform.python_version(),
            "numpy": np.__version__,
            "keras": keras.__version__,
            "tensorflow": tensorflow.__version__,
        },
        created_at=datetime.now(UTC),
    )
