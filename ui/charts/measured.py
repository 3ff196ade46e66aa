"""Measured outcomes of results beside what was predicted for them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.papers.measured.measurements import Comparison
from services.specs.digits import counted
from ui.charts import style

ROW_HEIGHT, MARGINS = 38, 90
MAX_ROWS = 40


class MeasuredInfo(NamedTuple):
    """Numbers of measured outcomes, one row each, the first at the top.

    Attributes:
        names: (n,) of the results, and where they were measured.
        results: (n,) places of the results, from 0.
        low: (n,) lower ends of the intervals, NaN without one.
        high: (n,) upper ends of them.
        span: of the axis.
        n_left_out: measured values beyond those that there is room for.
    """

    names: tuple[str, ...]
    results: tuple[int, ...]
    measured: np.ndarray
    predicted: np.ndarray
    low: np.ndarray
    high: np.ndarray
    span: tuple[float, float]
    name: str
    unit: str
    n_left_out: int


def measured_info(compared: Sequence[Comparison], name: str, unit: str) -> MeasuredInfo:
    """What is drawn of at least one measured outcome, the newest 40 at most."""
    shown = list(compared)[-MAX_ROWS:]
    figures = np.array([(one.measured, one.predicted, one.low, one.high) for one in shown], dtype=float)
    measured, predicted, low, high = figures.T
    return MeasuredInfo(
        names=tuple(one.name for one in shown),
        results=tuple(one.result for one in shown),
        measured=measured,
        predicted=predicted,
        low=low,
        high=high,
        span=style.range_of(*figures, share=0.06),
        name=name,
        unit=unit,
        n_left_out=len(compared) - len(shown),
    )


def measured_figure(info: MeasuredInfo) -> go.Figure:
    """A line per measured outcome: a bar for its interval, the prediction on it, a cross where it was."""
    n = len(info.names)
    figure = style.blank_figure(ROW_HEIGHT * n + MARGINS, has_legend=True)
    rows = np.arange(n, 0, -1)
    marks = [style.result_style(result + 1) for result in info.results]
    for row, mark, low, high in zip(rows, marks, info.low, info.high, strict=True):
        if np.isfinite(low) and np.isfinite(high):
            bar = {"color": mark.colour, "width": 9}
            figure.add_scatter(
                x=[low, high], y=[row, row], mode="lines", line=bar, opacity=0.3, hoverinfo="skip", showlegend=False
            )
    form, unit = style.d3_format(np.array(info.span)), style.escape(info.unit)
    names = [style.escape(name) for name in info.names]
    shapes = {"color": [mark.colour for mark in marks], "symbol": [mark.symbol for mark in marks], "size": 11}
    has_interval = np.isfinite(info.low).any()
    for kind, name, values, marker in (
        ("predicted", "predicted, on its interval" if has_interval else "predicted", info.predicted, shapes),
        ("measured", "measured", info.measured, style.thin_cross(style.REFERENCE, 13, 3.5)),
    ):
        figure.add_scatter(
            x=style.compact(values),
            y=rows,
            mode="markers",
            name=name,
            marker=marker,
            customdata=names,
            hovertemplate=style.said(f"%{{customdata}}<br>{kind} %{{x:{form}}} {unit}"),
        )
    figure.update_xaxes(range=info.span, title_text=style.axis_title(info.name, info.unit), showgrid=True)
    figure.update_yaxes(range=[0.4, n + 0.6], tickvals=rows.tolist(), ticktext=names, showgrid=False)
    return figure


def measured_alt(info: MeasuredInfo) -> str:
    """The measured outcomes and how many of their intervals hold them, in a sentence."""
    known = np.isfinite(info.low)
    inside = ((info.low <= info.measured) & (info.measured <= info.high))[known].sum()
    words = f"Measured {info.name} beside the prediction for {counted(len(info.names), 'value')}"
    return f"{words}: {inside} of {known.sum()} lie inside the interval." if known.any() else f"{words}."
