"""One outcome, or the summary of its curve: its scale, and what candidates have of it with the ends of the interval."""

from collections.abc import Callable

import numpy as np

from models import Dataset, PhysicalLimits
from models.intervals.conformal import ConformalPredictor, Interval
from optimizer import Curve, Objective, Problem, SpaceError, Summary
from optimizer.features import evenly
from optimizer.problem.objective import Field
from services.catalog.loading import ModelWithData
from services.catalog.rows import RowBudget
from services.specs.outcomes import CurveSpec

_USUAL_ROWS = 30  # recorded rows that tell what uncertainty is usual
MAX_SCALE_ROWS = 2_000  # recorded rows, evenly spaced, that tell the unit of scores

Ends = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The objective (n,) and the low and high ends of its interval."""


def build_curve(spec: CurveSpec, dataset: Dataset) -> Curve:
    """The curve of a specification; whole-number features get whole-number points where that is fine enough.

    Raises:
        SpaceError: the end is not above the start, or the feature is categorical.
    """
    column = dataset.features[dataset.index(spec.feature)]
    if column.is_categorical:
        raise SpaceError(f"A curve runs over a numeric feature; '{spec.feature}' is categorical.")
    if not spec.start < spec.end:
        raise SpaceError(f"The curve runs from {spec.start:g} to {spec.end:g}: set its end above its start.")
    grid = np.linspace(spec.start, spec.end, spec.points)
    if column.is_integer:  # a day 3.4 was never recorded; rounding may merge points
        grid = np.unique(np.round(grid))
    return Curve(dataset.index(spec.feature), grid, spec.summary, spec.at)


def objective_scale(objective: Objective, model_data: ModelWithData) -> float:
    """The standard deviation of the objective over the recorded rows, by the model; 1 before it is loaded.

    A function whose rows cost is not asked: what was measured tells the unit of scores as well.

    Raises:
        SpaceError: it is 0.
    """
    if model_data.is_deferred:  # TensorFlow loads in a worker alone; scores are not compared before
        return 1.0
    if model_data.functions:
        return measured_scale(objective.curve, model_data.dataset)
    X = model_data.dataset.X[evenly(model_data.dataset.n_rows, MAX_SCALE_ROWS)]
    if objective.curve is not None:  # rows that differ only in what it runs over have one curve, which may take long
        X = X.copy()
        X[:, objective.curve.feature] = 0.0
    X, positions = np.unique(X, axis=0, return_inverse=True)
    outcomes = objective.outcomes(X, model_data.predictor.predict)[positions]
    scale = float(np.std(outcomes[np.isfinite(outcomes)])) if np.isfinite(outcomes).any() else 0.0
    if scale <= 0:
        raise SpaceError(
            "The model predicts the same for every recorded row, so there is nothing to search for: "
            "choose another model."
        )
    return scale


def measured_scale(curve: Curve | None, dataset: Dataset) -> float:
    """The standard deviation of what was measured, as one of the objective; 1 where it never varies.

    An area is about the outcome times the width of its curve.
    """
    known = dataset.y[np.isfinite(dataset.y)]
    width = curve.grid[-1] - curve.grid[0] if curve is not None and curve.summary is Summary.AREA else 1.0
    scale = float(np.std(known) * width) if len(known) else 0.0
    return scale if scale > 0 else 1.0


def usual_error(
    X: np.ndarray, tell: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], rows: RowBudget | None = None
) -> float:
    """The median standard error at some of the recorded rows (r, d), by what tells outcomes and their errors.

    0 where a budget of rows reaches for none.
    """
    places = evenly(len(X), _USUAL_ROWS if rows is None else min(_USUAL_ROWS, rows.n_few))
    if not len(places):
        return 0.0
    errors = tell(X[places])[1]
    errors = errors[np.isfinite(errors)]
    return float(np.median(errors)) if len(errors) else 0.0


def objective_interval(objective: Objective, confidence: ConformalPredictor, X: np.ndarray, level: float) -> Ends:
    """The objective of candidates (n, d) with the ends of its interval, (n,) each, by one call of the model.

    Along a curve errors are taken as going together: its summary is off by the summary of how far it is off, on either
    side. All of it keeps to the limits that physics sets to the outcome.
    """
    limits = objective_limits(objective, confidence.dataset)  # sums and differences are rounded
    low, mean, high = _interval(objective, lambda rows: confidence.predict_interval(rows, level), X)
    return limits.clip(mean), limits.clip(low), limits.clip(high)


def open_interval(objective: Objective, confidence: ConformalPredictor, X: np.ndarray, level: float) -> Ends:
    """What `objective_interval` gives, also beyond what the outcome can be: a search has a slope there."""
    low, mean, high = _interval(objective, lambda rows: confidence.open_interval(rows, level), X)
    return mean, low, high


def _interval(
    objective: Objective, interval_of: Callable[[np.ndarray], Interval], X: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    asked: list[Interval] = []

    def off_by(width: Callable[[Interval], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        def predict_with_width(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            asked[:] = asked or [interval_of(rows)]
            return asked[0].mean, width(asked[0])

        return objective.outcomes_with_uncertainty(X, predict_with_width)

    outcomes, below = off_by(lambda interval: interval.mean - interval.low)
    _, above = off_by(lambda interval: interval.high - interval.mean)
    return outcomes - below, outcomes, outcomes + above


def interval_end_with_gradient(
    objective: Objective, confidence: ConformalPredictor, X: np.ndarray, level: float, *, is_low: bool
) -> tuple[Field, Field]:
    """The objective of candidates (n, d) and one end of its open interval, (n,) each with its gradient (n, d)."""

    def predict_with_width(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        interval, slopes = confidence.open_interval_with_gradient(rows, level)
        if is_low:
            return interval.mean, interval.mean - interval.low, slopes.mean, slopes.mean - slopes.low
        return interval.mean, interval.high - interval.mean, slopes.mean, slopes.high - slopes.mean

    (mean, slopes), (width, rises) = objective.outcomes_with_gradient(
        X, confidence.predictor.predict, predict_with_width
    )
    side = -1.0 if is_low else 1.0
    return (mean, slopes), (mean + side * width, slopes + side * rises)


def objective_limits(objective: Objective, dataset: Dataset) -> PhysicalLimits:
    """What the objective can be at all, where physics sets limits to the outcome.

    They are those of the outcome; of the area under a curve, times the curve's length.
    """
    curve = objective.curve
    if curve is None or curve.summary is not Summary.AREA:
        return dataset.limits
    return dataset.limits.scaled(float(curve.grid[-1] - curve.grid[0]))


def limited_outcomes(problem: Problem, dataset: Dataset, X: np.ndarray) -> np.ndarray:
    """The objective (n,) of candidates (n, d) as it is shown: every prediction keeps to the limits of the outcome.

    The search has it without them: where all predictions lie beyond an end, none of its steps would be an improvement.
    """
    outcomes = problem.objective.outcomes(X, lambda rows: dataset.limits.clip(problem.predict(rows)))
    return objective_limits(problem.objective, dataset).clip(outcomes)  # sums are rounded
