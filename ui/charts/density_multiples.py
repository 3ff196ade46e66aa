"""What results weigh at every setting of a dial: small multiples of the density check, on one axis."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.studies.tune import TuneResult
from services.studies.tune.swept_settings import DIALS
from ui.charts.histograms import Bins, numeric_bins
from ui.charts.style import (
    ACCENT,
    RECORDED_PALE,
    TARGET,
    TARGET_BAND,
    axis_title,
    blank_figure,
    counted,
    d3_format,
    escape,
    format_number,
    format_range,
    padded,
    result_style,
)

ROW_HEIGHT = 46
_MARKS_AT, _BARS_UP_TO = 0.82, 0.62  # shares of a row's height
MAX_BINS = 40


class DensityRow(NamedTuple):
    """One setting.

    Attributes:
        setting: of the dial, in words.
        is_chosen: whether its results are shown beside the picture.
        shares: (m,) share of the good lineages in each bin; empty where they are not known.
        densities: (k,) of the results, best first.
    """

    setting: str
    is_chosen: bool
    shares: np.ndarray
    densities: np.ndarray


class DensityMultiplesInfo(NamedTuple):
    """Numbers of the picture.

    Attributes:
        rows: one per setting that is done, from one end of the dial to the other.
        recorded: histogram of the recorded rows.
        edges: (m + 1,) of the bins of all rows.
        low: left end of the axis.
        high: right end of the axis.
        target: usual density.
        tolerance: one unit of penalty.
        unit: of all densities.
        dial: what is turned.
    """

    rows: tuple[DensityRow, ...]
    recorded: Bins
    edges: np.ndarray
    low: float
    high: float
    target: float
    tolerance: float
    unit: str
    dial: str


def density_multiples_info(tuned: TuneResult, chosen: float | None = None) -> DensityMultiplesInfo | None:
    """Return the densities at every setting that is done, or None without parts that add up.

    Args:
        tuned: the points that are done.
        chosen: setting whose results are shown beside the picture.
    """
    points = [point for point in tuned.curve if point.result.density is not None]
    if not points or points[0].result.density is None or not points[0].result.density.recorded:
        return None
    density, dial = points[0].result.density, DIALS[tuned.spec.dial]
    recorded = np.array(density.recorded, dtype=float)
    found = [np.array(point.densities, dtype=float) for point in points]
    results = [np.array(point.result.results.densities or (), dtype=float) for point in points]
    everything = np.concatenate([recorded, *found, *results, [density.target]])
    everything = everything[np.isfinite(everything)]
    edges = np.linspace(float(everything.min()), float(everything.max()) or 1.0, MAX_BINS + 1)
    unit = f" {dial.unit}" if dial.unit else ""
    low, high = padded(float(everything.min()), float(everything.max()), 0.02)
    return DensityMultiplesInfo(
        rows=tuple(
            DensityRow(f"{point.weight:g}{unit}", point.weight == chosen, _shares(values, edges), own)
            for point, values, own in zip(points, found, results, strict=True)
        ),
        recorded=numeric_bins(recorded),
        edges=edges,
        low=low,
        high=high,
        target=density.target,
        tolerance=density.tolerance,
        unit=density.unit,
        dial=dial.label,
    )


def density_multiples_figure(info: DensityMultiplesInfo) -> go.Figure:
    """Return a row per setting: good lineages as bars, results as marks; below them the recorded rows as pale bars."""
    n = len(info.rows)
    figure = blank_figure(ROW_HEIGHT * (n + 1) + 70)
    ends = {"y0": 0, "y1": n + 1, "layer": "below"}
    figure.add_shape(
        type="rect",
        x0=info.target - info.tolerance,
        x1=info.target + info.tolerance,
        fillcolor=TARGET_BAND,
        line_width=0,
        **ends,
    )
    figure.add_shape(type="line", x0=info.target, x1=info.target, line={"color": TARGET, "width": 1.5}, **ends)
    _bars(figure, info.recorded.edges, info.recorded.shares, 0, RECORDED_PALE, "recorded rows", info.unit)
    for k, row in enumerate(info.rows):
        base = n - k
        if len(row.shares):
            _bars(figure, info.edges, row.shares, base, ACCENT, f"good lineages at {row.setting}", info.unit)
        _marks(figure, row, base, info.unit)
    texts = [f"<b>{escape(row.setting)}</b>" if row.is_chosen else escape(row.setting) for row in info.rows]
    figure.update_xaxes(range=[info.low, info.high], title_text=axis_title("density", info.unit))
    figure.update_yaxes(
        range=[0, n + 1],
        tickvals=[n - k + 0.4 for k in range(n)] + [0.4],
        ticktext=[*texts, "All<br>recorded"],
        title_text=axis_title(info.dial.lower(), width=30),
        showgrid=False,
    )
    figure.update_layout(margin_t=8)
    return figure


def density_multiples_alt(info: DensityMultiplesInfo) -> str:
    """Return the picture in a sentence."""
    said = [
        f"at {row.setting} results have {format_range(row.densities, info.unit)}"
        if len(row.densities)
        else f"at {row.setting} there are none"
        for row in info.rows
    ]
    return (
        f"Density by {info.dial.lower()}: {'; '.join(said)}. Usual is {format_number(info.target)} ± "
        f"{format_number(info.tolerance, info.unit)}."
    )


def _shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return (m,) the share of values in each bin, or nothing of no values."""
    return np.histogram(values, edges)[0] / len(values) if len(values) else np.empty(0)


def _bars(
    figure: go.Figure, edges: np.ndarray, shares: np.ndarray, base: float, colour: str, name: str, unit: str
) -> None:
    """Draw a histogram that stands on a line, as high as its row allows."""
    is_any = shares > 0
    figure.add_bar(
        x=((edges[:-1] + edges[1:]) / 2)[is_any],
        y=(shares / shares.max() * _BARS_UP_TO)[is_any],
        base=base,
        width=np.diff(edges)[is_any],
        customdata=100 * shares[is_any],
        marker={"color": colour, "opacity": 0.55 if colour == ACCENT else 1.0, "line": {"width": 0}},
        name=name,
        hovertemplate=f"%{{x:{d3_format(edges)}}} {escape(unit)}<br>%{{customdata:.0f}} % of {escape(name)}"
        "<extra></extra>",
    )


def _marks(figure: go.Figure, row: DensityRow, base: float, unit: str) -> None:
    """Draw the results of a setting above its bars, in their colours."""
    styles = [result_style(number) for number in range(1, len(row.densities) + 1)]
    figure.add_scatter(
        x=row.densities,
        y=np.full(len(row.densities), base + _MARKS_AT),
        mode="markers",
        marker={
            "color": [style.colour for style in styles],
            "symbol": [style.symbol for style in styles],
            "size": 9,
            "line": {"width": 0.5, "color": "white"},
        },
        hovertext=[f"Result {number} at {escape(row.setting)}" for number in range(1, len(styles) + 1)],
        hovertemplate=f"%{{hovertext}}<br>%{{x:{d3_format(row.densities)}}} {escape(unit)}<extra></extra>",
        name=counted(len(styles), "result"),
    )
