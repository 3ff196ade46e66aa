"""One training from specification to model: the same function for the page's worker and for the command line."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import Any

from pydantic import Field, ValidationInfo, model_validator

from models import (
    FAMILIES,
    AutomaticSettings,
    Dataset,
    EpochRecord,
    Family,
    TrainedModel,
    TrainingError,
    TrainingSettings,
    train,
    train_automatically,
)
from models.cards.card import FamilyScore
from models.cards.settings import (
    SETTINGS,
    AskedSettings,
    BoostingOptions,
    ForestOptions,
    GaussianProcessOptions,
    QuadraticOptions,
)
from models.intervals.conformal import calibrated
from models.training.cross_validation import judged
from services.specs.base import Document
from services.specs.run import DatasetRef

JUDGING = "Cross-validating the model"
CALIBRATING = "Learning how far to trust the model"
Options = ForestOptions | BoostingOptions | GaussianProcessOptions | QuadraticOptions

_MLP = TrainingSettings()
_PLACES = {
    Family.RANDOM_FOREST: "forest",
    Family.BOOSTING: "boosting",
    Family.GAUSSIAN_PROCESS: "gaussian_process",
    Family.QUADRATIC: "quadratic",
}
_SHARED = {field.name for field in fields(AutomaticSettings)}
_OF_MLPS = {field.name for field in fields(TrainingSettings)} - _SHARED
"""Settings that only a network has."""


class TrainingSpec(Document):
    """Everything a training depends on; bounds and meaning of the settings are declared in `models.cards.settings`.

    Attributes:
        family: "automatic" compares the families and takes one. Settings of networks without a family ask for networks,
            and so does a JSON document without one: it is of the time before there was a choice.
        forest: of the family "random_forest" alone, as the other three are of theirs.

    Shares and seed are of every family, all other settings of "mlp" alone.
    """

    dataset: DatasetRef
    family: Family = Family.AUTOMATIC
    widths: tuple[int, ...] = _MLP.widths
    epochs: int = _MLP.epochs
    batch_size: int = _MLP.batch_size
    learning_rate: float = _MLP.learning_rate
    patience: int | None = _MLP.patience
    validation_share: float = _MLP.validation_share
    test_share: float = _MLP.test_share
    seed: int = Field(default=_MLP.seed, ge=0)
    weight_decay: float = _MLP.weight_decay
    averaging: float = _MLP.averaging
    n_members: int = _MLP.n_members
    forest: ForestOptions = ForestOptions()
    boosting: BoostingOptions = BoostingOptions()
    gaussian_process: GaussianProcessOptions = GaussianProcessOptions()
    quadratic: QuadraticOptions = QuadraticOptions()

    @model_validator(mode="before")
    @classmethod
    def _with_family(cls, document: Any, info: ValidationInfo) -> Any:
        is_of_mlps = isinstance(document, dict) and (info.mode == "json" or not _OF_MLPS.isdisjoint(document))
        return {"family": Family.MLP, **document} if is_of_mlps else document

    def with_options(self, **changes: Any) -> "TrainingSpec":
        """The same training with other settings of the chosen family's own."""
        if self.family not in _PLACES:
            return self.model_copy(update=changes)
        place = _PLACES[self.family]
        return self.model_copy(update={place: replace(getattr(self, place), **changes)})

    def options(self) -> "TrainingSpec | Options":
        """What holds the settings that the chosen family alone has."""
        own: TrainingSpec | Options = getattr(self, _PLACES[self.family]) if self.family in _PLACES else self
        return own

    def settings(self) -> AskedSettings:
        """The settings of the chosen family, or of the choice among them, as its trainer takes them.

        Raises:
            TrainingError: a setting is out of range, or models of the family are not trained here.
        """
        if self.family is Family.AUTOMATIC:
            return AutomaticSettings(**{name: getattr(self, name) for name in _SHARED})
        if self.family not in SETTINGS:
            known = ", ".join(family for family in SETTINGS)
            raise TrainingError(
                f"A {FAMILIES[self.family].label} is trained elsewhere and brought along; here you can train {known}."
            )
        kind, own = SETTINGS[self.family], self.options()
        return kind(**{f.name: getattr(own if hasattr(own, f.name) else self, f.name) for f in fields(kind)})


_SECONDS = {
    Family.AUTOMATIC: (2.0, 5.0),
    Family.GAUSSIAN_PROCESS: (0.3, 2.0),
    Family.QUADRATIC: (0.2, 1.0),
    Family.RANDOM_FOREST: (4.0, 5.0),
    Family.BOOSTING: (3.0, 4.0),
}
"""Seconds of a training at no and, besides, at 1,000 rows; measured with 8 features at 60 to 1,030 rows."""


def training_seconds(spec: TrainingSpec, n_rows: int) -> float:
    """Roughly the seconds of a training on an idle machine; NaN for networks, whose epochs tell it while they run."""
    if spec.family not in _SECONDS:
        return float("nan")
    least, by_rows = _SECONDS[spec.family]
    return least + by_rows * (n_rows / 1_000) ** 1.5


def run_training(
    spec: TrainingSpec,
    dataset: Dataset,
    *,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    on_progress: Callable[[str, float], None] = lambda words, share: None,
    on_score: Callable[[FamilyScore], None] = lambda score: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """The model that a training makes, judged, its intervals calibrated; a stop keeps the best so far, without these.

    Args:
        spec: what is trained, and how.
        dataset: the one that the specification names.
        on_epoch: called after every epoch of a network that is kept.
        on_progress: called with what is done now, in words, and its share from 0 to 1, but for epochs.
        on_score: called with the score of each family that is compared, as soon as it is known.
        should_stop: True ends the training soon.

    Raises:
        TrainingError: the table is too small, there is nothing to learn, or a setting is out of range.
    """
    settings = spec.settings()
    if isinstance(settings, AutomaticSettings):
        trained = train_automatically(
            *(dataset, settings),
            on_epoch=on_epoch,
            on_progress=on_progress,
            on_score=on_score,
            should_stop=should_stop,
        )
    else:
        trained = train(dataset, settings, on_epoch=on_epoch, on_progress=on_progress, should_stop=should_stop)
    trained = judged(trained, dataset, on_progress=partial(on_progress, JUDGING), should_stop=should_stop)
    report = partial(on_progress, CALIBRATING)
    report(0.0)
    return calibrated(trained, dataset, on_progress=report, should_stop=should_stop)
