"""Which columns of a table a model from elsewhere takes: in which order, and how they and the outcome were scaled."""

from dataclasses import replace
from enum import StrEnum
from typing import Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from models.cards.card import CardPart, first_error
from models.data.dataset import Column, ColumnKind, Dataset
from models.data.encoding import Encoding
from models.errors import ModelFileError, ModelMismatchError


class Scaling(StrEnum):
    """How a column was scaled before the model saw it."""

    NONE = "none"
    STANDARDISED = "standardised"
    RANGE = "range"
    GIVEN = "given"

    @property
    def words(self) -> str:
        """What a person reads."""
        return {
            Scaling.NONE: "not scaled",
            Scaling.STANDARDISED: "standardised: (value - mean) / std of the table",
            Scaling.RANGE: "to 0..1: (value - lowest) / (highest - lowest) of the table",
            Scaling.GIVEN: "(value - mean) / std, typed in",
        }[self]


class MappedColumn(CardPart):
    """A column as the model takes it.

    Attributes:
        scaling: how its values were scaled; categories are not, they become one input each, 0 or 1.
        mean: what is subtracted, where that is given.
        std: what is divided by, where that is given.
        categories: in the order of their inputs; empty for numbers, and for the table's own order.
    """

    name: str
    scaling: Scaling = Scaling.NONE
    mean: float = 0.0
    std: float = Field(default=1.0, gt=0)
    categories: tuple[str, ...] = ()


class Mapping(CardPart):
    """What a model from elsewhere takes and gives."""

    features: tuple[MappedColumn, ...] = Field(min_length=1)
    outcome: MappedColumn

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [column.name for column in (*self.features, self.outcome)]
        if len(set(names)) < len(names):
            raise ValueError(f"every column may occur once, got {names}")
        return self

    @classmethod
    def from_json(cls, text: str | bytes) -> "Mapping":
        """The mapping that a document holds.

        Raises:
            ModelFileError: it holds none.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ModelFileError(
                f"The .json side file says nothing usable about the model's inputs: "
                f"{first_error(error, 'the file')}. Expected "
                '{"features": [{"name": ..., "scaling": "none"}, ...], "outcome": {"name": ...}}, or the card that was '
                "saved together with the model."
            ) from None

    def rows_of(self, dataset: Dataset) -> Dataset:
        """The recorded rows with the features that the model takes only, in its order and with its codes.

        Raises:
            ModelMismatchError: a column is absent, is another one's outcome, or has categories that the model lacks.
        """
        absent = [column.name for column in self.features if column.name not in dataset.feature_names]
        if absent:
            raise ModelMismatchError(
                f"The model takes {absent}; the features of the table are {list(dataset.feature_names)}. Choose among "
                "those, or make them features on the Data page."
            )
        if self.outcome.name != dataset.outcome.name:
            raise ModelMismatchError(
                f"The model predicts '{self.outcome.name}'; the outcome of the table is '{dataset.outcome.name}'. "
                "Choose that outcome on the Data page."
            )
        columns, values = zip(*(_chosen(column, dataset) for column in self.features), strict=True)
        return dataset.with_features(columns, np.column_stack(values))

    def encoding_for(self, rows: Dataset) -> Encoding:
        """The encoding by which the rows of `rows_of` become the model's inputs, and its output the outcome.

        Raises:
            ModelMismatchError: the outcome never varies, so that it cannot have been scaled by this table.
        """
        scales = [
            (0.0, 1.0) if known.is_categorical else _scale(column, values)
            for column, known, values in zip(self.features, rows.features, rows.X.T, strict=True)
        ]
        mean, std = _scale(self.outcome, rows.y)
        if std <= 0:
            raise ModelMismatchError(f"'{rows.outcome.name}' is the same in every row: it cannot have been scaled so.")
        means, stds = np.array(scales, dtype=float).T
        return Encoding(rows.features, means, stds, mean, std)


def _chosen(column: MappedColumn, dataset: Dataset) -> tuple[Column, np.ndarray]:
    """A column as the model knows it, and its (n,) values or codes."""
    index = dataset.index(column.name)
    known, values = dataset.features[index], dataset.X[:, index]
    if known.kind is ColumnKind.NUMERIC:
        if column.categories:
            raise ModelMismatchError(f"'{column.name}' holds numbers in the table, and categories for the model.")
        return known, values
    categories = column.categories or known.categories
    absent = [category for category in known.categories if category not in categories]
    if absent or len(set(categories)) < len(categories):
        raise ModelMismatchError(
            f"Every category of '{column.name}' needs one input; the table has {list(known.categories)}, the model "
            f"{list(categories)}."
        )
    codes = np.array([categories.index(category) for category in known.categories], dtype=float)
    return replace(known, categories=categories), codes[values.astype(int)]


def _scale(column: MappedColumn, values: np.ndarray) -> tuple[float, float]:
    """The number subtracted from a column and the one it is divided by."""
    match column.scaling:
        case Scaling.NONE:
            return 0.0, 1.0
        case Scaling.STANDARDISED:
            return float(values.mean()), float(values.std())
        case Scaling.RANGE:
            return float(values.min()), float(np.ptp(values))
        case Scaling.GIVEN:
            return column.mean, column.std
