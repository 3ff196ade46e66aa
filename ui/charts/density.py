"""Do results weigh what recorded rows weigh? For one run, or at every setting of a dial."""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.specs.digits import counted
from services.specs.results import DensityInfo, ResultSet, RunResult
from services.studies.tune import SWEPT_SETTINGS, TuneResult
from ui.charts import style
from ui.charts.histograms import Bins, number_bars, numeric_bins

HEIGHT = 196  # beside the verdict
ROW_HEIGHT = 46  # of a setting of the dial
MAX_BINS = 40
_MARKS_AT, _BARS_UP_TO = 0.82, 0.62  # shares of such a row's height
_STRIPS_FROM = 0.32  # share of the height below the strips
_AXIS_WIDTH = 230  # px that are left to the axis
_LETTER = 6.2  # px of a digit
_NEAR = 0.035  # share of the axis within which marks would overlap


class Strip(NamedTuple):
    """Marks of one kind on the axis of densities.

    Attributes:
        densities: (k,) in the unit of the parts.
        marks: how they look, as Plotly's markers.
    """

    label: str
    names: tuple[str, ...]
    densities: np.ndarray
    outcomes: np.ndarray
    marks: dict[str, Any]


class DensityCheckInfo(NamedTuple):
    """Numbers of the density check.

    Attributes:
        density: the recorded and the usual one.
        bins: recorded densities.
        strips: from top to bottom; the results are the last.
    """

    density: DensityInfo
    bins: Bins
    strips: tuple[Strip, ...]
    low: float
    high: float
    objective_name: str
    objective_unit: str


def density_check_info(result: RunResult, left_out: Collection[int] = ()) -> DensityCheckInfo | None:
    """The numbers of the density check, or None for a table without parts.

    Args:
        left_out: places of results that are not shown.
    """
    density = result.density
    if density is None or not density.recorded:
        return None
    spec = result.spec.density
    is_penalised = spec is not None and spec.weight > 0
    plain = {"color": style.RECORDED, "symbol": "circle", "size": 7}
    strips = [_strip("Best recorded", "Row", result.best_recorded, plain)]
    if result.unpenalised is not None:
        cross = style.thin_cross(style.UNPENALISED, 8, 2)
        strips.append(_strip("Without penalty", "Without penalty", result.unpenalised, cross))
    label, marks = "With penalty" if is_penalised else "Results", style.result_marks(len(result.results), 8)
    strips.append(_without(_strip(label, "Result", result.results, marks), left_out))
    strips = [strip for strip in strips if len(strip.densities)]
    bins = numeric_bins(np.array(density.recorded, dtype=float))
    usual = [density.target - density.tolerance, density.target + density.tolerance]
    low, high = style.range_of(bins.edges, usual, *(strip.densities for strip in strips))
    return DensityCheckInfo(density, bins, tuple(strips), low, high, result.objective_name, result.objective_unit)


def density_check_alt(info: DensityCheckInfo) -> str:
    """The density check in a sentence."""
    unit = info.density.unit
    kinds = "; ".join(f"{strip.label.lower()} {style.format_range(strip.densities, unit)}" for strip in info.strips)
    return (
        f"Density check: recorded rows have {style.format_range(info.bins.edges, unit)}, usual is "
        f"{_usual_words(info.density)}; {kinds}."
    )


def _usual_words(density: DensityInfo) -> str:
    """Target and tolerance, the latter with no more digits than the former."""
    n_digits = len(style.format_number(density.target).partition(".")[2])
    tolerance = round(density.tolerance, n_digits) or density.tolerance
    return f"{style.format_number(density.target)} ± {style.format_number(tolerance, density.unit)}"


def _strip(label: str, name: str, rows: ResultSet, marks: dict[str, Any]) -> Strip:
    numbers = rows.rows or range(1, len(rows) + 1)
    densities, outcomes = np.array(rows.densities or (), dtype=float), np.array(rows.outcomes, dtype=float)
    return Strip(label, tuple(f"{name} {number}" for number in numbers), densities, outcomes, marks)


def _without(strip: Strip, left_out: Collection[int]) -> Strip:
    """A strip without some of its marks; the others look as before."""
    kept = [k for k in range(len(strip.names)) if k not in left_out]
    marks = {
        name: [value[k] for k in kept] if isinstance(value, list) else value for name, value in strip.marks.items()
    }
    names = tuple(strip.names[k] for k in kept)
    return strip._replace(names=names, densities=strip.densities[kept], outcomes=strip.outcomes[kept], marks=marks)


