"""How all charts look: colours for both themes, symbols, margins, axes.

Colours are mid tones that stand out from a white and from a nearly black ground alike. The first five results are told
apart with every common colour vision; symbols and dashes tell the others apart as well. Texts are left to the theme.
"""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

CHART_CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
}
"""For ``st.plotly_chart(..., config=CHART_CONFIG)``: no tool bar, and the page scrolls over a chart."""

ACCENT = "#2f6fd6"
RECORDED = "#8c9bb0"
RECORDED_PALE = "rgba(140, 155, 176, 0.42)"
REFERENCE = "#7f8a99"
UNPENALISED = "#dc3f45"
TARGET_BAND = "rgba(11, 158, 115, 0.20)"
TARGET = "#0b9e73"
GRID = "rgba(128, 138, 152, 0.20)"
TRANSPARENT = "rgba(0, 0, 0, 0)"

RESULT_COLOURS = ("#2f6fd6", "#d97706", "#0b9e73", "#cc4fa0", "#a283d3", "#5f7a24", "#1f9bd0", "#a5533a")
RESULT_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "star", "hexagon")
MAX_LEGEND = 12
"""Results named in a legend; the others tell their number on hover."""

RESULT_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


class ResultStyle(NamedTuple):
    """What marks one result in every chart."""

    colour: str
    symbol: str
    dash: str


def result_style(number: int) -> ResultStyle:
    """Return how the result of a number (1, 2 ...) is drawn, the same in every chart."""
    turn, place = divmod(number - 1, len(RESULT_COLOURS))
    return ResultStyle(RESULT_COLOURS[place], RESULT_SYMBOLS[place], RESULT_DASHES[turn % len(RESULT_DASHES)])


def blank_figure(height: int, *, has_legend: bool = False) -> go.Figure:
    """Return an empty figure of this height in px: no ground, no title, nothing to zoom by accident."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 16, "t": 16, "b": 8, "pad": 0},
        paper_bgcolor=TRANSPARENT,
        plot_bgcolor=TRANSPARENT,
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left", "namelength": -1},
        showlegend=has_legend,
        bargap=0,
    )
    if has_legend:
        # the legend grows upwards from the plot, however many lines it needs
        figure.update_layout(
            legend={
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
                "itemclick": "toggle",
                "itemdoubleclick": "toggleothers",
            }
        )
    style_axes(figure)
    return figure


def style_axes(figure: go.Figure) -> None:
    """Give all axes of a figure the common look: faint grid, room for labels, whole numbers up to a million."""
    common = {
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        "gridcolor": GRID,
        "separatethousands": True,
        "exponentformat": "power",
        "minexponent": 6,
    }
    figure.update_xaxes(**common, showgrid=False, showline=True, linecolor=REFERENCE, ticks="outside", ticklen=4)
    figure.update_yaxes(**common, ticklabelstandoff=6)


def compact(values: np.ndarray) -> np.ndarray:
    """Return values as float32, half the size, unless they are so alike that digits would be lost."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return values.astype(np.float32)
    largest, span = np.abs(finite).max(), finite.max() / 2 - finite.min() / 2
    is_safe = largest < 1e37 and largest <= 2e4 * span
    return values.astype(np.float32) if is_safe else values


def padded(low: float, high: float, share: float = 0.04) -> tuple[float, float]:
    """Return a range a little wider than [low, high], and never empty."""
    room = (high - low) * share
    if not room > 0:
        room = abs(low) * 0.05 or 1.0
    return low - room, high + room


def evenly(n: int, n_max: int) -> np.ndarray:
    """Return at most ``n_max`` indices below ``n``, evenly spaced, with the first and the last."""
    return np.arange(n) if n <= n_max else np.unique(np.linspace(0, n - 1, n_max).round().astype(int))
