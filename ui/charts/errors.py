"""Where a checked model errs, along one feature or along what it predicted, and which features it leans on."""

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from models import Dataset
from services.specs.digits import counted
from services.studies.quality.report import QualityResult
from ui.charts import style

HEIGHT = 340
MAX_POINTS = 2_000
MAX_CATEGORIES = 20
_SHARES = (0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
REGION = "rgba(220, 63, 69, 0.10)"
BAR_HEIGHT = 30
MAX_FEATURES = 20
_JITTER = 0.18  # of a category's room: points of one category would hide each other


class ResidualsInfo(NamedTuple):
    """Numbers of the rows; errors are predicted minus measured, in the outcome's unit.

    Attributes:
        values: (n,) at most 2,000 values of the feature; codes for categories.
        errors: (n,) their errors.
        centres: (b,) mean of groups of alike rows; codes for categories.
        means: (b,) mean error of each group.
        sizes: (b,) mean absolute error of each group.
        counts: (b,) its rows.
        categories: names of the codes, or empty for numbers.
        regions: ranges (low, high) of the feature where the model errs more than elsewhere or is biased.
        limit: no error on the axis is larger.
    """

    values: np.ndarray
    errors: np.ndarray
    centres: np.ndarray
    means: np.ndarray
    sizes: np.ndarray
    counts: np.ndarray
    categories: tuple[str, ...]
    regions: tuple[tuple[float, float], ...]
    limit: float
    feature: str
    feature_unit: str
    name: str
    unit: str


def residuals_info(result: QualityResult, dataset: Dataset, feature: str | None) -> ResidualsInfo:
    """The errors of a checked model against a feature, or against the prediction where that is None.

    Raises:
        DatasetError: the dataset has no such feature.
    """
    predicted = np.array(result.predicted)
    errors = predicted - np.array(result.measured)
    column = None if feature is None else dataset.features[dataset.index(feature)]
    values = predicted if feature is None else dataset.X[:, dataset.index(feature)]
    categories = column.categories if column is not None and column.is_categorical else ()
    groups = values.astype(int) if categories else _even_groups(values)
    counts = np.bincount(groups)
    is_there = counts > 0
    means = np.bincount(groups, errors)[is_there] / counts[is_there]
    sizes = np.bincount(groups, np.abs(errors))[is_there] / counts[is_there]
    centres = np.flatnonzero(is_there) if categories else np.bincount(groups, values)[is_there] / counts[is_there]
    rows = style.evenly(len(errors), MAX_POINTS)
    return ResidualsInfo(
        values=values[rows],
        errors=errors[rows],
        centres=centres.astype(float),
        means=means,
        sizes=sizes,
        counts=counts[is_there],
        categories=categories,
        regions=tuple((each.low, each.high) for each in result.findings if each.feature == feature),
        limit=style.padded(0.0, float(np.abs(errors).max()))[1],
        feature=f"predicted {result.outcome_name}" if column is None else column.name,
        feature_unit=result.outcome_unit if column is None else column.unit,
        name=result.outcome_name,
        unit=result.outcome_unit,
    )


def residuals_figure(info: ResidualsInfo) -> go.Figure:
    """The errors as points around the line of none, how large and how one-sided they are, and odd regions."""
    figure = style.blank_figure(HEIGHT, has_legend=True)
    for low, high in info.regions:
        room = 0.4 if info.categories else 0.004 * float(np.ptp(info.values))
        figure.add_vrect(x0=low - room, x1=high + room, fillcolor=REGION, line_width=0, layer="below")
    figure.add_trace(_points(info))
    if not info.categories:
        x = info.centres.copy()
        x[0], x[-1] = info.values.min(), info.values.max()
        line = {"color": style.ACCENT, "width": 1, "dash": "dot"}
        name = "usual size of errors"
        figure.add_trace(style.ribbon(x, -info.sizes, info.sizes, name=name, fillcolor=style.ACCENT_PALE, line=line))
    figure.add_trace(_means(info))
    figure.add_hline(y=0, line={"color": style.REFERENCE, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title_text=style.axis_title(info.feature, info.feature_unit, width=42), nticks=8)
    if info.categories and len(info.categories) <= MAX_CATEGORIES:
        names = [style.escape(style.clipped(name, 14)) for name in info.categories]
        figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names)
    figure.update_yaxes(
        title_text=style.axis_title("predicted minus measured", info.unit, width=34), range=[-info.limit, info.limit]
    )
    return figure


def _points(info: ResidualsInfo) -> go.Scatter:
    """The rows; those of a category side by side, or they would hide each other."""
    offsets = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(info.values)) if info.categories else 0.0
    names = [style.escape(style.clipped(name, 60)) for name in info.categories]
    x_form = style.d3_format(info.values)
    where = "%{text}" if names else f"{style.escape(info.feature)} %{{x:{x_form}}} {style.escape(info.feature_unit)}"
    return go.Scatter(
        x=style.compact(info.values + offsets),
        y=style.compact(info.errors),
        name="rows",
        mode="markers",
        marker={"color": style.RECORDED, "size": 5, "opacity": 0.5},
        text=[names[int(code)] for code in info.values] if names else None,
        hovertemplate=style.said(f"{where}<br>error %{{y:+{_form(info)}}} {style.escape(info.unit)}"),
    )


