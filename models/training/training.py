"""From a dataset to a trained model with its card, and models of any family fitted again on some of the rows only."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import pairwise

import numpy as np

from models.cards.card import History, TrainedModel, make_card
from models.cards.settings import SETTINGS, BoostingSettings, Family, ModelSettings, TrainingSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import (
    Split,
    check_dataset,
    check_training_rows,
    member_rows,
    row_groups,
    split_for_stopping,
    split_rows,
)
from models.errors import TrainingError
from models.families.artifact import PlainPredictor, artifact_of
from models.families.training import OnProgress, done_settings, fit_family, learned_rows
from models.keras.backend import backend_versions
from models.keras.file import MAXIMUM_PARAMETERS
from models.keras.writer import keras_file_of
from models.networks.ensemble import Ensemble
from models.networks.predictor import EnsemblePredictor, Predictor
from models.training.fitting import EpochRecord, Fit, fit_members, middle


def train(
    dataset: Dataset,
    settings: ModelSettings | None = None,
    *,
    like: Predictor | None = None,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    on_progress: OnProgress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TrainedModel:
    """A model trained on a dataset and measured on rows held out; the same seed gives the same model.

    Families that never stop early learn from the validation rows too; rows held out are those of any family.

    Args:
        dataset: at least 15 rows, a varying feature and a varying outcome.
        settings: of the family that is trained; by default those of MLPs, which suit tables of some hundred to some ten
            thousand rows.
        like: as `fit_family` takes it.
        on_epoch: called after every epoch of MLPs.
        on_progress: called with what other families do now, in words, and the share done, 0 to 1.
        should_stop: asked several times a second; True ends the training and keeps the best so far.

    Raises:
        TrainingError: the dataset or the settings do not allow training, or it diverged at once.
    """
    settings = settings or TrainingSettings()
    check_dataset(dataset)
    shares = {"validation_share": settings.validation_share, "test_share": settings.test_share}
    split = split_rows(dataset, seed=settings.seed, **shares)
    predictor: EnsemblePredictor | PlainPredictor
    if isinstance(settings, TrainingSettings):
        check_training_rows(dataset, split.train)
        encoding = Encoding.from_dataset(dataset, split.train)
        _check_size(encoding.n_inputs, settings)
        fit = fit_mlp(dataset, [split], [encoding], settings, on_epoch, should_stop)
        predictor, artifact = EnsemblePredictor(encoding, fit.networks), keras_file_of(fit.networks.members)
        versions = backend_versions()
        history = History(
            train_loss=tuple(record.train_loss for record in fit.records),
            validation_loss=tuple(record.validation_loss for record in fit.records),
            best_epoch=middle(fit.best_epochs),
            ended=fit.ended,
        )
    else:
        if not isinstance(settings, BoostingSettings):
            split = Split(learned_rows(split), np.empty(0, dtype=int), split.test)
        predictor = fit_family(dataset, settings, split, like=like, should_stop=should_stop, on_progress=on_progress)
        settings, artifact, history = done_settings(settings, predictor), artifact_of(predictor), None
        versions = {name: version(name) for name in ("scikit-learn", "skops")}
    predicted = predictor.predict(dataset.X[split.test])
    card = make_card(
        dataset, split, predictor.encoding, predicted, settings=settings, history=history, versions=versions
    )
    return TrainedModel(card, artifact, predictor)


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
        of_train, of_validation = member_rows(split, groups, settings.n_members, rng)
        train_rows += [start + each for each in of_train]
        validation_rows += [start + each for each in of_validation]
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


MINIMUM_FOLDS = 2

_LARGEST_SHARE = 0.75
"""At most this share of the rows that are not held out decides when training stops."""


def assign_folds(groups: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """The fold (n,) of each row, 0 to k - 1; rows of one group share a fold, and every fold has rows.

    Groups are dealt in random order, the largest first, each to the fold that has fewest rows so far, so that folds
    differ by one group at most. There are fewer folds than asked for where there are fewer groups.

    Args:
        groups: (n,) the group of each row, as whole numbers.

    Raises:
        ValueError: fewer than two folds or two groups.
    """
    names, members = np.unique(groups, return_inverse=True)
    n_groups = len(names)
    if n_folds < MINIMUM_FOLDS or n_groups < MINIMUM_FOLDS:
        raise ValueError(
            f"Cross-validation needs at least {MINIMUM_FOLDS} folds and {MINIMUM_FOLDS} different settings; got "
            f"{n_folds} folds and {n_groups} settings. Record more rows."
        )
    sizes = np.bincount(members, minlength=n_groups)
    dealt = rng.permutation(n_groups)
    dealt = dealt[np.argsort(-sizes[dealt], kind="stable")]
    filled = np.zeros(min(n_folds, n_groups), dtype=int)
    fold_of_group = np.empty(n_groups, dtype=int)
    for group in dealt:
        fold = int(filled.argmin())
        fold_of_group[group] = fold
        filled[fold] += sizes[group]
    return fold_of_group[members.reshape(-1)]


def fold_splits(dataset: Dataset, fold_of: np.ndarray, validation_share: float, seed: int) -> list[Split]:
    """One split per fold: its rows for the test, of all others as many as training takes to be stopped by.

    Args:
        fold_of: (n,) the fold of each row; rows of fold -1 are left out of every split.

    Raises:
        TrainingError: the dataset, or what a fold leaves of it, cannot be learned from.
    """
    check_dataset(dataset)
    splits = []
    for fold in range(int(fold_of.max()) + 1):
        others = np.flatnonzero((fold_of != fold) & (fold_of >= 0))
        # as many rows as the model itself was stopped by, so that those learned from give way to the held-out ones
        share = min(validation_share * int((fold_of >= 0).sum()) / len(others), _LARGEST_SHARE)
        split = split_for_stopping(dataset, others, share, seed)
        splits.append(Split(split.train, split.validation, np.flatnonzero(fold_of == fold)))
        check_training_rows(dataset, split.train)
    return splits


def fit_folds(
    dataset: Dataset,
    splits: list[Split],
    family: Family,
    settings: ModelSettings,
    *,
    like: Predictor | None = None,
    on_epoch: Callable[[EpochRecord], None] = lambda _: None,
    on_fold: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Predictor]:
    """One predictor per split, trained as a model of that family with these settings is; fewer after a stop.

    Args:
        splits: which of them each model learns from and is stopped by.
        like: as `fit_family` takes it.
        on_epoch: called after every epoch of MLPs, which are trained together.
        on_fold: called with the number of a fold, from 1, before the others are trained for it, one by one.

    Raises:
        TrainingError: a training diverged.
        TypeError: the settings are of another family.
    """
    if not isinstance(settings, SETTINGS.get(family, ())):
        raise TypeError(f"Expected settings of the family {family}, got {type(settings).__name__}.")
    if isinstance(settings, TrainingSettings):
        # Each split has an encoding of its own, so that nothing of its test rows, not even their mean, is known.
        encodings = [Encoding.from_dataset(dataset, split.train) for split in splits]
        fit = fit_mlp(dataset, splits, encodings, settings, on_epoch, should_stop)
        members, k = fit.networks.members, settings.n_members
        return [
            EnsemblePredictor(encoding, Ensemble(members[number * k : (number + 1) * k]))
            for number, encoding in enumerate(encodings)
        ]
    predictors: list[Predictor] = []
    for number, split in enumerate(splits, start=1):
        if should_stop():
            break
        on_fold(number)
        predictors.append(fit_family(dataset, settings, split, like=like, should_stop=should_stop))
    return predictors
