"""The outcome along the sweep feature: the curve of every row, what was measured, and how sure the model is."""

from dataclasses import dataclass

import numpy as np

from services.specs.results import RunResult
from ui.web.result_view.rows import Row

MAX_POINTS = 60


@dataclass(frozen=True, slots=True, eq=False)
class CurvesInfo:
    """Numbers of the curves.

    Attributes:
        name: what the curves run over.
        unit: its unit.
        outcome: what is predicted.
        outcome_unit: its unit.
        grid: (m,) values of the sweep feature.
        values: of each row (m,) predicted outcomes, or None where it has no curve.
        lows: of each row (m,) low ends of the interval, or None where it is not known.
        highs: likewise the high ends.
        measured: of each row the sweep value and what was measured there, or None.
        at: the searched point of the sweep, or None.
    """

    name: str
    unit: str
    outcome: str
    outcome_unit: str
    grid: np.ndarray
    values: tuple[np.ndarray | None, ...]
    lows: tuple[np.ndarray | None, ...]
    highs: tuple[np.ndarray | None, ...]
    measured: tuple[tuple[float, float] | None, ...]
    at: float | None


def curves_of(
    result: RunResult, rows: tuple[Row, ...], bands: tuple[np.ndarray, np.ndarray] | None = None
) -> CurvesInfo | None:
    """The curves of all rows, or None without a sweep feature.

    Args:
        result: of the run.
        rows: that are drawn.
        bands: (k, m) low and high ends of the interval along the curves of the k results, or None.
    """
    sweep, spec = result.sweep, result.spec.curve
    if sweep is None:
        return None
    m = len(sweep.grid)
    kept = np.unique(np.linspace(0, m - 1, min(m, MAX_POINTS)).round().astype(int))
    column = [feature.name for feature in result.features].index(sweep.feature)

    def of_result(row: Row, ends: np.ndarray | None) -> np.ndarray | None:
        return ends[row.place][kept] if ends is not None and row.kind == "result" else None

    def measured(row: Row) -> tuple[float, float] | None:
        value = row.value("measured")
        return None if value is None else (float(row.settings[column]), float(value))

    lows, highs = bands if bands is not None else (None, None)
    curves = [None if row.rows.curves is None else np.array(row.rows.curves[row.place])[kept] for row in rows]
    return CurvesInfo(
        name=sweep.feature,
        unit=sweep.unit,
        outcome=result.outcome_name,
        outcome_unit=result.outcome_unit,
        grid=np.array(sweep.grid, dtype=float)[kept],
        values=tuple(curves),
        lows=tuple(of_result(row, lows) for row in rows),
        highs=tuple(of_result(row, highs) for row in rows),
        measured=tuple(measured(row) for row in rows),
        at=spec.at if spec is not None and spec.summary == "point" else None,
    )
