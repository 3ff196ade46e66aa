"""The results of several runs on one map: the two directions in which the recorded rows differ most."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from optimizer.features import evenly
from services.problems.projection import MapProjection
from services.specs.digits import clipped, counted
from services.specs.results import RunResult
from ui.charts import style

HEIGHT = 420
MAX_RECORDED = 800

MapRun = tuple[str, str, int, RunResult]
"""A run's letter, its name, the number of its colour, the same as elsewhere on the page, and its result."""


def common_map_figure(runs: Sequence[MapRun], X: np.ndarray, projection: MapProjection) -> go.Figure:
    """Recorded rows as faint dots, and the results of every run in its colour, numbered.

    Args:
        runs: at least one; they share table and features.
        X: (n, d) recorded rows, in the order of the results' features.
        projection: of these rows.
    """
    figure = style.blank_figure(HEIGHT, has_legend=True)
    recorded = projection.project(X[evenly(len(X), MAX_RECORDED)])
    figure.add_scatter(
        x=style.compact(recorded[:, 0]),
        y=style.compact(recorded[:, 1]),
        name="recorded rows",
        mode="markers",
        marker={"color": style.RECORDED, "size": 5, "opacity": 0.35},
        hoverinfo="skip",
    )
    objective, unit = style.escape(runs[0][3].objective_short), style.escape(runs[0][3].objective_unit)
    shown = [recorded]
    for letter, name, colour, result in _with_results(runs):
        mark, outcomes = style.result_style(colour + 1), np.array(result.results.outcomes)
        points = projection.project(np.array(result.results.X))
        shown.append(points)
        figure.add_scatter(
            x=points[:, 0],
            y=points[:, 1],
            name=f"{letter}: {style.escape(clipped(name, 34))}",
            mode="markers+text",
            marker={"color": mark.colour, "size": 13, "symbol": mark.symbol, "line": {"width": 1, "color": "white"}},
            text=[f"{letter}{k}" for k in range(1, len(outcomes) + 1)],
            textposition=("top center", "bottom center", "middle right", "middle left")[colour % 4],
            customdata=outcomes,
            hovertemplate=style.said(f"%{{text}}<br>{objective} %{{customdata:{style.d3_format(outcomes)}}} {unit}"),
        )
    ranges = [style.range_of(values, share=0.06) for values in np.concatenate(shown).T]
    first, second = (style.small(f"{100 * share:.0f} % of the variation") for share in projection.explained)
    figure.update_xaxes(title_text=f"principal component 1<br>{first}", range=ranges[0])
    figure.update_yaxes(
        title_text=f"principal component 2<br>{second}",
        range=ranges[1],
        showgrid=False,
        visible=projection.explained[1] > 0,  # one free feature has one component
    )
    return figure


def _with_results(runs: Sequence[MapRun]) -> list[MapRun]:
    return [run for run in runs if len(run[3].results)]


def common_map_alt(runs: Sequence[MapRun]) -> str:
    """The map in a sentence."""
    parts = [
        f"{letter} has {counted(len(result.results), 'result')}, {'one' if result.front else 'the best'} with "
        f"{style.format_number(result.results.outcomes[0], runs[0][3].objective_unit)}"
        for letter, _, _, result in _with_results(runs)
    ]
    return f"Map of recorded rows and results: {'; '.join(parts) or 'no run has results'}."
