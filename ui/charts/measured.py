"""Measured outcomes of results beside what was predicted for them."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from services.papers.measured.measurements import Comparison
from services.specs.digits import counted
from ui.charts import style

ROW_HEIGHT, MARGINS = 38, 90
MAX_ROWS = 40


def measured_figure(compared: Sequence[Comparison], name: str, unit: str) -> go.Figure:
    """A line per measured outcome: a bar for its interval, the prediction on it, a cross where it was.

    Args:
        compared: at least one; the newest 40 at most are drawn, the first at the top.
        name: of the outcome.
        unit: of the outcome.
    """
    shown = compared[-MAX_ROWS:]
    n = len(shown)
    figure = style.blank_figure(ROW_HEIGHT * n + MARGINS, has_legend=True)
    rows = np.arange(n, 0, -1)
    marks = [style.result_style(one.result + 1) for one in shown]
    outcomes = np.array([(one.measured, one.predicted, one.low, one.high) for one in shown], dtype=float).T
    measured, predicted, lows, highs = outcomes
    for row, mark, low, high in zip(rows, marks, lows, highs, strict=True):
        if np.isfinite(low) and np.isfinite(high):
            bar = {"color": mark.colour, "width": 9}
            figure.add_scatter(
                x=[low, high], y=[row, row], mode="lines", line=bar, opacity=0.3, hoverinfo="skip", showlegend=False
            )
    span = style.range_of(*outcomes, share=0.06)
    form, names = style.d3_format(np.array(span)), [style.escape(one.name) for one in shown]
    shapes = {"color": [mark.colour for mark in marks], "symbol": [mark.symbol for mark in marks], "size": 11}
    has_interval = np.isfinite(lows).any()
    for kind, title, values, marker in (
        ("predicted", "predicted, on its interval" if has_interval else "predicted", predicted, shapes),
        ("measured", "measured", measured, style.thin_cross(style.REFERENCE, 13, 3.5)),
    ):
        figure.add_scatter(
            x=style.compact(values),
            y=rows,
            mode="markers",
            name=title,
            marker=marker,
            customdata=names,
            hovertemplate=style.said(f"%{{customdata}}<br>{kind} %{{x:{form}}} {style.escape(unit)}"),
        )
    figure.update_xaxes(range=span, title_text=style.axis_title(name, unit), showgrid=True)
    figure.update_yaxes(range=[0.4, n + 0.6], tickvals=rows.tolist(), ticktext=names, showgrid=False)
    return figure


def measured_alt(compared: Sequence[Comparison], name: str) -> str:
    """The measured outcomes that are drawn and how many of their intervals hold them, in a sentence."""
    known = [one.is_inside for one in compared[-MAX_ROWS:] if one.is_inside is not None]
    words = f"Measured {name} beside the prediction for {counted(len(compared[-MAX_ROWS:]), 'value')}"
    return f"{words}: {sum(known)} of {len(known)} lie inside the interval." if known else f"{words}."
