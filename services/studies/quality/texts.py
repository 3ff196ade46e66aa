"""The figures of a quality check as tables and lines, and where a region of the table is, in words."""

import math

import numpy as np
import pandas as pd

from models import Column
from models.quality import Finding, FindingKind
from services.studies.quality.spec import Figure, QualityResult

ENOUGH_ROWS = 100
"""With so many rows in a region, and a tenth of all, more of the same will hardly help."""
_MAXIMUM_CHARACTERS = 6


def figure_lines(result: QualityResult) -> list[str]:
    """The figures over all rows, the importance of features, and where the model errs, a line each."""
    unit = result.outcome_unit
    rows = f"{len(result.measured):,} rows{f' in {len(result.folds)} folds' if result.is_held_out else ''}"
    errors = f"RMSE {with_spread(result.rmse, unit)}, MAE {with_spread(result.mae, unit)}"
    lines = [f"R2 {r2_words(result.r2)}, {errors} on {rows}"]
    if result.grouped_by:
        lines.append(f"Rows that differ only in {result.grouped_by} stayed together: {result.n_groups:,} settings")
    lines += [
        f"RMSE with {each.feature} shuffled: +{amount(max(each.cost, 0.0))} ± {amount(each.spread, unit)}"
        for each in sorted(result.importance, key=lambda each: -each.cost)
    ]
    return lines + [
        f"At {each.place}: {each.n_rows:,} rows, MAE {amount(each.inside, unit)} (elsewhere {amount(each.outside)}), "
        f"mean error {amount(each.bias, unit)}"
        for each in result.findings
    ]


def folds_frame(result: QualityResult) -> pd.DataFrame:
    """One line per fold with its rows, R2, RMSE and MAE, and one for all rows."""
    unit = f" [{result.outcome_unit}]" if result.outcome_unit else ""
    folds = [(str(i), f.n_rows, f.r2, f.rmse, f.mae) for i, f in enumerate(result.folds, start=1)]
    total = ("all", len(result.measured), result.r2.value, result.rmse.value, result.mae.value)
    rows = [(name, n, round(r2, 4), rounded(rmse), rounded(mae)) for name, n, r2, rmse, mae in [*folds, total]]
    columns = ["part held out", "rows", "R²", f"RMSE{unit}", f"MAE{unit}"]
    return pd.DataFrame(rows if result.is_held_out else rows[-1:], columns=columns)


def findings_frame(result: QualityResult) -> pd.DataFrame:
    """One line per region where the model errs."""
    unit = f" [{result.outcome_unit}]" if result.outcome_unit else ""
    rows = [
        (each.place, each.n_rows, rounded(each.inside), rounded(each.outside), rounded(each.bias))
        for each in result.findings
    ]
    columns = ["where", "rows", f"error there{unit}", f"elsewhere{unit}", f"too high (+), too low (−){unit}"]
    return pd.DataFrame(rows, columns=columns)


def rounded(value: float) -> float:
    """A number with three digits that mean something."""
    return float(f"{value:.3g}")


def r2_words(figure: Figure) -> str:
    """An R2 with its spread over folds and the digits that tell it from 1, such as "0.9996 ± 0.0002"."""
    digits = 2 if figure.value < 0.985 else 3 if figure.value < 0.9985 else 4
    digits = max(digits, 3 if figure.spread is not None and figure.spread < 0.01 else 0)
    spread = "" if figure.spread is None else f" ± {figure.spread:.{digits}f}"
    return f"{figure.value:.{digits}f}{spread}"


def with_spread(figure: Figure, unit: str = "") -> str:
    """A figure with its spread over folds and its unit, such as "4.31 ± 0.59 MPa"."""
    if not figure.spread:
        return amount(figure.value, unit)
    decimals = min(max(0, 1 - math.floor(math.log10(figure.spread))), 12)  # two digits of the spread mean something
    return f"{figure.value:,.{decimals}f} ± {figure.spread:,.{decimals}f}{f' {unit}' if unit else ''}"


