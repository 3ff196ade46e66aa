"""Columns that are means of others beside each other: one thing measured several times, and how it scattered."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.data.relations import LARGEST, rounding_units
from services.intake.roles.summaries import ColumnSummary, sampled
from services.intake.roles.vocabulary import MEANS
from services.intake.roles.words import header_of

_MOST = 10  # replicates
_MANY = 100  # columns: of more, the first ones are asked
_ROWS = 200
_GLANCE = 20  # rows that are asked first
_LEAST_ROWS = 5
_CLEAR = 4  # times its rounding a column varies: of coarser ones, half of all means would be right
_ALIKE = 0.5  # correlation of replicates


class Mean(NamedTuple):
    """A column that is the mean of others in every row, these, and columns that tell how they scattered."""

    name: str
    replicates: tuple[str, ...]
    spreads: tuple[str, ...]


def find_means(frame: pd.DataFrame, numbers: Sequence[ColumnSummary]) -> list[Mean]:
    """The means of two to ten columns in a run, to the rounding of the mean, in the table's order.

    The columns have to go together, as what was measured several times does, or the mean has to be named so: the mean
    of two settings is none.
    """
    names = [column.name for column in numbers[:_MANY]]
    values = sampled(frame, names)
    values = values[:: max(len(values) // _ROWS, 1)]
    values = np.where(np.abs(values) <= LARGEST, values, np.nan)  # the mean of the others where a replicate is missing
    is_known = np.isfinite(values)
    known = np.where(is_known, values, 0.0)
    slack = rounding_units(known) * 0.501 + 1e-9 * np.abs(known).max(axis=0, initial=0)
    sums, counts = (np.pad(each.cumsum(axis=1), ((0, 0), (1, 0))) for each in (known, is_known))
    found: dict[str, Mean] = {}
    for n_columns in range(min(_MOST, len(names) - 1), 1, -1):
        n_known = counts[:, n_columns:] - counts[:, :-n_columns]
        means = (sums[:, n_columns:] - sums[:, :-n_columns]) / np.where(n_known > 0, n_known, np.nan)
        is_off = np.abs(means[:_GLANCE, :, None] - values[:_GLANCE, None, :]) > slack
        for at, j in np.argwhere(~is_off.any(axis=0)).tolist():
            name, window = names[j], range(at, at + n_columns)
            if name in found or j in window or not _is_reckoned(means[:, at], values[:, j], slack[j]):
                continue
            if _is_named(name) or _are_alike(values[:, window], values[:, j]):
                others = [i for i in range(len(names)) if i != j and i not in window]
                spreads = [names[i] for i in others if _is_spread(values[:, window], values[:, i], slack[i])]
                found[name] = Mean(name, tuple(names[i] for i in window), tuple(spreads))
    return [found[name] for name in names if name in found]


def _is_reckoned(means: np.ndarray, values: np.ndarray, slack: float) -> bool:
    """Whether numbers (n,) are what was reckoned (n,), in all rows that have both, and vary clearly."""
    off = np.abs(means - values)
    off = off[np.isfinite(off)]
    return len(off) >= _LEAST_ROWS and bool((off <= slack).all()) and bool(np.nanstd(values) >= _CLEAR * slack)


def _is_named(name: str) -> bool:
    return bool(set(header_of(name).words) & MEANS)


def _are_alike(replicates: np.ndarray, mean: np.ndarray) -> bool:
    """Whether columns (n, k) rise and fall together, with their mean (n,)."""
    complete = np.isfinite(replicates).all(axis=1) & np.isfinite(mean)
    if complete.sum() < _LEAST_ROWS:
        return False
    variances, k = replicates[complete].var(axis=0), replicates.shape[1]
    least = variances.mean() * (1 + (k - 1) * _ALIKE) / k  # variance of a mean of equally correlated columns
    return bool(mean[complete].var() >= least and variances.min() > 0)


def _is_spread(replicates: np.ndarray, values: np.ndarray, slack: float) -> bool:
    """Whether a column (n,) is the standard deviation or the range of replicates (n, k)."""
    complete = np.isfinite(replicates).all(axis=1)
    rows = replicates[complete]
    if len(rows) < _LEAST_ROWS:
        return False
    spreads = (rows.std(axis=1, ddof=1), rows.std(axis=1), np.ptp(rows, axis=1))
    return any(_is_reckoned(spread, values[complete], slack) for spread in spreads)
