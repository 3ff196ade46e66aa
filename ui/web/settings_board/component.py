"""The board of settings: what it is sent of a run, and how it is drawn; see `reading` for what it sends."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models import Column, Dataset
from services.problems.defaults import LEVEL_SETTINGS, default_feature, extrapolation_level_of
from services.problems.reference import reference_name
from services.specs.run import CategoricalSpec, FeatureSpec, NumericSpec, RunSpec
from ui.web.assets import Component
from ui.web.settings_board.outcomes import OUTCOME, OutcomeAbout, outcomes_message, sweepable

MAX_BINS = 40
DENSITY_WEIGHTS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""What the slider offers: results lie beyond the tolerance by about one over the weight, so steps are factors."""
_SET = {
    "numeric": ("is_free", "low", "high", "value", "mutation_strength", "step", "tolerance"),
    "categorical": ("is_free", "allowed", "value", "mutation_strength"),
}
_component = Component(Path(__file__).parent)
PARTS = _component.parts


def settings_board(
    message: dict[str, Any],
    *,
    key: str,
    on_edit: Callable[[Any], None],
    on_price: Callable[[Any], None],
    on_outcome: Callable[[Any], None],
) -> None:
    """Draw what is set of a run.

    Args:
        key: the same in every rerun, or the board forgets what was folded out.
        on_edit: called, before the page runs again, with what the browser sent, which may be anything; see
            `read_settings` for what becomes of it.
        on_price: called likewise when the user asks what realism costs.
        on_outcome: called likewise with what to do with an outcome: an object with ``act`` ("add", "edit" or "remove")
            and ``name``; or anything else.
    """
    _component.draw(message, key=key, settings=on_edit, price=on_price, outcome=on_outcome)


def board_message(
    spec: RunSpec,
    dataset: Dataset,
    summaries: dict[str, dict[str, Any]],
    *,
    revision: str,
    usual_strengths: Mapping[str, float],
    strength_note: str = "",
    density_note: str = "",
    goal_unit: str = "",
    goal_help: str = "",
    about: Mapping[str, OutcomeAbout] | None = None,
    outcome_note: str = "",
    no_price: str = "",
) -> dict[str, Any]:
    """What the browser is sent, JSON only.

    Args:
        summaries: of `feature_summaries` for that dataset.
        revision: another one than before wherever Python, not the user of the board, set anything anew.
        usual_strengths: what a mutation strength that is None stands for, of every free feature by name.
        strength_note: why mutation strengths say nothing with the method of the run, or "".
        density_note: why there is no density penalty although there are parts, or "".
        goal_unit: unit of a value that is searched for.
        goal_help: which values can be expected.
        about: what is known of each outcome, by its name, where there are several.
        outcome_note: why something that was chosen of an outcome was not taken, or "".
        no_price: why what realism costs cannot be asked of this run, or "".
    """
    reference = spec.reference
    values = dict(zip([f.name for f in spec.features], reference.values, strict=False)) if reference else {}
    return {
        "revision": revision,
        "usual_strengths": {name: float(f"{strength:.2g}") for name, strength in usual_strengths.items()},
        "strength_note": strength_note,
        "swept": spec.swept,
        "reference": reference_name(reference) if reference else None,
        "goal": {
            "now": goal_now(spec),
            "outcome": {"name": dataset.outcome.name, "unit": dataset.outcome.unit},
            "sweepable": [{"name": column.name, "unit": column.unit} for column in sweepable(dataset)],
            "unit": goal_unit,
            "range": goal_help,
        },
        "outcomes": outcomes_message(spec, dataset, about or {}, outcome_note),
        "knobs": {
            "now": knobs_now(spec),
            "no_price": no_price,
            "densities": sorted({*DENSITY_WEIGHTS, *([spec.density.weight] if spec.density else [])}),
            "density_note": density_note,
            "levels": [
                {"name": level.value, "label": one.label, "meaning": one.meaning}
                for level, one in LEVEL_SETTINGS.items()
            ],
        },
        "features": [
            summaries[feature.name] | {"now": what_is_set(feature), "reference": values.get(feature.name)}
            for feature in spec.features
            if feature.name in summaries
        ],
    }


def goal_now(spec: RunSpec) -> dict[str, Any]:
    """What is searched for, as the board sends it."""
    curve = spec.curve
    now: dict[str, Any] = {"goal": spec.goal.value, "value": spec.value, "of": OUTCOME}
    if curve is None:
        return now | {"feature": None, "start": None, "end": None, "at": None}
    points = {"start": curve.start, "end": curve.end, "at": curve.at}
    return now | {"of": curve.summary.value, "feature": curve.feature} | points


def knobs_now(spec: RunSpec) -> dict[str, Any]:
    """Realism and size of a search, as the board sends them."""
    level = extrapolation_level_of(spec)
    return {
        "density": spec.density.weight if spec.density else None,
        "level": level.value if level else None,
        "n_results": spec.n_results,
        "evaluations": spec.budget.evaluations,
        "seed": spec.seed,
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
