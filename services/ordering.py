"""In what order results are looked at: by what is predicted, by the worst case, or by how plausible they are."""

from enum import StrEnum

import numpy as np

from optimizer import Goal
from services.results import ResultSet, RunResult


class SortBy(StrEnum):
    """What comes first."""

    CHOSEN = "predicted outcome"
    WORST_CASE = "worst case"
    PLAUSIBILITY = "plausibility"


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


def orders(result: RunResult) -> list[SortBy]:
    """Return by what the results of a document can be sorted."""
    known = {SortBy.WORST_CASE: result.results.robust_low, SortBy.PLAUSIBILITY: result.results.plausibility}
    return [by for by in SortBy if by not in known or known[by] is not None]


def order_of(result: RunResult, by: SortBy) -> np.ndarray:
    """Return (k,) the places of the results, first the one to look at first; equals keep the order of their scores."""
    rows = result.results
    if by is SortBy.PLAUSIBILITY and rows.plausibility is not None:
        return np.argsort(-np.array(rows.plausibility, dtype=float), kind="stable")
    worst = worst_cases(result, rows)
    if by is not SortBy.WORST_CASE or worst is None:
        return np.arange(len(rows))
    if result.goal is Goal.VALUE:
        return np.argsort(np.abs(worst - (result.spec.value or 0.0)), kind="stable")
    return np.argsort(-worst if result.goal is Goal.MAXIMUM else worst, kind="stable")
