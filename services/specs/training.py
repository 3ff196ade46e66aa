"""What a training depends on, as one JSON document."""

from dataclasses import fields

from pydantic import BaseModel, ConfigDict, Field

from models import (
    FAMILIES,
    BoostingSettings,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    Smoothness,
    TrainingError,
    TrainingSettings,
)
from models.cards.card import SETTINGS, ModelSettings
from services.specs.run import DatasetRef

_MLP = TrainingSettings()
_FOREST = ForestSettings()
_BOOSTING = BoostingSettings()
_PROCESS = GaussianProcessSettings()


class _Part(BaseModel):
    """A frozen part of the document with nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ForestSpec(_Part):
    """How a random forest is grown; see `models.ForestSettings`."""

    n_trees: int = _FOREST.n_trees
    min_rows_per_leaf: int = _FOREST.min_rows_per_leaf
    inputs_per_split: float = _FOREST.inputs_per_split


class BoostingSpec(_Part):
    """How trees are boosted; see `models.BoostingSettings`."""

    n_members: int = _BOOSTING.n_members
    rounds: int = _BOOSTING.rounds
    learning_rate: float = _BOOSTING.learning_rate
    max_leaves: int = _BOOSTING.max_leaves
    min_rows_per_leaf: int = _BOOSTING.min_rows_per_leaf
    patience: int = _BOOSTING.patience


class GaussianProcessSpec(_Part):
    """How a Gaussian process is fitted; see `models.GaussianProcessSettings`."""

    smoothness: Smoothness = _PROCESS.smoothness
    max_rows: int = _PROCESS.max_rows
    restarts: int = _PROCESS.restarts


class TrainingSpec(_Part):
    """Everything a training depends on.

    Attributes:
        dataset: that is learned from.
        family: what kind of model is made.
        validation_share: share of the rows that decide when to stop; as test_share and seed, of every family.
        test_share: share of the rows held out to judge the model.
        seed: the same seed gives the same model.
        forest: of the family "random_forest" alone.
        boosting: of the family "boosting" alone.
        gaussian_process: of the family "gaussian_process" alone.

    All others are of the family "mlp" alone; see `models.TrainingSettings`.
    """

    dataset: DatasetRef
    family: Family = Family.MLP
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
    forest: ForestSpec = ForestSpec()
    boosting: BoostingSpec = BoostingSpec()
    gaussian_process: GaussianProcessSpec = GaussianProcessSpec()

    def settings(self) -> ModelSettings:
        """Return the settings of the chosen family as its trainer takes them.

        Raises:
            TrainingError: a setting is out of range, or models of the family are not trained here.
        """
        if self.family not in SETTINGS:
            known = ", ".join(family for family in SETTINGS)
            raise TrainingError(
                f"A {FAMILIES[self.family].label} is trained elsewhere and brought along; here you can train {known}."
            )
        kind = SETTINGS[self.family]
        own: BaseModel = {
            Family.RANDOM_FOREST: self.forest,
            Family.BOOSTING: self.boosting,
            Family.GAUSSIAN_PROCESS: self.gaussian_process,
        }.get(self.family, self)
        names = [field.name for field in fields(kind)]
        return kind(**{name: getattr(own if name in type(own).model_fields else self, name) for name in names})