def density_check_figure(info: DensityCheckInfo) -> go.Figure:
    """Recorded densities as pale bars, the target band, and a strip of marks for each kind of candidate."""
    figure = style.blank_figure(HEIGHT)
    figure.update_layout(margin={"t": 22, "b": 2, "l": 2, "r": 6})
    _draw_band(figure, info.density, y0=0, y1=1, yref="paper")
    place = (info.density.target - info.low) / (info.high - info.low)
    figure.add_annotation(
        x=info.density.target,
        y=1.0,
        yref="paper",
        yanchor="bottom",
        xanchor="left" if place < 0.25 else "right" if place > 0.75 else "center",
        text=f"usual: {style.escape(_usual_words(info.density))}",
        showarrow=False,
        font={"color": style.TARGET, "size": 11},
    )
    figure.add_trace(number_bars(info.bins, info.density.unit, "recorded rows", style.RECORDED_PALE, 0.94))
    n_strips, highest = len(info.strips), float(info.bins.shares.max())
    for i, strip in enumerate(info.strips):
        _draw_strip(figure, info, strip, height=n_strips - 1 - i)
    figure.update_xaxes(
        range=[info.low, info.high],
        title={"text": style.axis_title("density", info.density.unit), "font_size": 11, "standoff": 4},
        tickfont_size=11,
        nticks=5,
    )
    figure.update_layout(
        yaxis={
            "domain": [0, _STRIPS_FROM - 0.05],
            "range": [0, highest * 1.04],
            "tickvals": [highest / 2],
            "ticktext": ["All<br>recorded"],
            "showgrid": False,
            "tickfont": {"size": 11},
        },
        yaxis2={
            "domain": [_STRIPS_FROM, 1],
            "range": [-0.5, max(n_strips, 1) - 0.5],
            "tickvals": list(range(n_strips))[::-1],
            "ticktext": [strip.label.replace(" ", "<br>", 1) for strip in info.strips],
            "showgrid": False,
            "tickfont": {"size": 11},
        },
    )
    style.style_axes(figure)
    return figure


def side_steps(values: np.ndarray, near: float) -> np.ndarray:
    """(n,) offsets within ±0.34, a small staircase wherever values are nearer than ``near`` to each other."""
    offsets = np.zeros(len(values))
    order = np.argsort(values, kind="stable")
    breaks = np.flatnonzero(np.diff(values[order]) >= near) + 1
    for group in np.split(order, breaks):
        half = min(0.34, 0.085 * (len(group) - 1))
        offsets[group] = np.linspace(-half, half, len(group)) if len(group) > 1 else 0.0
    return offsets


def _draw_band(figure: go.Figure, density: DensityInfo, **ends: Any) -> None:
    """Draw target and tolerance behind what is drawn."""
    target, x0, x1 = density.target, density.target - density.tolerance, density.target + density.tolerance
    figure.add_shape(type="rect", x0=x0, x1=x1, fillcolor=style.TARGET_BAND, line_width=0, layer="below", **ends)
    line = {"color": style.TARGET, "width": 1.5}
    figure.add_shape(type="line", x0=target, x1=target, line=line, layer="below", **ends)


def _draw_strip(figure: go.Figure, info: DensityCheckInfo, strip: Strip, height: int) -> None:
    """Draw the marks of a strip, near ones apart from each other, with their range beside them."""
    figure.add_scatter(
        x=style.compact(strip.densities),
        y=(height + side_steps(strip.densities, (info.high - info.low) * _NEAR)).astype(np.float32),
        yaxis="y2",
        mode="markers",
        marker=strip.marks,
        cliponaxis=False,
        customdata=[
            f"{name}<br>density {style.format_number(density, style.escape(info.density.unit))}<br>"
            f"{style.escape(info.objective_name)} {style.format_number(outcome, style.escape(info.objective_unit))}"
            for name, density, outcome in zip(strip.names, strip.densities, strip.outcomes, strict=True)
        ],
        hovertemplate=style.said("%{customdata}"),
    )
    _write_range(figure, info, strip, height)


def _write_range(figure: go.Figure, info: DensityCheckInfo, strip: Strip, height: int) -> None:
    """Write the range of a strip beside its marks, or below them where neither side has room."""
    low, high = float(strip.densities.min()), float(strip.densities.max())
    text = style.format_range(strip.densities)
    places = [(end - info.low) / (info.high - info.low) for end in (low, high)]
    needed = (_LETTER * len(text) + 14) / _AXIS_WIDTH
    if 1 - places[1] >= needed:
        where = {"x": high, "xanchor": "left", "xshift": 10}
    elif places[0] >= needed:
        where = {"x": low, "xanchor": "right", "xshift": -10}
    else:
        where = {"x": (info.low + info.high) / 2, "xanchor": "center", "yshift": -12}
    figure.add_annotation(**where, y=height, yref="y2", text=text, showarrow=False, font_size=11)


class DensityRow(NamedTuple):
    """One setting.

    Attributes:
        setting: of the dial, in words.
        is_chosen: whether its results are shown beside the picture.
        shares: (m,) share of the good lineages in each bin; 0 where they are not known.
        densities: (k,) of the results, best first.
    """

    setting: str
    is_chosen: bool
    shares: np.ndarray
    densities: np.ndarray


