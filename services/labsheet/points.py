"""Where along a curve the laboratory measures, and how sure the prediction is there."""

from dataclasses import dataclass

import numpy as np

from services.curvebands import curve_bands
from services.material import Material
from services.results import RunResult

MAX_POINTS = 4
_SHARE = 0.04  # of the recorded rows: what fewer were measured at is no habit


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """The predicted curves of the results with their intervals, and where laboratories of this table usually measure.

    Attributes:
        low: (k, m) lower ends on the grid of the result, in the outcome's unit; NaN where the model cannot tell.
        high: (k, m) upper ends of it.
        points: sweep values that many recorded rows were measured at, ascending.
    """

    low: np.ndarray
    high: np.ndarray
    points: tuple[float, ...]


def bands_of(result: RunResult, material: Material) -> Bands | None:
    """Return intervals along the curves of a result, at its level; None where it has no curve or no results.

    Args:
        result: of a run.
        material: what the run names; a model that answers in a worker only leaves the intervals unknown.
    """
    if result.sweep is None or not len(result.results):
        return None
    dataset, grid = material.dataset, result.sweep.grid
    recorded = dataset.X[:, dataset.index(result.sweep.feature)]
    unknown = np.full((len(result.results), len(grid)), np.nan)
    low, high = curve_bands(result, result.results, material) or (unknown, unknown)
    return Bands(low, high, usual_points(recorded, grid[0], grid[-1]))


def usual_points(recorded: np.ndarray, start: float, end: float) -> tuple[float, ...]:
    """Return at most four values between start and end that many of the recorded ones (n,) have, ascending."""
    values, counts = np.unique(recorded[(recorded >= start) & (recorded <= end)], return_counts=True)
    often = np.argsort(-counts, kind="stable")[:MAX_POINTS]
    often = often[counts[often] >= _SHARE * len(recorded)]
    return tuple(np.sort(values[often]).tolist())


def measuring_points(result: RunResult, bands: Bands | None = None) -> tuple[float, ...]:
    """Return the sweep values at which chosen results are to be measured; empty where no curve is searched.

    A searched point is always among them; without recorded habits they are the middle and the end of the curve.
    """
    spec = result.spec.curve
    if spec is None or result.sweep is None:
        return ()
    points = set(bands.points if bands is not None else ())
    if spec.at is not None:
        points.add(spec.at)
    grid = result.sweep.grid
    return tuple(sorted(points or {grid[len(grid) // 2], grid[-1]}))
