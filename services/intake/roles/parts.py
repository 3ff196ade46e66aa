"""Which columns say what others say: parts of a whole, whose sum is always or usually the same, and copies."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from models.data.relations import LARGEST, find_relations
from models.data.split import MINIMUM_ROWS
from services.intake.roles.summaries import sampled

_MANY = 200  # columns: of more, the first ones are asked
_MIN_USUAL = 3
_CLEAR_SPREAD = 0.05  # of the mean sum
_CLEAR_SHARE = 0.4  # of what the sum would vary by if the columns varied independently
_LARGEST_OF_TWO = 0.95  # of their sum, on average: a year and an age are no recipe


def guess_parts(
    frame: pd.DataFrame, candidates: Sequence[str], units: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """The amounts that add up, mostly none: to one value in every row, or nearly so, or usually to about the same.

    Args:
        candidates: numeric columns.
        units: of columns that have one; parts share theirs.
    """
    values, candidates = _recorded(frame, candidates)
    amounts = [
        j for j in range(values.shape[1]) if len(values) and ((values[:, j] >= 0) & (values[:, j] <= LARGEST)).all()
    ]
    values, names = values[:, amounts], [candidates[j] for j in amounts]
    sums = [
        relation.names
        for relation in find_relations(values, names)
        if relation.is_sum and _is_whole(values[:, [names.index(name) for name in relation.names]])
    ]
    return max(sums, key=len, default=()) or _usual_parts(values, names, units or {})


def find_copies(frame: pd.DataFrame, candidates: Sequence[str]) -> dict[str, str]:
    """The columns that are an earlier one, also in another unit, with the equation, such as "F = 1.8 C + 32"."""
    found = find_relations(*_recorded(frame, candidates))
    return {each.names[1]: f"{each.words}: it would be the same lever twice" for each in found if each.is_copy}


def _recorded(frame: pd.DataFrame, candidates: Sequence[str]) -> tuple[np.ndarray, Sequence[str]]:
    """The complete rows of a sample of some columns (n, d), none so many that a spectrum takes minutes; their names."""
    names = candidates[:_MANY]
    values = sampled(frame, names)
    return values[np.isfinite(values).all(axis=1)], names


def _is_whole(parts: np.ndarray) -> bool:
    """Whether columns (n, p) can be parts of one whole."""
    shares = parts.mean(axis=0) / max(float(parts.sum(axis=1).mean()), 1e-300)
    return parts.shape[1] > 2 or float(shares.max()) <= _LARGEST_OF_TWO


def _usual_parts(values: np.ndarray, names: Sequence[str], units: Mapping[str, str]) -> tuple[str, ...]:
    """The amounts (n, d) of one unit whose sum varies little, and far less than if they varied independently.

    Columns whose leaving makes the sum steadier are no parts.
    """
    known = [units[name] for name in names if units.get(name)]
    unit = max(set(known), key=known.count) if known else ""
    chosen = [j for j, name in enumerate(names) if units.get(name, unit) == unit]
    if len(values) < MINIMUM_ROWS:
        return ()
    while len(chosen) >= _MIN_USUAL:
        total = values[:, chosen].sum(axis=1)
        independent = float(np.sqrt(values[:, chosen].var(axis=0).sum()))
        if total.std() < _CLEAR_SPREAD * total.mean() and total.std() < _CLEAR_SHARE * independent:
            return tuple(names[j] for j in chosen)
        without = [(total - values[:, j]).std() for j in chosen]
        best = int(np.argmin(without))
        if without[best] >= total.std():
            return ()
        del chosen[best]
    return ()
