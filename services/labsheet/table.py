"""Chosen results as a table for the laboratory: what to dose, what is predicted, an empty column for the outcome."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from services.digits import label
from services.labsheet.points import Bands, measuring_points
from services.labsheet.settings import settings_of
from services.naming import result_names
from services.results import RunResult
from services.sheets import feature_header

CANDIDATE = "candidate"


class LabColumns(NamedTuple):
    """The headers of the table.

    Attributes:
        candidate: of the results' names.
        settings: of the settings, by the names of their features; along a searched curve the sweep feature is the last.
        predicted: of the predicted outcome.
        low: of the lower end of its interval.
        high: of the upper end of it.
        measured: of the empty column.
    """

    candidate: str
    settings: dict[str, str]
    predicted: str
    low: str
    high: str
    measured: str


class LabRow(NamedTuple):
    """One measurement to be made.

    Attributes:
        result: number of the result, from 0.
        at: sweep value, or None where no curve is searched.
        predicted: outcome, in its unit.
        low: lower end of its interval, NaN where the model cannot tell.
        high: upper end of it.
    """

    result: int
    at: float | None
    predicted: float
    low: float
    high: float


def lab_columns(result: RunResult) -> LabColumns:
    """Return the headers that `lab_frame` gives its table, which whoever reads it back looks for."""
    unit = result.outcome_unit
    own = [CANDIDATE, *(label(name, unit) for name in ("predicted", "low", "high", "measured"))]
    swept = result.spec.curve.feature if result.spec.curve is not None else None
    ordered = sorted(result.features, key=lambda feature: feature.name == swept)
    settings = {feature.name: feature_header(feature, own) for feature in ordered}
    return LabColumns(own[0], settings, own[1], own[2], own[3], own[4])


def lab_frame(result: RunResult, chosen: Sequence[int], bands: Bands | None = None) -> pd.DataFrame:
    """Return the table that the laboratory fills in, one row for each measurement to be made.

    Along a searched curve a result is measured at several points of it, so it has several rows; whoever measures at
    another point changes the cell. Settings are rounded as the lab sheet shows them: what is dosed is what is recorded.
    Predictions have five digits.

    Args:
        result: of a run.
        chosen: numbers of the results, from 0.
        bands: where and how sure the curves are; without them intervals along a curve are unknown.
    """
    columns = lab_columns(result)
    names, rows = result_names(len(result.results)), []
    for k in chosen:
        settings = {columns.settings[one.feature.name]: one.value for one in settings_of(result, k)}
        for row in lab_rows(result, k, bands):
            at = {} if row.at is None else {list(columns.settings.values())[-1]: row.at}
            figures = dict(zip(columns[2:5], map(_rounded, (row.predicted, row.low, row.high)), strict=True))
            rows.append({columns.candidate: names[k], **settings, **at, **figures, columns.measured: np.nan})
    headers = [columns.candidate, *columns.settings.values(), *columns[2:]]
    return pd.DataFrame(rows, columns=headers)


def lab_rows(result: RunResult, k: int, bands: Bands | None = None) -> list[LabRow]:
    """Return the measurements to be made of result ``k`` (from 0)."""
    rows, spec = result.results, result.spec.curve
    if spec is None:
        low, high = (np.nan if ends is None else ends[k] for ends in (rows.lows, rows.highs))
        return [LabRow(k, None, rows.outcomes[k], low, high)]
    if result.sweep is None or rows.curves is None:
        return []
    found = []
    for at in measuring_points(result, bands):
        ends = (np.nan, np.nan)
        if bands is not None:
            ends = _at(result, bands.low[k], at), _at(result, bands.high[k], at)
        elif at == spec.at and rows.lows is not None and rows.highs is not None:
            ends = rows.lows[k], rows.highs[k]
        found.append(LabRow(k, at, _at(result, rows.curves[k], at), *ends))
    return found


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _at(result: RunResult, curve: Sequence[float] | np.ndarray, at: float) -> float:
    """Return a curve's value between the points of the grid."""
    assert result.sweep is not None
    return float(np.interp(at, result.sweep.grid, curve))
