"""Charts of a model: its training, predicted against measured outcomes, where it errs, which features it leans on."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from models import Dataset, EpochRecord, ModelCard
from optimizer.features import evenly
from services.specs.digits import clipped, counted
from services.studies.quality.report import CoverageInfo, ImportanceInfo, QualityResult
from ui.charts import style

LOSS_HEIGHT, PREDICTED_HEIGHT, RESIDUALS_HEIGHT = 300, 380, 340
MAX_EPOCHS = 600
MAX_POINTS = 2_000
N_BINS = 20  # of rows alike, whose intervals are averaged
MAX_CATEGORIES = 20
_SHARES = (0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
REGION = "rgba(220, 63, 69, 0.10)"
BAR_HEIGHT = 30
MAX_FEATURES = 20
_JITTER = 0.18  # of a category's room: points of one category would hide each other


class LossInfo(NamedTuple):
    """Numbers of the loss curves.

    Attributes:
        epochs: (n,) at most about 600 epochs, counted from 1, with the first, the best and the last.
        train_losses: (n,) positive, NaN where unknown.
        validation_losses: (n,) positive, NaN where unknown.
        best_epoch: the epoch with the smallest validation loss, 0 where there is none yet.
        best_loss: its validation loss, NaN where there is none yet.
    """

    epochs: np.ndarray
    train_losses: np.ndarray
    validation_losses: np.ndarray
    best_epoch: int
    best_loss: float


def loss_info(records: Sequence[EpochRecord]) -> LossInfo:
    """The loss curves of a training that runs or has ended; before the first epoch they are empty."""
    epochs = np.array([record.epoch for record in records], dtype=int)
    losses = np.array([(record.train_loss, record.validation_loss) for record in records]).reshape(-1, 2)
    losses[~(np.isfinite(losses) & (losses > 0))] = np.nan  # a logarithmic axis knows no zero
    train, validation = losses.T
    rows = evenly(len(epochs), MAX_EPOCHS)
    best_epoch, best_loss = 0, float("nan")
    if np.isfinite(validation).any():
        best = int(np.nanargmin(validation))
        best_epoch, best_loss = int(epochs[best]), float(validation[best])
        rows = np.union1d(rows, [best])
    return LossInfo(epochs[rows], train[rows], validation[rows], best_epoch, best_loss)


def loss_figure(info: LossInfo) -> go.Figure:
    """Both losses on a logarithmic axis, with the best epoch marked."""
    figure = style.blank_figure(LOSS_HEIGHT, has_legend=True)
    lines = (
        ("training", info.train_losses, style.REFERENCE, 1.5),
        ("validation", info.validation_losses, style.ACCENT, 2.5),
    )
    for name, losses, colour, width in lines:
        figure.add_scatter(
            x=info.epochs.astype(np.int32),
            y=losses.astype(np.float32),
            name=name,
            mode="lines" if len(losses) > 1 else "lines+markers",
            line={"color": colour, "width": width},
            hovertemplate=f"epoch %{{x:,}}<br>{name} loss %{{y:.4~g}}<extra></extra>",
        )
    if info.best_epoch:
        figure.add_scatter(
            x=[info.best_epoch],
            y=[info.best_loss],
            name=f"best: epoch {info.best_epoch:,}",
            mode="markers",
            marker={"color": style.ACCENT, "size": 11, "symbol": "circle-open", "line_width": 2.5},
            hovertemplate="best: epoch %{x:,}<br>validation loss %{y:.4~g}<extra></extra>",
        )
    last = int(info.epochs[-1]) if len(info.epochs) else 10
    figure.update_xaxes(title_text="epoch", range=[0, max(10, last) * 1.02], nticks=8, tickformat=",d")
    figure.update_yaxes(title_text="loss", type="log", range=_log_range(info), dtick="D2", tickformat=".4~g")
    return figure


def loss_alt(info: LossInfo) -> str:
    """The course of the training in a sentence."""
    if not info.best_epoch:
        return "Loss per epoch: no epoch has ended yet."
    return (
        f"Loss over {info.epochs[-1]:,} epochs: the validation loss was smallest in epoch {info.best_epoch:,}, at "
        f"{style.format_number(info.best_loss)}, and is {style.format_number(info.validation_losses[-1])} at the end."
    )


def _log_range(info: LossInfo) -> list[float] | None:
    """The ends of the axis as powers of ten, at least a factor of ten apart, or None to leave it open."""
    powers = np.log10(np.concatenate([info.train_losses, info.validation_losses]))
    powers = powers[np.isfinite(powers)]
    if not len(powers):
        return None
    low, high = float(powers.min()), float(powers.max())
    room = max(0.05 * (high - low), (1 - (high - low)) / 2, 0.03)
    return [low - room, high + room]


class PredictedInfo(NamedTuple):
    """Numbers of the rows, in the outcome's unit.

    Attributes:
        measured: (n,) at most 2,000 measured outcomes.
        predicted: (n,) what was predicted for them, by a model that had not seen them where that could be done.
        lows: (n,) lower ends of the stated intervals, or None.
        highs: (n,) their upper ends, or None.
        band: (3, b) predictions of rows alike, and the mean lower and upper ends of their intervals; or None.
        is_outside: (n,) whether the measured outcome lies outside its interval; False everywhere without intervals.
        coverage: what the intervals hold, or None.
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
    coverage: CoverageInfo | None = None


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
    rows = evenly(info.n_rows, MAX_POINTS)
    lows, highs = np.array(result.coverage.low)[rows], np.array(result.coverage.high)[rows]
    order = np.argsort(info.predicted, kind="stable")
    alike = np.array_split(order, min(N_BINS, len(order)))
    return info._replace(
        lows=lows,
        highs=highs,
        band=np.array([[values[part].mean() for part in alike] for values in (info.predicted, lows, highs)]),
        is_outside=(info.measured < lows) | (info.measured > highs),
        coverage=result.coverage,
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
        rows="held-out row" if card.metrics.n_train and not card.metrics.is_cross_validated else "recorded row",
        condition=" while they were held out" if card.metrics.is_cross_validated else "",
        name=card.outcome.name,
        unit=card.outcome.unit,
    )


