"""Whether a model and a table fit, and rows of the table as the model takes them."""

from collections.abc import Iterable

import numpy as np

from models.cards.card import ModelCard
from models.data.dataset import Column, Dataset
from models.errors import ModelMismatchError


def missing_features(card: ModelCard, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the features that a model needs and a table with these column names lacks."""
    available = set(names)
    return tuple(name for name in card.feature_names if name not in available)


def check_fits(card: ModelCard, dataset: Dataset) -> None:
    """Raise unless every feature of the model is in the dataset, measured the same way.

    Raises:
        ModelMismatchError: features are absent, or numeric here and categorical there.
    """
    missing = missing_features(card, dataset.feature_names)
    if missing:
        raise ModelMismatchError(
            f"The model needs {', '.join(card.feature_names)}; the table lacks {', '.join(missing)}. Choose another "
            "model, rename the table's columns, or train a model on this table."
        )
    other = [c.name for c in card.columns if dataset.features[dataset.index(c.name)].kind is not c.kind]
    if other:
        raise ModelMismatchError(
            f"The model and the table measure {', '.join(other)} differently (one as numbers, one as categories). "
            "Mend the table, or train a model on it."
        )


def rows_for(card: ModelCard, dataset: Dataset) -> np.ndarray:
    """Return (n, d) the dataset's rows in the model's features and codes; NaN for a category unknown to the model.

    Raises:
        ModelMismatchError: model and dataset do not fit.
    """
    check_fits(card, dataset)
    indices = dataset.indices(card.feature_names)
    pairs = zip(card.columns, indices, strict=True)
    return np.column_stack([_recode(column, dataset.features[j], dataset.X[:, j]) for column, j in pairs])


def _recode(known: Column, given: Column, values: np.ndarray) -> np.ndarray:
    """Return (n,) values of one column with the model's codes."""
    if not known.is_categorical or known.categories == given.categories:
        return values
    code_of = {category: float(code) for code, category in enumerate(known.categories)}
    return np.array([code_of.get(category, np.nan) for category in given.categories])[values.astype(int)]
