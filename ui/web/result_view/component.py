"""The component that shows a result, and its message: JSON with short lists, small enough to be sent at every click."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import Dataset
from optimizer.features import evenly
from optimizer.trace import last_of_lineages
from services.papers.measured.measurements import Measurement
from services.specs.digits import common_decimals, counted, number_words
from services.specs.results import FeatureInfo, RunResult
from services.specs.run import NumericSpec
from services.texts.results import objective_decimals
from ui.charts.histograms import Bins, category_bins, numeric_bins
from ui.charts.style import format_range, result_style
from ui.web.assets import Component
from ui.web.live_view.component import Scene
from ui.web.live_view.row_block import DENSITY, LINEAGE, OUTCOME, SCORE, SHAPE_WIDTH, RowBlock, goals_width
from ui.web.result_view.pool import pool_message, pool_objectives
from ui.web.result_view.table import Cell, Row, TableInfo, decimals_of_feature, settings_of, shown_features, table_info
from ui.web.scenes import RowMaker

MAX_BINS = 24
MAX_POINTS = 400  # of recorded rows, and of the archive
MAX_NUMBERS = 8_000  # likewise: some 40 kB
MAX_CURVE_POINTS = 60
ACTIONS = ("lab", "explore", "more", "leave_out")
"""What can be done with a result: to the laboratory or not, What if, more like this, leave out."""
_DASHES = {"solid": "", "dash": "7 4", "dot": "2 4", "dashdot": "8 4 2 4", "longdash": "12 5"}
_Bands = tuple[np.ndarray, np.ndarray]
_component = Component(Path(__file__).parent)
PARTS = _component.parts


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
        rows: that are drawn; every one lies on the axes, and so does the archive of a run with several outcomes.
        dataset: the recorded rows of that run, features in any order; None draws no histograms.
        objectives: of recorded rows, for the objective's histogram; not known where a curve was searched for, unless
            somebody predicted them.

    Raises:
        DatasetError: the dataset lacks a feature of the result.
    """
    outcomes = np.array([row.outcome for row in rows], dtype=float)
    X, outcomes = settings_of(rows), np.concatenate([outcomes, pool_objectives(result)])
    own = _objective_axis(result, outcomes, objectives)
    return (own, *(_feature_axis(result, j, X[:, j], dataset) for j in shown_features(result)))


def _objective_axis(result: RunResult, found: np.ndarray, recorded: np.ndarray | None) -> Axis:
    known = recorded[np.isfinite(recorded)] if recorded is not None else np.empty(0)
    bins = numeric_bins(known, max_bins=MAX_BINS) if len(known) else None
    low, high = _ends(np.concatenate([found, known]))
    decimals = objective_decimals(result)
    return Axis(
        f"{result.spec.told.capitalize()} {result.objective_short}", result.objective_unit, 0, low, high, decimals, bins
    )


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
    bests = block.rows[last_of_lineages(block.rows[:, LINEAGE])]
    bests = bests[np.isfinite(bests[:, SCORE])]
    bests = bests[np.argsort(bests[:, SCORE], kind="stable")]
    end = bests.shape[1] - SHAPE_WIDTH - goals_width(block.n_goals)
    return np.delete(bests[:, OUTCOME:end], DENSITY - OUTCOME, axis=1)


def result_view(
    message: dict[str, Any],
    *,
    key: str,
    chosen: int,
    on_choose: Callable[[int], None],
    to_lab: Collection[int] = (),
    on_act: Callable[[str, int], None] | None = None,
    on_limits: Callable[[list[float]], None] | None = None,
) -> None:
    """Draw a result: its table, and what belongs to it.

    Args:
        message: of `result_message` or `table_message`.
        key: the same in every rerun, or the view starts anew.
        chosen: place of the result that is looked at, from 0.
        on_choose: called with the place of a result that the user chose, before the page or the fragment runs again.
        to_lab: places of the results that go to the laboratory.
        on_act: called with what to do with a result, one of `ACTIONS`, and its place; None offers nothing.
        on_limits: called with all limits, one number for each slider, to search with them; None offers nothing.
    """
    data = {**message, "chosen": int(chosen), "lab": sorted(to_lab), "acts": on_act is not None}
    data["searches"] = on_limits is not None

    def act(sent: Any) -> None:
        if on_act is not None and sent and sent[0] in ACTIONS:
            on_act(sent[0], int(sent[1]))

    def search(sent: Any) -> None:
        if on_limits is not None and sent:
            on_limits([float(bound) for bound in sent])

    _component.draw(
        data, key=key, chosen=lambda sent: on_choose(int(sent[0])) if sent else None, act=act, limits=search
    )


@dataclass(frozen=True, slots=True, eq=False)
class RunBackground:
    """What a run says beyond its result: recorded rows and the archive on the map.

    Attributes:
        rows: puts candidates on its map.
    """

    scene: Scene
    rows: RowMaker
    trace: RowBlock


