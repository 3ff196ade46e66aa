"""The features of a run as they are moved by hand: how far, on which steps, and where profiles are predicted."""

from dataclasses import dataclass

import numpy as np

from models import Dataset
from optimizer import Problem
from services.problems.reference import reference_row
from services.specs.digits import sensible_decimals
from services.specs.run import NumericSpec, RunSpec

N_POINTS = 41  # of a profile: what a small plot shows
MIN_POINTS = 9
MAX_PREDICTIONS = 40_000  # in one answer, which then takes a few hundredths of a second


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One feature as it is moved by hand.

    Attributes:
        name: of the feature.
        unit: "" where there is none.
        low: smallest value: the recorded one, or the bound of the run or its reference where that is beyond.
        high: largest value, likewise.
        grid: (m,) values at which the profile is predicted, rising; codes for a category.
        step: values are multiples of it, or None.
        decimals: that a value is worth showing with.
        categories: names of the codes, empty for a number.
        is_frozen: whether the run holds it.
        is_swept: whether the run's curve runs over it: then it has no value of its own.
    """

    name: str
    unit: str
    low: float
    high: float
    grid: np.ndarray
    step: float | None
    decimals: int
    categories: tuple[str, ...]
    is_frozen: bool
    is_swept: bool


def axes_of(spec: RunSpec, dataset: Dataset, problem: Problem, n_points: int = N_POINTS) -> tuple[Axis, ...]:
    """Every feature as it is moved: over the recorded values and the bounds, whichever reach farther.

    Args:
        spec: the run.
        dataset: its recorded rows.
        problem: its problem.
        n_points: of a profile at most; fewer where long curves make each of them many predictions.
    """
    curve = problem.objective.curve
    n_each = MAX_PREDICTIONS // (len(dataset.features) * (len(curve.grid) if curve else 1))
    n_points = max(MIN_POINTS, min(n_points, n_each))
    rows = dataset.X if spec.reference is None else np.vstack([dataset.X, reference_row(spec, dataset)])
    return tuple(_axis(spec, dataset, j, rows[:, j], n_points) for j in range(len(dataset.features)))


def _axis(spec: RunSpec, dataset: Dataset, j: int, values: np.ndarray, n_points: int) -> Axis:
    column = dataset.features[j]
    given = next(one for one in spec.features if one.name == column.name)
    is_swept = column.name == spec.swept
    step, low, high = None, 0.0, float(len(column.categories) - 1)
    grid = np.arange(len(column.categories), dtype=float)
    if isinstance(given, NumericSpec):
        reached = [values.min(), values.max(), given.value, *((given.low, given.high) if given.is_free else ())]
        low, high = float(min(reached)), float(max(reached))
        step = given.step or (1.0 if column.is_integer else None)
        grid = _grid(low, high, step, n_points)
    return Axis(
        name=column.name,
        unit=column.unit,
        low=low,
        high=high,
        grid=grid,
        step=step,
        decimals=sensible_decimals(float(dataset.stds[j]), step),
        categories=column.categories,
        is_frozen=not given.is_free,
        is_swept=is_swept,
    )


def _grid(low: float, high: float, step: float | None, n_points: int) -> np.ndarray:
    """Rising values over a range, both ends among them: all multiples of a step where there are few of them."""
    if step is not None and (high - low) / step < n_points:
        steps = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
        return np.unique(np.concatenate([[low], np.clip(steps, low, high), [high]]))
    return np.unique(np.linspace(low, high, n_points))
