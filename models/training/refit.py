"""Models fitted again on some of the rows only, whatever their family: for measuring a model, and for its intervals."""

from collections.abc import Callable

import numpy as np

from models.cards.families import Family
from models.cards.settings import SETTINGS, ModelSettings, TrainingSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import (
    Split,
    check_dataset,
    check_training_rows,
    split_for_stopping,
)
from models.families.training import fit_family
from models.networks.ensemble import Ensemble
from models.networks.predictor import EnsemblePredictor, Predictor
from models.training.fitting import EpochRecord
from models.training.training import fit_mlp

MINIMUM_FOLDS = 2

_LARGEST_SHARE = 0.75
"""At most this share of the rows that are not held out decides when training stops."""


def assign_folds(groups: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """The fold (n,) of each row, 0 to k - 1; rows of one group share a fold, and every fold has rows.

    Groups are dealt in random order, the largest first, each to the fold that has fewest rows so far, so that folds
    differ by one group at most. There are fewer folds than asked for where there are fewer groups.

    Args:
        groups: (n,) the group of each row, as whole numbers.
        n_folds: how many are wanted.
        rng: decides the order.

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
        dataset: the rows.
        fold_of: (n,) the fold of each row, 0 to k - 1.
        validation_share: share of all rows that decide when training stops; whole groups.
        seed: decides which.

    Raises:
        TrainingError: the dataset, or what a fold leaves of it, cannot be learned from.
    """
    check_dataset(dataset)
    splits = []
    for fold in range(int(fold_of.max()) + 1):
        others = np.flatnonzero(fold_of != fold)
        # as many rows as the model itself was stopped by, so that those learned from give way to the held-out ones
        share = min(validation_share * dataset.n_rows / len(others), _LARGEST_SHARE)
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
    on_epoch: Callable[[EpochRecord], None] = lambda _: None,
    on_fold: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[Predictor]:
    """One predictor per split, trained as a model of that family with these settings is; fewer after a stop.

    Args:
        dataset: the rows.
        splits: which of them each model learns from and is stopped by.
        family: of the model.
        settings: of that family.
        on_epoch: called after every epoch of MLPs, which are trained together.
        on_fold: called with the number of a fold, from 1, before the others are trained for it, one by one.
        should_stop: asked several times a second.

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
        predictors.append(fit_family(dataset, settings, split, should_stop=should_stop))
    return predictors
