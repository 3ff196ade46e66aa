"""Chosen results as a table for the laboratory: what to dose, what is predicted, a column to fill in."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from services.papers.lab_sheet.drawing import Bands, measuring_points
from services.results.names import result_names
from services.specs.digits import label, number_words, sensible_decimals, step_decimals
from services.specs.results import FeatureInfo, ResultSet, RunResult
from services.texts.tables import feature_header

CANDIDATE = "candidate"
_ENDINGS = ("/m³", "/m3", "/m^3")
_LITRES = 1000.0
_MORE_DECIMALS = 2  # a batch of 50 L is a twentieth of a cubic metre: the same exactness needs these


class LabColumns(NamedTuple):
    """The headers of the table.

    Attributes:
        settings: of the settings, by the names of their features; along a searched curve the sweep feature is the last.
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
    """The headers of `lab_frame`, which whoever reads its table back looks for."""
    unit = result.outcome_unit
    own = [CANDIDATE, *(label(name, unit) for name in ("predicted", "low", "high", "measured"))]
    swept = result.spec.swept
    ordered = sorted(result.features, key=lambda feature: feature.name == swept)
    settings = {feature.name: feature_header(feature, own) for feature in ordered}
    return LabColumns(own[0], settings, own[1], own[2], own[3], own[4])


def lab_frame(result: RunResult, chosen: Sequence[int], bands: Bands | None = None) -> pd.DataFrame:
    """The table that the laboratory fills in, one row for each measurement to be made.

    Along a searched curve a result is measured at several points of it, so it has several rows; whoever measures at
    another point changes the cell. Settings are rounded as the lab sheet shows them: what is dosed is what is recorded.
    Predictions have five digits.

    Args:
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
    """The measurements to be made of result ``k`` (from 0)."""
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
    assert result.sweep is not None
    return float(np.interp(at, result.sweep.grid, curve))


class Setting(NamedTuple):
    """One feature of one result.

    Attributes:
        value: rounded, or the name of a category.
        words: the same as it is read, without its unit.
    """

    feature: FeatureInfo
    value: float | str
    words: str


def settings_of(result: RunResult, k: int, rows: ResultSet | None = None) -> list[Setting]:
    """The settings of result ``k`` (from 0) as they are dosed; without the sweep feature of a searched curve.

    Args:
        rows: another set than the results.
    """
    swept = result.spec.swept
    pairs = zip(result.features, (rows or result.results).X[k], strict=True)
    return [_setting(result, feature, value) for feature, value in pairs if feature.name != swept]


def decimals_of_feature(result: RunResult, feature: FeatureInfo) -> int:
    """How many decimals a feature is dosed with: those of its step, else what matters against its spread."""
    step = result.spec.step_of(feature.name, is_integer=feature.is_integer)
    return step_decimals(step) if step else sensible_decimals(feature.std)


def _setting(result: RunResult, feature: FeatureInfo, value: float) -> Setting:
    if feature.categories:
        name = feature.categories[int(value)]
        return Setting(feature, name, name)
    decimals = decimals_of_feature(result, feature)
    return Setting(feature, round(float(value), decimals) + 0.0, number_words(value, decimals))


def batch_unit(result: RunResult) -> str:
    """The unit of the amounts of a batch, such as "kg", or "" where the parts are not given per cubic metre."""
    parts = parts_of(result)
    units = {feature.unit.replace(" ", "") for feature in result.features if feature.name in parts}
    if len(units) != 1:
        return ""
    unit = units.pop()
    return next((unit.removesuffix(ending) for ending in _ENDINGS if unit.endswith(ending)), "")


def batch_words(result: RunResult, setting: Setting, litres: float) -> str:
    """The amount of one part for a batch of so many litres, without its unit; "" for what is no part."""
    if setting.feature.name not in parts_of(result) or isinstance(setting.value, str):
        return ""
    return number_words(setting.value * litres / _LITRES, decimals_of_feature(result, setting.feature) + _MORE_DECIMALS)


def parts_of(result: RunResult) -> tuple[str, ...]:
    """Names of the features that add up to the density, where the run knows them."""
    return result.spec.density.parts if result.spec.density is not None else ()
