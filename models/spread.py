"""How far members disagree."""

import numpy as np


def spread_of(answers: np.ndarray) -> np.ndarray:
    """Return (n,) float64 the standard deviation over members (K, n), with K - 1 in its denominator.

    It is 0 of a single member, and NaN where there is no answer.
    """
    if len(answers) == 1:
        return np.where(np.isnan(answers[0]), np.nan, 0.0)
    with np.errstate(all="ignore"):
        return answers.std(axis=0, dtype=float, ddof=1)
