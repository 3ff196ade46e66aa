"""One training from specification to model: the same function for the page's worker and for the command line."""

from collections.abc import Callable
from functools import partial

from models import Dataset, EpochRecord, TrainedModel, train
from models.intervals.conformal import calibrated
from services.specs.training import TrainingSpec

CALIBRATING = "Learning how far to trust the model"

__all__ = ["TrainingSpec", "run_training"]


def run_training(
    spec: TrainingSpec,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    on_progress: Callable[[str, float], None] = lambda words, share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """The model that a training makes, its intervals calibrated; a stop keeps the best so far, without these.

    Args:
        spec: what is trained, and how.
        dataset: the one that the specification names.
        on_epoch: called after every epoch of a network.
        on_progress: called with what is done now, in words, and its share from 0 to 1, but for epochs.
        should_stop: True ends the training soon.

    Raises:
        TrainingError: the table is too small, there is nothing to learn, or a setting is out of range.
    """
    trained = train(dataset, spec.settings(), on_epoch=on_epoch, on_progress=on_progress, should_stop=should_stop)
    report = partial(on_progress, CALIBRATING)
    report(0.0)
    return calibrated(trained, dataset, on_progress=report, should_stop=should_stop)
