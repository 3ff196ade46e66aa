"""Parallel coordinates as a picture.

The axes lie flat, one below the other, and lines run downwards: names keep their room on a wide page and on a phone.
"""

import numpy as np
import plotly.graph_objects as go

from ui.charts.look import MAX_LEGEND, RECORDED, RECORDED_PALE, REFERENCE, blank_figure, result_style
from ui.charts.parallel import ParallelAxis, ParallelInfo
from ui.charts.words import clipped, escape, format_range, small, wrapped

ROW_HEIGHT = 58
_BAR_HEIGHT = 0.62  # of the tallest bar of an axis, in rows


def parallel_figure(info: ParallelInfo) -> go.Figure:
    """Return one flat axis per free feature, with recorded values as pale bars and a line for each candidate."""
    m = len(info.axes)
    figure = blank_figure(ROW_HEIGHT * m + 76, has_legend=True)
    figure.update_layout(legend={"y": 1.0, "title": {"text": "Result", "side": "left"}})
    heights = np.arange(m)[::-1].astype(float)  # of the axes, the first one on top
    for axis, height in zip(info.axes, heights, strict=True):
        _draw_axis(figure, axis, height)
    for row_number, row in zip(info.recorded_rows, info.recorded, strict=True):
        _draw_line(figure, info, row, heights, f"Row {row_number}", number=0, in_legend=False)
    for number, row in enumerate(info.results, start=1):
        _draw_line(figure, info, row, heights, f"Result {number}", number, in_legend=number <= MAX_LEGEND)
    note = "gray lines: best recorded rows; bars: all rows"
    figure.update_xaxes(
        range=[-0.02, 1.02], showline=False, ticks="", showticklabels=False, title={"text": small(note), "standoff": 4}
    )
    figure.update_yaxes(
        range=[-0.35, m - 1 + _BAR_HEIGHT + 0.15],
        tickvals=heights,
        ticktext=[_axis_text(axis) for axis in info.axes],
        ticklabelshift=-14,
        showgrid=False,
    )
    return figure


def _axis_text(axis: ParallelAxis) -> str:
    """Return name and range of an axis in at most three short lines."""
    unit = clipped(axis.unit, 10)
    shown = f"{len(axis.categories)} categories" if axis.categories else format_range((axis.low, axis.high), unit)
    return f"{wrapped(axis.name, 18)}<br>{small(escape(shown))}"


def _draw_axis(figure: go.Figure, axis: ParallelAxis, height: float) -> None:
    """Draw the recorded histogram of a feature, its axis, and the bounds of the search as a thicker line."""
    places = np.clip(axis.places(axis.bins.edges), 0, 1)
    tallest = axis.bins.shares.max() or 1.0
    tops = height + _BAR_HEIGHT * axis.bins.shares / tallest
    x, y = np.concatenate([[places[0]], np.repeat(places[1:-1], 2), [places[-1]]]), np.repeat(tops, 2)
    figure.add_scatter(
        x=np.concatenate([[places[0]], x, [places[-1]]]).astype(np.float32),
        y=np.concatenate([[height], y, [height]]).astype(np.float32),
        fill="toself",
        fillcolor=RECORDED_PALE,
        mode="lines",
        line_width=0,
        hoverinfo="skip",
        showlegend=False,
    )
    line = {"type": "line", "y0": height, "y1": height, "layer": "below"}
    figure.add_shape(x0=0, x1=1, line={"color": REFERENCE, "width": 1}, **line)
    if axis.bounds is not None:
        x0, x1 = np.clip(axis.places(np.array(axis.bounds)), 0, 1).tolist()
        figure.add_shape(x0=x0, x1=x1, line={"color": REFERENCE, "width": 3}, **line)
    if axis.categories and sum(len(name) + 2 for name in axis.categories) <= 36:
        for code, name in enumerate(axis.categories):
            place = float(axis.places(np.array(code)))
            figure.add_annotation(
                x=place, y=height, text=escape(name), showarrow=False, yanchor="top", yshift=-6, font_size=10
            )


def _draw_line(
    figure: go.Figure,
    info: ParallelInfo,
    row: np.ndarray,
    heights: np.ndarray,
    name: str,
    number: int,
    *,
    in_legend: bool,
) -> None:
    """Draw one candidate through all axes; number 0 is a recorded row."""
    style = result_style(max(number, 1))
    line = {"color": style.colour, "width": 2, "dash": style.dash} if number else {"color": RECORDED, "width": 1.2}
    marker = {"symbol": style.symbol, "size": 10} if number else {"symbol": "circle", "size": 5}
    places = [float(axis.places(value)) for axis, value in zip(info.axes, row, strict=True)]
    figure.add_scatter(
        x=np.array(places, dtype=np.float32),
        y=heights.astype(np.float32),
        name=str(number),
        showlegend=in_legend,
        mode="lines+markers",
        line=line,
        marker={**marker, "color": line["color"]},
        cliponaxis=False,
        customdata=[
            f"{escape(axis.name)} {escape(axis.text(value))}" for axis, value in zip(info.axes, row, strict=True)
        ],
        hovertemplate=f"<b>{name}</b><br>%{{customdata}}<extra></extra>",
    )