class DensityMultiplesInfo(NamedTuple):
    """Numbers of the picture.

    Attributes:
        density: the recorded and the usual one.
        rows: one per setting that is done, from one end of the dial to the other.
        edges: (m + 1,) of the bins of all rows.
        dial: name of the swept setting.
    """

    density: DensityInfo
    rows: tuple[DensityRow, ...]
    edges: np.ndarray
    low: float
    high: float
    dial: str


def density_multiples_info(tuned: TuneResult, chosen: float | None = None) -> DensityMultiplesInfo | None:
    """The densities at every setting that is done, or None without parts that add up; results of one may be shown."""
    points = [point for point in tuned.curve if point.result.density is not None]
    if not points or (density := points[0].result.density) is None or not density.recorded:
        return None
    found = [np.array(point.densities, dtype=float) for point in points]
    results = [np.array(point.result.results.densities or (), dtype=float) for point in points]
    everything = np.concatenate([density.recorded, *found, *results, [density.target]])
    everything = everything[np.isfinite(everything)]
    edges = np.linspace(float(everything.min()), float(everything.max()) or 1.0, MAX_BINS + 1)
    dial = SWEPT_SETTINGS[tuned.spec.dial]
    unit = f" {dial.unit}" if dial.unit else ""
    rows = tuple(
        DensityRow(
            f"{point.weight:g}{unit}",
            point.weight == chosen,
            np.histogram(values, edges)[0] / max(len(values), 1),
            own,
        )
        for point, values, own in zip(points, found, results, strict=True)
    )
    return DensityMultiplesInfo(density, rows, edges, *style.range_of(everything, share=0.02), dial.label)


def density_multiples_figure(info: DensityMultiplesInfo) -> go.Figure:
    """A row per setting: good lineages as bars, results as marks; below them the recorded rows as pale bars."""
    n, unit = len(info.rows), info.density.unit
    figure = style.blank_figure(ROW_HEIGHT * (n + 1) + 70)
    _draw_band(figure, info.density, y0=0, y1=n + 1)
    recorded = numeric_bins(np.array(info.density.recorded, dtype=float))
    _bars(figure, recorded, 0, style.RECORDED_PALE, "recorded rows", unit)
    for k, row in enumerate(info.rows):
        base = n - k
        if row.shares.any():
            name = f"good lineages at {row.setting}"
            _bars(figure, Bins(info.edges, row.shares), base, style.ACCENT, name, unit)
        _marks(figure, row, base, unit)
    texts = [f"<b>{style.escape(row.setting)}</b>" if row.is_chosen else style.escape(row.setting) for row in info.rows]
    figure.update_xaxes(range=[info.low, info.high], title_text=style.axis_title("density", unit))
    figure.update_yaxes(
        range=[0, n + 1],
        tickvals=[n - k + 0.4 for k in range(n)] + [0.4],
        ticktext=[*texts, "All<br>recorded"],
        title_text=style.axis_title(info.dial.lower(), width=30),
        showgrid=False,
    )
    figure.update_layout(margin_t=8)
    return figure


def density_multiples_alt(info: DensityMultiplesInfo) -> str:
    """The picture in a sentence."""
    density = info.density
    parts = [
        f"at {row.setting} results have {style.format_range(row.densities, density.unit)}"
        if len(row.densities)
        else f"at {row.setting} there are none"
        for row in info.rows
    ]
    return (
        f"Density by {info.dial.lower()}: {'; '.join(parts)}. Usual is {style.format_number(density.target)} ± "
        f"{style.format_number(density.tolerance, density.unit)}."
    )


def _bars(figure: go.Figure, bins: Bins, base: float, colour: str, name: str, unit: str) -> None:
    """Draw a histogram that stands on a line, as high as its row allows."""
    is_any = bins.shares > 0
    where = f"%{{x:{style.d3_format(bins.edges)}}} {style.escape(unit)}"
    figure.add_bar(
        x=bins.centres[is_any],
        y=(bins.shares / bins.shares.max() * _BARS_UP_TO)[is_any],
        base=base,
        width=bins.widths[is_any],
        customdata=100 * bins.shares[is_any],
        marker={"color": colour, "opacity": 0.55 if colour == style.ACCENT else 1.0, "line": {"width": 0}},
        name=name,
        hovertemplate=style.said(f"{where}<br>%{{customdata:.0f}} % of {style.escape(name)}"),
    )


def _marks(figure: go.Figure, row: DensityRow, base: float, unit: str) -> None:
    """Draw the results of a setting above its bars, in their colours."""
    n = len(row.densities)
    figure.add_scatter(
        x=row.densities,
        y=np.full(n, base + _MARKS_AT),
        mode="markers",
        marker=style.result_marks(n, 9) | {"line": {"width": 0.5, "color": "white"}},
        hovertext=[f"Result {number} at {style.escape(row.setting)}" for number in range(1, n + 1)],
        hovertemplate=style.said(f"%{{hovertext}}<br>%{{x:{style.d3_format(row.densities)}}} {style.escape(unit)}"),
        name=counted(n, "result"),
    )
