"""A first proposal of what each column is for: the user has the last word."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from services.intake.roles.labels import find_labels
from services.intake.roles.outcomes import further_outcomes, other_outcomes, rank_outcomes
from services.intake.roles.parts import find_copies, guess_parts
from services.intake.roles.summaries import ColumnSummary
from services.intake.roles.words import is_time
from services.intake.tables.limits import TableError

_MIN_NAMED = 4  # different recipes: of fewer, a name may be a choice of its own
_MIN_SWEPT = 0.5  # more of the rows: their setting is recorded at several values of the sweep feature
_MIN_SWEPT_UNNAMED = 0.8  # the same where no name speaks of time
_CLEARLY_SWEPT = 3  # values for each setting, on average, where no name speaks of time
_MAX_LEVELS = 0.5  # different values of a sweep feature for each row
_FEW_LEVELS = 3  # as many may be in the smallest table, too
_MAX_SWEPT_ROWS = 5_000
_MANY = 60  # features: in a table so wide a sweep has to be named like a time


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column is for.

    Attributes:
        sweep: the feature that a curve runs over, or None.
        parts: the features that add up, often none.
        labels: columns that say which row it is; left out of the features.
        group: the label whose equal values are rows that belong together, or None.
        order: the label that tells in which order the rows were made, or None.
        outcomes: candidates for the outcome, likeliest first.
        other_outcomes: columns that look measured, as the outcome was; left out of the features.
        further_outcomes: those of them that say something of their own, so that each may have a model.
        copies: columns that say what another one says, by their equations; left out of the features.
        reasons: why a column is a label, a candidate or another outcome, in words.
    """

    outcome: str
    features: tuple[str, ...]
    sweep: str | None = None
    parts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    group: str | None = None
    order: str | None = None
    outcomes: tuple[str, ...] = ()
    other_outcomes: tuple[str, ...] = ()
    further_outcomes: tuple[str, ...] = ()
    copies: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict, compare=False)


def propose_roles(
    frame: pd.DataFrame,
    summaries: Sequence[ColumnSummary],
    *,
    dates: Collection[str] = (),
    units: Mapping[str, str] | None = None,
    outcome: str | None = None,
) -> Roles:
    """What each column is probably for, by names, units and values.

    Args:
        dates: names of columns that the reader knows to be dates.
        units: of columns that have one.
        outcome: the user's choice; the likeliest column if None.

    Raises:
        TableError: no column can be the outcome, or none is left as a feature.
    """
    found = find_labels(frame, summaries, dates, units)
    usable = [s for s in summaries if s.is_usable]
    if not any(s.is_number for s in usable):
        _refuse(summaries)
    plain = [s for s in usable if s.name not in found.reasons]
    # where there is nothing else, what labels the rows may be meant after all
    ranked = rank_outcomes(frame, plain if any(s.is_number for s in plain) else usable, units)
    outcome = ranked[0].name if outcome is None else outcome
    full = [s for s in usable if s.name == outcome or (s.name not in found.reasons and not s.is_mostly_empty)]
    others = other_outcomes(frame, full, outcome, units)
    copies = find_copies(frame, [s.name for s in full if s.is_number and s.name not in (outcome, *others)])
    features = [s for s in full if s.name != outcome and s.name not in others and s.name not in copies]
    features = features or [s for s in usable if s.name != outcome]
    if not features:
        raise TableError(
            f"Only '{outcome}' can be used: expected at least one more column that varies, as a feature. "
            "If the file has more columns, choose another delimiter."
        )
    names = {s.name for s in features}
    numeric = [s for s in features if s.is_number]
    sweep = _guess_sweep(frame, [s.name for s in features], numeric, units or {})
    recipes = _recipe_names(frame, features, sweep)
    names -= set(recipes)
    reasons = dict(found.reasons) | recipes
    labels = tuple(s.name for s in summaries if s.name in reasons and s.name != outcome and s.name not in names)
    group = found.group or next(iter(recipes), None)
    return Roles(
        outcome,
        tuple(s.name for s in features if s.name in names),
        sweep,
        guess_parts(frame, [s.name for s in numeric if s.name != sweep], units),
        labels,
        group if group in labels else None,
        found.order if found.order in labels else None,
        tuple(candidate.name for candidate in ranked),
        tuple(name for name in others if name not in names),
        further_outcomes(frame, full, outcome, [name for name in others if name not in names], units),
        copies,
        reasons | {candidate.name: candidate.words for candidate in ranked} | others | copies,
    )


