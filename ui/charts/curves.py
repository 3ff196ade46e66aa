"""The outcome along the sweep feature: curves of results and of the best recorded rows."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.results import ResultSet, RunResult
from ui.charts.look import MAX_LEGEND, RECORDED, REFERENCE, blank_figure, compact, result_style
from ui.charts.words import axis_title, d3_format, escape, format_number, format_range, small

HEIGHT = 400


class CurvesInfo(NamedTuple):
    """Numbers of the curves.

    Attributes:
        grid: (m,) values of the sweep feature.
        results: (k, m) predicted outcomes of the results, best first.
        recorded: (r, m) predicted outcomes of the best recorded rows.
        recorded_rows: r row numbers, counted from 1.
        measured: (r, 2) sweep value and measured outcome of the best recorded rows, NaN where not known.
        at: the searched point of the sweep, or None.
        sweep_name: what the curve runs over.
        sweep_unit: its unit.
        outcome_name: what is predicted.
        outcome_unit: its unit.
    """

    grid: np.ndarray
    results: np.ndarray
    recorded: np.ndarray
    recorded_rows: tuple[int, ...]
    measured: np.ndarray
    at: float | None
    sweep_name: str
    sweep_unit: str
    outcome_name: str
    outcome_unit: str


def curves_info(result: RunResult) -> CurvesInfo | None:
    """Return the curves of results and best recorded rows, or None without a sweep feature."""
    sweep, spec = result.sweep, result.spec.curve
    if sweep is None:
        return None
    best = result.best_recorded
    measured = np.full((len(best), 2), np.nan)
    column = [feature.name for feature in result.features].index(sweep.feature)
    if best.measured is not None and len(best):
        measured = np.column_stack([np.array(best.X, dtype=float)[:, column], best.measured])
    return CurvesInfo(
        grid=np.array(sweep.grid, dtype=float),
        results=_curves(result.results, len(sweep.grid)),
        recorded=_curves(best, len(sweep.grid)),
        recorded_rows=best.rows or tuple(range(1, len(best) + 1)),
        measured=measured,
        at=spec.at if spec is not None and spec.summary == "point" else None,
        sweep_name=sweep.feature,
        sweep_unit=sweep.unit,
        outcome_name=result.outcome_name,
        outcome_unit=result.outcome_unit,
    )


def curves_figure(info: CurvesInfo) -> go.Figure:
    """Return results as coloured lines over the best recorded rows as gray ones."""
    figure = blank_figure(HEIGHT, has_legend=True)
    figure.update_layout(legend_title={"text": "Result", "side": "left"})
    _draw_recorded(figure, info)
    hover = _hover(info)
    for number, curve in enumerate(info.results, start=1):
        style = result_style(number)
        figure.add_scatter(
            x=compact(info.grid),
            y=compact(curve),
            name=str(number),
            showlegend=number <= MAX_LEGEND,
            mode="lines",
            line={"color": style.colour, "width": 2.5, "dash": style.dash},
            hovertemplate=f"<b>Result {number}</b><br>{hover}",
        )
    if info.at is not None:
        figure.add_vline(x=info.at, line={"color": REFERENCE, "width": 1, "dash": "dot"})
    title = axis_title(info.sweep_name, info.sweep_unit)
    if len(info.recorded):
        title += f"<br>{small('gray lines: best recorded rows; rings: as measured')}"
    figure.update_xaxes(title_text=title, range=_ends(info.grid))
    figure.update_yaxes(title_text=axis_title(info.outcome_name, info.outcome_unit))
    return figure


def curves_alt(info: CurvesInfo) -> str:
    """Return the curves in a sentence."""
    span = f"{info.sweep_name} {format_range(info.grid, info.sweep_unit)}"
    text = f"{info.outcome_name} over {span}: results reach {format_range(info.results.ravel(), info.outcome_unit)}"
    if len(info.recorded):
        text += f", best recorded rows {format_range(info.recorded.ravel(), info.outcome_unit)}"
    if len(info.results):
        best = info.results[0]
        text += f"; result 1 goes from {format_number(best[0])} to {format_number(best[-1], info.outcome_unit)}"
    return text + "."


def _curves(rows: ResultSet, m: int) -> np.ndarray:
    return np.array(rows.curves or (), dtype=float).reshape(-1, m)


def _ends(grid: np.ndarray) -> list[float]:
    room = (grid[-1] - grid[0]) * 0.015
    return [float(grid[0] - room), float(grid[-1] + room)]


def _hover(info: CurvesInfo) -> str:
    x, y = d3_format(info.grid), d3_format(info.results if info.results.size else info.recorded)
    return (
        f"{escape(info.sweep_name)} %{{x:{x}}} {escape(info.sweep_unit)}<br>"
        f"{escape(info.outcome_name)} %{{y:{y}}} {escape(info.outcome_unit)}<extra></extra>"
    )


def _draw_recorded(figure: go.Figure, info: CurvesInfo) -> None:
    """Draw the best recorded rows: their predicted curves, and what was measured as a ring."""
    hover = _hover(info)
    for row, curve in zip(info.recorded_rows, info.recorded, strict=False):
        figure.add_scatter(
            x=compact(info.grid),
            y=compact(curve),
            showlegend=False,
            mode="lines",
            line={"color": RECORDED, "width": 1.5},
            hovertemplate=f"Row {row}, predicted<br>{hover}",
        )
    is_known = np.isfinite(info.measured).all(axis=1) & (info.measured[:, 0] >= info.grid[0])
    is_known &= info.measured[:, 0] <= info.grid[-1]
    if is_known.any() and len(info.recorded):
        figure.add_scatter(
            x=compact(info.measured[is_known, 0]),
            y=compact(info.measured[is_known, 1]),
            showlegend=False,
            mode="markers",
            marker={"symbol": "circle-open", "size": 8, "color": RECORDED, "line_width": 2},
            customdata=np.array(info.recorded_rows, dtype=np.int32)[is_known],
            hovertemplate=f"Row %{{customdata}}, measured<br>{hover}",
        )