def amount(value: float, unit: str = "") -> str:
    """A number with three digits that mean something and its unit: 1234.5 is "1,234", 0.01234 "0.0123"."""
    decimals = 0 if value == 0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{round(value, decimals) + 0.0:,.{min(decimals, 12)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}" if unit else text


def limit_between(low: float, high: float) -> float:
    """The number with the fewest digits in [low, high), low < high: 12 between 11.9 and 12.2."""
    span = high - low
    for power in range(math.floor(math.log10(span)) + 1, math.floor(math.log10(span)) - 4, -1):
        step = 10.0**power
        candidate = round(math.ceil(low / step - 1e-9) * step, max(0, -power))
        if low <= candidate < high:
            return candidate
    return low


def place_of(finding: Finding, column: Column) -> str:
    """Where a finding is, such as "high superplasticizer (above 12 kg/m³)" or "resin B"."""
    region, name = finding.region, column.name
    if column.is_categorical:
        return f"{name} {column.categories[int(region.low)]}"
    if math.isinf(region.above) and not math.isinf(region.below):
        return f"high {name} (above {_with_unit(limit_between(region.below, region.low), column)})"
    if math.isinf(region.below) and region.low != region.high:
        return f"low {name} (below {_with_unit(_upper_limit(finding), column)})"
    if region.low == region.high:
        return f"{name} {_with_unit(region.low, column)}"
    low = _readable(region.low, region.below)
    return f"{name} from {_number(low)} to {_with_unit(_readable(region.high, region.above), column)}"


def advice_of(finding: Finding, column: Column, n_rows: int) -> str:
    """What to do about a region of a feature, given how many rows there are in all."""
    n_here = finding.n_rows
    more = "record more there"
    if n_here >= ENOUGH_ROWS and n_here >= n_rows / 10:
        more = {
            FindingKind.ERROR: "look for something that tells these rows apart and is no column yet",
            FindingKind.BIAS: "try a larger model or another family, which may follow these rows better",
        }[finding.kind]
    other = _way_around(finding, column)
    sentence = f"{more}, or {other}" if other else f"{more}, or take results there with care"
    return sentence[0].upper() + sentence[1:] + "."


def prediction_advice(finding: Finding, unit: str) -> str:
    """What to do about a range of predictions."""
    if finding.kind is FindingKind.BIAS or abs(finding.bias) > 0.5 * finding.inside:
        way = "less" if finding.bias > 0 else "more"
        return (
            f"Expect {amount(abs(finding.bias), unit)} {way} than predicted there, and record rows like these results."
        )
    return "Try such results out before you rely on them, and record what comes out."


def _way_around(finding: Finding, column: Column) -> str:
    """How the search is kept out of a region, or "" where bounds cannot."""
    region = finding.region
    if column.is_categorical:
        return f"do not allow {column.categories[int(region.low)]} in the search"
    if math.isinf(region.above) and not math.isinf(region.below):
        return f"keep the bounds below {_number(limit_between(region.below, region.low))}"
    if math.isinf(region.below) and not math.isinf(region.above):
        return f"keep the bounds above {_number(_upper_limit(finding))}"
    return ""


def _readable(end: float, neighbour: float) -> float:
    """An end of a range, or a number with fewer digits between it and the next value outside."""
    if len(_number(end)) <= _MAXIMUM_CHARACTERS or not math.isfinite(neighbour):
        return end
    return limit_between(neighbour, end) if neighbour < end else -limit_between(-neighbour, -end)


def _upper_limit(finding: Finding) -> float:
    """A round number above all of a region and not above what follows it."""
    return -limit_between(-finding.region.above, -finding.region.high)


def _number(value: float) -> str:
    return np.format_float_positional(float(f"{value:.6g}"), trim="-") if abs(value) < 1e4 else f"{value:,.6g}"


def _with_unit(value: float, column: Column) -> str:
    return f"{_number(value)} {column.unit}" if column.unit else _number(value)
