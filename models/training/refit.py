"""A model fitted again on some of the rows only, whatever its family: for judging it, and for its intervals."""

from collections.abc import Callable

import numpy as np

from models.cards.settings import ModelSettings, TrainingSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import Split, check_training_rows, split_for_stopping
from models.families.training import fit_family
from models.networks.predictor import EnsemblePredictor, Predictor
from models.training.training import fit_mlp


def fit_on_rows(
    dataset: Dataset, settings: ModelSettings, rows: np.ndarray, *, should_stop: Callable[[], bool] | None = None
) -> Predictor:
    """Return what settings make of some rows (indices) alone; families that stop early do so by a share of them.

    It knows its spread, but for an MLP of one member. The same arguments give the same bits.

    Raises:
        TrainingError: the rows do not allow training.
    """
    split = split_for_stopping(dataset, rows, settings.validation_share, settings.seed)
    return fit_on_split(dataset, settings, split, should_stop=should_stop)


def fit_on_split(
    dataset: Dataset, settings: ModelSettings, split: Split, *, should_stop: Callable[[], bool] | None = None
) -> Predictor:
    """Return what settings make of a split's training and validation rows; its test rows are never looked at.

    Raises:
        TrainingError: the rows do not allow training.
    """
    if not isinstance(settings, TrainingSettings):
        return fit_family(dataset, settings, split, should_stop=should_stop)
    check_training_rows(dataset, split.train)
    encoding = Encoding.from_dataset(dataset, split.train)
    return EnsemblePredictor(encoding, fit_mlp(dataset, split, encoding, settings, None, should_stop).networks)
