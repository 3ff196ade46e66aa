"""Histograms as numbers: counted here, so that the browser never gets the rows."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from models import Column, Dataset
from services.specs.digits import clipped, label
from ui.charts import style

MIN_BINS, MAX_BINS = 10, 40
ROW_HEIGHT = 112  # of which two lines of text take 30 and the ticks 27
MAX_CATEGORIES = 8
_NAME = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}


class Bins(NamedTuple):
    """A histogram.

    Attributes:
        edges: (m + 1,) ascending, in the unit of the values.
        shares: (m,) share of all values in each bin; they add up to 1.
    """

    edges: np.ndarray
    shares: np.ndarray

    @property
    def centres(self) -> np.ndarray:
        """(m,) the middle of each bin."""
        return (self.edges[:-1] + self.edges[1:]) / 2

    @property
    def widths(self) -> np.ndarray:
        """(m,) the width of each bin."""
        return np.diff(self.edges)


def numeric_bins(values: np.ndarray, *, is_integer: bool = False, max_bins: int = MAX_BINS) -> Bins:
    """The histogram of finite values (n,), n >= 1, in equal bins (Freedman and Diaconis 1981).

    Whole numbers get bins of whole widths around them, or their bars would look like a comb.
    """
    low, high = float(values.min()), float(values.max())
    span = high - low
    if not np.isfinite(span) or span <= max(1e-12 * max(abs(low), abs(high)), 1e-300):
        half = max(abs(low), abs(high)) * 0.01 or 0.5
        half = max(half, 0.5) if is_integer else half
        return Bins(np.array([low - half, high + half]), np.ones(1))
    n_bins = _wanted_bins(values, span, max_bins)
    if is_integer and span < 1e9:
        width = int(np.ceil((span + 1) / (n_bins if span >= max_bins else span + 1)))
        n_bins = int(np.ceil((span + 1) / width))
        edges = low - 0.5 + width * np.arange(n_bins + 1)
    else:
        edges = np.linspace(low, high, n_bins + 1)
    counts, _ = np.histogram(values, edges)
    return Bins(edges, counts / len(values))


def category_bins(codes: np.ndarray, n_categories: int) -> Bins:
    """The share of each category's code, in bins of width one around the codes."""
    counts = np.bincount(codes.astype(int), minlength=n_categories)
    return Bins(np.arange(n_categories + 1) - 0.5, counts / max(1, len(codes)))


def _wanted_bins(values: np.ndarray, span: float, max_bins: int) -> int:
    q25, q75 = np.percentile(values, [25, 75])
    width = 2 * (q75 - q25) / len(values) ** (1 / 3)
    if width * max_bins <= span:
        return max_bins
    return int(max(np.ceil(span / width), min(MIN_BINS, max_bins)))


class HistogramInfo(NamedTuple):
    """Numbers of one column.

    Attributes:
        bins: recorded values; for categories one bin each, the most frequent first.
        categories: names of the bins, or empty for numbers; the last may stand for all the others.
        low: smallest recorded value; NaN for categories, as high and mean.
        is_outcome: whether this is what a model predicts.
    """

    column: Column
    bins: Bins
    categories: tuple[str, ...] = ()
    low: float = float("nan")
    high: float = float("nan")
    mean: float = float("nan")
    is_outcome: bool = False


def histogram_info(dataset: Dataset, name: str) -> HistogramInfo:
    """The histogram of a feature, or of an outcome over the rows where it was measured.

    Raises:
        DatasetError: there is no such column.
    """
    if name in dataset.outcome_names:
        measured = dataset.measured(name)
        column = dataset.outcomes[dataset.outcome_names.index(name)]
        return _numeric(column, measured[np.isfinite(measured)], is_outcome=True)
    j = dataset.index(name)
    column = dataset.features[j]
    return _categorical(column, dataset.X[:, j]) if column.is_categorical else _numeric(column, dataset.X[:, j])


def histograms_info(dataset: Dataset) -> tuple[HistogramInfo, ...]:
    """The histogram of every outcome that was measured, then of every feature."""
    outcomes = [name for name in dataset.outcome_names if np.isfinite(dataset.measured(name)).any()]
    return tuple(histogram_info(dataset, name) for name in (*outcomes, *dataset.feature_names))