def result_message(
    result: RunResult,
    dataset: Dataset | None = None,
    background: RunBackground | None = None,
    bands: _Bands | None = None,
    *,
    left_out: Collection[int] = (),
    kept: Sequence[Measurement] = (),
) -> dict[str, Any]:
    """What the browser is sent of a result, JSON only, as far as what it needs is known.

    Args:
        dataset: the recorded rows of that run, features in any order, for the histograms.
        background: of the run, for the map.
        bands: (k, m) low and high ends of the interval along the curves of the k results.
        left_out: places of results that are not shown.
        kept: what the laboratory measured of results.

    Raises:
        DatasetError: the dataset lacks a feature of the result.
    """
    table = table_info(result, left_out, kept)
    objectives = None
    if background is not None:
        objectives = background.scene.recorded[:, 0].astype(float)
    elif dataset is not None and result.spec.curve is None:
        objectives = dataset.y
    if result.outcomes and (result.spec.is_desirability or result.spec.objective.formula):
        objectives = None  # the table has the outcome that the model tells, and that is another one
    axes = axes_of(result, table.rows, dataset, objectives)
    has_map = any(feature.is_free for feature in result.features)
    message = _message(result, table, axes, background if has_map else None)
    return message | (_curves(result, table, message["table"]["rows"], bands, kept) if result.sweep is not None else {})


def table_message(result: RunResult) -> dict[str, Any]:
    """What the browser is sent of the table alone."""
    return _message(result, table_info(result))


def _message(
    result: RunResult, table: TableInfo, axes: tuple[Axis, ...] = (), background: RunBackground | None = None
) -> dict[str, Any]:
    """The message without curves."""
    rows = [_row(row, axes) for row in table.rows]
    for row, cells, span, light in zip(rows, table.cells, table.spans, table.lights, strict=True):
        row["cells"] = [_cell(cell) for cell in cells]
        row["span"] = asdict(span)
        row["light"] = light._asdict() if light is not None else None
    columns = [asdict(column) for column in table.columns]
    pool = pool_message(result, table.rows, axes, background)
    for row, values, kept in zip(rows, pool.pop("values", ()), pool.pop("kept", ()), strict=False):
        row["values"], row["kept"] = values, kept
    return pool | {
        "table": {"words": _table_words(table), "columns": columns, "rows": rows, "best": table.best},
        "goal": result.goal.value,
        "target": result.spec.value if result.goal.value == "value" else None,
        "axes": [_axis(axis) for axis in axes],
        "coordinates": {"words": _coordinates_words(table.rows, axes)} if axes else None,
        "map": _map(table, axes, rows, background) if background is not None else None,
        "curves": None,
    }


def _row(row: Row, axes: tuple[Axis, ...]) -> dict[str, Any]:
    style = result_style(max(row.number, 1))
    values = np.array([row.outcome, *row.settings], dtype=float)
    return {
        "kind": row.kind,
        "number": row.number,
        "name": row.name,
        "title": row.title,
        "colour": style.colour if row.number else "",
        "dash": _DASHES[style.dash] if row.number else "",
        "at": _rounded((float(axis.positions(values[axis.column])) for axis in axes), 4),
        "texts": [axis.text(float(values[axis.column])) for axis in axes],
    } | dict.fromkeys(("place", "curve", "low", "high", "measured"))


def _cell(cell: Cell) -> dict[str, Any]:
    """A cell without what it does not have: most have little."""
    value = round(cell.value, 6) if isinstance(cell.value, float) else cell.value
    parts = {"text": cell.text, "value": value, "small": cell.small, "note": cell.note}
    known: dict[str, Any] = {name: one for name, one in parts.items() if one not in ("", None) or name == "text"}
    known |= {"tint": round(cell.tint, 3)} if cell.tint else {}
    known |= {"span": asdict(cell.span)} if cell.span is not None else {}
    return known | ({"broken": True} if cell.is_broken else {})


def _axis(axis: Axis) -> dict[str, Any]:
    bins = axis.bins
    return {
        "name": axis.name,
        "unit": axis.unit,
        "low": axis.low,
        "high": axis.high,
        "decimals": axis.decimals,
        "ends": [axis.text(axis.low), axis.text(axis.high)] if not axis.categories else ["", ""],
        "edges": _rounded(axis.positions(bins.edges), 4) if bins is not None else [],
        "shares": _rounded(bins.shares, 4) if bins is not None else [],
        "categories": list(axis.categories),
        "bounds": _rounded(axis.positions(np.array(axis.bounds)), 4) if axis.bounds else None,
        "free": axis.is_free,
    }


