"""Chosen results as a table for the laboratory: what to dose, where to measure, what is predicted there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from services.catalog.loading import ModelWithData, curve_bands
from services.papers.lab_sheet.outcomes import LabOutcome, expected_at, lab_outcomes, searched_curve
from services.problems.outcomes.run_outcomes import Interval
from services.results.names import result_names
from services.specs.digits import label, number_words, sensible_decimals, step_decimals
from services.specs.results import FeatureInfo, ResultSet, RunResult
from services.texts.tables import feature_header

CANDIDATE = "candidate"
_ENDINGS = ("/m³", "/m3", "/m^3")
_LITRES = 1000.0
_MORE_DECIMALS = 2  # a batch of 50 L is a twentieth of a cubic metre: the same exactness needs these
MAX_POINTS = 4
_SHARE = 0.04  # of the recorded rows: what fewer were measured at is no habit


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """The predicted curves of the results with their intervals, and where laboratories of this table usually measure.

    Attributes:
        low: (k, m) lower ends on the grid of the result, in the outcome's unit; NaN where the model cannot tell.
        high: (k, m) upper ends of it.
        points: sweep values that many recorded rows were measured at, ascending.
        at_points: of a run with several outcomes, what is expected of each measured one at the points to measure,
            (k, p) each, by its name.
    """

    low: np.ndarray
    high: np.ndarray
    points: tuple[float, ...]
    at_points: Mapping[str, Interval] = field(default_factory=dict)


def bands_of(result: RunResult, model_data: ModelWithData) -> Bands | None:
    """Intervals along the curves of a result, at its level; None where it has no curve or no results.

    Args:
        model_data: what the run names; a model that answers in a worker only leaves the intervals unknown.
    """
    sweep, curve, k = result.sweep, searched_curve(result), len(result.results)
    if sweep is not None:
        feature, grid = sweep.feature, sweep.grid
    elif curve is not None:
        feature, grid = curve.feature, (curve.start, curve.end)
    else:
        return None
    if not k:
        return None
    swept = model_data.dataset.index(feature)
    unknown = np.full((k, len(grid)), np.nan)
    low, high = curve_bands(result, model_data) or (unknown, unknown)
    bands = Bands(low, high, frequent_points(model_data.dataset.X[:, swept], grid[0], grid[-1]))
    points = measuring_points(result, bands)
    if not (result.outcomes and points) or model_data.is_deferred:
        return bands
    X = np.repeat(np.array(result.results.X, dtype=float), len(points), axis=0)
    X[:, swept] = np.tile(points, k)
    told = {each.name: expected_at(result, model_data, each, X) for each in lab_outcomes(result)}
    shaped = {name: Interval(*(values.reshape(k, len(points)) for values in each)) for name, each in told.items()}
    return Bands(low, high, bands.points, shaped)


def frequent_points(recorded: np.ndarray, start: float, end: float) -> tuple[float, ...]:
    """At most four values between start and end that many of the recorded ones (n,) have, ascending."""
    values, counts = np.unique(recorded[(recorded >= start) & (recorded <= end)], return_counts=True)
    often = np.argsort(-counts, kind="stable")[:MAX_POINTS]
    often = often[counts[often] >= _SHARE * len(recorded)]
    return tuple(np.sort(values[often]).tolist())


def measuring_points(result: RunResult, bands: Bands | None = None) -> tuple[float, ...]:
    """The sweep values at which chosen results are to be measured; empty where no curve is searched.

    A searched point is always among them; without recorded habits they are the middle and the end of the curve.
    """
    spec = searched_curve(result)
    if spec is None:
        return ()
    points = set(bands.points if bands is not None else ())
    points |= {each.curve.at for each in result.spec.outcomes if each.curve is not None and each.curve.at is not None}
    if result.sweep is None:
        return tuple(sorted(points or {(spec.start + spec.end) / 2, spec.end}))
    grid = result.sweep.grid
    return tuple(sorted(points or {grid[len(grid) // 2], grid[-1]}))


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
        at: sweep value, or None where no curve is searched.
        predicted: outcome, in its unit.
        low: lower end of its interval, NaN where the model cannot tell.
        high: upper end of it.
    """

    at: float | None
    predicted: float
    low: float
    high: float


def lab_columns(result: RunResult, outcome: LabOutcome | None = None) -> LabColumns:
    """The headers of `lab_frame`, which whoever reads its table back looks for.

    Args:
        outcome: whose headers, of a run in which several are measured; by default the first.
    """
    every = lab_outcomes(result)
    figures = {each: _figures(each, is_alone=len(every) == 1) for each in every}
    own = [CANDIDATE, *(header for headers in figures.values() for header in headers)]
    swept = result.spec.swept
    ordered = sorted(result.features, key=lambda feature: feature.name == swept)
    settings = {feature.name: feature_header(feature.name, feature.unit, own) for feature in ordered}
    return LabColumns(CANDIDATE, settings, *figures[outcome or every[0]])


def _figures(outcome: LabOutcome, *, is_alone: bool) -> list[str]:
    """The headers of what is predicted and measured of an outcome, with its name where it is not the only one."""
    what = "" if is_alone else f" {outcome.name}"
    return [label(f"{kind}{what}", outcome.unit) for kind in ("predicted", "low", "high", "measured")]


