"""How much a model leans on each feature."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from services.studies.quality import QualityResult
from ui.charts.style import (
    ACCENT,
    REFERENCE,
    axis_title,
    blank_figure,
    counted,
    d3_format,
    escape,
    format_number,
    padded,
    wrapped,
)

BAR_HEIGHT = 30
MAX_FEATURES = 20


class ImportanceChartInfo(NamedTuple):
    """Numbers of the features, what the model leans on most first.

    Attributes:
        features: names of at most 20 features.
        costs: (m,) by how much the RMSE grows when a feature is shuffled, outcome's unit.
        spreads: (m,) standard deviation of that over folds and shuffles.
        n_features: how many there are in all.
        name: of the outcome.
        unit: of the outcome.
    """

    features: tuple[str, ...]
    costs: np.ndarray
    spreads: np.ndarray
    n_features: int
    name: str
    unit: str


def importance_info(result: QualityResult) -> ImportanceChartInfo:
    """Return the features of a checked model by their importance."""
    ranked = sorted(result.importance, key=lambda each: -each.cost)[:MAX_FEATURES]
    return ImportanceChartInfo(
        features=tuple(each.feature for each in ranked),
        costs=np.array([each.cost for each in ranked]),
        spreads=np.array([each.spread for each in ranked]),
        n_features=len(result.importance),
        name=result.outcome_name,
        unit=result.outcome_unit,
    )


def importance_figure(info: ImportanceChartInfo) -> go.Figure:
    """Return one bar per feature, the longest on top, with its spread."""
    figure = blank_figure(BAR_HEIGHT * len(info.features) + 70)
    form, unit = d3_format(info.costs), escape(info.unit)
    figure.add_bar(
        x=info.costs,
        y=list(range(len(info.features))),
        orientation="h",
        marker={"color": ACCENT, "opacity": 0.72, "line_width": 0},
        width=0.62,
        error_x={"array": info.spreads, "color": REFERENCE, "thickness": 1.5, "width": 4},
        customdata=[[escape(name), spread] for name, spread in zip(info.features, info.spreads.tolist(), strict=True)],
        hovertemplate=f"%{{customdata[0]}} shuffled:<br>RMSE +%{{x:{form}}} ± %{{customdata[1]:{form}}} {unit}"
        "<extra></extra>",
    )
    low, high = float((info.costs - info.spreads).min()), float((info.costs + info.spreads).max())
    figure.update_xaxes(
        title_text=axis_title("growth of RMSE when shuffled", info.unit, width=40),
        range=[min(0.0, low) if low < -0.02 * high else 0.0, padded(0.0, high)[1]],
        nticks=6,
        showgrid=True,
    )
    figure.update_yaxes(
        tickvals=list(range(len(info.features))),
        ticktext=[wrapped(name, 24) for name in info.features],
        autorange="reversed",
        showgrid=False,
    )
    return figure


def importance_alt(info: ImportanceChartInfo) -> str:
    """Return the importance of the features in a sentence."""
    told = [
        f"{name} {format_number(cost, info.unit)}"
        for name, cost in zip(info.features[:5], info.costs[:5].tolist(), strict=True)
    ]
    return (
        f"Growth of the RMSE of {info.name} when one of {counted(info.n_features, 'feature')} is shuffled: "
        f"{', '.join(told)}."
    )
