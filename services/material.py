"""What a specification names, found and loaded: recorded rows and predictor, in one order of features."""

from dataclasses import dataclass, replace

import numpy as np

from models import (
    FUNCTIONS,
    Column,
    Dataset,
    DatasetError,
    FunctionPredictor,
    ModelCard,
    ModelStore,
    Predictor,
    rows_for,
)
from services.datasets import DatasetLibrary
from services.runspec import DatasetRef, ModelRef, RunSpec
from services.settings import Settings


@dataclass(frozen=True, slots=True)
class Material:
    """The recorded rows with their features in the predictor's order, and the predictor."""

    dataset: Dataset
    predictor: Predictor


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where datasets and models are found."""

    datasets: DatasetLibrary
    models: ModelStore

    @classmethod
    def of(cls, settings: Settings) -> "Shelves":
        """Return the shelves of an installation."""
        return cls(DatasetLibrary(settings.shipped_data, settings.saved_datasets), ModelStore(settings.saved_models))

    def dataset(self, ref: DatasetRef) -> Dataset:
        """Return the dataset that has the digest of ``ref``.

        Raises:
            DatasetError: it is not on the shelf any more, or its rows changed.
        """
        return self.datasets.find(ref.digest)

    def material(self, spec: RunSpec) -> Material:
        """Return what a specification names.

        Raises:
            DatasetError: dataset or model are absent or changed, or do not fit each other; see `pair`.
        """
        return self.pair(self.dataset(spec.dataset), spec.model)

    def pair(self, dataset: Dataset, ref: ModelRef) -> Material:
        """Return a dataset together with a model for it.

        Raises:
            DatasetError: the model changed, or the function is unknown or needs features that the table lacks.
            ModelStoreError: there is no saved model of that name.
            ModelMismatchError: the model needs features that the table lacks.
        """
        if ref.kind == "function":
            if ref.name not in FUNCTIONS:
                raise DatasetError(f"There is no function '{ref.name}'; there are {', '.join(FUNCTIONS)}.")
            function = FunctionPredictor.of(ref.name)
            own = dataset.indices(function.feature_names)
            columns = tuple(dataset.features[j] for j in own)
            return Material(_with_features(dataset, columns, dataset.X[:, own]), function)
        saved = self.models.load(ref.name)
        if ref.digest and saved.digest != ref.digest:
            raise DatasetError(
                f"The saved model '{ref.name}' is not the one this run was made with: it has been trained anew. "
                "Choose the model again on the Model page."
            )
        return Material(align(dataset, saved.card), saved.predictor)


def align(dataset: Dataset, card: ModelCard) -> Dataset:
    """Return the recorded rows with the model's features only, in its order and with its codes.

    Raises:
        ModelMismatchError: a feature is absent or of the other kind.
        DatasetError: a category is unknown to the model, or the model predicts another outcome than the table records.
    """
    if card.outcome.name != dataset.outcome.name:
        raise DatasetError(
            f"The model predicts '{card.outcome.name}', but the outcome of the table '{dataset.name}' is "
            f"'{dataset.outcome.name}': choose another model, or that outcome on the Data page."
        )
    X = rows_for(card, dataset)
    unknown = [name for name, column in zip(card.feature_names, X.T, strict=True) if np.isnan(column).any()]
    if unknown:
        raise DatasetError(
            f"The table has categories of {unknown} that the model never saw: train a model on this table."
        )
    return _with_features(dataset, card.columns, X)


def _with_features(dataset: Dataset, columns: tuple[Column, ...], X: np.ndarray) -> Dataset:
    """Return the dataset with these features instead of its own."""
    names = {column.name for column in columns}
    return replace(
        dataset,
        features=columns,
        X=X,
        sweep=dataset.sweep if dataset.sweep in names else None,
        parts=dataset.parts if set(dataset.parts) <= names else (),
    )
