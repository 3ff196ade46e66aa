"""Predicted against measured outcomes of rows that the model never saw."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from models import ModelCard
from ui.charts.style import (
    ACCENT,
    REFERENCE,
    axis_title,
    blank_figure,
    compact,
    counted,
    d3_format,
    escape,
    evenly,
    format_number,
    padded,
)

HEIGHT = 400
MAX_POINTS = 2_000


class HeldOutInfo(NamedTuple):
    """Numbers of the held-out rows.

    Attributes:
        measured: (n,) at most 2,000 measured outcomes.
        predicted: (n,) what the model predicts for them.
        low: smallest value on both axes.
        high: largest value on both axes.
        r2: share of the variation that the model explains, over all held-out rows.
        rmse: typical error, in the outcome's unit, over all held-out rows.
        name: of the outcome.
        unit: of the outcome.
        rows: what one row is called: all recorded ones are shown for a model that was not trained here.
    """

    measured: np.ndarray
    predicted: np.ndarray
    low: float
    high: float
    r2: float
    rmse: float
    name: str
    unit: str
    rows: str = "held-out row"


def held_out_info(card: ModelCard) -> HeldOutInfo | None:
    """Return measured and predicted outcomes of a model's held-out rows, or None where none were held out."""
    measured = np.array(card.held_out.measured, dtype=float)
    predicted = np.array(card.held_out.predicted, dtype=float)
    is_finite = np.isfinite(measured) & np.isfinite(predicted)
    measured, predicted = measured[is_finite], predicted[is_finite]
    if not len(measured):
        return None
    rows = evenly(len(measured), MAX_POINTS)
    measured, predicted = measured[rows], predicted[rows]
    both = np.concatenate([measured, predicted])
    low, high = padded(float(both.min()), float(both.max()))
    return HeldOutInfo(
        measured=measured,
        predicted=predicted,
        low=low,
        high=high,
        r2=card.metrics.r2,
        rmse=card.metrics.rmse,
        name=card.outcome.name,
        unit=card.outcome.unit,
        rows="held-out row" if card.metrics.n_train else "recorded row",
    )


def held_out_figure(info: HeldOutInfo) -> go.Figure:
    """Return the held-out rows as points in a square; on the dashed line a prediction is exact."""
    figure = blank_figure(HEIGHT)
    ends = [info.low, info.high]
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": REFERENCE, "width": 1.5, "dash": "dash"}, hoverinfo="skip"
    )
    form, unit = d3_format(np.array(ends)), escape(info.unit)
    figure.add_scatter(
        x=compact(info.measured),
        y=compact(info.predicted),
        mode="markers",
        marker={"color": ACCENT, "size": 7, "opacity": 0.65},
        customdata=compact(info.predicted - info.measured),
        hovertemplate=f"measured %{{x:{form}}} {unit}<br>predicted %{{y:{form}}} {unit}"
        f"<br>error %{{customdata:+{form}}} {unit}<extra></extra>",
    )
    figure.update_xaxes(
        range=ends, constrain="domain", title_text=axis_title(f"measured {info.name}", info.unit, width=42)
    )
    figure.update_yaxes(
        range=ends,
        constrain="domain",
        scaleanchor="x",
        title_text=axis_title(f"predicted {info.name}", info.unit, width=42),
    )
    return figure


def held_out_alt(info: HeldOutInfo) -> str:
    """Return the agreement on held-out rows in a sentence."""
    return (
        f"Predicted against measured {info.name} of {counted(len(info.measured), info.rows)}: "
        f"R² {format_number(info.r2)}, typical error {format_number(info.rmse, info.unit)}."
    )
