"""How well a model from elsewhere predicts the recorded rows, given what its inputs are said to be."""

from collections.abc import Callable
from itertools import product

import numpy as np

from models import Dataset, ModelCard, ModelMismatchError, score
from models.cards.card import make_card
from models.cards.mapping import MappedColumn, Mapping, Scaling
from models.cards.settings import Family
from models.data.encoding import Encoding
from models.data.metrics import Metrics
from models.data.split import Split
from optimizer.features import evenly
from services.catalog.loading import align

Forward = Callable[[np.ndarray], np.ndarray]
"""What a network computes: from (n, p) float32 inputs to (n,) outputs."""

_TRIED = (Scaling.NONE, Scaling.STANDARDISED, Scaling.RANGE)
_MAX_TRIED_ROWS = 500
_GOOD_R2 = 0.5
_HIGH_CORRELATION = 0.9


def evaluated_card(
    mapping: Mapping, dataset: Dataset, n_inputs: int, forward: Forward, versions: dict[str, str]
) -> ModelCard:
    """The card of a model that was trained elsewhere, evaluated on every recorded row.

    Raises:
        ModelMismatchError: mapping, table and model do not fit, or it gives no number for some rows.
    """
    rows = mapping.rows_of(dataset)
    encoding = mapping.encoding_for(rows)
    check_inputs(encoding, n_inputs)
    predicted = encoding.decode_outcome(forward(encoding.encode(rows.X)))
    n_lost = int((~np.isfinite(predicted)).sum())
    if n_lost:
        raise ModelMismatchError(
            f"With these columns the model gives no number for {n_lost:,} of {len(predicted):,} recorded rows: look at "
            "how the inputs were scaled when it was trained."
        )
    none = np.empty(0, dtype=int)
    split = Split(none, none, np.arange(rows.n_rows))
    with np.errstate(over="ignore"):
        metrics = score(rows.y, predicted)
        if not np.isfinite([metrics.r2, metrics.rmse, metrics.mae]).all():
            raise ModelMismatchError(
                "With these columns the model's predictions are too large to compare: look at how it was scaled."
            )
        return make_card(
            rows, split, encoding, predicted, family=Family.KERAS, settings=None, history=None, versions=versions
        )


def check_inputs(encoding: Encoding, n_inputs: int) -> None:
    """Raise ModelMismatchError unless the chosen columns make as many inputs as the model takes."""
    if encoding.n_inputs == n_inputs:
        return
    made = [
        f"'{column.name}' {len(column.categories)} (one per category)"
        if column.is_categorical
        else f"'{column.name}' 1"
        for column in encoding.features
    ]
    raise ModelMismatchError(
        f"The model takes {n_inputs} inputs; the chosen columns make {encoding.n_inputs}: {', '.join(made)}. Choose "
        "the columns that it was trained on, in the order of its inputs."
    )


def suggest_mapping(dataset: Dataset, n_inputs: int, forward: Forward) -> Mapping | None:
    """The mapping that explains the recorded rows best among those worth a try, or None where none fits.

    The columns are all features of the table, or those without the sweep feature, or the numeric ones, in the table's
    order; the scaling is the one of none, standardised and 0..1, for inputs and outcome each, with the best R2 over a
    sample of the rows.
    """
    for features in _column_choices(dataset):
        if sum(len(column.categories) or 1 for column in features) == n_inputs:
            mappings = [_mapping(features, dataset, *scalings) for scalings in product(_TRIED, _TRIED)]
            rows = evenly(dataset.n_rows, _MAX_TRIED_ROWS)
            return max(mappings, key=lambda mapping: _r2(mapping, dataset, rows, forward))
    return None


def default_mapping(dataset: Dataset) -> Mapping:
    """The mapping to begin with where nothing can be tried: all features in their order, unscaled."""
    return _mapping(_column_choices(dataset)[0], dataset, Scaling.NONE, Scaling.NONE)


def metrics_on(card: ModelCard, dataset: Dataset, forward: Forward) -> Metrics:
    """The metrics of a model whose card is known on the recorded rows of a table.

    Raises:
        ModelMismatchError: model and table do not fit.
        DatasetError: the table has categories that the model never saw, or another outcome.
    """
    rows, encoding = align(dataset, card), card.encoding
    with np.errstate(all="ignore"):
        return score(rows.y, np.nan_to_num(encoding.decode_outcome(forward(encoding.encode(rows.X)))))


def is_good_fit(card: ModelCard) -> bool:
    """Whether a model predicts the recorded rows well enough for its columns to be the right ones."""
    return card.metrics.r2 >= _GOOD_R2


def r2_words(r2: float) -> str:
    """An R² as a person says it: how far below 0 it is says nothing more."""
    return f"{r2:.2f}" if r2 > -10 else "far below 0"


def fit_sentence(card: ModelCard) -> str:
    """What the fit says about the mapping, and what to look at where it is poor."""
    measured, predicted = np.array(card.held_out.measured), np.array(card.held_out.predicted)
    r2 = r2_words(card.metrics.r2)
    if is_good_fit(card):
        return f"The predictions agree with the recorded rows (R² {r2}): the columns seem to be the right ones."
    with np.errstate(all="ignore"):
        correlation = float(np.corrcoef(measured, predicted)[0, 1]) if np.ptp(predicted) > 0 else 0.0
    # A wrong scale of the outcome spoils R2 and leaves the correlation, a wrong order of columns spoils both.
    if abs(correlation) >= _HIGH_CORRELATION:
        return (
            f"The predictions rise and fall with the measurements, but on another scale (R² {r2}): the columns "
            "seem right, look at how the outcome was scaled."
        )
    return (
        f"The predictions do not agree with the recorded rows (R² {r2}): look at the order of the columns and at "
        "how the inputs were scaled."
    )


def _column_choices(dataset: Dataset) -> list[list[MappedColumn]]:
    every = list(dataset.features)
    choices = [every, [c for c in every if c.name != dataset.sweep], [c for c in every if not c.is_categorical]]
    return [[MappedColumn(name=c.name, categories=c.categories) for c in choice] for choice in choices if choice]


def _mapping(features: list[MappedColumn], dataset: Dataset, inputs: Scaling, outcome: Scaling) -> Mapping:
    scaled = tuple(c if c.categories else c.model_copy(update={"scaling": inputs}) for c in features)
    return Mapping(features=scaled, outcome=MappedColumn(name=dataset.outcome.name, scaling=outcome))


def _r2(mapping: Mapping, dataset: Dataset, rows: np.ndarray, forward: Forward) -> float:
    """R2 over some rows, -inf where there is none."""
    known = mapping.rows_of(dataset)
    try:
        encoding = mapping.encoding_for(known)
    except ModelMismatchError:
        return -np.inf
    with np.errstate(all="ignore"):
        predicted = encoding.decode_outcome(forward(encoding.encode(known.X[rows])))
        if not np.isfinite(predicted).all():
            return -np.inf
        return score(known.y[rows], predicted).r2
