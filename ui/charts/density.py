"""The density check: do results weigh what recorded rows weigh? Its numbers; `density_drawing` draws them."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.specs.results import ResultSet, RunResult
from ui.charts.histograms import Bins, numeric_bins
from ui.charts.style import (
    RECORDED,
    RECORDED_PALE,
    TARGET,
    TARGET_BAND,
    UNPENALISED,
    axis_title,
    blank_figure,
    compact,
    d3_format,
    escape,
    format_number,
    format_range,
    padded,
    result_style,
)

HEIGHT = 380
_STRIPS_FROM = 0.40  # share of the height below the strips
_PHONE_WIDTH = 270  # px that a phone leaves to the axis
_NEAR = 0.03  # share of the axis within which marks would overlap


class Strip(NamedTuple):
    """Marks of one kind on the axis of densities.

    Attributes:
        label: what they are.
        names: one per mark.
        densities: (k,) in the unit of the parts.
        outcomes: (k,) predicted objectives.
        is_believable: False for the search without penalty.
        is_result: whether these are the results, in their colours.
    """

    label: str
    names: tuple[str, ...]
    densities: np.ndarray
    outcomes: np.ndarray
    is_believable: bool
    is_result: bool


class DensityCheckInfo(NamedTuple):
    """Numbers of the density check.

    Attributes:
        bins: recorded densities.
        unit: of all densities.
        target: usual density.
        tolerance: one unit of penalty.
        strips: from top to bottom; the results are the last.
        low: left end of the axis.
        high: right end of the axis.
        objective_name: what was searched for.
        objective_unit: its unit.
    """

    bins: Bins
    unit: str
    target: float
    tolerance: float
    strips: tuple[Strip, ...]
    low: float
    high: float
    objective_name: str
    objective_unit: str


def density_check_info(result: RunResult) -> DensityCheckInfo | None:
    """Return the numbers of the density check, or None for a table without parts."""
    density = result.density
    if density is None or not density.recorded:
        return None
    spec = result.spec.density
    is_penalised = spec is not None and spec.weight > 0
    recorded_rows = result.best_recorded.rows or tuple(range(1, len(result.best_recorded) + 1))
    strips = [_strip("Best recorded", "Row {}", result.best_recorded, recorded_rows)]
    if result.unpenalised is not None:
        strips.append(_strip("Without penalty", "Without penalty {}", result.unpenalised, is_believable=False))
    strips.append(_strip("With penalty" if is_penalised else "Results", "Result {}", result.results, is_result=True))
    strips = [strip for strip in strips if len(strip.densities)]
    bins = numeric_bins(np.array(density.recorded, dtype=float))
    ends = [bins.edges, [density.target - density.tolerance, density.target + density.tolerance]]
    everything = np.concatenate([*ends, *(strip.densities for strip in strips)])
    everything = everything[np.isfinite(everything)]
    low, high = padded(float(everything.min()), float(everything.max()))
    return DensityCheckInfo(
        bins=bins,
        unit=density.unit,
        target=density.target,
        tolerance=density.tolerance,
        strips=tuple(strips),
        low=low,
        high=high,
        objective_name=result.objective_name,
        objective_unit=result.objective_unit,
    )


def density_check_alt(info: DensityCheckInfo) -> str:
    """Return the density check in a sentence."""
    kinds = "; ".join(f"{strip.label.lower()} {format_range(strip.densities, info.unit)}" for strip in info.strips)
    return (
        f"Density check: recorded rows have {format_range(info.bins.edges, info.unit)}, usual is "
        f"{usual_text(info, info.unit)}; {kinds}."
    )


def usual_text(info: DensityCheckInfo, unit: str) -> str:
    """Return target and tolerance, the latter with no more digits than the former."""
    n_digits = len(format_number(info.target).partition(".")[2])
    tolerance = round(info.tolerance, n_digits) or info.tolerance
    return f"{format_number(info.target)} ± {format_number(tolerance, unit)}"


def _strip(
    label: str,
    name: str,
    rows: ResultSet,
    numbers: tuple[int, ...] | None = None,
    *,
    is_believable: bool = True,
    is_result: bool = False,
) -> Strip:
    numbers = numbers or tuple(range(1, len(rows) + 1))
    return Strip(
        label=label,
        names=tuple(name.format(number) for number in numbers),
        densities=np.array(rows.densities or (), dtype=float),
        outcomes=np.array(rows.outcomes, dtype=float),
        is_believable=is_believable,
        is_result=is_result,
    )


def density_check_figure(info: DensityCheckInfo) -> go.Figure:
    """Return recorded densities as pale bars, the target band, and a strip of marks for each kind of candidate."""
    figure = blank_figure(HEIGHT)
    figure.update_layout(margin_t=34)
    _draw_band(figure, info)
    _draw_histogram(figure, info)
    n_strips = len(info.strips)
    for i, strip in enumerate(info.strips):
        _draw_strip(figure, info, strip, height=n_strips - 1 - i)
    figure.update_xaxes(range=[info.low, info.high], title_text=axis_title("density", info.unit))
    figure.update_layout(
        yaxis={
            "domain": [0, _STRIPS_FROM - 0.06],
            "range": [0, float(info.bins.shares.max()) * 1.04],
            "tickvals": [float(info.bins.shares.max()) / 2],
            "ticktext": ["All<br>recorded"],
            "showgrid": False,
        },
        yaxis2={
            "domain": [_STRIPS_FROM, 1],
            "range": [-0.5, max(n_strips, 1) - 0.5],
            "tickvals": list(range(n_strips))[::-1],
            "ticktext": [strip.label.replace(" ", "<br>", 1) for strip in info.strips],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
            "ticklabelstandoff": 6,
        },
    )
    return figure


def side_steps(values: np.ndarray, near: float) -> np.ndarray:
    """Return (n,) offsets within ±0.34, a small staircase wherever values are nearer than ``near`` to each other."""
    offsets = np.zeros(len(values))
    order = np.argsort(values, kind="stable")
    breaks = np.flatnonzero(np.diff(values[order]) >= near) + 1
    for group in np.split(order, breaks):
        half = min(0.34, 0.085 * (len(group) - 1))
        offsets[group] = np.linspace(-half, half, len(group)) if len(group) > 1 else 0.0
    return offsets


def _draw_band(figure: go.Figure, info: DensityCheckInfo) -> None:
    """Draw target and tolerance over histogram and strips, with their numbers on top."""
    ends = {"y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    x0, x1 = info.target - info.tolerance, info.target + info.tolerance
    figure.add_shape(type="rect", x0=x0, x1=x1, fillcolor=TARGET_BAND, line_width=0, **ends)
    figure.add_shape(type="line", x0=info.target, x1=info.target, line={"color": TARGET, "width": 1.5}, **ends)
    text = f"usual: {usual_text(info, escape(info.unit))}"
    place = (info.target - info.low) / (info.high - info.low)
    figure.add_annotation(
        x=info.target,
        y=1.0,
        yref="paper",
        yanchor="bottom",
        xanchor="left" if place < 0.25 else "right" if place > 0.75 else "center",
        text=text,
        showarrow=False,
        font={"color": TARGET, "size": 12},
    )


def _draw_histogram(figure: go.Figure, info: DensityCheckInfo) -> None:
    form = d3_format(info.bins.edges)
    figure.add_bar(
        x=compact(info.bins.centres),
        y=info.bins.shares.astype(np.float32),
        width=compact(info.bins.widths * 0.94),
        customdata=np.column_stack([info.bins.edges[:-1], info.bins.edges[1:]]).astype(np.float32),
        marker={"color": RECORDED_PALE, "line_width": 0},
        hovertemplate=f"%{{customdata[0]:{form}}} to %{{customdata[1]:{form}}} {escape(info.unit)}"
        "<br>%{y:.1%} of recorded rows<extra></extra>",
    )


def _draw_strip(figure: go.Figure, info: DensityCheckInfo, strip: Strip, height: int) -> None:
    """Draw the marks of a strip, near ones apart from each other, with their range beside them."""
    styles = [result_style(number) for number in range(1, len(strip.names) + 1)]
    colour = [style.colour for style in styles] if strip.is_result else RECORDED
    symbol = [style.symbol for style in styles] if strip.is_result else "circle"
    figure.add_scatter(
        x=compact(strip.densities),
        y=(height + side_steps(strip.densities, (info.high - info.low) * _NEAR)).astype(np.float32),
        yaxis="y2",
        mode="markers",
        marker={
            "color": colour if strip.is_believable else UNPENALISED,
            "symbol": symbol if strip.is_believable else "x-thin",
            "size": 10,
            "line": {"width": 0 if strip.is_believable else 2.5, "color": UNPENALISED},
        },
        cliponaxis=False,
        customdata=[
            f"{name}<br>density {format_number(density, escape(info.unit))}<br>"
            f"{escape(info.objective_name)} {format_number(outcome, escape(info.objective_unit))}"
            for name, density, outcome in zip(strip.names, strip.densities, strip.outcomes, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    _write_range(figure, info, strip, height)


def _write_range(figure: go.Figure, info: DensityCheckInfo, strip: Strip, height: int) -> None:
    """Write the range of a strip beside its marks, or below them where neither side has room on a phone."""
    low, high = float(strip.densities.min()), float(strip.densities.max())
    text = format_range(strip.densities)
    places = [(end - info.low) / (info.high - info.low) for end in (low, high)]
    needed = (7 * len(text) + 14) / _PHONE_WIDTH
    if 1 - places[1] >= needed:
        where = {"x": high, "xanchor": "left", "xshift": 10}
    elif places[0] >= needed:
        where = {"x": low, "xanchor": "right", "xshift": -10}
    else:
        where = {"x": (info.low + info.high) / 2, "xanchor": "center", "yshift": -24}
    figure.add_annotation(**where, y=height, yref="y2", text=text, showarrow=False, font_size=12)
