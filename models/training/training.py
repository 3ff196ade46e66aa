"""From a dataset to a trained model with its card."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from models.cards.card import History, TrainedModel, make_card
from models.cards.families import Family
from models.cards.settings import TrainingSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import Split, check_dataset, check_training_rows, member_rows, row_groups, split_rows
from models.errors import TrainingError
from models.keras.backend import load_backend
from models.keras.file import MAXIMUM_PARAMETERS
from models.keras.writer import keras_file_of
from models.networks.predictor import EnsemblePredictor
from models.training.fitting import EpochRecord, Fit, fit_members


def train(
    dataset: Dataset,
    settings: TrainingSettings | None = None,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TrainedModel:
    """An MLP trained on a dataset and measured on rows held out; the same seed gives the same weights.

    Args:
        dataset: at least 20 rows, a varying feature and a varying outcome.
        settings: widths, epochs, rates and so on; the defaults suit tables of some hundred to some ten thousand rows.
        on_epoch: called after every epoch.
        should_stop: asked several times a second; True ends the training and keeps the best so far.

    Raises:
        TrainingError: the dataset or the settings do not allow training, or it diverged at once.
    """
    settings = settings or TrainingSettings()
    check_dataset(dataset)
    shares = {"validation_share": settings.validation_share, "test_share": settings.test_share}
    split = split_rows(dataset, seed=settings.seed, **shares)
    check_training_rows(dataset, split.train)
    encoding = Encoding.from_dataset(dataset, split.train)
    _check_size(encoding.n_inputs, settings)

    fit = fit_mlp(dataset, [split], [encoding], settings, on_epoch, should_stop)
    predictor = EnsemblePredictor(encoding, fit.networks)
    card = make_card(
        dataset,
        split,
        encoding,
        predictor.predict(dataset.X[split.test]),
        family=Family.MLP,
        settings=settings,
        history=_history(fit),
        versions=_versions(),
    )
    return TrainedModel(card, keras_file_of(fit.networks.members), predictor)


def fit_mlp(
    dataset: Dataset,
    splits: Sequence[Split],
    encodings: Sequence[Encoding],
    settings: TrainingSettings,
    on_epoch: Callable[[EpochRecord], None] | None,
    should_stop: Callable[[], bool] | None,
) -> Fit:
    """The members of one ensemble per split, one after the other; all are trained together, as one large ensemble."""
    rng = np.random.default_rng([settings.seed, 4])
    groups = row_groups(dataset)
    train_rows: list[np.ndarray] = []
    validation_rows: list[np.ndarray] = []
    for number, split in enumerate(splits):
        start = number * dataset.n_rows  # every split's encoded rows follow those of the one before
        rows = member_rows(split, groups, settings.n_members, rng)
        train_rows += [start + each for each in rows.train]
        validation_rows += [start + each for each in rows.validation]
    return fit_members(
        np.concatenate([encoding.encode(dataset.X) for encoding in encodings]),
        np.concatenate([encoding.encode_outcome(dataset.y) for encoding in encodings]),
        train_rows,
        validation_rows,
        settings,
        on_epoch=on_epoch,
        should_stop=should_stop,
    )


def _check_size(n_inputs: int, settings: TrainingSettings) -> None:
    """Raise TrainingError for a network larger than can be read again."""
    widths = (n_inputs, *settings.widths, 1)
    n_parameters = settings.n_members * sum((a + 1) * b for a, b in pairwise(widths))
    if n_parameters > MAXIMUM_PARAMETERS or n_inputs > 4096:
        raise TrainingError(
            f"This network would have {n_inputs:,} inputs and {n_parameters:,} weights; at most 4,096 inputs and "
            f"{MAXIMUM_PARAMETERS:,} weights in all members are possible. Choose fewer neurons or members, or features "
            "with fewer categories."
        )


def _history(fit: Fit) -> History:
    return History(
        train_loss=tuple(record.train_loss for record in fit.records),
        validation_loss=tuple(record.validation_loss for record in fit.records),
        best_epoch=fit.best_epoch,
        ended=fit.ended,
    )


def _versions() -> dict[str, str]:
    keras, tensorflow = load_backend()
    return {"keras": keras.__version__, "tensorflow": tensorflow.__version__}
