"""How far the outcome of a result may move when it is dosed as precisely as people dose, by a model that may err."""

from dataclasses import replace

import numpy as np

from models import Dataset
from optimizer import Curve, Goal, Problem
from services.catalog.loading import ModelWithData, confidence_of
from services.specs.results import ResultSet, RunResult
from services.specs.run import NumericSpec, RunSpec

DEFAULT_TOLERANCE = 0.02
"""Standard deviation of the dosing error of a feature that has none of its own, as a share of its recorded range."""

QUANTILES = (0.05, 0.95)
N_DRAWS = 300
MIN_DRAWS = 100
MAX_POINTS = 20  # of a curve: what matters is how it moves, and that shows on a few points
MAX_PREDICTIONS = 200_000


def robust_band(
    spec: RunSpec, model_data: ModelWithData, problem: Problem, X: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of the 5-95 % band of the objective of candidates ``X`` (k, d), (k,) each.

    Each candidate is drawn a few hundred times with a dosing error in every numeric feature, frozen ones included, and
    predicted in one call. Where the model knows how uncertain it is, one more draw per candidate moves its prediction
    by so many calibrated standard errors, along a whole curve alike. All candidates get the same draws, seeded by the
    run.
    """
    outcomes = problem.objective.outcomes(X, problem.predict)
    if not len(X):
        return outcomes, outcomes
    confidence = confidence_of(spec, model_data)
    objective = replace(problem.objective, curve=thinned(problem.objective.curve))
    n_points = len(objective.curve.grid) if objective.curve else 1
    n_draws = int(np.clip(MAX_PREDICTIONS // (len(X) * n_points), MIN_DRAWS, N_DRAWS))
    rng = np.random.default_rng([spec.seed, 3])
    errors, luck = rng.standard_normal((n_draws, X.shape[1])), rng.standard_normal(n_draws)
    rows = disturbed(spec, model_data.dataset, X, errors).reshape(-1, X.shape[1])
    if confidence is None:
        drawn = objective.outcomes(rows, problem.predict)
    else:
        drawn, uncertainty = objective.outcomes_with_uncertainty(rows, confidence.predict_with_uncertainty)
        drawn = drawn + np.tile(np.append(0.0, luck), len(X)) * uncertainty
    moves = drawn.reshape(len(X), n_draws + 1)
    with np.errstate(invalid="ignore"):  # infinite predictions make NaN, which counts as no move
        moves = moves[:, 1:] - moves[:, :1]  # from the candidate itself
    low, high = np.quantile(np.where(np.isfinite(moves), moves, 0.0), QUANTILES, axis=1)
    return outcomes + low, outcomes + high


def worst_cases(result: RunResult, rows: ResultSet) -> np.ndarray | None:
    """The worse end of every robust band, (k,), or None where there are none.

    That is the low end; when minimising, the high one; of a value that is searched for, the one farther from it.
    """
    if rows.robust_low is None or rows.robust_high is None:
        return None
    low, high = np.array(rows.robust_low, dtype=float), np.array(rows.robust_high, dtype=float)
    if result.goal is Goal.VALUE:
        value = result.spec.value
        assert value is not None
        return np.where(np.abs(low - value) > np.abs(high - value), low, high)
    return low if result.goal is Goal.MAXIMUM else high


def disturbed(spec: RunSpec, dataset: Dataset, X: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Candidates ``X`` (k, d) as they may be dosed, (k, n + 1, d); the first of each is as it should be.

    What was never recorded below 0 does not get there, and a part of which there is nothing is not dosed at all.
    ``errors`` (n, d) are in tolerances.
    """
    sizes = np.vstack([np.zeros(X.shape[1]), errors * tolerances(spec, dataset)])
    rows = X[:, None, :] + sizes
    is_amount = dataset.X.min(axis=0) >= 0
    rows = np.where(is_amount & (X[:, None, :] >= 0), np.maximum(rows, 0.0), rows)
    is_part = np.zeros(X.shape[1], dtype=bool)
    is_part[dataset.indices(spec.parts(dataset.parts))] = True
    return np.where(is_part & (X[:, None, :] == 0), 0.0, rows)


def tolerances(spec: RunSpec, dataset: Dataset) -> np.ndarray:
    """The standard deviation of every feature's dosing error, (d,), in its unit.

    0 for categories, and for the sweep feature of a searched curve. A sweep feature that is not searched over has an
    error only if it is given one: it is a point in time or place, and nobody doses it.
    """
    own = {feature.name: feature.tolerance for feature in spec.features if isinstance(feature, NumericSpec)}
    found = DEFAULT_TOLERANCE * np.ptp(dataset.X, axis=0)
    swept = {dataset.sweep, spec.swept}
    for j, column in enumerate(dataset.features):
        given = own.get(column.name)
        if column.is_categorical or (column.name in swept and given is None) or column.name == spec.swept:
            found[j] = 0.0
        elif given is not None:
            found[j] = given
    return found


def thinned(curve: Curve | None) -> Curve | None:
    """A curve over at most 20 of its points, its ends among them."""
    if curve is None or len(curve.grid) <= MAX_POINTS:
        return curve
    places = np.linspace(0, len(curve.grid) - 1, MAX_POINTS).round().astype(int)
    return replace(curve, grid=curve.grid[places])
