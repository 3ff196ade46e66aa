"""Parallel coordinates: how results differ, feature by feature. Their numbers; `parallel_drawing` draws them."""

from typing import NamedTuple

import numpy as np

from models import Dataset
from services.results import FeatureInfo, ResultSet, RunResult
from services.runspec import NumericSpec, RunSpec
from ui.charts.binning import Bins, category_bins, numeric_bins
from ui.charts.words import format_number, format_range


class ParallelAxis(NamedTuple):
    """One feature.

    Attributes:
        name: of the feature.
        unit: its unit.
        low: left end: the smallest recorded or found value, or bound.
        high: right end.
        bins: recorded values.
        categories: names of the codes, or empty.
        bounds: within which the search was free to move, or None for categories.
    """

    name: str
    unit: str
    low: float
    high: float
    bins: Bins
    categories: tuple[str, ...]
    bounds: tuple[float, float] | None

    def places(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie on the axis: 0 at its left end, 1 at its right one."""
        return (values - self.low) / (self.high - self.low)

    def text(self, value: float) -> str:
        """Return a value as a person reads it."""
        return self.categories[int(value)] if self.categories else format_number(value, self.unit)


class ParallelInfo(NamedTuple):
    """Numbers of the parallel coordinates.

    Attributes:
        axes: m free features, from top to bottom.
        results: (k, m) settings of the results.
        recorded: (r, m) settings of the best recorded rows.
        recorded_rows: r row numbers, counted from 1.
    """

    axes: tuple[ParallelAxis, ...]
    results: np.ndarray
    recorded: np.ndarray
    recorded_rows: tuple[int, ...]


def parallel_info(result: RunResult, dataset: Dataset) -> ParallelInfo | None:
    """Return the free features with recorded histograms and settings, or None where nothing was free.

    Args:
        result: of the run.
        dataset: the recorded rows of that run, features in any order.

    Raises:
        DatasetError: the dataset lacks a feature of the result.
    """
    free = [j for j, feature in enumerate(result.features) if feature.is_free]
    if not free:
        return None
    results, recorded = _settings(result.results, free), _settings(result.best_recorded, free)
    found = np.concatenate([results, recorded])
    axes = tuple(_axis(result.features[j], result.spec, dataset, found[:, column]) for column, j in enumerate(free))
    rows = result.best_recorded.rows or tuple(range(1, len(recorded) + 1))
    return ParallelInfo(axes, results, recorded, rows)


def parallel_alt(info: ParallelInfo) -> str:
    """Return the parallel coordinates in a sentence."""
    parts = []
    for axis, values in zip(info.axes, info.results.T, strict=True):
        if axis.categories:
            parts.append(f"{axis.name} {', '.join(dict.fromkeys(axis.text(value) for value in values))}")
        else:
            parts.append(f"{axis.name} {format_range(values, axis.unit)}")
    return f"Settings of the {len(info.results)} results, feature by feature: {'; '.join(parts)}."


def _settings(rows: ResultSet, free: list[int]) -> np.ndarray:
    return np.array([[row[j] for j in free] for row in rows.X], dtype=float).reshape(-1, len(free))


def _axis(feature: FeatureInfo, spec: RunSpec, dataset: Dataset, found: np.ndarray) -> ParallelAxis:
    recorded = dataset.X[:, dataset.index(feature.name)]
    if feature.categories:
        own = dataset.features[dataset.index(feature.name)].categories
        codes = np.array([feature.categories.index(name) if name in feature.categories else -1 for name in own])
        known = codes[recorded.astype(int)]
        bins = category_bins(known[known >= 0], len(feature.categories))
        return ParallelAxis(
            feature.name, feature.unit, -0.5, len(feature.categories) - 0.5, bins, feature.categories, None
        )
    wanted = {chosen.name: (chosen.low, chosen.high) for chosen in spec.features if isinstance(chosen, NumericSpec)}
    bounds = wanted.get(feature.name, (feature.low, feature.high))
    ends = np.array([recorded.min(), recorded.max(), *bounds, *found])
    low, high = float(ends.min()), float(ends.max())
    if not low < high:
        low, high = low - 0.5, high + 0.5
    bins = numeric_bins(recorded, is_integer=feature.is_integer)
    return ParallelAxis(feature.name, feature.unit, low, high, bins, (), bounds)
