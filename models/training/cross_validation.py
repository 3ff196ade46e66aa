"""How good a model is on a small table: cross-validated several times, with the standard error of every figure."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from models.cards.card import HeldOut, TrainedModel
from models.cards.settings import BoostingSettings, Family, ForestSettings, ModelSettings, TrainingSettings
from models.data.dataset import Dataset
from models.data.metrics import score
from models.data.split import row_groups
from models.errors import TrainingError
from models.training.fitting import EpochRecord
from models.training.training import assign_folds, fit_folds, fold_splits

SMALL = 65
"""Of a table with fewer rows a split leaves three to nine to judge by: it is cross-validated instead."""

N_FOLDS = 5
N_REPEATS = 5
ROWS_PER_FOLD = 3
"""Settings of a fold at least: fewer rows make fewer folds."""


def standard_error(values: np.ndarray) -> float:
    """The standard error of the mean of figures (r, k) of k folds, dealt r times.

    Dealing the same rows anew adds no rows: the k folds of one deal count, whose spread all deals tell of.
    """
    return float(values.std(ddof=1)) / values.shape[1] ** 0.5


def lighter(settings: ModelSettings) -> ModelSettings:
    """Fewer trees and members: what more of them gain is little, and hardly changes the order of families."""
    match settings:
        case ForestSettings():
            return replace(settings, n_trees=min(settings.n_trees, 60))
        case BoostingSettings():
            return replace(settings, n_members=min(settings.n_members, 3))
        case TrainingSettings():
            return replace(settings, n_members=min(settings.n_members, 2))
    return settings


class Estimate(NamedTuple):
    """A figure and its standard error."""

    value: float
    error: float


class CrossValidation(NamedTuple):
    """How models predict rows that they never saw, all rows several times.

    Attributes:
        fold_of: (r, n) the fold of each row in each deal.
        predicted: (r, n) outcomes while rows were held out, within the outcome's limits.
        r2: mean over the deals.
        rmse: in the outcome's unit.
        mae: in the outcome's unit.
    """

    fold_of: np.ndarray
    predicted: np.ndarray
    r2: Estimate
    rmse: Estimate
    mae: Estimate

    @property
    def n_folds(self) -> int:
        """How many parts the rows were dealt into."""
        return int(self.fold_of.max()) + 1

    @classmethod
    def of(cls, fold_of: np.ndarray, predicted: np.ndarray, y: np.ndarray) -> "CrossValidation":
        """The figures of predictions (r, n) of outcomes (n,)."""
        folds = range(int(fold_of.max()) + 1)
        errors = predicted - y

        def by_fold(costs: np.ndarray) -> np.ndarray:
            """The mean (r, k) of costs (r, n) over the rows of each fold."""
            return np.array([[c[f == fold].mean() for fold in folds] for c, f in zip(costs, fold_of, strict=True)])

        scores = [score(y, each) for each in predicted]
        rmse = float(np.sqrt(np.square(errors).mean()))
        of_squares = standard_error(by_fold(np.square(errors)))
        return cls(
            fold_of,
            predicted,
            r2=Estimate(float(np.mean([each.r2 for each in scores])), of_squares / float(y.var())),
            # the error of a root, to the first order
            rmse=Estimate(rmse, of_squares / (2 * rmse) if rmse > 0 else 0.0),
            mae=Estimate(float(np.mean([each.mae for each in scores])), standard_error(by_fold(np.abs(errors)))),
        )


def is_small(dataset: Dataset) -> bool:
    """Whether a table has so few rows that a model of it is judged by cross-validation."""
    return dataset.n_rows < SMALL


def n_folds_for(n_groups: int) -> int:
    """How many folds so many different settings are dealt into."""
    return int(np.clip(n_groups // ROWS_PER_FOLD, 2, N_FOLDS))


def deal_folds(dataset: Dataset, n_folds: int, n_repeats: int, seed: int) -> np.ndarray:
    """The fold (r, n) of each row in each of some deals; replicates, and the points of a curve, share a fold."""
    groups = row_groups(dataset)
    return np.stack(
        [assign_folds(groups, n_folds, np.random.default_rng([seed, 9, repeat])) for repeat in range(n_repeats)]
    )


def cross_validate(
    dataset: Dataset,
    family: Family,
    settings: ModelSettings,
    *,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> CrossValidation | None:
    """How models of a family with these settings predict rows held out, each row five times; None after a stop.

    Raises:
        TrainingError: what a fold leaves of the table cannot be learned from, or a training diverged.
    """
    n_folds = n_folds_for(len(np.unique(row_groups(dataset))))
    fold_of = deal_folds(dataset, n_folds, N_REPEATS, settings.seed)
    splits = [
        split for each in fold_of for split in fold_splits(dataset, each, settings.validation_share, settings.seed)
    ]
    most = getattr(settings, "epochs", 1)

    def note_epoch(record: EpochRecord) -> None:  # all folds of a network are trained as one
        on_progress(record.epoch / most)

    predictors = fit_folds(
        dataset,
        splits,
        family,
        lighter(settings),
        on_fold=lambda number: on_progress((number - 1) / len(splits)),
        on_epoch=note_epoch,
        should_stop=should_stop,
    )
    if len(predictors) < len(splits) or should_stop():
        return None
    predicted = np.empty(fold_of.shape)
    for number, (split, predictor) in enumerate(zip(splits, predictors, strict=True)):
        predicted[number // (int(fold_of.max()) + 1), split.test] = predictor.predict(dataset.X[split.test])
    return CrossValidation.of(fold_of, dataset.limits.clip(predicted), dataset.y)


def judged(
    trained: TrainedModel,
    dataset: Dataset,
    *,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """A freshly trained model whose figures come from cross-validation where its table is small; else as it is.

    It stays as it is as well where folds leave nothing to learn from, or after a stop. The figures are of models
    trained like it on other rows; the comparison of families is not asked for them, for its best score is the best of
    several, and it never saw the rows that the model itself is tested on.
    """
    card = trained.card
    if card.settings is None or not is_small(dataset) or should_stop():
        return trained
    try:
        found = cross_validate(dataset, card.family, card.settings, on_progress=on_progress, should_stop=should_stop)
    except TrainingError:
        return trained
    if found is None or not np.isfinite(found.predicted).all():
        return trained
    metrics = card.metrics.model_copy(
        update={
            **{name: getattr(found, name).value for name in ("r2", "rmse", "mae")},
            **{f"{name}_error": getattr(found, name).error for name in ("r2", "rmse", "mae")},
            "n_folds": found.n_folds,
            "n_repeats": len(found.predicted),
        }
    )
    held_out = HeldOut(measured=tuple(dataset.y.tolist()), predicted=tuple(found.predicted[0].tolist()))
    return replace(trained, card=card.model_copy(update={"metrics": metrics, "held_out": held_out}))
