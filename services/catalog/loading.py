"""What a specification names, found and loaded: recorded rows and predictor in one order of features, and intervals."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from models import (
    FUNCTIONS,
    CallablePredictor,
    Column,
    Dataset,
    DatasetError,
    ModelCard,
    ModelStore,
    ModelStoreError,
    Predictor,
    SavedModel,
)
from models.cards.card import IntervalCard, recoded_rows, rows_for
from models.intervals.conformal import ConformalPredictor, Direction
from models.intervals.residuals import corrected, residual_intervals, whole_encoding
from models.keras.operator_model import KerasModelFile
from optimizer import Goal
from optimizer.constraints.constraint import listed
from services.catalog.datasets import DatasetLibrary
from services.catalog.operator_models import OperatorModels
from services.catalog.rows import AskedOnce, RowBudget, counting, function_of
from services.catalog.settings import Settings
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.specs.run import DatasetRef, RunSpec


@dataclass(frozen=True, slots=True)
class ModelWithData:
    """The recorded rows with their features in the predictor's order, and the predictor.

    Attributes:
        dataset: of one outcome.
        confidence: the same model with its calibrated intervals, or None where it has none.
        intervals: the same before the model is loaded.
        table: all recorded rows of a run with several outcomes, its features in the order of `dataset`; else None.
        measured: of such a run, the rows and the model of each measured outcome, by its name.
        rows: the budget on which a run counts the rows that it asks of functions whose rows cost; else None.
    """

    dataset: Dataset
    predictor: Predictor
    confidence: ConformalPredictor | None = None
    intervals: IntervalCard | None = None
    table: Dataset | None = None
    measured: Mapping[str, "ModelWithData"] = field(default_factory=dict)
    rows: RowBudget | None = None

    @classmethod
    def of_callable(
        cls,
        dataset: Dataset,
        function: Callable[[np.ndarray], np.ndarray],
        features: Sequence[str] | None = None,
        *,
        is_fast: bool = False,
    ) -> "ModelWithData":
        """The recorded rows together with any Python function in the place of a model.

        Each row is asked once, and its answer is kept. The budget of a run counts rows that are asked.

        Args:
            function: maps (n, d) rows, categories as codes, to (n,) outcomes in their unit.
            features: which columns of the dataset it takes, in its order; by default all, in the dataset's.
            is_fast: whether a row takes next to no time, as with a saved model: then the budget counts candidates, all
                checks are done, and no answer is kept.

        Raises:
            DatasetError: the dataset has no such feature.
        """
        recorded = _only(dataset, features or dataset.feature_names)
        predictor = CallablePredictor(recorded.feature_names, function)
        return cls(recorded, predictor if is_fast else AskedOnce(predictor))

    @property
    def functions(self) -> tuple[AskedOnce, ...]:
        """The functions whose rows cost that its models ask; none of models that answer at once."""
        predictors = [self.predictor, *(each.predictor for each in self.measured.values())]
        found = [each for each in map(function_of, predictors) if each is not None]
        return tuple({id(each.answers): each for each in found}.values())

    def counted(self, rows: RowBudget) -> "ModelWithData":
        """The same, with every row that its functions are asked counted on a budget."""
        predictor, confidence = counting(self.predictor, rows), self.confidence
        if confidence is not None:
            confidence = confidence.with_predictor(counting(confidence.predictor, rows))
        measured = {name: each.counted(rows) for name, each in self.measured.items()}
        return replace(self, predictor=predictor, confidence=confidence, measured=measured, rows=rows)

    @property
    def has_confidence(self) -> bool:
        """Whether the model knows how uncertain it is, now or once it is loaded."""
        return self.confidence is not None or self.intervals is not None

    def corrected(self) -> "ModelWithData":
        """The same model corrected by what it misses on the recorded rows, which tells its uncertainty, too.

        Raises:
            TrainingError: it has a number for fewer rows than can be learned from.
        """
        predicted = self.predictor.predict(self.dataset.X)
        return replace(self, intervals=residual_intervals(self.dataset, predicted))._with_residuals(predicted)

    def _with_residuals(self, predicted: np.ndarray | None = None) -> "ModelWithData":
        card = self.intervals
        if card is None:
            return self
        predictor = corrected(self.predictor, self.dataset, card, predicted)
        encoding = whole_encoding(self.dataset)
        confidence = ConformalPredictor(predictor, encoding, card, self.dataset)
        return replace(self, predictor=predictor, confidence=confidence, intervals=None)

    @property
    def is_deferred(self) -> bool:
        """Whether a model answers only once `loaded`, which takes TensorFlow."""
        return isinstance(self.predictor, KerasModelFile) or any(each.is_deferred for each in self.measured.values())

    def loaded(self) -> "ModelWithData":
        """The same with a model that answers; where it takes TensorFlow, for workers and scripts only.

        Raises:
            ModelFileError: the model cannot be loaded.
        """
        if not self.is_deferred:
            return self
        own = self
        if isinstance(self.predictor, KerasModelFile):
            own = replace(self, predictor=self.predictor.loaded())._with_residuals()
        return replace(own, table=self.table, measured={name: each.loaded() for name, each in self.measured.items()})


@dataclass(frozen=True, slots=True)
class Catalog:
    """Where datasets and models are found."""

    datasets: DatasetLibrary
    models: ModelStore
    operator: OperatorModels = field(default_factory=lambda: OperatorModels())

    @classmethod
    def of(cls, settings: Settings) -> "Catalog":
        """The datasets and models of an installation."""
        return cls(
            DatasetLibrary(settings.shipped_data, settings.saved_datasets),
            ModelStore(settings.saved_models),
            OperatorModels(settings.operator_models, settings.operator_cards),
        )

    def dataset(self, ref: DatasetRef) -> Dataset:
        """The dataset that has the digest of ``ref``.

        Raises:
            DatasetError: it is gone, or its rows changed.
        """
        return self.datasets.find(ref.digest)

    def model_data(self, spec: RunSpec) -> ModelWithData:
        """What a specification names: its model and, of several outcomes, those of the others.

        Raises:
            DatasetError: dataset or model are absent or changed, or do not fit each other; see `pair` and
                `models_of`.
        """
        return self.models_of(self.dataset(spec.dataset), spec)

    def models_of(self, dataset: Dataset, spec: RunSpec) -> ModelWithData:
        """A dataset together with the models of a specification; errors as `model_data`."""
        own = self.pair(dataset, spec.model)
        if not spec.has_several_outcomes:
            return own
        measured: dict[str, ModelWithData] = {}
        for outcome in spec.outcomes:
            if outcome.model is None:
                continue
            found = own if outcome.model == spec.model else self.pair(dataset, outcome.model)
            name = found.dataset.outcome.name
            if outcome.name not in ("", name):
                raise DatasetError(
                    f"The model '{outcome.model.name}' predicts '{name}', and the run has it for '{outcome.name}': "
                    "choose another model for that outcome."
                )
            if not take_same_features(own.dataset, found.dataset):
                raise DatasetError(
                    f"The models of '{own.dataset.outcome.name}' and '{name}' were not trained with the same features "
                    f"({', '.join(own.dataset.feature_names)}; {', '.join(found.dataset.feature_names)}): train both "
                    "on this table."
                )
            measured[name] = found
        columns = own.dataset.features
        return replace(own, table=_with_features(dataset, columns, recoded_rows(columns, dataset)), measured=measured)

    def saved_model(self, ref: ModelRef) -> SavedModel:
        """The saved model that a reference means, also where it has another name by now; its file is not read yet.

        Raises:
            ModelStoreError: there is none of that name, nor one of that digest.
            DatasetError: the one of that name is another model, and the one that is meant is gone.
        """
        try:
            saved = self.models.load_lazily(ref.name)
        except ModelStoreError:
            if not ref.digest:
                raise
            with suppress(ModelStoreError):
                return self.models.find(ref.digest)
            raise
        if not ref.digest or saved.digest == ref.digest:
            return saved
        try:
            return self.models.find(ref.digest)
        except ModelStoreError:
            raise DatasetError(
                f"The saved model '{ref.name}' is not the one this run was made with: it has been trained anew. "
                "Choose the model again on the Model page."
            ) from None

    def pair(self, dataset: Dataset, ref: ModelRef) -> ModelWithData:
        """A dataset together with a model for it.

        Raises:
            DatasetError: the model changed, or the function is unknown or needs features that the table lacks.
            ModelStoreError: there is no saved model of that name.
            ModelMismatchError: the model needs features that the table lacks.
        """
        if ref.kind == "function":
            if ref.name not in FUNCTIONS:
                raise DatasetError(f"There is no function '{ref.name}'; there are {', '.join(FUNCTIONS)}.")
            function = FUNCTIONS[ref.name]
            return ModelWithData(_only(dataset, function.feature_names), function)
        if ref.kind == "callable":
            raise DatasetError(
                f"The run was made with the Python function '{ref.name}', which is not kept: run it from Python, with "
                "ModelWithData.of_callable."
            )
        if ref.kind == "operator":
            model = self.operator.load(ref.name)
            predictor = model.predictor
            assert model.card is not None
            if ref.digest and model.digest != ref.digest:
                raise DatasetError(
                    f"The operator's model '{ref.name}' or what its inputs are said to be has changed since. Choose it "
                    "again on the Model page."
                )
            return with_confidence(ModelWithData(align(dataset, model.card), predictor), model.card)
        saved = self.saved_model(ref)
        _ = saved.predictor  # its file can be read
        return with_confidence(ModelWithData(align(dataset, saved.card), saved.predictor), saved.card)


def align(dataset: Dataset, card: ModelCard) -> Dataset:
    """The recorded rows with the model's features only, in its order and with its codes.

    An outcome without limits of its own has those that the model was trained with, if the rows keep to them.

    Raises:
        ModelMismatchError: a feature is absent or of the other kind.
        DatasetError: a category is unknown to the model, or the model predicts another outcome than the table records.
    """
    if card.outcome.name not in dataset.outcome_names:
        raise DatasetError(
            f"The model predicts '{card.outcome.name}', but {outcomes_words(dataset)}: choose another model, or that "
            "outcome on the Data page."
        )
    dataset = dataset.for_outcome(card.outcome.name)
    aligned, limits = _with_features(dataset, card.columns, rows_for(card, dataset)), card.outcome.limits
    return replace(aligned, limits=limits) if dataset.limits.is_open and limits.holds(dataset.y) else aligned


def with_confidence(model_data: ModelWithData, card: ModelCard) -> ModelWithData:
    """The same with the intervals of its model, where its card has them; later where it is not loaded yet."""
    if card.intervals is None:
        return model_data
    if card.settings is None:  # from elsewhere
        waiting = replace(model_data, intervals=card.intervals)
        return waiting if waiting.is_deferred else waiting._with_residuals()
    confidence = ConformalPredictor(model_data.predictor, card.encoding, card.intervals, model_data.dataset)
    return replace(model_data, confidence=confidence)


def take_same_features(first: Dataset, second: Dataset) -> bool:
    """Whether the rows of two models agree in names and categories of features, in order: then they serve both."""
    known = [[(column.name, column.categories) for column in each.features] for each in (first, second)]
    return known[0] == known[1]


def outcomes_words(dataset: Dataset) -> str:
    """Which outcomes a table has, as a clause."""
    names = listed([f"'{name}'" for name in dataset.outcome_names])
    return f"the outcome{'s' * bool(dataset.other_outcomes)} of the table '{dataset.name}' " + (
        f"are {names}" if dataset.other_outcomes else f"is {names}"
    )


def _with_features(dataset: Dataset, columns: Sequence[Column], X: np.ndarray) -> Dataset:
    """The rows of a table with the features of a model alone, X (n, d) in its order and with its codes.

    Raises:
        DatasetError: a category is unknown to the model.
    """
    unknown = [column.name for column, values in zip(columns, X.T, strict=True) if np.isnan(values).any()]
    if unknown:
        raise DatasetError(
            f"The table has categories of {unknown} that the model never saw: train a model on this table."
        )
    return dataset.with_features(columns, X)


def _only(dataset: Dataset, names: Sequence[str]) -> Dataset:
    own = dataset.indices(names)
    return dataset.with_features([dataset.features[j] for j in own], dataset.X[:, own])


DIRECTIONS = {Goal.MAXIMUM: Direction.ABOVE, Goal.MINIMUM: Direction.BELOW, Goal.VALUE: Direction.EITHER}
"""Where a search goes, by its goal."""


MAX_BAND_ROWS = 5_000  # that the model is asked for at once


def confidence_of(spec: RunSpec, model_data: ModelWithData) -> ConformalPredictor | None:
    """The model with its calibrated intervals, for a search that goes where this one does; None without any."""
    return None if model_data.confidence is None else model_data.confidence.toward(DIRECTIONS[spec.goal])


def curve_bands(result: RunResult, model_data: ModelWithData) -> tuple[np.ndarray, np.ndarray] | None:
    """(k, m) low and high ends of the interval along the curves of k results, in the outcome's unit.

    Each point has the interval of its own candidate at the level of the run. None where the result has no curves, the
    model no calibrated intervals, or there are more curves than anybody could look at.
    """
    rows, confidence = result.results, confidence_of(result.spec, model_data)
    if confidence is None or result.sweep is None or not len(rows):
        return None
    grid = np.array(result.sweep.grid, dtype=float)
    if len(rows) * len(grid) > MAX_BAND_ROWS:
        return None
    X = np.repeat(np.array(rows.X, dtype=float), len(grid), axis=0)
    X[:, model_data.dataset.index(result.sweep.feature)] = np.tile(grid, len(rows))
    interval = confidence.predict_interval(X, result.spec.level)
    return interval.low.reshape(len(rows), -1), interval.high.reshape(len(rows), -1)
