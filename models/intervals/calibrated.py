"""A model that knows how far to trust it."""

from collections.abc import Callable
from dataclasses import replace

from models.dataset import Dataset
from models.intervals.calibration import calibrate
from models.trained import TrainedModel


def calibrated(
    trained: TrainedModel,
    dataset: Dataset,
    *,
    on_progress: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """Return a freshly trained model with its intervals calibrated; as it is after a stop, or where rows are too few.

    Args:
        trained: the model.
        dataset: that it was trained on.
        on_progress: hears which share is done, 0 to 1.
        should_stop: asked several times a second.

    Raises:
        TrainingError: a training diverged.
    """
    card = trained.card
    if card.settings is None:
        return trained
    intervals = calibrate(
        dataset, card.encoding, card.family, card.settings, on_progress=on_progress, should_stop=should_stop
    )
    return replace(trained, card=card.model_copy(update={"intervals": intervals}))
