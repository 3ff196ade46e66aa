"""From the bytes of a file to a dataset in one step: read, roles proposed as on the Data page, cleaned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from models import Dataset, PhysicalLimits
from services.intake.roles.outcome_problems import outcome_problems
from services.intake.roles.proposal import Roles, propose_roles
from services.intake.roles.summaries import ColumnSummary, summarise
from services.intake.tables.cleaning import CleanTable, MissingPolicy, as_numbers, clean
from services.intake.tables.limits import TableError
from services.intake.tables.outcome_limits import guess_limits
from services.intake.tables.reading import RawTable, Reading, read_table
from services.specs.digits import label

MAX_FURTHER = 3
"""Further outcomes that are taken without being asked for: each is trained."""


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What is said about a file; all else is found or proposed.

    Attributes:
        outcomes: columns that were measured, the main one first.
        features: the columns that can be set.
        drop: columns that are taken for absent.
        sweep: the feature to see the outcome along.
        has_sweep: whether one may be proposed.
        sheet: of a workbook.
        missing: what happens to incomplete rows.
    """

    outcomes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    sweep: str | None = None
    has_sweep: bool = True
    sheet: str = ""
    missing: MissingPolicy = MissingPolicy.DROP


@dataclass(frozen=True, slots=True, eq=False)
class FileTable:
    """A file as it was understood.

    Attributes:
        summaries: what each column holds, in the file's order, those that were dropped left out.
        roles: what each column is for, as it was said or proposed.
        remarks: on outcomes that were proposed and are left out, and on those that are too short for a model.
    """

    raw: RawTable
    summaries: tuple[ColumnSummary, ...]
    roles: Roles
    cleaned: CleanTable
    remarks: tuple[str, ...] = ()

    @property
    def dataset(self) -> Dataset:
        """The complete rows with their roles."""
        return self.cleaned.dataset

    @property
    def notices(self) -> tuple[str, ...]:
        """Everything that was guessed or changed on the way, one plain sentence each."""
        return (*self.raw.notices, *self.remarks, *self.cleaned.notices)

    def left_out(self) -> dict[str, str]:
        """Why each column that has no role is left out, by its name."""
        roles = self.roles
        used = {roles.outcome, *roles.further_outcomes, *self.dataset.feature_names, *roles.labels}
        return {s.name: self._reason(s) for s in self.summaries if s.name not in used}

    def _reason(self, column: ColumnSummary) -> str:
        if not column.is_usable:
            return column.problem
        if column.name in self.roles.features:
            return "it is the same in every complete row"
        if column.name in self.roles.copies:
            return self.roles.copies[column.name]
        if column.is_mostly_empty:
            return f"{column.n_missing:,} of its {column.n_rows:,} cells are empty"
        return self.roles.reasons.get(column.name, "it is not among the features")


def table_from_file(data: bytes, filename: str, options: FileOptions | None = None) -> FileTable:
    """The dataset in a CSV, Excel or Parquet file, as the Data page makes it where nothing is changed there.

    Args:
        data: the file's bytes.
        filename: used only to name the dataset.

    Raises:
        TableError: the file, its columns or what was said about them make no dataset; the text says how to mend it.
    """
    options = options or FileOptions()
    raw = read_table(data, filename, Reading(sheet=options.sheet))
    options = _with_names_of(options, raw)
    kept = raw.frame.drop(columns=list(options.drop))
    if not kept.shape[1]:
        raise TableError("Every column is dropped: keep an outcome and at least one feature.")
    summaries = summarise(kept)
    proposed = _proposed(raw, kept, summaries, options)
    roles, remarks = _with_outcomes(proposed, kept, options)
    roles = _with_features(roles, options)
    outcomes = (roles.outcome, *roles.further_outcomes)
    limits = {
        name: guess_limits(name, raw.units.get(name, ""), as_numbers(kept, name).to_numpy()).limits for name in outcomes
    }
    cleaned = clean_by_roles(kept, roles, limits, name=raw.name, units=raw.units, missing=options.missing)
    return FileTable(raw, summaries, roles, cleaned, remarks)


def clean_by_roles(
    frame: pd.DataFrame, roles: Roles, limits: Mapping[str, PhysicalLimits], **options: Any
) -> CleanTable:
    """The dataset of a frame whose columns have these roles; errors as `clean`.

    Args:
        limits: of each outcome, by its name.
        options: all else that `clean` takes.
    """
    return clean(
        frame,
        outcome=roles.outcome,
        features=roles.features,
        sweep=roles.sweep,
        parts=roles.parts,
        labels=roles.labels,
        group=roles.group,
        order=roles.order,
        limits=limits[roles.outcome],
        other_outcomes=roles.further_outcomes,
        other_limits={name: limits[name] for name in roles.further_outcomes},
        **options,
    )


