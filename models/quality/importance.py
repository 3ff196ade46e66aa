"""How much a model leans on each feature: what its error grows by when the feature's values are shuffled."""

from collections.abc import Callable

import numpy as np


def shuffling_costs(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    n_repeats: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Growth (n_repeats, d) of the RMSE when one feature is shuffled among rows, outcome's unit.

    Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019), on rows that the model did not learn from.
    A feature that the model does not use, or that never varies, costs exactly 0. One call of ``predict`` per feature.

    Args:
        predict: rows (n, d) to outcomes (n,).
        X: (n, d) rows that the model never saw.
        y: (n,) their measured outcomes.
        n_repeats: shuffles per feature.
        rng: shuffles.
    """
    n_rows, n_features = X.shape
    rmse = _rmse(predict(X)[None] - y)
    costs = np.zeros((n_repeats, n_features))
    for j in range(n_features):
        shuffled = np.tile(X, (n_repeats, 1, 1))
        shuffled[:, :, j] = rng.permuted(np.tile(X[:, j], (n_repeats, 1)), axis=1)
        predicted = predict(shuffled.reshape(-1, n_features)).reshape(n_repeats, n_rows)
        costs[:, j] = _rmse(predicted - y) - rmse
    return costs


def _rmse(errors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(errors).mean(axis=1))
