"""Parts of the table to be looked at one by one: ranges of a feature, and its categories."""

from dataclasses import dataclass

import numpy as np

MINIMUM_ROWS = 10
"""A part with fewer rows is not judged: three odd rows are no region."""

MINIMUM_GROUPS = 6
"""The rows of a part have to come from at least so many different settings."""

_SHARES = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
"""Quantiles at which ranges begin and end; fine at the ends, where rows are few and models are worst."""


@dataclass(frozen=True, slots=True)
class Region:
    """Rows whose value of one feature lies in a range, both ends included.

    Attributes:
        feature: index of the feature.
        low: smallest value in the region.
        high: largest value in the region; a category's code, like ``low``, where the feature is categorical.
        below: largest recorded value under the region, -inf where it reaches the lowest.
        above: smallest recorded value over the region, inf where it reaches the highest.
    """

    feature: int
    low: float
    high: float
    below: float
    above: float

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Return (n,) whether each value of the region's feature lies in it."""
        return (values >= self.low) & (values <= self.high)


def regions_of(values: np.ndarray, groups: np.ndarray, feature: int, *, is_categorical: bool) -> list[Region]:
    """Return the parts of a feature that have enough rows from enough groups, and at most half of all rows.

    Args:
        values: (n,) of the feature, codes for categories.
        groups: (n,) rows of one group are one setting measured several times.
        feature: its index, noted in each region.
        is_categorical: one region per category instead of ranges between quantiles.
    """
    distinct = np.unique(values)
    if is_categorical:
        ends = [(code, code) for code in distinct]
    else:
        cuts = np.unique(np.quantile(values, _SHARES, method="higher"))
        starts = np.concatenate([distinct[:1], cuts[cuts > distinct[0]]])
        lasts = np.concatenate([distinct[np.searchsorted(distinct, starts[1:]) - 1], distinct[-1:]])
        ends = [(low, high) for i, low in enumerate(starts) for high in lasts[i:]]
    made = (_region(values, groups, distinct, feature, low, high) for low, high in ends)
    return [region for region in made if region is not None]


def _region(
    values: np.ndarray, groups: np.ndarray, distinct: np.ndarray, feature: int, low: float, high: float
) -> Region | None:
    """Return the region between two recorded values, or None where it is too small or too large."""
    is_in = (values >= low) & (values <= high)
    n_rows = int(is_in.sum())
    if not MINIMUM_ROWS <= n_rows <= len(values) / 2 or len(np.unique(groups[is_in])) < MINIMUM_GROUPS:
        return None
    first, last = np.searchsorted(distinct, [low, high])
    below = float(distinct[first - 1]) if first > 0 else -np.inf
    above = float(distinct[last + 1]) if last + 1 < len(distinct) else np.inf
    return Region(feature, float(low), float(high), below, above)
