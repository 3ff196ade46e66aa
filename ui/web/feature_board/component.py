"""The board of features: what it is sent, and what it sends, which may be anything, read as features of a run."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models import Column, Dataset
from services.problems.defaults import default_feature
from services.problems.reference import reference_name
from services.specs.run import CategoricalSpec, FeatureSpec, NumericSpec, RunSpec
from ui.web.assets import Component

MAX_BINS = 40
_SET = {
    "numeric": ("is_free", "low", "high", "value", "mutation_strength", "step", "tolerance"),
    "categorical": ("is_free", "allowed", "value", "mutation_strength"),
}
MAX_REFUSALS = 3
MAX_LETTERS = 40  # of what came
FIELD_NAMES = {
    "is_free": "The switch",
    "low": "Min",
    "high": "Max",
    "value": "The value",
    "mutation_strength": "The mutation strength",
    "step": "The step",
    "tolerance": "The tolerance",
}
_component = Component(Path(__file__).parent)
PARTS = _component.parts


def feature_board(message: dict[str, Any], *, key: str, on_edit: Callable[[Any], None]) -> None:
    """Draw all features.

    Args:
        key: the same in every rerun, or the board forgets what was folded out.
        on_edit: called, before the page runs again, with what the browser sent, which may be anything; see `read_edits`
            for what becomes of it.
    """
    _component.draw(message, key=key, features=on_edit)


def board_message(
    spec: RunSpec, dataset: Dataset, summaries: dict[str, dict[str, Any]], *, revision: str, has_weights: bool
) -> dict[str, Any]:
    """What the browser is sent, JSON only.

    Args:
        summaries: of `feature_summaries` for that dataset.
        revision: another one than before wherever Python, not the user of the board, set features anew.
        has_weights: whether the method mutates, so that mutation strengths say something.
    """
    reference = spec.reference
    values = dict(zip([f.name for f in spec.features], reference.values, strict=False)) if reference else {}
    return {
        "revision": revision,
        "has_weights": has_weights,
        "swept": spec.swept,
        "reference": reference_name(reference) if reference else None,
        "features": [
            summaries[feature.name] | {"now": what_is_set(feature), "reference": values.get(feature.name)}
            for feature in spec.features
            if feature.name in summaries
        ],
    }


def feature_summaries(dataset: Dataset) -> dict[str, dict[str, Any]]:
    """What stays the same of each feature while it is edited: kind, unit, histogram, and its suggested setting."""
    return {column.name: _summary(dataset, column) for column in dataset.features}


def what_is_set(feature: FeatureSpec) -> dict[str, Any]:
    """What the board can set of a feature, as JSON."""
    values = {name: getattr(feature, name) for name in _SET[feature.kind]}
    return values | ({"allowed": list(feature.allowed)} if isinstance(feature, CategoricalSpec) else {})


def _summary(dataset: Dataset, column: Column) -> dict[str, Any]:
    usual = default_feature(dataset, column)
    common = {"name": column.name, "unit": column.unit, "kind": usual.kind, "usual": what_is_set(usual)}
    if not isinstance(usual, NumericSpec):
        shares = [round(float(share), 4) for share in dataset.frequencies(column.name)]
        return common | {"categories": list(column.categories), "shares": shares}
    from ui.charts.histograms import numeric_bins  # its room loads Plotly, which takes its time

    values = dataset.X[:, dataset.index(column.name)]
    bins = numeric_bins(values, is_integer=column.is_integer, max_bins=MAX_BINS)
    return common | {
        "is_integer": column.is_integer,
        "recorded": [float(values.min()), float(values.max())],
        "bins": {
            "low": float(bins.edges[0]),
            "high": float(bins.edges[-1]),
            "shares": np.round(bins.shares, 4).tolist(),
        },
    }


class _RefusedError(ValueError):
    """Something that was sent makes no sense."""


def read_edits(
    features: Sequence[FeatureSpec], sent: Any, categories: dict[str, tuple[str, ...]]
) -> tuple[tuple[FeatureSpec, ...], str]:
    """The features with what the browser sent, and a text on what was refused.

    What cannot be a number, a switch or a known category is refused here; whether bounds, steps and values fit
    together is for the search space to say.

    Args:
        features: of the run so far.
        sent: a list with an object per feature, as `what_is_set` makes them, with its name; or anything else.
        categories: of every categorical feature.

    Returns:
        Features of the run, where what was refused is as it was before;
        what was expected, what came and how to mend it, "" where everything made sense.
    """
    if not isinstance(sent, list):
        return tuple(features), f"The features came as {_shown(sent)}, expected a list: load the page again."
    given = {each["name"]: each for each in sent if isinstance(each, dict) and isinstance(each.get("name"), str)}
    read, refusals = [], []
    for feature in features:
        fields = given.get(feature.name, {})
        changes: dict[str, Any] = {}
        for field in fields.keys() & ({"allowed"} | FIELD_NAMES.keys()) & type(feature).model_fields.keys():
            try:
                changes[field] = _read(feature, field, fields[field], categories.get(feature.name, ()))
            except _RefusedError as refused:
                refusals.append(str(refused))
        read.append(feature.model_copy(update=changes))
    shown, n_more = sorted(refusals)[:MAX_REFUSALS], len(refusals) - MAX_REFUSALS
    return tuple(read), " ".join([*shown, *([f"{n_more} more like that."] if n_more > 0 else [])])


def _read(feature: FeatureSpec, field: str, value: Any, categories: tuple[str, ...]) -> Any:
    """One thing that is set of a feature; a step of 0 is none."""
    if field == "is_free":
        if not isinstance(value, bool):
            raise _refused(feature, field, "on or off", value, "turn it")
        return value
    if isinstance(feature, CategoricalSpec) and field in ("allowed", "value"):
        return _categories(feature, field, value, categories)
    if value is None and field in ("step", "tolerance", "mutation_strength"):
        return None
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise _refused(feature, field, "a number", value)
    if field == "tolerance" and number < 0:
        raise _refused(feature, field, "0 or more", value)
    return None if field == "step" and number == 0 else number


def _categories(feature: CategoricalSpec, field: str, value: Any, known: tuple[str, ...]) -> str | tuple[str, ...]:
    """The category that a feature is frozen at, or those that are allowed, in the order of the table."""
    if field == "value":
        if value not in known:
            raise _refused(feature, field, f"one of {_shown(list(known))}", value, "choose one")
        return str(value)
    if not isinstance(value, list) or any(each not in known for each in value):
        raise _RefusedError(
            f"The allowed categories of '{feature.name}' are some of {_shown(list(known))}, got {_shown(value)}: "
            "choose among them."
        )
    return tuple(category for category in known if category in value)


def _refused(feature: FeatureSpec, field: str, expected: str, value: Any, remedy: str = "type one") -> _RefusedError:
    kept = getattr(feature, field, None)
    example = f", such as {kept:.6g}" if isinstance(kept, float) else ""
    name = FIELD_NAMES[field]
    return _RefusedError(f"{name} of '{feature.name}' is {expected}, got {_shown(value)}: {remedy}{example}.")


def _shown(value: Any) -> str:
    """What came, as short as a message needs it."""
    try:
        text = f"'{value}'" if isinstance(value, str) else repr(value)
    except ValueError:  # Python does not write out whole numbers of more than some thousand digits
        text = "a number too long to show"
    return text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]} …"
