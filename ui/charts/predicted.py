"""Predicted against measured outcomes: of the rows that a model held out, or of all rows of a quality check."""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from models import ModelCard
from services.specs.digits import counted
from services.studies.quality.report import QualityResult
from ui.charts import style

HEIGHT = 380
MAX_POINTS = 2_000
N_BINS = 20  # of rows alike, whose intervals are averaged


class PredictedInfo(NamedTuple):
    """Numbers of the rows, in the outcome's unit.

    Attributes:
        measured: (n,) at most 2,000 measured outcomes.
        predicted: (n,) what was predicted for them, by a model that had not seen them where that could be done.
        lows: (n,) lower ends of the stated intervals, or None.
        highs: (n,) their upper ends, or None.
        band: (3, b) predictions of rows alike, and the mean lower and upper ends of their intervals; or None.
        is_outside: (n,) whether the measured outcome lies outside its interval; False everywhere without intervals.
        level: share of rows that intervals should hold, or None.
        share: share of rows that they hold, or None.
        r2: share of the variation that the model explains.
        n_rows: how many there are in all.
        rows: what one of them is called.
        condition: under which they were predicted, in words, or "".
    """

    measured: np.ndarray
    predicted: np.ndarray
    is_outside: np.ndarray
    low: float
    high: float
    r2: float
    rmse: float
    n_rows: int
    rows: str
    name: str
    unit: str
    condition: str = ""
    lows: np.ndarray | None = None
    highs: np.ndarray | None = None
    band: np.ndarray | None = None
    level: float | None = None
    share: float | None = None


def predicted_info(result: QualityResult) -> PredictedInfo:
    """Measured and predicted outcomes of a checked model, an even sample where rows are many."""
    info = _info(
        np.array(result.measured),
        np.array(result.predicted),
        r2=result.r2.value,
        rmse=result.rmse.value,
        rows="row",
        condition=" while they were held out" if result.is_held_out else "",
        name=result.outcome_name,
        unit=result.outcome_unit,
    )
    if result.coverage is None:
        return info
    rows = style.evenly(info.n_rows, MAX_POINTS)
    lows, highs = np.array(result.coverage.low)[rows], np.array(result.coverage.high)[rows]
    order = np.argsort(info.predicted, kind="stable")
    alike = np.array_split(order, min(N_BINS, len(order)))
    return info._replace(
        lows=lows,
        highs=highs,
        band=np.array([[values[part].mean() for part in alike] for values in (info.predicted, lows, highs)]),
        is_outside=(info.measured < lows) | (info.measured > highs),
        level=result.coverage.level,
        share=result.coverage.share,
    )


def held_out_info(card: ModelCard) -> PredictedInfo | None:
    """Measured and predicted outcomes of a model's held-out rows, or None where none were held out.

    All recorded rows are shown for a model that was not trained here.
    """
    measured = np.array(card.held_out.measured, dtype=float)
    predicted = np.array(card.held_out.predicted, dtype=float)
    is_finite = np.isfinite(measured) & np.isfinite(predicted)
    if not is_finite.any():
        return None
    return _info(
        measured[is_finite],
        predicted[is_finite],
        r2=card.metrics.r2,
        rmse=card.metrics.rmse,
        rows="held-out row" if card.metrics.n_train else "recorded row",
        name=card.outcome.name,
        unit=card.outcome.unit,
    )


def _info(measured: np.ndarray, predicted: np.ndarray, **words: Any) -> PredictedInfo:
    """An even sample of the rows, without intervals."""
    rows = style.evenly(len(measured), MAX_POINTS)
    low, high = style.range_of(measured[rows], predicted[rows])
    is_outside = np.zeros(len(rows), dtype=bool)
    return PredictedInfo(measured[rows], predicted[rows], is_outside, low, high, n_rows=len(measured), **words)


def predicted_figure(info: PredictedInfo) -> go.Figure:
    """The rows as points in a square; on the dashed line a prediction is exact, the band is of intervals."""
    figure = style.blank_figure(HEIGHT, has_legend=info.lows is not None)
    ends = [info.low, info.high]
    line = {"color": style.REFERENCE, "width": 1.5, "dash": "dash"}
    figure.add_scatter(x=ends, y=ends, mode="lines", line=line, hoverinfo="skip", showlegend=False)
    if info.band is not None:
        # Intervals are of measured values, so the band is flat where others stand: x and y change places.
        predicted, lows, highs = info.band
        line = {"color": style.ACCENT, "width": 1, "dash": "dot"}
        band = style.ribbon(predicted, lows, highs, name="usual interval", fillcolor=style.ACCENT_PALE, line=line)
        figure.add_trace(band.update(x=band.y, y=band.x))
    figure.add_trace(_points(info, ~info.is_outside, "rows", style.ACCENT))
    if info.is_outside.any():
        figure.add_trace(_points(info, info.is_outside, "outside their interval", style.UNPENALISED))
    measured, predicted = (style.axis_title(f"{kind} {info.name}", info.unit, 42) for kind in ("measured", "predicted"))
    figure.update_xaxes(range=ends, constrain="domain", title_text=measured)
    figure.update_yaxes(range=ends, constrain="domain", scaleanchor="x", title_text=predicted)
    return figure


def _points(info: PredictedInfo, is_shown: np.ndarray, name: str, colour: str) -> go.Scatter:
    """Some of the rows as points, with their intervals on hover where there are any."""
    form, unit = style.d3_format(np.array([info.low, info.high])), style.escape(info.unit)
    measured, predicted = info.measured[is_shown], info.predicted[is_shown]
    shown, interval = [predicted - measured], ""
    if info.lows is not None and info.highs is not None:
        shown += [info.lows[is_shown], info.highs[is_shown]]
        interval = f"<br>interval %{{customdata[1]:{form}}} to %{{customdata[2]:{form}}} {unit}"
    return go.Scatter(
        x=style.compact(measured),
        y=style.compact(predicted),
        name=name,
        mode="markers",
        marker={"color": colour, "size": 5, "opacity": 0.6},
        customdata=np.column_stack(shown).astype(np.float32),
        hovertemplate=style.said(
            f"measured %{{x:{form}}} {unit}<br>predicted %{{y:{form}}} {unit}"
            f"<br>error %{{customdata[0]:+{form}}} {unit}{interval}"
        ),
    )


def predicted_alt(info: PredictedInfo) -> str:
    """The agreement in a sentence."""
    text = (
        f"Predicted against measured {info.name} of {counted(info.n_rows, info.rows)}{info.condition}: "
        f"R² {style.format_number(info.r2)}, typical error {style.format_number(info.rmse, info.unit)}"
    )
    if info.level is None or info.share is None:
        return f"{text}."
    return f"{text}; {info.share:.0%} of the rows lie within their {info.level:.0%} interval."