def _map(
    table: TableInfo, axes: tuple[Axis, ...], rows: list[dict[str, Any]], background: RunBackground
) -> dict[str, Any]:
    """The map; where the rows of the table lie on it is added to them."""
    scene, archive = background.scene, archive_of(background.trace)
    outcomes = np.array([row.outcome for row in table.rows], dtype=float)
    positions = background.rows.of_candidates(settings_of(table.rows), outcomes)[:, -2:]
    for row, position in zip(rows, positions, strict=True):
        row["place"] = _rounded(position, 4)
    recorded = thinned_cloud(scene.recorded)
    return {
        "words": f"Map of candidates: {counted(len(recorded), 'recorded row')}, the best candidates of "
        f"{counted(len(archive), 'lineage')} and the rows of the table. The table says the same in numbers.",
        "labels": [
            f"Principal component {i}" + (f", {100 * share:.0f} % of the variation" if share > 0 else "")
            for i, share in enumerate(scene.explained or (0.0, 0.0), start=1)
        ],
        "recorded": _cloud(recorded, axes),
        "archive": _cloud(thinned_cloud(archive), axes),
        "lineages": len(archive),
    }


def _cloud(rows: np.ndarray, axes: tuple[Axis, ...]) -> dict[str, Any]:
    """Where rows of the live view lie on the map, and in thousandths of each axis."""
    positions = [1000 * axis.positions(rows[:, axis.column].astype(float)) for axis in axes]
    levels = [[None if value is None else int(value) for value in _rounded(each, 0)] for each in positions]
    x, y = (_rounded(column, 3) for column in rows[:, -2:].T)
    return {"levels": levels, "x": x, "y": y}


def _curves(
    result: RunResult, table: TableInfo, rows: list[dict[str, Any]], bands: _Bands | None, kept: Sequence[Measurement]
) -> dict[str, Any]:
    """The outcome along the sweep feature; the curve of each row, and what was measured on it, are added to it."""
    sweep, spec = result.sweep, result.spec.curve
    assert sweep is not None
    taken = evenly(len(sweep.grid), MAX_CURVE_POINTS)
    grid = np.array(sweep.grid, dtype=float)[taken]
    column = [feature.name for feature in result.features].index(sweep.feature)
    curves = [None if row.rows.curves is None else np.array(row.rows.curves[row.index])[taken] for row in table.rows]
    known = np.concatenate([curve for curve in curves if curve is not None] or [np.zeros(1)])
    decimals = common_decimals(known.tolist()) + 2
    for row, curve, sent in zip(table.rows, curves, rows, strict=True):
        sent["curve"] = None if curve is None else _rounded(curve, decimals)
        if bands is not None and row.kind == "result":
            sent["low"], sent["high"] = (_rounded(ends[row.index][taken], decimals) for ends in bands)
        measured = row.value("measured")
        sent["measured"] = None if measured is None else [float(row.settings[column]), float(measured)]
        own = [one for one in kept if row.kind == "result" and one.result == row.index and one.at is not None]
        if own:
            sent["measured"] = [own[-1].at, own[-1].value]
    return {
        "curves": {
            "words": _curves_words(result, table.rows, grid, curves),
            "name": sweep.feature,
            "unit": sweep.unit,
            "outcome": result.outcome_name,
            "outcomeUnit": result.outcome_unit,
            "grid": _rounded(grid, 6),
            "at": spec.at if spec is not None and spec.summary == "point" else None,
        }
    }


def _table_words(table: TableInfo) -> str:
    """The table in a sentence."""
    n = {kind: sum(row.kind == kind for row in table.rows) for kind in ("result", "recorded", "random")}
    words = [counted(n["result"], "result")]
    words += [f"the reference {row.name}" for row in table.rows if row.kind == "reference"]
    words += [f"{counted(n['recorded'], 'best recorded row')}"] if n["recorded"] else []
    words += ["the best of random candidates"] if n["random"] else []
    return f"Table of {', '.join(words)}."


def _coordinates_words(rows: tuple[Row, ...], axes: tuple[Axis, ...]) -> str:
    """The parallel coordinates in a sentence."""
    parts = []
    results = [row for row in rows if row.kind == "result"]
    for axis in axes:
        values = np.array([(row.outcome, *row.settings)[axis.column] for row in results])
        if axis.categories:
            parts.append(f"{axis.name} {', '.join(dict.fromkeys(axis.text(value) for value in values.tolist()))}")
        else:
            parts.append(f"{axis.name} {format_range(values, axis.unit)}")
    return f"Settings of the {counted(len(results), 'result')}, feature by feature: {'; '.join(parts)}."


def _curves_words(result: RunResult, rows: tuple[Row, ...], grid: np.ndarray, curves: list[np.ndarray | None]) -> str:
    """The curves in a sentence."""
    reached = []
    for words, kinds in {"results": ("result",), "best recorded rows": ("reference", "recorded")}.items():
        known = [curve for row, curve in zip(rows, curves, strict=True) if row.kind in kinds and curve is not None]
        if known:
            reached.append(f"{words} reach {format_range(np.concatenate(known), result.outcome_unit)}")
    sweep = result.sweep
    assert sweep is not None
    return f"{result.outcome_name} over {sweep.feature} {format_range(grid, sweep.unit)}: {', '.join(reached)}."


def _rounded(values: Iterable[float], decimals: int) -> list[float | None]:
    """Numbers as JSON has them; None for what is not known."""
    return [round(float(value), decimals) if np.isfinite(value) else None for value in values]
