"""Columns that were measured in a design of settings: they follow from the settings, as no setting does."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from services.intake.roles.summaries import ColumnSummary, scaled
from services.intake.roles.words import Header, name_points, unit_points

FINE, COARSE = 0.8, 0.5
"""Different values for each recorded one: of what was measured at least, of what was set at most."""

DESIGNED = 0.6
"""So many of the settings come in levels, at least: in fewer tables they were set on purpose."""

_LEAST_SETTINGS = 2  # of numbers in levels, beside which a fine column was measured
_MOST_SETTINGS = 100
_CROSSED, _BY_CHANCE = 0.5, 3.0  # correlation of settings that were varied independently; times its standard error
_LEAST_SPARE = 8  # rows more than settings
_CHANCE = 1e-4
_EXACT = 0.999  # R2 of what was reckoned


def responses_beside(
    frame: pd.DataFrame,
    columns: Sequence[ColumnSummary],
    headers: Mapping[str, Header],
    outcome: str,
    known: Collection[str],
) -> list[str]:
    """The fine columns in one run with the outcome that follow from settings in levels, whatever their names.

    The settings have to be varied independently of each other, so that one more setting would not follow from them,
    and neither name nor unit may be that of a setting.

    Args:
        columns: the usable columns in the table's order.
        known: columns that were measured, too.
    """
    run, names = _run(columns, headers, outcome, known), [column.name for column in columns]
    asked = [name for name in names if name in run and name not in known]
    settings = [column for column in columns if column.name not in {*run, *known, outcome}]
    levels = [column for column in settings if column.distinct_share <= COARSE]
    numeric = [column.name for column in levels if column.is_number]
    is_designed = len(levels) >= DESIGNED * len(settings) and len(numeric) >= _LEAST_SETTINGS
    if not asked or not is_designed or len(levels) > _MOST_SETTINGS or not are_independent(frame, numeric):
        return []
    texts = [column.name for column in levels if not column.is_number]
    table = pd.get_dummies(frame[[*asked, *numeric, *texts]], columns=texts, dtype=float)
    values = scaled(table, list(table.columns))
    values = values[np.isfinite(values).all(axis=1)]
    return [name for j, name in enumerate(asked) if _follows(values[:, j], values[:, len(asked) :])]


def _run(
    columns: Sequence[ColumnSummary], headers: Mapping[str, Header], outcome: str, known: Collection[str]
) -> set[str]:
    """The columns on both sides of the outcome up to the first that is coarse or named like a setting."""
    run, names = set[str](), [column.name for column in columns]
    for step in (-1, 1):
        i = names.index(outcome) + step
        while 0 <= i < len(names) and (names[i] in known or _is_fine(columns[i], headers[names[i]])):
            run.add(names[i])
            i += step
    return run


def _is_fine(column: ColumnSummary, header: Header) -> bool:
    is_setting = name_points(header) < 0 or unit_points(header) < 0
    return column.is_number and column.distinct_share >= FINE and not is_setting


def are_independent(frame: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether columns of numbers were varied without regard to each other, as in a design."""
    values = scaled(frame, names)
    values = values[np.isfinite(values).all(axis=1)]
    values = values[:, values.std(axis=0) > 0] if len(values) else values
    if values.shape[1] < 2:
        return True
    r = np.abs(np.corrcoef(values, rowvar=False) - np.eye(values.shape[1]))
    return bool(r.max() <= min(_CROSSED, _BY_CHANCE / np.sqrt(len(values))))


def _follows(y: np.ndarray, X: np.ndarray) -> bool:
    """Whether numbers (n,) follow from settings (n, d), linearly, not by chance (F test), nor exactly."""
    A = np.column_stack([np.ones(len(X)), X])
    if len(y) <= _LEAST_SPARE:
        return False
    fit, _, rank, _ = np.linalg.lstsq(A, y, rcond=None)
    total, left = float(((y - y.mean()) ** 2).sum()), float(((y - A @ fit) ** 2).sum())
    spare = len(y) - rank
    if spare < _LEAST_SPARE or rank < 2 or left <= (1 - _EXACT) * total:
        return False
    return bool(fdtrc(rank - 1, spare, (total - left) / (rank - 1) / (left / spare)) < _CHANCE)