def _refuse(summaries: Sequence[ColumnSummary]) -> None:
    problems = "; ".join(f"{summary.name}: {summary.problem or 'text'}" for summary in summaries[:5])
    raise TableError(
        "No column holds numbers that vary, so there is nothing to predict: expected at least one numeric column "
        f"({problems}). If numbers were read as text, choose another decimal mark, or change their type under "
        "'Details'."
    )


def _recipe_names(frame: pd.DataFrame, features: Sequence[ColumnSummary], sweep: str | None) -> dict[str, str]:
    """The texts that only name what all other features say, such as a recipe beside its amounts, and why.

    They would be the same lever twice, and no result could have a setting between two of them.
    """
    found: dict[str, str] = {}
    for column in features:
        others = [s for s in features if s.name not in (column.name, sweep) and s.name not in found]
        if column.is_number or column.n_missing or not _MIN_NAMED <= column.n_distinct < column.n_rows:
            continue
        if any(s.is_number for s in others) and _fixes(frame, column.name, [s.name for s in others]):
            found[column.name] = "names rows whose other features are the same"
    return found


def _fixes(frame: pd.DataFrame, name: str, others: Sequence[str]) -> bool:
    """Whether each value of a column always comes with the same values of the others."""
    by_name = frame.groupby(name)
    return all(bool((by_name[other].nunique(dropna=False) == 1).all()) for other in others)


def _guess_sweep(
    frame: pd.DataFrame, features: Sequence[str], numeric: Sequence[ColumnSummary], units: Mapping[str, str]
) -> str | None:
    """The one feature at several values of which the same setting of all others was recorded, mostly none.

    In a full design that holds of every factor, and none of them is a sweep, unless one is a time of more values than
    any other. Where it also holds of a category (mixes by name at several ages), or where there is little else, a name
    has to say that the feature is a time, too.
    """
    if len(features) < 2:
        return None
    rows = frame[list(features)].head(_MAX_SWEPT_ROWS)
    codes = {name: pd.factorize(rows[name])[0] for name in features}
    hashes = {name: _hashed(codes[name], seed) for seed, name in enumerate(features)}
    total = np.sum(list(hashes.values()), axis=0, dtype=np.uint64)
    numeric_names = {summary.name for summary in numeric}
    swept: dict[str, tuple[float, float]] = {}
    times = [s.name for s in numeric if is_time(s.name, units.get(s.name, ""))]
    levels = {name: int(codes[name].max()) + 1 for name in features}
    for name in features if len(features) <= _MANY else times:
        if levels[name] <= _MAX_LEVELS * len(rows) or levels[name] <= _FEW_LEVELS:
            share, n_values = _swept_share(total - hashes[name], codes[name])
            if share > _MIN_SWEPT:
                swept[name] = share, n_values
    found = sorted((name for name in swept if name in numeric_names), key=lambda name: -levels[name])
    if not found:
        return None
    is_named, others = found[0] in times, found[1:]
    if others and not (is_named and levels[found[0]] > max(_FEW_LEVELS, levels[others[0]])):
        return None
    share, n_values = swept[found[0]]
    is_clear = len(swept) == 1 and share >= _MIN_SWEPT_UNNAMED and n_values >= _CLEARLY_SWEPT and len(numeric) > 2
    return found[0] if is_named or is_clear else None


def _hashed(codes: np.ndarray, seed: int) -> np.ndarray:
    """A random number (n,) for each code, so that sums over columns tell settings apart."""
    drawn = np.random.default_rng(seed).integers(2**63, size=int(codes.max()) + 2, dtype=np.uint64)
    return drawn[codes]  # the last one for -1, a missing value


def _swept_share(settings: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """The share of rows whose setting of the others has several values of a column, and how many it has on average."""
    _, at = np.unique(settings, return_inverse=True)
    at = at.reshape(-1)
    pairs = np.unique(np.column_stack([at, codes]), axis=0)
    n_values, n_rows = np.bincount(pairs[:, 0]), np.bincount(at)
    several = n_values >= 2
    if not several.any() or len(n_values) < 2:
        return 0.0, 0.0
    return float(n_rows[several].sum() / len(codes)), float(np.average(n_values[several], weights=n_rows[several]))