def histograms_figure(infos: Sequence[HistogramInfo], n_columns: int = 3) -> go.Figure:
    """Small multiples of several columns, three side by side: they fit a wide page and a phone."""
    n_rows = max(1, -(-len(infos) // n_columns))
    figure = style.blank_figure(ROW_HEIGHT * n_rows)
    axes: dict[str, Any] = {}
    bars: list[go.Bar] = []
    names: list[dict[str, Any]] = []
    for i, info in enumerate(infos):
        row, column = divmod(i, n_columns)
        left, top = column / n_columns, 1 - row / n_rows
        suffix = str(i + 1) if i else ""
        y_domain = [top - 0.76 / n_rows, top - 0.28 / n_rows]
        x_axis = {**_x_axis(info), "domain": [left + 0.01, left + 0.9 / n_columns], "anchor": f"y{suffix}"}
        y_axis = {"visible": False, "rangemode": "tozero", "domain": y_domain, "anchor": f"x{suffix}"}
        axes |= {f"xaxis{suffix}": x_axis, f"yaxis{suffix}": y_axis}
        bars.append(_bars(info).update(xaxis=f"x{suffix}", yaxis=f"y{suffix}"))
        words = {
            "text": style.wrapped(label(info.column.name, info.column.unit), 17),
            "align": "left",
            "font": {"size": 11},
        }
        names.append(_NAME | words | {"x": left + 0.01, "y": top - 0.27 / n_rows, "showarrow": False})
    figure.add_traces(bars)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 0, "b": 0}, annotations=names, **axes)
    style.style_axes(figure)
    figure.update_xaxes(automargin=False, ticklen=3)
    return figure


def histograms_alt(infos: Sequence[HistogramInfo]) -> str:
    """What the columns hold in a sentence."""
    return f"Recorded values of {len(infos)} columns: {'; '.join(_words(info) for info in infos)}."


def _words(info: HistogramInfo) -> str:
    if info.categories:
        shares = [f"{name} {share:.0%}" for name, share in zip(info.categories, info.bins.shares, strict=True)]
        more = f" and {n - 3} others" if (n := len(info.column.categories)) > 3 else ""
        return f"{info.column.name} {', '.join(shares[:3])}{more}"
    span = style.format_range((info.low, info.high), info.column.unit)
    return f"{info.column.name} {span}, mean {style.format_number(info.mean)}"


def _numeric(column: Column, values: np.ndarray, *, is_outcome: bool = False) -> HistogramInfo:
    bins = numeric_bins(values, is_integer=column.is_integer)
    ends = float(values.min()), float(values.max())
    return HistogramInfo(column, bins, (), *ends, float(values.mean()), is_outcome)


def _categorical(column: Column, codes: np.ndarray) -> HistogramInfo:
    """The most frequent categories, and one bin for all the others."""
    shares = category_bins(codes, len(column.categories)).shares
    order = np.argsort(-shares, kind="stable")
    names, values = [column.categories[code] for code in order], shares[order]
    if len(names) > MAX_CATEGORIES:
        n_other = len(names) - MAX_CATEGORIES + 1
        names = [*names[: MAX_CATEGORIES - 1], f"{n_other} others"]
        values = np.append(values[: MAX_CATEGORIES - 1], values[MAX_CATEGORIES - 1 :].sum())
    bins = Bins(np.arange(len(names) + 1) - 0.5, values)
    return HistogramInfo(column, bins, tuple(names))


def _bars(info: HistogramInfo) -> go.Bar:
    colour = style.ACCENT if info.is_outcome else style.RECORDED
    if not info.categories:
        return number_bars(info.bins, info.column.unit, "rows", colour, 0.92)
    names = [style.escape(clipped(name, 60)) for name in info.categories]
    return _shares(info.bins, colour, "%{customdata}<br>%{y:.1%} of rows", width=0.8, customdata=names)


def number_bars(bins: Bins, unit: str, rows: str, colour: str, width: float) -> go.Bar:
    """The bars of a histogram, of a share of their bins' width, which say on hover what share of the rows they hold."""
    form, ends = style.d3_format(bins.edges), np.column_stack([bins.edges[:-1], bins.edges[1:]]).astype(np.float32)
    hover = f"%{{customdata[0]:{form}}} to %{{customdata[1]:{form}}} {style.escape(unit)}<br>%{{y:.1%}} of {rows}"
    return _shares(bins, colour, hover, width=style.compact(bins.widths * width), customdata=ends)


def _shares(bins: Bins, colour: str, hover: str, **rest: Any) -> go.Bar:
    x, y = style.compact(bins.centres), bins.shares.astype(np.float32)
    return go.Bar(x=x, y=y, marker={"color": colour, "line_width": 0}, hovertemplate=style.said(hover), **rest)


def _x_axis(info: HistogramInfo) -> dict[str, Any]:
    """Few ticks with short texts; where names of categories do not fit, their number."""
    low, high = float(info.bins.edges[0]), float(info.bins.edges[-1])
    if not info.categories:
        if len(info.bins.shares) == 1:
            return {"tickvals": info.bins.centres, "ticktext": [style.format_number(info.mean)], "tickangle": 0}
        values, texts = style.small_ticks(low, high, 3, is_integer=info.column.is_integer)
        return {"tickvals": values, "ticktext": texts, "tickangle": 0}
    n = len(info.categories)
    names = [clipped(name, max(4, 18 // n)) for name in info.categories]
    if len(set(names)) < n or sum(map(len, names)) + 2 * n > 30:
        return {"tickvals": [(low + high) / 2], "ticktext": [f"{len(info.column.categories)} categories"], "ticks": ""}
    return {"tickvals": list(range(n)), "ticktext": [style.escape(name) for name in names], "tickangle": 0}
