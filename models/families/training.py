"""From a dataset to a trained model of a family that scikit-learn fits."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.cards.families import Family
from models.cards.making import TrainedModel, make_card
from models.cards.settings import BoostingSettings, FamilySettings, ForestSettings, GaussianProcessSettings
from models.data.dataset import Dataset
from models.data.split import Split, check_dataset, check_training_rows, split_rows
from models.errors import TrainingError
from models.families.artifact import PlainPredictor, artifact_of
from models.families.fitting import (
    OnProgress,
    Progress,
    fit_boosting,
    fit_forest,
    fit_gaussian_process,
    learned_rows,
)
from models.families.trees import TreesPredictor

MAXIMUM_INPUTS = 4_096


def family_of(settings: FamilySettings) -> Family:
    """The family that settings belong to."""
    if isinstance(settings, ForestSettings):
        return Family.RANDOM_FOREST
    return Family.BOOSTING if isinstance(settings, BoostingSettings) else Family.GAUSSIAN_PROCESS


def train_family(
    dataset: Dataset,
    settings: FamilySettings,
    *,
    should_stop: Callable[[], bool] | None = None,
    on_progress: OnProgress | None = None,
) -> TrainedModel:
    """A model trained on a dataset and measured on the rows that an MLP of the same seed is measured on.

    Families that stop by no rows learn from the validation rows too. The same seed gives the same model.

    Args:
        dataset: at least 20 rows, a varying feature and a varying outcome.
        settings: of the family.
        should_stop: asked several times a second; True ends the training and keeps what there is.
        on_progress: hears what training does now, and how much of it is done, 0 to 1.

    Raises:
        TrainingError: the dataset or the settings do not allow training.
    """
    check_dataset(dataset)
    shares = {"validation_share": settings.validation_share, "test_share": settings.test_share}
    split = split_rows(dataset, seed=settings.seed, **shares)
    if not isinstance(settings, BoostingSettings):
        split = Split(learned_rows(split), np.empty(0, dtype=int), split.test)
    predictor = fit_family(dataset, settings, split, should_stop=should_stop, on_progress=on_progress)
    card = make_card(
        dataset,
        split,
        predictor.encoding,
        predictor.predict(dataset.X[split.test]),
        family=family_of(settings),
        settings=_done(settings, predictor),
        history=None,
        versions=_versions(),
    )
    return TrainedModel(card, artifact_of(predictor), predictor)


def fit_family(
    dataset: Dataset,
    settings: FamilySettings,
    split: Split,
    *,
    should_stop: Callable[[], bool] | None = None,
    on_progress: OnProgress | None = None,
) -> PlainPredictor:
    """A predictor fitted to a split's training and validation rows; the same arguments give the same bits.

    Raises:
        TrainingError: the rows say nothing, or the features make too many inputs.
    """
    from threadpoolctl import threadpool_limits

    check_training_rows(dataset, split.train)
    _check_inputs(dataset)
    progress = Progress(on_progress or (lambda words, share: None), should_stop or (lambda: False))
    with threadpool_limits(1):  # sums in another order would be other bits
        if isinstance(settings, ForestSettings):
            return fit_forest(dataset, settings, split, progress)
        if isinstance(settings, BoostingSettings):
            return fit_boosting(dataset, settings, split, progress)
        if isinstance(settings, GaussianProcessSettings):
            return fit_gaussian_process(dataset, settings, split, progress)
    raise TypeError(f"Expected settings of a family, got {type(settings).__name__}.")


def _done(settings: FamilySettings, predictor: PlainPredictor) -> FamilySettings:
    """The settings with as many trees or members as there are, fewer than asked for after a stop."""
    if isinstance(settings, ForestSettings) and isinstance(predictor, TreesPredictor):
        return replace(settings, n_trees=predictor.n_members)
    if isinstance(settings, BoostingSettings) and isinstance(predictor, TreesPredictor):
        return replace(settings, n_members=predictor.n_members)
    return settings


def _check_inputs(dataset: Dataset) -> None:
    """Raise TrainingError for features that make more inputs than can be read again."""
    n_inputs = sum(len(column.categories) if column.is_categorical else 1 for column in dataset.features)
    if n_inputs > MAXIMUM_INPUTS:
        raise TrainingError(
            f"The features make {n_inputs:,} inputs, categories counted one by one; at most {MAXIMUM_INPUTS:,} are "
            "possible. Choose features with fewer categories."
        )


def _versions() -> dict[str, str]:
    import sklearn
    import skops

    return {"scikit-learn": sklearn.__version__, "skops": skops.__version__}