def _info(measured: np.ndarray, predicted: np.ndarray, **words: Any) -> PredictedInfo:
    """An even sample of the rows, without intervals."""
    rows = evenly(len(measured), MAX_POINTS)
    low, high = style.range_of(measured[rows], predicted[rows])
    is_outside = np.zeros(len(rows), dtype=bool)
    return PredictedInfo(measured[rows], predicted[rows], is_outside, low, high, n_rows=len(measured), **words)


def predicted_figure(info: PredictedInfo) -> go.Figure:
    """The rows as points in a square; on the dashed line a prediction is exact, the band is of intervals."""
    figure = style.blank_figure(PREDICTED_HEIGHT, has_legend=info.lows is not None)
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
    if info.coverage is None:
        return f"{text}."
    return f"{text}; {info.coverage.share:.0%} of the rows lie within their {info.coverage.level:.0%} interval."


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
    # numbers: a tenth of the rows each, fewer at both ends; equal values are in one group
    edges = np.unique(np.quantile(values, _SHARES))
    groups = values.astype(int) if categories else np.searchsorted(edges, values, side="left")
    counts = np.bincount(groups)
    is_there = counts > 0
    means = np.bincount(groups, errors)[is_there] / counts[is_there]
    sizes = np.bincount(groups, np.abs(errors))[is_there] / counts[is_there]
    centres = np.flatnonzero(is_there) if categories else np.bincount(groups, values)[is_there] / counts[is_there]
    rows = evenly(len(errors), MAX_POINTS)
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
    figure = style.blank_figure(RESIDUALS_HEIGHT, has_legend=True)
    for low, high in info.regions:
        room = 0.4 if info.categories else 0.004 * float(np.ptp(info.values))
        figure.add_vrect(x0=low - room, x1=high + room, fillcolor=REGION, line_width=0, layer="below")
    figure.add_trace(_errors(info))
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
        names = [style.escape(clipped(name, 14)) for name in info.categories]
        figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names)
    figure.update_yaxes(
        title_text=style.axis_title("predicted minus measured", info.unit, width=34), range=[-info.limit, info.limit]
    )
    return figure


def _errors(info: ResidualsInfo) -> go.Scatter:
    """The rows; those of a category side by side, or they would hide each other."""
    offsets = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(info.values)) if info.categories else 0.0
    names = [style.escape(clipped(name, 60)) for name in info.categories]
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


def importance_figure(result: QualityResult) -> go.Figure:
    """By how much the RMSE grows when a feature is shuffled: a bar each, the longest on top, with its spread."""
    ranked = _ranked(result)
    costs, spreads = np.array([(each.cost, each.spread) for each in ranked]).T
    figure = style.blank_figure(BAR_HEIGHT * len(ranked) + 70)
    form, unit = style.d3_format(costs), style.escape(result.outcome_unit)
    figure.add_bar(
        x=costs,
        y=list(range(len(ranked))),
        orientation="h",
        marker={"color": style.ACCENT, "opacity": 0.72, "line_width": 0},
        width=0.62,
        error_x={"array": spreads, "color": style.REFERENCE, "thickness": 1.5, "width": 4},
        customdata=[[style.escape(each.feature), each.spread] for each in ranked],
        hovertemplate=style.said(
            f"%{{customdata[0]}} shuffled:<br>RMSE +%{{x:{form}}} ± %{{customdata[1]:{form}}} {unit}"
        ),
    )
    low, high = float((costs - spreads).min()), float((costs + spreads).max())
    figure.update_xaxes(
        title_text=style.axis_title("growth of RMSE when shuffled", result.outcome_unit, width=40),
        range=[min(0.0, low) if low < -0.02 * high else 0.0, style.padded(0.0, high)[1]],
        nticks=6,
        showgrid=True,
    )
    names = [style.wrapped(each.feature, 24) for each in ranked]
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names, autorange="reversed", showgrid=False)
    return figure


def _ranked(result: QualityResult) -> list[ImportanceInfo]:
    """At most 20 features, what the model leans on most first."""
    return sorted(result.importance, key=lambda each: -each.cost)[:MAX_FEATURES]


def importance_alt(result: QualityResult) -> str:
    """The importance of the features in a sentence."""
    unit = result.outcome_unit
    parts = [f"{each.feature} {style.format_number(each.cost, unit)}" for each in _ranked(result)[:5]]
    return (
        f"Growth of the RMSE of {result.outcome_name} when one of {counted(len(result.importance), 'feature')} is "
        f"shuffled: {', '.join(parts)}."
    )
