"""The recorded rows as the baseline of a result: the best of them, and their density."""

from dataclasses import dataclass

import numpy as np

from models import Dataset
from optimizer import Candidates, Curve, Problem, Summary
from services.material import Material
from services.problems import build_curve
from services.results import DensityInfo
from services.runspec import RunSpec

BLOCK_ROWS = 2_000  # recorded rows judged at once: with a curve of 100 points, 200,000 predictions
MAX_ASKED_ROWS = 300  # recorded rows that tell the usual objective
MAX_DENSITIES = 5_000  # recorded densities kept for the density check, evenly spaced


@dataclass(frozen=True, slots=True)
class RecordedBest:
    """Recorded rows, best first.

    Attributes:
        candidates: their settings, with the model's objective and the penalties that they would pay.
        measured: (k,) recorded outcomes.
        rows: (k,) recorded row numbers, as the table counts them.
    """

    candidates: Candidates
    measured: np.ndarray
    rows: np.ndarray


def best_recorded(problem: Problem, dataset: Dataset, n: int) -> RecordedBest:
    """Return the best ``n`` different recorded rows, by the objective that was searched for.

    The outcome itself is judged as it was measured; a curve, which nobody measured whole, by the model. Rows that
    differ only in the sweep feature of a searched curve are one: that which was measured nearest to its point, or to
    its end. Penalties do not count in the order: a recorded row was really there.
    """
    curve = problem.objective.curve
    keys = np.delete(dataset.X, curve.feature, axis=1) if curve else dataset.X
    if curve is None:
        scores = problem.objective.scores(dataset.y)
        rows = _best_distinct(scores, keys, n)
        return RecordedBest(problem.evaluate(dataset.X[rows]), dataset.y[rows], dataset.numbers[rows])
    order = np.argsort(np.abs(dataset.X[:, curve.feature] - telling_point(curve)), kind="stable")
    _, first = np.unique(keys[order], axis=0, return_index=True)
    first = np.sort(order[first])
    blocks = np.array_split(first, max(1, int(np.ceil(len(first) / BLOCK_ROWS))))
    candidates = Candidates.concatenate([problem.evaluate(dataset.X[block]) for block in blocks])
    objective = np.where(np.isfinite(candidates.scores), problem.objective.scores(candidates.outcomes), np.inf)
    chosen = np.argsort(objective, kind="stable")[:n]
    return RecordedBest(candidates.take(chosen), dataset.y[first[chosen]], dataset.numbers[first[chosen]])


def telling_point(curve: Curve) -> float:
    """Return the sweep value at which a single measurement says most of a curve: its point, else its end."""
    return curve.at if curve.summary is Summary.POINT and curve.at is not None else float(curve.grid[-1])


def recorded_objective(spec: RunSpec, material: Material) -> tuple[float, float, float]:
    """Return the lowest, mean and highest objective of the recorded rows (an even sample of them), by the model."""
    dataset = material.dataset
    rows = np.unique(np.linspace(0, dataset.n_rows - 1, MAX_ASKED_ROWS).astype(int))
    predict = material.predictor.predict
    curve = build_curve(spec.curve, dataset) if spec.curve else None
    if material.is_deferred:
        width = curve.grid[-1] - curve.grid[0] if curve and curve.summary is Summary.AREA else 1.0
        outcomes = dataset.y[rows] * width  # as measured: the model answers only in a worker
    else:
        outcomes = curve.summarise(dataset.X[rows], predict) if curve else predict(dataset.X[rows])
    finite = outcomes[np.isfinite(outcomes)]
    return (float(finite.min()), float(finite.mean()), float(finite.max())) if len(finite) else (0.0, 0.0, 0.0)


def density_info(spec: RunSpec, dataset: Dataset) -> DensityInfo | None:
    """Return the density of the recorded rows, or None for a table without parts."""
    parts = spec.density.parts if spec.density else dataset.parts
    if not parts:
        return None
    recorded = dataset.X[:, dataset.indices(parts)].sum(axis=1)
    rows = np.unique(np.linspace(0, len(recorded) - 1, MAX_DENSITIES).astype(int))
    mean, std = float(recorded.mean()), float(recorded.std())
    return DensityInfo(
        unit=dataset.features[dataset.index(parts[0])].unit,
        recorded=tuple(recorded[rows].tolist()),
        mean=mean,
        std=std,
        target=spec.density.target if spec.density else mean,
        tolerance=spec.density.tolerance if spec.density else std,
    )


def _best_distinct(scores: np.ndarray, keys: np.ndarray, n: int) -> np.ndarray:
    """Return at most ``n`` rows, best score first, no two with equal keys."""
    order = np.argsort(scores, kind="stable")
    _, first = np.unique(keys[order], axis=0, return_index=True)
    return order[np.sort(first)[:n]]
