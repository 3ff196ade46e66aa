"""The price of realism: the outcome of each set of results against how believable the set is."""

from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.specs.digits import counted
from services.studies.tune import SweptSetting, TuneFigures, TuneResult, setting_words
from ui.charts import style

HEIGHT = 380
NEAR_X, NEAR_Y = 0.07, 0.06  # shares of the plot within which two labels would overlap
LABEL_SHIFT = 21  # px between a point and its label: outside the ring of the chosen one
BESIDE_SHIFT = 15
_IN_USE = style.RESULT_COLOURS[1]


class Against(StrEnum):
    """What the outcome is paid for."""

    PLAUSIBILITY = "plausibility"
    DENSITY = "density_deviation"
    INTERVAL = "interval_width"


class Axis(NamedTuple):
    """How something that the outcome is paid for is drawn.

    Attributes:
        unit: of its values; "" for the objective's.
        hint: what it means to lie farther right.
        least_span: below which differences are of no interest; NaN for a fifth of the largest value.
    """

    name: str
    unit: str
    hint: str
    least_span: float


AXES = {
    Against.DENSITY: Axis(
        "mean distance from the usual density", "tolerances", "farther right: less like the recorded rows", 1.0
    ),
    Against.PLAUSIBILITY: Axis("mean plausibility", "%", "farther right: more believable", 10.0),
    Against.INTERVAL: Axis("mean width of the intervals", "", "farther right: the model is less sure", float("nan")),
}
_OWN = {SweptSetting.DENSITY: Against.DENSITY, SweptSetting.CAUTION: Against.INTERVAL}  # of others plausibility


class PriceInfo(NamedTuple):
    """Numbers of one curve.

    Attributes:
        settings: (n,) ascending settings of the dial that have results.
        costs: (n,) what is on the x axis: means over each set of results.
        means: (n,) mean predicted objective of each set.
        bests: (n,) predicted objective of the best of each set.
        n_results: (n,) how many results each set has.
        present: setting that the run has, NaN where it is not on the curve.
        chosen: setting whose results are shown, NaN for none.
        best_recorded: objective of the best recorded row by the model, NaN without one.
    """

    settings: np.ndarray
    costs: np.ndarray
    means: np.ndarray
    bests: np.ndarray
    n_results: np.ndarray
    present: float
    chosen: float
    best_recorded: float
    dial: SweptSetting
    against: Against
    name: str
    unit: str


def price_axes(tuned: TuneResult) -> tuple[Against, ...]:
    """What the outcome can be drawn against: what sets of results were measured by, the dial's own first."""
    figures = [point.figures for point in tuned.points]
    own = _OWN.get(tuned.spec.dial, Against.PLAUSIBILITY)
    order = sorted(Against, key=lambda against: against is not own)
    return tuple(a for a in order if any(_cost(one, a) is not None for one in figures))


def price_info(
    tuned: TuneResult, against: Against, *, present: float | None = None, chosen: float | None = None
) -> PriceInfo | None:
    """The curve of a tuning, or None while no set of results has what it is drawn against.

    Args:
        present: setting in use; by default that of the run.
        chosen: setting whose results are shown beside it.
    """
    points = [p for p in tuned.curve if p.figures.mean is not None and _cost(p.figures, against) is not None]
    if not points:
        return None
    first = points[0].result
    settings = np.array([point.weight for point in points])
    recorded = first.best_recorded.outcomes

    def on_curve(setting: float | None) -> float:
        return setting if setting is not None and setting in settings else float("nan")

    return PriceInfo(
        settings=settings,
        costs=np.array([_cost(point.figures, against) for point in points], dtype=float),
        means=np.array([point.figures.mean for point in points], dtype=float),
        bests=np.array([point.figures.best for point in points], dtype=float),
        n_results=np.array([len(point.result.results) for point in points]),
        present=on_curve(tuned.spec.present if present is None else present),
        chosen=on_curve(chosen),
        best_recorded=recorded[0] if recorded else float("nan"),
        dial=tuned.spec.dial,
        against=against,
        name=first.objective_short,
        unit=first.objective_unit,
    )


def price_alt(info: PriceInfo) -> str:
    """The curve in a sentence."""
    axis = AXES[info.against]
    ends = [
        f"{style.format_number(info.means[k], info.unit)} at {setting_words(info.dial, info.settings[k])} ({axis.name} "
        f"{style.format_number(info.costs[k], axis.unit or info.unit)})"
        for k in ([0, len(info.settings) - 1] if len(info.settings) > 1 else [0])
    ]
    text = f"Mean predicted {info.name} of {counted(len(info.settings), 'set')} of results: {' to '.join(ends)}"
    return text + style.recorded_words(info.best_recorded, info.unit)


def _cost(figures: TuneFigures, against: Against) -> float | None:
    """What a set of results has on the x axis."""
    value: float | None = getattr(figures, against.value)
    return value


def price_figure(info: PriceInfo) -> go.Figure:
    """The curve with a point per setting, each with the setting beside it; ``customdata`` holds the settings."""
    figure = style.blank_figure(HEIGHT, has_legend=True)
    x_range, y_range = _ranges(info)
    if np.isfinite(info.best_recorded):
        hover = f"best recorded row, by the model<br>{style.format_number(info.best_recorded, style.escape(info.unit))}"
        style.add_level(figure, x_range, info.best_recorded, "best recorded", hover, dash="dash")
    _add_curves(figure, info)
    _add_rings(figure, info)
    for group in label_groups(info):
        _add_label(figure, info, group)
    axis = AXES[info.against]
    title = style.axis_title(axis.name, axis.unit or info.unit, width=60)
    figure.update_xaxes(range=x_range, title_text=f"{title}<br>{style.small(axis.hint)}")
    figure.update_yaxes(range=y_range, title_text=style.axis_title(f"predicted {info.name}", info.unit, width=36))
    return figure