def lab_frame(result: RunResult, chosen: Sequence[int], bands: Bands | None = None) -> pd.DataFrame:
    """The table that the laboratory fills in, one row for each measurement to be made.

    Along a searched curve a result is measured at several points of it, so it has several rows; whoever measures at
    another point changes the cell. Settings are rounded as the lab sheet shows them: what is dosed is what is recorded.
    Predictions have five digits. Each measured outcome has a column to fill in beside what is predicted of it.

    Args:
        bands: where and how sure the curves are; without them intervals along a curve are unknown.
    """
    outcomes, columns = lab_outcomes(result), lab_columns(result)
    own = [lab_columns(result, outcome) for outcome in outcomes]
    names, rows = result_names(len(result.results)), []
    for k in chosen:
        settings = {columns.settings[one.feature.name]: one.value for one in settings_of(result, k)}
        for told in zip(*(lab_rows(result, k, bands, outcome) for outcome in outcomes), strict=True):
            at = {} if told[0].at is None else {list(columns.settings.values())[-1]: told[0].at}
            row = {columns.candidate: names[k], **settings, **at}
            for each, one in zip(own, told, strict=True):
                row |= dict(zip(each[2:5], [float(f"{value:.5g}") for value in one[1:]], strict=True))
                row[each.measured] = np.nan
            rows.append(row)
    headers = [columns.candidate, *columns.settings.values(), *(name for each in own for name in each[2:])]
    return pd.DataFrame(rows, columns=headers)


def lab_rows(result: RunResult, k: int, bands: Bands | None = None, outcome: LabOutcome | None = None) -> list[LabRow]:
    """The measurements to be made of result ``k`` (from 0).

    Args:
        outcome: what is measured, of a run in which several are; by default the first.
    """
    outcome = outcome or lab_outcomes(result)[0]
    rows, spec, sweep = result.results, result.spec.curve, result.sweep
    if outcome.place is not None:
        points = (None,) if outcome.curve is None else measuring_points(result, bands)
        return [LabRow(at, *_told(result, k, bands, outcome, at)) for at in points]
    points = (None,) if spec is None else measuring_points(result, bands) if rows.curves is not None else ()
    found = []
    for at in points:
        low = high = np.nan
        if at is not None and bands is not None and sweep is not None:
            low, high = (float(np.interp(at, sweep.grid, ends[k])) for ends in (bands.low, bands.high))
        elif (spec is None or at == spec.at) and rows.lows is not None and rows.highs is not None:
            low, high = rows.lows[k], rows.highs[k]
        found.append(LabRow(at, stored_prediction(result, k, at), low, high))
    return found


def _told(
    result: RunResult, k: int, bands: Bands | None, outcome: LabOutcome, at: float | None
) -> tuple[float, float, float]:
    """What is expected of one outcome of several: prediction, low and high, NaN for what is not known."""
    if at is not None and bands is not None and outcome.name in bands.at_points:
        j = measuring_points(result, bands).index(at)
        found = bands.at_points[outcome.name]
        return float(found.mean[k, j]), float(found.low[k, j]), float(found.high[k, j])
    return stored_interval(result, k, at, outcome)


def stored_interval(result: RunResult, k: int, at: float | None, outcome: LabOutcome) -> tuple[float, float, float]:
    """Prediction, low and high of an outcome of result ``k`` as the result's document has them; NaN if unknown."""
    low = high = np.nan
    if outcome.place is None or result.results.others is None:
        stored = result.results
        if at is None and stored.lows is not None and stored.highs is not None:
            low, high = stored.lows[k], stored.highs[k]
        return stored_prediction(result, k, at), low, high
    if at is not None and (outcome.curve is None or outcome.curve.at != at):
        is_drawn = outcome.name == result.outcome_name
        return stored_prediction(result, k, at) if is_drawn else np.nan, low, high
    values = result.results.others[outcome.place]
    if values.lows is not None and values.highs is not None:
        low, high = values.lows[k], values.highs[k]
    return values.values[k], low, high


def stored_prediction(result: RunResult, k: int, at: float | None) -> float:
    """The predicted outcome of result ``k``, at a sweep value of its curve, or None without one; NaN if unknown."""
    if at is None:
        return result.results.outcomes[k]
    if result.sweep is None or result.results.curves is None:
        return np.nan
    return float(np.interp(at, result.sweep.grid, result.results.curves[k]))


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
    found = []
    for feature, value in zip(result.features, (rows or result.results).X[k], strict=True):
        if feature.name == result.spec.swept:
            continue
        if feature.categories:
            name = feature.categories[int(value)]
            found.append(Setting(feature, name, name))
        else:
            decimals = decimals_of_feature(result, feature)
            found.append(Setting(feature, round(float(value), decimals) + 0.0, number_words(value, decimals)))
    return found


def decimals_of_feature(result: RunResult, feature: FeatureInfo) -> int:
    """How many decimals a feature is dosed with: as it was rounded, or of its step, else what matters."""
    if feature.decimals is not None:
        return feature.decimals
    step = result.spec.step_of(feature.name, is_integer=feature.is_integer)
    return step_decimals(step) if step else sensible_decimals(feature.std)


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
