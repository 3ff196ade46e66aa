"""The density check as a picture: a histogram, a band for the target, and strips of marks on one axis."""

import numpy as np
import plotly.graph_objects as go

from ui.charts.density_check import DensityCheckInfo, Strip, usual_text
from ui.charts.look import (
    RECORDED,
    RECORDED_PALE,
    TARGET,
    TARGET_BAND,
    UNPENALISED,
    blank_figure,
    compact,
    result_style,
)
from ui.charts.words import axis_title, d3_format, escape, format_number, format_range

HEIGHT = 380
_STRIPS_FROM = 0.40  # share of the height below the strips
_PHONE_WIDTH = 270  # px that a phone leaves to the axis
_NEAR = 0.03  # share of the axis within which marks would overlap


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
