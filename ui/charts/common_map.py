"""The results of several runs on one map: the two directions in which the recorded rows differ most."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.problems.projection import MapProjection
from services.specs.digits import counted
from services.specs.results import RunResult
from ui.charts import style

HEIGHT = 420
MAX_RECORDED = 800


class MapRun(NamedTuple):
    """One run on the map.

    Attributes:
        letter: "A", "B" ...
        colour: number of its colour.
        points: (k, 2) its results, best first.
        outcomes: (k,) predicted objectives.
    """

    letter: str
    name: str
    colour: int
    points: np.ndarray
    outcomes: np.ndarray


class CommonMapInfo(NamedTuple):
    """Numbers of the map.

    Attributes:
        recorded: (m, 2) recorded rows, an even sample.
        runs: with results.
        explained: shares of the recorded variation along the two axes.
    """

    recorded: np.ndarray
    runs: tuple[MapRun, ...]
    explained: tuple[float, float]
    name: str
    unit: str


def common_map_info(
    runs: Sequence[tuple[str, str, int, RunResult]], X: np.ndarray, projection: MapProjection
) -> CommonMapInfo:
    """The map of runs (letter, name, colour, result) that share table and features.

    Args:
        runs: at least one.
        X: (n, d) recorded rows, in the order of the results' features.
        projection: of these rows.
    """
    first = runs[0][3]
    shown = tuple(
        MapRun(letter, name, colour, projection.project(np.array(result.results.X)), np.array(result.results.outcomes))
        for letter, name, colour, result in runs
        if len(result.results)
    )
    recorded = projection.project(X[style.evenly(len(X), MAX_RECORDED)])
    return CommonMapInfo(recorded, shown, projection.explained, first.objective_short, first.objective_unit)


def common_map_figure(info: CommonMapInfo) -> go.Figure:
    """Recorded rows as faint dots, and the results of every run in its colour, numbered."""
    figure = style.blank_figure(HEIGHT, has_legend=True)
    figure.add_scatter(
        x=style.compact(info.recorded[:, 0]),
        y=style.compact(info.recorded[:, 1]),
        name="recorded rows",
        mode="markers",
        marker={"color": style.RECORDED, "size": 5, "opacity": 0.35},
        hoverinfo="skip",
    )
    for run in info.runs:
        mark = style.result_style(run.colour + 1)
        form = style.d3_format(run.outcomes)
        figure.add_scatter(
            x=run.points[:, 0],
            y=run.points[:, 1],
            name=f"{run.letter}: {style.escape(style.clipped(run.name, 34))}",
            mode="markers+text",
            marker={"color": mark.colour, "size": 13, "symbol": mark.symbol, "line": {"width": 1, "color": "white"}},
            text=[f"{run.letter}{k}" for k in range(1, len(run.outcomes) + 1)],
            textposition=("top center", "bottom center", "middle right", "middle left")[run.colour % 4],
            customdata=run.outcomes,
            hovertemplate=style.said(
                f"%{{text}}<br>{style.escape(info.name)} %{{customdata:{form}}} {style.escape(info.unit)}"
            ),
        )
    everything = np.concatenate([info.recorded, *(run.points for run in info.runs)])
    ranges = [style.range_of(values, share=0.06) for values in everything.T]
    first, second = (style.small(f"{100 * share:.0f} % of the variation") for share in info.explained)
    figure.update_xaxes(title_text=f"principal component 1<br>{first}", range=ranges[0])
    figure.update_yaxes(
        title_text=f"principal component 2<br>{second}",
        range=ranges[1],
        showgrid=False,
        visible=info.explained[1] > 0,  # one free feature has one component
    )
    return figure


def common_map_alt(info: CommonMapInfo) -> str:
    """The map in a sentence."""
    parts = [
        f"{run.letter} has {counted(len(run.outcomes), 'result')}, the best with "
        f"{style.format_number(float(run.outcomes[0]), info.unit)}"
        for run in info.runs
    ]
    return f"Map of recorded rows and results: {'; '.join(parts) or 'no run has results'}."