def label_groups(info: PriceInfo) -> list[list[int]]:
    """The points whose labels share a place, as they lie too near to one another for a label each."""
    x_range, y_range = _ranges(info)
    wide, high = x_range[1] - x_range[0], y_range[1] - y_range[0]
    groups: list[list[int]] = []
    for k in range(len(info.settings)):
        for group in groups:
            apart_x = abs(info.costs[group[0]] - info.costs[k]) / wide
            apart_y = abs(info.means[group[0]] - info.means[k]) / high
            if apart_x < NEAR_X and apart_y < NEAR_Y:
                group.append(k)
                break
        else:
            groups.append([k])
    return groups


def _ranges(info: PriceInfo) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of both axes, with room for labels."""
    levels = info.means, info.bests, [info.best_recorded]
    return _cost_range(info), (style.range_of(*levels, share=0.15)[0], style.range_of(*levels, share=0.08)[1])


def _cost_range(info: PriceInfo) -> tuple[float, float]:
    """The range of the x axis, never so narrow that differences nobody cares for look large."""
    low, high = float(info.costs.min()), float(info.costs.max())
    least = AXES[info.against].least_span
    high = max(high, low + (0.2 * abs(high) if np.isnan(least) else least))
    left, right = style.padded(low, high, 0.1)
    return left, right


def _add_curves(figure: go.Figure, info: PriceInfo) -> None:
    """Draw the best and the mean of each set of results."""
    unit, form, cost_form = style.escape(info.unit), style.d3_format(info.bests), style.d3_format(info.costs)
    _add(
        figure,
        info,
        info.bests,
        "best result",
        line={"color": style.REFERENCE, "width": 1.2, "dash": "dot"},
        marker={"color": style.REFERENCE, "size": 6, "symbol": "line-ew-open", "line": {"width": 2}},
        hovertemplate=style.said(f"best result<br>%{{y:{form}}} {unit}"),
    )
    axis, counts = AXES[info.against], info.n_results.tolist()
    _add(
        figure,
        info,
        info.means,
        "mean of results",
        line={"color": style.ACCENT, "width": 2.5},
        marker={"color": style.ACCENT, "size": 11},
        hovertext=[
            f"{setting_words(info.dial, setting)}, {counted(n, 'result')}"
            for setting, n in zip(info.settings, counts, strict=True)
        ],
        hovertemplate=style.said(
            f"%{{hovertext}}<br>mean %{{y:{style.d3_format(info.means)}}} {unit}"
            f"<br>{axis.name} %{{x:{cost_form}}} {style.escape(axis.unit or info.unit)}"
        ),
    )


def _add_rings(figure: go.Figure, info: PriceInfo) -> None:
    """Mark the setting that the run has, and the one whose results are shown."""
    ring = {"size": 21, "symbol": "circle-open", "line": {"width": 2.5}}
    for name, setting, mark in (
        ("in use", info.present, {"size": 12, "symbol": "diamond"}),
        ("shown", info.chosen, ring),
    ):
        is_it = info.settings == setting
        if is_it.any():
            look = {"marker": {"color": _IN_USE} | mark, "hoverinfo": "skip"}
            _add(figure, info, info.means, name, is_it, mode="markers", **look)


def _add(figure: go.Figure, info: PriceInfo, y: np.ndarray, name: str, rows: Any = slice(None), **trace: Any) -> None:
    """Draw points that tell their setting when they are clicked, and stay as they are then."""
    figure.add_scatter(
        x=info.costs[rows],
        y=y[rows],
        name=name,
        customdata=info.settings[rows].tolist(),
        unselected={"marker": {"opacity": 1}},
        **{"mode": "lines+markers"} | trace,
    )


def _add_label(figure: go.Figure, info: PriceInfo, group: list[int]) -> None:
    """Write the settings of a group of points below them, or above where the best of each set is below, or beside."""
    means, costs = info.means[group], info.costs[group]
    is_below = info.bests[group[0]] >= means[0]
    y, shift = (means.min(), -LABEL_SHIFT) if is_below else (means.max(), LABEL_SHIFT)
    where = {"x": costs.mean(), "y": y, "yshift": shift}
    if _is_crowded(info, group, is_below=is_below):
        where = {"x": costs.max(), "y": means.mean(), "xanchor": "left", "xshift": BESIDE_SHIFT}
    figure.add_annotation(**where, text=", ".join(f"{info.settings[k]:g}" for k in group), showarrow=False)


def _is_crowded(info: PriceInfo, group: list[int], *, is_below: bool) -> bool:
    """Whether other points, or the line to them, lie where the label of a group would be."""
    left, right = _cost_range(info)
    others = np.setdiff1d(np.arange(len(info.settings)), group)
    edge = info.means[group].min() if is_below else info.means[group].max()
    is_aside = np.abs(info.costs[others] - info.costs[group].mean()) < NEAR_X / 2 * (right - left)
    is_in_the_way = info.means[others] < edge if is_below else info.means[others] > edge
    return bool((is_aside & is_in_the_way).any())
