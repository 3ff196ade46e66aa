"""One training from specification to model: the same function for the page's worker and for the command line."""

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from models import Dataset, EpochRecord, TrainedModel, TrainingSettings, train
from services.runspec import DatasetRef

_DEFAULTS = TrainingSettings()


class TrainingSpec(BaseModel):
    """Everything a training depends on, as one JSON document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: DatasetRef
    widths: tuple[int, ...] = _DEFAULTS.widths
    epochs: int = _DEFAULTS.epochs
    batch_size: int = _DEFAULTS.batch_size
    learning_rate: float = _DEFAULTS.learning_rate
    patience: int | None = _DEFAULTS.patience
    validation_share: float = _DEFAULTS.validation_share
    test_share: float = _DEFAULTS.test_share
    seed: int = Field(default=_DEFAULTS.seed, ge=0)
    weight_decay: float = _DEFAULTS.weight_decay
    averaging: float = _DEFAULTS.averaging

    def settings(self) -> TrainingSettings:
        """Return the settings as the trainer takes them.

        Raises:
            TrainingError: a setting is out of range.
        """
        return TrainingSettings(**self.model_dump(exclude={"dataset"}))


def run_training(
    spec: TrainingSpec,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """Return the model that a training makes; a stop keeps the best so far.

    Raises:
        TrainingError: the table is too small, or there is nothing to learn.
    """
    return train(dataset, spec.settings(), on_epoch=on_epoch, should_stop=should_stop)
