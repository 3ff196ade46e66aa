"""How what the laboratory measured compares with what was predicted, in numbers and in words."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.catalog.loading import ModelWithData, confidence_of
from services.papers.measured.measurements import Measurement, measurement_name, swept_feature
from services.specs.digits import common_decimals, number_words
from services.specs.results import RunResult


class Comparison(NamedTuple):
    """A measured value beside what was predicted.

    Attributes:
        name: of the result, and where it was measured, such as "Result 1 at age 28 days".
        result: place of the result, from 0.
        measured: outcome, in its unit.
        predicted: outcome.
        low: lower end of the interval of the prediction, NaN where the model cannot tell.
        high: upper end of it.
        words: whether the interval holds the measured value, and by how much the prediction is off.
    """

    name: str
    result: int
    measured: float
    predicted: float
    low: float
    high: float
    words: str

    @property
    def is_inside(self) -> bool | None:
        """Whether the interval holds the measured value; None without an interval."""
        return None if math.isnan(self.low) else self.low <= self.measured <= self.high


def compare(result: RunResult, rows: Sequence[Measurement], model_data: ModelWithData | None) -> list[Comparison]:
    """Measured values beside the predictions of the run's own model.

    Args:
        rows: that fit it; see `validated`.
        model_data: the run's table and model, or None where they are gone or answer in a worker only: then the stored
            predictions serve, those along a curve without an interval.
    """
    known = [row for row in rows if row.result < len(result.results)]
    if model_data is None:
        figures = [_by_document(result, row) for row in known]
    else:
        figures = _by_model(result, known, model_data)
    unit = f" {result.outcome_unit}" if result.outcome_unit else ""
    return [
        Comparison(measurement_name(result, row), row.result, row.value, *ends, _words(row.value, ends, unit))
        for row, ends in zip(known, figures, strict=True)
    ]


def summary_words(result: RunResult, compared: Sequence[Comparison]) -> str:
    """How the predictions fared, in a sentence or two; "" without measured values."""
    if not compared:
        return ""
    errors = np.array([one.predicted - one.measured for one in compared])
    errors = errors[np.isfinite(errors)]
    inside = [one.is_inside for one in compared if one.is_inside is not None]
    words = []
    if inside:
        n, level = len(inside), f"{100 * result.spec.level:g} %"
        words.append(f"{sum(inside)} of {n} measured values lie inside the interval; about {level} should.")
    if len(errors):
        decimals = common_decimals([one.measured for one in compared])
        mean = number_words(float(np.abs(errors).mean()), decimals)
        words.append(f"The predictions are off by {mean} {result.outcome_unit}".rstrip() + " in the mean.")
        if len(errors) > 1 and abs(errors.mean()) > 0.7 * np.abs(errors).mean():
            words.append(f"Most are too {'high' if errors.mean() > 0 else 'low'}: train again with what was measured.")
    return " ".join(words)


def unlikely_words(model_data: ModelWithData | None, rows: Sequence[Measurement], unit: str) -> str:
    """Which values lie so far from all recorded outcomes that they may be typing errors, or ""."""
    if model_data is None:
        return ""
    y = model_data.dataset.y
    low, high, margin = float(y.min()), float(y.max()), 2 * float(np.ptp(y))
    outliers = [f"{row.value:,.6g}" for row in rows if not low - margin <= row.value <= high + margin]
    if not outliers:
        return ""
    return (
        f"{', '.join(outliers)} lies far from everything recorded ({low:,.4g} to {high:,.4g} {unit}".rstrip()
        + "): is it a typing error, or another unit?"
    )


def _by_model(
    result: RunResult, rows: Sequence[Measurement], model_data: ModelWithData
) -> list[tuple[float, float, float]]:
    """Prediction, low and high of every row by the model itself."""
    if not rows:
        return []
    X = np.array([result.results.X[row.result] for row in rows], dtype=float)
    swept = swept_feature(result)
    if swept is not None:
        X[:, [feature.name for feature in result.features].index(swept.name)] = [row.at for row in rows]
    confidence = confidence_of(result.spec, model_data)
    if confidence is None:
        unknown = np.full(len(rows), np.nan)
        predicted, low, high = np.asarray(model_data.predictor.predict(X), dtype=float), unknown, unknown
    else:
        interval = confidence.predict_interval(X, result.spec.level, is_sought=True)
        predicted, low, high = interval.mean, interval.low, interval.high
    return list(zip(predicted.tolist(), low.tolist(), high.tolist(), strict=True))


def _by_document(result: RunResult, row: Measurement) -> tuple[float, float, float]:
    """Prediction, low and high of a row as the result's document has them."""
    stored, k = result.results, row.result
    if row.at is not None:
        if stored.curves is None or result.sweep is None:
            return math.nan, math.nan, math.nan
        return float(np.interp(row.at, result.sweep.grid, stored.curves[k])), math.nan, math.nan
    if stored.lows is None or stored.highs is None:
        return stored.outcomes[k], math.nan, math.nan
    return stored.outcomes[k], stored.lows[k], stored.highs[k]


def _words(measured: float, ends: tuple[float, float, float], unit: str) -> str:
    """Whether the interval holds a measured value, and the error of the prediction."""
    predicted, low, high = ends
    if not math.isfinite(predicted):
        return "nothing was predicted there"
    error = number_words(abs(predicted - measured), common_decimals([measured, predicted]))
    side = "high" if predicted > measured else "low"
    is_exact = float(error.replace(",", "")) == 0  # in the digits that are shown
    error_words = "exactly predicted" if is_exact else f"predicted {error}{unit} too {side}"
    if math.isnan(low):
        return error_words
    return f"{'inside' if low <= measured <= high else 'outside'} the interval, {error_words}"
