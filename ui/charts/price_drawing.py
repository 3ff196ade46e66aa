"""The price of realism as a picture: a point per setting, which a click can choose."""

import numpy as np
import plotly.graph_objects as go

from ui.charts.look import ACCENT, REFERENCE, RESULT_COLOURS, blank_figure, padded
from ui.charts.price import AXES, PriceInfo, setting_label
from ui.charts.words import axis_title, counted, d3_format, escape, format_number, small

HEIGHT = 380
NEAR_X, NEAR_Y = 0.07, 0.06  # shares of the plot within which two labels would overlap
LABEL_SHIFT = 21  # px between a point and its label: outside the ring of the chosen one
BESIDE_SHIFT = 15
_IN_USE = RESULT_COLOURS[1]


def price_figure(info: PriceInfo) -> go.Figure:
    """Return the curve with a point per setting, each with the setting beside it; ``customdata`` holds the settings."""
    figure = blank_figure(HEIGHT, has_legend=True)
    x_range, y_range = _ranges(info)
    if np.isfinite(info.best_recorded):
        figure.add_scatter(
            x=list(x_range),
            y=[info.best_recorded] * 2,
            name="best recorded",
            mode="lines",
            line={"color": REFERENCE, "width": 1.5, "dash": "dash"},
            hovertemplate=f"best recorded row, by the model<br>{format_number(info.best_recorded, escape(info.unit))}"
            "<extra></extra>",
        )
    _add_bests(figure, info)
    _add_means(figure, info)
    _add_rings(figure, info)
    for group in label_groups(info):
        _add_label(figure, info, group)
    axis = AXES[info.against]
    title = axis_title(axis.name, axis.unit or info.unit, width=60)
    figure.update_xaxes(range=x_range, title_text=f"{title}<br>{small(axis.hint)}")
    figure.update_yaxes(range=y_range, title_text=axis_title(f"predicted {info.name}", info.unit, width=36))
    return figure


def label_groups(info: PriceInfo) -> list[list[int]]:
    """Return the points whose labels share a place, as they lie too near to one another for a label each."""
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
    """Return the ranges of both axes, with room for labels."""
    levels = np.concatenate([info.means, info.bests, [info.best_recorded]])
    levels = levels[np.isfinite(levels)]
    low, high = float(levels.min()), float(levels.max())
    return _cost_range(info), (padded(low, high, 0.15)[0], padded(low, high, 0.08)[1])


def _cost_range(info: PriceInfo) -> tuple[float, float]:
    """Return the range of the x axis, never so narrow that differences nobody cares for look large."""
    low, high = float(info.costs.min()), float(info.costs.max())
    least = AXES[info.against].least_span
    high = max(high, low + (0.2 * abs(high) if np.isnan(least) else least))
    left, right = padded(low, high, 0.1)
    return left, right


def _add_bests(figure: go.Figure, info: PriceInfo) -> None:
    form = d3_format(info.bests)
    figure.add_scatter(
        x=info.costs,
        y=info.bests,
        name="best result",
        mode="lines+markers",
        line={"color": REFERENCE, "width": 1.2, "dash": "dot"},
        marker={"color": REFERENCE, "size": 6, "symbol": "line-ew-open", "line": {"width": 2}},
        unselected={"marker": {"opacity": 1}},
        customdata=info.settings.tolist(),
        hovertemplate=f"best result<br>%{{y:{form}}} {escape(info.unit)}<extra></extra>",
    )


def _add_means(figure: go.Figure, info: PriceInfo) -> None:
    axis = AXES[info.against]
    texts = [f"{setting_label(info, k)}, {counted(int(n), 'result')}" for k, n in enumerate(info.n_results)]
    figure.add_scatter(
        x=info.costs,
        y=info.means,
        name="mean of results",
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={"color": ACCENT, "size": 11},
        unselected={"marker": {"opacity": 1}},
        customdata=info.settings.tolist(),
        hovertext=texts,
        hovertemplate=f"%{{hovertext}}<br>mean %{{y:{d3_format(info.means)}}} {escape(info.unit)}"
        f"<br>{axis.name} %{{x:{d3_format(info.costs)}}} {escape(axis.unit or info.unit)}<extra></extra>",
    )


def _add_rings(figure: go.Figure, info: PriceInfo) -> None:
    """Mark the setting that the run has, and the one whose results are shown."""
    marks = (
        ("in use", info.present, {"color": _IN_USE, "size": 12, "symbol": "diamond"}),
        ("shown", info.chosen, {"color": _IN_USE, "size": 21, "symbol": "circle-open", "line": {"width": 2.5}}),
    )
    for name, setting, marker in marks:
        is_it = info.settings == setting
        if is_it.any():
            figure.add_scatter(
                x=info.costs[is_it],
                y=info.means[is_it],
                name=name,
                mode="markers",
                marker=marker,
                unselected={"marker": {"opacity": 1}},
                customdata=info.settings[is_it].tolist(),
                hoverinfo="skip",
            )


def _add_label(figure: go.Figure, info: PriceInfo, group: list[int]) -> None:
    """Write the settings of a group of points below them, or above where the best of each set is below, or beside."""
    means, costs = info.means[group], info.costs[group]
    is_below = info.bests[group[0]] >= means[0]
    label = {"text": ", ".join(f"{info.settings[k]:g}" for k in group), "showarrow": False}
    if _is_crowded(info, group, is_below=is_below):
        figure.add_annotation(x=costs.max(), y=means.mean(), xanchor="left", xshift=BESIDE_SHIFT, **label)
    elif is_below:
        figure.add_annotation(x=costs.mean(), y=means.min(), yshift=-LABEL_SHIFT, **label)
    else:
        figure.add_annotation(x=costs.mean(), y=means.max(), yshift=LABEL_SHIFT, **label)


def _is_crowded(info: PriceInfo, group: list[int], *, is_below: bool) -> bool:
    """Return whether other points, or the line to them, lie where the label of a group would be."""
    left, right = _cost_range(info)
    others = np.setdiff1d(np.arange(len(info.settings)), group)
    edge = info.means[group].min() if is_below else info.means[group].max()
    is_aside = np.abs(info.costs[others] - info.costs[group].mean()) < NEAR_X / 2 * (right - left)
    is_in_the_way = info.means[others] < edge if is_below else info.means[others] > edge
    return bool((is_aside & is_in_the_way).any())
