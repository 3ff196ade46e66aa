"""The figures of a quality check as tables and lines."""

import math

import pandas as pd

from services.quality.documents import Figure, QualityResult
from services.quality.places import amount


def figure_lines(result: QualityResult) -> list[str]:
    """Return the figures over all rows, the importance of features, and where the model errs, a line each."""
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
    """Return one line per fold with its rows, R2, RMSE and MAE, and one for all rows."""
    unit = f" [{result.outcome_unit}]" if result.outcome_unit else ""
    folds = [(str(i), f.n_rows, f.r2, f.rmse, f.mae) for i, f in enumerate(result.folds, start=1)]
    total = ("all", len(result.measured), result.r2.value, result.rmse.value, result.mae.value)
    rows = [(name, n, round(r2, 4), rounded(rmse), rounded(mae)) for name, n, r2, rmse, mae in [*folds, total]]
    columns = ["part held out", "rows", "R²", f"RMSE{unit}", f"MAE{unit}"]
    return pd.DataFrame(rows if result.is_held_out else rows[-1:], columns=columns)


def findings_frame(result: QualityResult) -> pd.DataFrame:
    """Return one line per region where the model errs."""
    unit = f" [{result.outcome_unit}]" if result.outcome_unit else ""
    rows = [
        (each.place, each.n_rows, rounded(each.inside), rounded(each.outside), rounded(each.bias))
        for each in result.findings
    ]
    columns = ["where", "rows", f"error there{unit}", f"elsewhere{unit}", f"too high (+), too low (−){unit}"]
    return pd.DataFrame(rows, columns=columns)


def rounded(value: float) -> float:
    """Return a number with three digits that mean something."""
    return float(f"{value:.3g}")


def r2_words(figure: Figure) -> str:
    """Return an R2 with its spread over folds and the digits that tell it from 1, such as "0.9996 ± 0.0002"."""
    digits = 2 if figure.value < 0.985 else 3 if figure.value < 0.9985 else 4
    digits = max(digits, 3 if figure.spread is not None and figure.spread < 0.01 else 0)
    spread = "" if figure.spread is None else f" ± {figure.spread:.{digits}f}"
    return f"{figure.value:.{digits}f}{spread}"


def with_spread(figure: Figure, unit: str = "") -> str:
    """Return a figure with its spread over folds and its unit, such as "4.31 ± 0.59 MPa"."""
    if not figure.spread:
        return amount(figure.value, unit)
    decimals = min(max(0, 1 - math.floor(math.log10(figure.spread))), 12)  # two digits of the spread mean something
    return f"{figure.value:,.{decimals}f} ± {figure.spread:,.{decimals}f}{f' {unit}' if unit else ''}"
