"""The board of features, and what it is sent: names, histograms, what is set and what the recorded rows suggest."""

from collections.abc import Callable
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
    "numeric": ("is_free", "low", "high", "value", "weight", "step", "tolerance"),
    "categorical": ("is_free", "allowed", "value", "weight"),
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
        has_weights: whether the method mutates, so that mutation weights say something.
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
    """Return, per feature, what stays the same while it is edited: kind, unit, histogram, and its suggested setting."""
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
