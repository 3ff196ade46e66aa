"""What the model that Automatic takes for a table that ships expects of the best result that another model found."""

from functools import lru_cache

import numpy as np

from models import Dataset, ModelStore, SavedModel
from models.store import SHIPPED_FOLDER
from optimizer import Goal, Objective
from services.catalog.loading import ModelWithData, align, confidence_of, with_confidence
from services.problems.outcomes.objective import build_curve, objective_interval
from services.specs.digits import common_decimals, outlook_words
from services.specs.results import RunResult

AUTOMATIC_MODELS = SHIPPED_FOLDER / "automatic"
"""Models that Automatic trained on tables that ship, beside those of the stories: `make models` writes both."""


@lru_cache(maxsize=8)
def _model_of(digest: str) -> SavedModel | None:
    store = ModelStore(AUTOMATIC_MODELS)
    found = (saved for saved in map(store.load_lazily, store.names()) if saved.card.dataset.digest == digest)
    return next(found, None)


def automatic_opinion(result: RunResult, dataset: Dataset) -> str:
    """What Automatic's model expects of the best result, with its interval; "" where none ships for the table.

    Args:
        dataset: that the run searched, as its model knows it or with more features.
    """
    saved = _model_of(result.spec.dataset.digest)
    names = [feature.name for feature in result.features]
    if saved is None or saved.card.outcome.name != result.outcome_name:
        return ""
    if not len(result.results) or not set(saved.card.feature_names) <= set(names):
        return ""
    card = saved.card
    known = with_confidence(ModelWithData(align(dataset, card), saved.predictor), card)
    if known.confidence is None or any(column.is_categorical for column in card.columns):
        return ""
    curve = build_curve(result.spec.curve, known.dataset) if result.spec.curve else None
    objective = Objective(result.spec.goal, value=result.spec.value, curve=curve)
    best = np.array(result.results.X[:1])[:, [names.index(name) for name in card.feature_names]]
    sought = confidence_of(result.spec, known)
    assert sought is not None
    (expected,), (low,), (high,) = objective_interval(objective, sought, best, result.spec.level)
    said = outlook_words(
        expected,
        low,
        high,
        level=result.spec.level,
        is_least_best=result.goal is Goal.MINIMUM,
        is_two_sided=result.goal is Goal.VALUE,
        decimals=common_decimals([expected, low, high]),
        unit=result.objective_unit,
    )
    return f"Automatic ({card.family.words.name}) says of the best result: {said}."