def _with_names_of(options: FileOptions, raw: RawTable) -> FileOptions:
    """The options with every column by its name here, also where it was named with its unit as in the file."""
    known = {name: name for name in map(str, raw.frame.columns)}
    known = {label(name, raw.units.get(name, "")): name for name in known} | known

    def names(given: Sequence[str]) -> tuple[str, ...]:
        if absent := [name for name in given if name not in known]:
            raise TableError(f"The file has no column '{absent[0]}': it has {', '.join(map(str, raw.frame.columns))}.")
        return tuple(dict.fromkeys(known[name] for name in given))

    outcomes, features, drop = names(options.outcomes), names(options.features), names(options.drop)
    sweep = names([options.sweep])[0] if options.sweep is not None else None
    _check_once({"an outcome": outcomes, "a feature": features, "dropped": drop})
    if sweep is not None and sweep in (*outcomes, *drop):
        raise TableError(f"'{sweep}' is to be swept, so it has to be a feature: it cannot be an outcome, nor dropped.")
    return replace(options, outcomes=outcomes, features=features, drop=drop, sweep=sweep)


def _check_once(roles: dict[str, Collection[str]]) -> None:
    """Raise TableError where a column has two roles."""
    found: dict[str, str] = {}
    for role, names in roles.items():
        for name in names:
            if name in found:
                raise TableError(f"'{name}' cannot be {found[name]} and {role}: choose one of them.")
            found[name] = role


def _proposed(raw: RawTable, kept: pd.DataFrame, summaries: tuple[ColumnSummary, ...], options: FileOptions) -> Roles:
    """What each column is probably for, given the outcome; where none is, the likeliest that is no feature."""

    def propose(outcome: str | None) -> Roles:
        dates = [name for name in raw.dates if name in kept.columns]
        return propose_roles(kept, summaries, dates=dates, units=raw.units, outcome=outcome)

    for name in options.outcomes[:1]:
        summary = next(s for s in summaries if s.name == name)
        if not summary.is_number:
            raise TableError(f"'{name}' cannot be an outcome: {summary.problem or 'it holds text, not numbers'}.")
        return propose(name)
    roles = propose(None)
    if roles.outcome not in (*options.features, options.sweep):
        return roles
    others = [name for name in roles.outcomes if name not in (*options.features, options.sweep)]
    if not others:
        raise TableError(f"'{roles.outcome}' looks like the outcome and is named as a feature: name the outcome, too.")
    return propose(others[0])


def _with_outcomes(roles: Roles, kept: pd.DataFrame, options: FileOptions) -> tuple[Roles, tuple[str, ...]]:
    """The roles with the outcomes beside the first, and what is to be said of these.

    Raises:
        TableError: one that was named cannot be an outcome; one that was only proposed is left out then.
    """
    proposed = [name for name in roles.further_outcomes if name not in (*options.features, options.sweep)]
    further = options.outcomes[1:] if options.outcomes else tuple(proposed[:MAX_FURTHER])
    remarks = []
    for problem in outcome_problems(kept, (roles.outcome, *further)):
        if problem.is_refused and options.outcomes:
            raise TableError(problem.words)
        if problem.is_refused:
            further = tuple(name for name in further if name != problem.outcome)
        remarks.append(problem.words)
    return replace(roles, further_outcomes=further), tuple(remarks)


def _with_features(roles: Roles, options: FileOptions) -> Roles:
    """The roles with the features that were named, if any, and whatever goes with these."""
    outcomes = (roles.outcome, *roles.further_outcomes)
    features = tuple(name for name in options.features or roles.features if name not in outcomes)
    if options.sweep is not None and options.sweep not in features:
        features = (*features, options.sweep)
    proposed = roles.sweep if options.has_sweep and roles.sweep in features else None
    sweep = options.sweep or proposed
    taken = {*outcomes, *features}
    labels = tuple(name for name in roles.labels if name not in taken)
    return replace(
        roles,
        features=features,
        sweep=sweep,
        parts=tuple(name for name in roles.parts if name in features and name != sweep),
        labels=labels,
        group=roles.group if roles.group in labels else None,
        order=roles.order if roles.order in labels else None,
        copies={name: words for name, words in roles.copies.items() if name not in taken},
    )
