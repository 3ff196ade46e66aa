"""What results are compared by besides their prediction: how badly each can turn out."""

import numpy as np

from optimizer import Goal
from services.results import ResultSet, RunResult


def worst_cases(result: RunResult, rows: ResultSet) -> np.ndarray | None:
    """Return (k,) the worse end of every robust band, or None in documents that know no bands.

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
