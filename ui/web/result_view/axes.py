"""The axes of a result with the histograms of the recorded rows, and the many points of its map."""

from dataclasses import dataclass

import numpy as np

from models import Dataset
from services.specs.digits import number_words
from services.specs.results import FeatureInfo, RunResult
from services.specs.run import NumericSpec
from services.texts.results import objective_decimals
from ui.charts.histograms import Bins, category_bins, numeric_bins
from ui.charts.style import evenly
from ui.web.live_view.row_block import DENSITY, LINEAGE, OUTCOME, SCORE, SHAPE_WIDTH, RowBlock
from ui.web.result_view.table import Row, decimals_of_feature, settings_of, shown_features

MAX_BINS = 24
MAX_POINTS = 400  # of recorded rows, and of the archive
MAX_NUMBERS = 8_000  # likewise: some 40 kB


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The objective or one feature.

    Attributes:
        column: of (n, d + 1) rows that have the objective first and then the features.
        low: left end: the smallest recorded or found value, or bound.
        decimals: that its values are read with.
        bins: recorded values; None where nobody knows them.
        categories: names of the codes, or empty.
        bounds: within which the search was free to move, or None.
        is_free: whether the search could move it; the objective counts as free.
    """

    name: str
    unit: str
    column: int
    low: float
    high: float
    decimals: int
    bins: Bins | None
    categories: tuple[str, ...] = ()
    bounds: tuple[float, float] | None = None
    is_free: bool = True

    def positions(self, values: np.ndarray) -> np.ndarray:
        """Where values lie: 0 at the left end, 1 at the right one; NaN for what is not known."""
        return (values - self.low) / (self.high - self.low)

    def text(self, value: float) -> str:
        """A value as a person reads it."""
        if not np.isfinite(value):
            return "–"
        return self.categories[int(value)] if self.categories else number_words(value, self.decimals)


def axes_of(
    result: RunResult, rows: tuple[Row, ...], dataset: Dataset | None = None, objectives: np.ndarray | None = None
) -> tuple[Axis, ...]:
    """The objective, then the features that have a setting, free ones first.

    Args:
        rows: that are drawn; every one lies on the axes.
        dataset: the recorded rows of that run, features in any order; None draws no histograms.
        objectives: of recorded rows, for the objective's histogram; not known where a curve was searched for, unless
            somebody predicted them.

    Raises:
        DatasetError: the dataset lacks a feature of the result.
    """
    outcomes = np.array([row.outcome for row in rows], dtype=float)
    X = settings_of(rows)
    own = _objective_axis(result, outcomes, objectives)
    return (own, *(_feature_axis(result, j, X[:, j], dataset) for j in shown_features(result)))


def _objective_axis(result: RunResult, found: np.ndarray, recorded: np.ndarray | None) -> Axis:
    known = recorded[np.isfinite(recorded)] if recorded is not None else np.empty(0)
    bins = numeric_bins(known, max_bins=MAX_BINS) if len(known) else None
    low, high = _ends(np.concatenate([found, known]))
    decimals = objective_decimals(result)
    return Axis(f"Predicted {result.objective_short}", result.objective_unit, 0, low, high, decimals, bins)


def _feature_axis(result: RunResult, j: int, found: np.ndarray, dataset: Dataset | None) -> Axis:
    feature = result.features[j]
    if feature.categories:
        n, bins = len(feature.categories), _category_bins(feature, dataset)
        return Axis(
            feature.name, feature.unit, j + 1, -0.5, n - 0.5, 0, bins, feature.categories, is_free=feature.is_free
        )
    recorded = dataset.X[:, dataset.index(feature.name)] if dataset is not None else np.empty(0)
    wanted = {given.name: (given.low, given.high) for given in result.spec.features if isinstance(given, NumericSpec)}
    bounds = wanted.get(feature.name) if feature.is_free else None
    low, high = _ends(np.concatenate([[feature.low, feature.high, *(bounds or ())], recorded, found]))
    bins = numeric_bins(recorded, is_integer=feature.is_integer, max_bins=MAX_BINS) if len(recorded) else None
    decimals = decimals_of_feature(result, feature, found)
    return Axis(feature.name, feature.unit, j + 1, low, high, decimals, bins, (), bounds, feature.is_free)


def _category_bins(feature: FeatureInfo, dataset: Dataset | None) -> Bins | None:
    """The share of each category, whatever codes the dataset gives them."""
    if dataset is None:
        return None
    column = dataset.features[dataset.index(feature.name)]
    places = {name: code for code, name in enumerate(feature.categories)}
    codes = np.array([places.get(name, -1) for name in column.categories])
    known = codes[dataset.X[:, dataset.index(feature.name)].astype(int)]
    return category_bins(known[known >= 0], len(feature.categories))


def _ends(values: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest finite value, apart from each other."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def thinned_cloud(rows: np.ndarray) -> np.ndarray:
    """So few of (n, d + 3) rows that they can be sent, evenly spaced in their order, with the first and the last."""
    return rows[evenly(len(rows), max(2, min(MAX_POINTS, MAX_NUMBERS // rows.shape[1])))]


def archive_of(block: RowBlock) -> np.ndarray:
    """The best candidate of every lineage of a run, best first, (n, d + 3): outcome, features, place on the map.

    Those without a finite score are left out.
    """
    rows = block.rows
    last = len(rows) - 1 - np.unique(rows[::-1, LINEAGE], return_index=True)[1]
    bests = rows[last]
    bests = bests[np.isfinite(bests[:, SCORE])]
    bests = bests[np.argsort(bests[:, SCORE], kind="stable")]
    return np.delete(bests[:, OUTCOME:-SHAPE_WIDTH], DENSITY - OUTCOME, axis=1)