def _means(info: ResidualsInfo) -> go.Scatter:
    """The mean error of rows alike; for categories with the mean absolute error as bars."""
    form, unit = _form(info), style.escape(info.unit)
    return go.Scatter(
        x=style.compact(info.centres),
        y=style.compact(info.means),
        name="mean error",
        mode="markers" if info.categories else "lines+markers",
        line={"color": style.ACCENT, "width": 2.5},
        marker={"color": style.ACCENT, "size": 11 if info.categories else 7, "symbol": "diamond"},
        error_y={"array": style.compact(info.sizes), "color": style.ACCENT, "width": 6} if info.categories else None,
        customdata=np.column_stack([info.counts, info.sizes]).astype(np.float32),
        hovertemplate=style.said(
            f"mean error %{{y:+{form}}} {unit}<br>usual size %{{customdata[1]:{form}}} {unit}"
            "<br>%{customdata[0]:,} rows"
        ),
    )


def _form(info: ResidualsInfo) -> str:
    """The format of errors."""
    return style.d3_format(np.array([info.limit]))


def residuals_alt(info: ResidualsInfo) -> str:
    """What the errors do along the feature in a sentence."""
    worst = int(info.sizes.argmax())
    where = info.categories[int(info.centres[worst])] if info.categories else style.format_number(info.centres[worst])
    unit = f" {info.feature_unit}" if info.feature_unit and not info.categories else ""
    return (
        f"Errors of predicted {info.name} against {info.feature}: largest around {where}{unit}, where they are "
        f"{style.format_number(info.sizes[worst], info.unit)} on average over "
        f"{counted(int(info.counts[worst]), 'row')} and their mean is "
        f"{style.format_number(info.means[worst], info.unit)}."
    )


def _even_groups(values: np.ndarray) -> np.ndarray:
    """(n,) groups of a tenth of the rows each, smaller at both ends; equal values are in one group."""
    edges = np.unique(np.quantile(values, _SHARES))
    return np.searchsorted(edges, values, side="left")


class ImportanceChartInfo(NamedTuple):
    """Numbers of the features, what the model leans on most first.

    Attributes:
        features: names of at most 20 features.
        costs: (m,) by how much the RMSE grows when a feature is shuffled, outcome's unit.
        spreads: (m,) standard deviation of that over folds and shuffles.
        n_features: how many there are in all.
    """

    features: tuple[str, ...]
    costs: np.ndarray
    spreads: np.ndarray
    n_features: int
    name: str
    unit: str


def importance_info(result: QualityResult) -> ImportanceChartInfo:
    """The features of a checked model by their importance."""
    ranked = sorted(result.importance, key=lambda each: -each.cost)[:MAX_FEATURES]
    costs, spreads = np.array([(each.cost, each.spread) for each in ranked]).T
    names, n_features = tuple(each.feature for each in ranked), len(result.importance)
    return ImportanceChartInfo(names, costs, spreads, n_features, result.outcome_name, result.outcome_unit)


def importance_figure(info: ImportanceChartInfo) -> go.Figure:
    """One bar per feature, the longest on top, with its spread."""
    figure = style.blank_figure(BAR_HEIGHT * len(info.features) + 70)
    form, unit = style.d3_format(info.costs), style.escape(info.unit)
    names = [style.escape(name) for name in info.features]
    figure.add_bar(
        x=info.costs,
        y=list(range(len(info.features))),
        orientation="h",
        marker={"color": style.ACCENT, "opacity": 0.72, "line_width": 0},
        width=0.62,
        error_x={"array": info.spreads, "color": style.REFERENCE, "thickness": 1.5, "width": 4},
        customdata=[*map(list, zip(names, info.spreads.tolist(), strict=True))],
        hovertemplate=style.said(
            f"%{{customdata[0]}} shuffled:<br>RMSE +%{{x:{form}}} ± %{{customdata[1]:{form}}} {unit}"
        ),
    )
    low, high = float((info.costs - info.spreads).min()), float((info.costs + info.spreads).max())
    figure.update_xaxes(
        title_text=style.axis_title("growth of RMSE when shuffled", info.unit, width=40),
        range=[min(0.0, low) if low < -0.02 * high else 0.0, style.padded(0.0, high)[1]],
        nticks=6,
        showgrid=True,
    )
    figure.update_yaxes(
        tickvals=list(range(len(info.features))),
        ticktext=[style.wrapped(name, 24) for name in info.features],
        autorange="reversed",
        showgrid=False,
    )
    return figure


def importance_alt(info: ImportanceChartInfo) -> str:
    """The importance of the features in a sentence."""
    parts = [
        f"{name} {style.format_number(cost, info.unit)}"
        for name, cost in zip(info.features[:5], info.costs[:5].tolist(), strict=True)
    ]
    return (
        f"Growth of the RMSE of {info.name} when one of {counted(info.n_features, 'feature')} is shuffled: "
        f"{', '.join(parts)}."
    )
