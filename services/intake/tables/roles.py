"""A first proposal of what each column is for; the user has the last word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from services.intake.tables.limits import TableError
from services.intake.tables.summary import ColumnSummary, SummaryKind

# English, then German; earlier words are surer.
_SWEEP_WORDS = (
    *("age", "time", "day", "days", "hour", "hours", "hrs", "minute", "minutes", "week", "weeks", "month", "months"),
    *("alter", "tag", "tage", "zeit", "stunden", "wochen", "monate"),
)
_MIN_PARTS = 3
_MIN_ROWS = 20
_EXACT_SPREAD = 0.002
_CLEAR_SPREAD = 0.05
_CLEAR_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column is for.

    Attributes:
        sweep: the feature that a curve runs over, or None.
        parts: the features that add up, often none.
    """

    outcome: str
    features: tuple[str, ...]
    sweep: str | None = None
    parts: tuple[str, ...] = ()


def propose_roles(frame: pd.DataFrame, summaries: Sequence[ColumnSummary]) -> Roles:
    """A proposal: the last numeric column as the outcome, the other usable ones as features.

    Raises:
        TableError: no column can be the outcome, or none is left as a feature.
    """
    numeric = [summary.name for summary in summaries if summary.is_usable and summary.kind is SummaryKind.NUMERIC]
    if not numeric:
        raise TableError(_no_outcome(summaries))
    outcome = numeric[-1]
    features = tuple(summary.name for summary in summaries if summary.is_usable and summary.name != outcome)
    if not features:
        raise TableError(
            f"Only '{outcome}' can be used: expected at least one more column that varies, as a feature. "
            "If the file has more columns, choose another delimiter."
        )
    sweep = _guess_sweep(features, summaries)
    candidates = [name for name in numeric if name not in (outcome, sweep)]
    return Roles(outcome, features, sweep, _guess_parts(frame, candidates))


def _no_outcome(summaries: Sequence[ColumnSummary]) -> str:
    """The sentence for a table without a column that could be predicted."""
    problems = "; ".join(f"{summary.name}: {summary.problem or 'text'}" for summary in summaries[:5])
    return (
        "No column holds numbers that vary, so there is nothing to predict: expected at least one numeric column "
        f"({problems}). If numbers were read as text, choose another decimal mark."
    )


def _guess_sweep(features: Sequence[str], summaries: Sequence[ColumnSummary]) -> str | None:
    """The numeric feature that is named like a time and varies, None if there is none."""
    varying = {s.name for s in summaries if s.kind is SummaryKind.NUMERIC and s.n_distinct >= _MIN_PARTS}
    for word in _SWEEP_WORDS:
        for name in features:
            if name in varying and word in re.findall("[a-z]+", name.lower()):
                return name
    return None


def _guess_parts(frame: pd.DataFrame, candidates: Sequence[str]) -> tuple[str, ...]:
    """The columns whose sum is nearly the same in every row although each of them varies; mostly none.

    The sum must vary by less than 5 % of its mean, and by less than half of what it would if the columns varied
    independently. Columns whose leaving makes the sum steadier are no parts.
    """
    if len(candidates) < _MIN_PARTS:
        return ()
    values = frame[list(candidates)].to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values).all(axis=1)]
    if len(values) < _MIN_ROWS:
        return ()
    chosen = [j for j in range(values.shape[1]) if (values[:, j] >= 0).all()]
    while len(chosen) >= _MIN_PARTS:
        total = values[:, chosen].sum(axis=1)
        spread = total.std() / max(total.mean(), 1e-12)
        share = total.std() / max(float(np.sqrt(values[:, chosen].var(axis=0).sum())), 1e-12)
        if spread < _EXACT_SPREAD or (spread < _CLEAR_SPREAD and share < _CLEAR_SHARE):
            return tuple(candidates[j] for j in chosen)
        without = [(total - values[:, j]).std() for j in chosen]
        best = int(np.argmin(without))
        if without[best] >= total.std():
            return ()
        del chosen[best]
    return ()
