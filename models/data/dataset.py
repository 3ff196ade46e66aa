"""The cleaned table: features, outcomes and roles, as arrays."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from models.data.limits import NO_LIMITS, PhysicalLimits
from models.data.relations import Relation, find_relations
from models.errors import DatasetError

CLEARLY_SAME = 5
"""Rows: in fewer, two outcomes may be equal by chance."""


class ColumnKind(StrEnum):
    """How a column is measured."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True, slots=True)
class Column:
    """A named, measured quantity.

    Attributes:
        unit: as shown after numbers, "" where there is none.
        categories: the known categories in order; the code of a category is its index here.
    """

    name: str
    kind: ColumnKind = ColumnKind.NUMERIC
    unit: str = ""
    is_integer: bool = False
    categories: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name with its unit, as axes show it."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    @property
    def is_categorical(self) -> bool:
        """Whether values are codes of categories."""
        return self.kind is ColumnKind.CATEGORICAL


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """What a column calls each row: its batch, its sample, the day or the order in which it was made.

    Attributes:
        values: (n,) float64, or texts; NaN or "" where nothing was recorded.
    """

    name: str
    values: np.ndarray

    @property
    def is_number(self) -> bool:
        """Whether the rows are labelled with numbers."""
        return self.values.dtype.kind == "f"

    @property
    def is_missing(self) -> np.ndarray:
        """(n,) rows without a value."""
        return np.isnan(self.values) if self.is_number else self.values == ""

    @property
    def ranks(self) -> np.ndarray:
        """(n,) int, the place of each row's value among the different ones in rising order; -1 for missing ones."""
        _, places = np.unique(self.values, return_inverse=True)
        return np.where(self.is_missing, -1, places.reshape(-1))


@dataclass(frozen=True, slots=True)
class FilledGaps:
    """Missing values of a feature that were filled in: how many, and with what in words."""

    feature: str
    n_cells: int
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class OtherOutcome:
    """What was measured beside the outcome, in some of the rows or all.

    Attributes:
        values: (n,) float64 in the column's unit, NaN where it was not measured.
        limits: that physics sets to it.
    """

    column: Column
    values: np.ndarray
    limits: PhysicalLimits = NO_LIMITS


@dataclass(frozen=True)
class Dataset:
    """Recorded rows with their roles; everything finite but for labels, and for outcomes beside others.

    Models learn, and intervals and quality are told, of one outcome at a time: `for_outcome` gives its rows.

    Attributes:
        X: (n, d) float64, recorded feature values; categories as codes.
        y: (n,) float64, recorded outcomes, in the outcome's unit; NaN only in rows where another outcome was measured.
        parts: names of the features that add up (their sum is the density), may be empty.
        row_numbers: (n,) where each row stood in the file it came from, or None to count from 1.
        limits: that physics sets to the outcome; every recorded one keeps to them.
        labels: columns that say which row it is; no model learns from them.
        group: the label whose equal values are rows that belong together, such as a batch; or None.
        order: the label that tells in which order the rows were made; or None.
        filled: the features whose missing values were filled in.
        other_outcomes: what was measured beside the outcome; mostly none.
    """

    name: str
    features: tuple[Column, ...]
    outcome: Column
    X: np.ndarray
    y: np.ndarray
    sweep: str | None = None
    parts: tuple[str, ...] = ()
    row_numbers: np.ndarray | None = None
    limits: PhysicalLimits = NO_LIMITS
    labels: tuple[Label, ...] = ()
    group: str | None = None
    order: str | None = None
    filled: tuple[FilledGaps, ...] = ()
    other_outcomes: tuple[OtherOutcome, ...] = ()

    def __post_init__(self) -> None:
        names = self.feature_names
        if len(self.y) == 0:
            raise DatasetError("The table has no rows left: expected at least one complete row.")
        if not names:
            raise DatasetError("No feature chosen: choose at least one column besides the outcome.")
        if len({*names, *self.outcome_names}) < len(names) + len(self.outcomes):
            raise DatasetError(
                f"Every column may serve once, as a feature or as an outcome; got features {names} and outcomes "
                f"{self.outcome_names}."
            )
        if self.X.shape != (len(self.y), len(names)):
            raise DatasetError(f"Expected X of shape {(len(self.y), len(names))}, got {self.X.shape}.")
        if not np.isfinite(self.X).all():
            raise DatasetError("Missing or infinite values are left: drop those rows or fill them in the table first.")
        self._check_outcomes()
        numeric = {column.name for column in self.features if not column.is_categorical}
        for role, given in (("sweep feature", [self.sweep] if self.sweep else []), ("parts", list(self.parts))):
            unknown = [name for name in given if name not in numeric]
            if unknown:
                raise DatasetError(f"The {role} must be numeric features; {unknown} are not among {sorted(numeric)}.")
        self._check_labels()

    def _check_outcomes(self) -> None:
        for other in self.other_outcomes:
            if other.values.shape != self.y.shape:
                raise DatasetError(
                    f"Expected a value or NaN of the outcome '{other.column.name}' for each of {self.n_rows:,} rows, "
                    f"got an array of shape {other.values.shape}."
                )
        values = np.array([self.measured(name) for name in self.outcome_names])
        if np.isinf(values).any() or (not self.other_outcomes and np.isnan(self.y).any()):
            raise DatasetError("Missing or infinite values are left: drop those rows or fill them in the table first.")
        if (is_empty := np.isnan(values).all(axis=0)).any():
            raise DatasetError(
                f"In row {self.numbers[int(np.argmax(is_empty))]} none of the outcomes {self.outcome_names} was "
                "measured: leave such rows out."
            )
        for column, limits, measured in zip(self.outcomes, self._limits, values, strict=True):
            rows = np.isfinite(measured)
            limits.check(measured[rows], self.numbers[rows], column.name, column.unit)

    def _check_labels(self) -> None:
        names = [label.name for label in self.labels]
        taken = (*self.feature_names, *self.outcome_names)
        if len({*names, *taken}) < len(names) + len(taken):
            raise DatasetError(f"A label is neither a feature nor the outcome, and named once; got labels {names}.")
        for label in self.labels:
            if label.values.shape != self.y.shape:
                raise DatasetError(
                    f"Expected a value of the label '{label.name}' for each of {self.n_rows:,} rows, "
                    f"got an array of shape {label.values.shape}."
                )
        for role, name in (("group", self.group), ("order", self.order)):
            if name is not None and name not in names:
                raise DatasetError(f"The {role} must be one of the labels {names}; got '{name}'.")

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        name: str,
        outcome: str,
        features: Sequence[str],
        sweep: str | None = None,
        parts: Sequence[str] = (),
        units: Mapping[str, str] | None = None,
        limits: PhysicalLimits = NO_LIMITS,
        labels: Sequence[str] = (),
        group: str | None = None,
        order: str | None = None,
        other_outcomes: Sequence[str] = (),
        other_limits: Mapping[str, PhysicalLimits] | None = None,
    ) -> "Dataset":
        """The dataset that these columns of a frame make.

        Text columns become categorical, with their distinct values in sorted order.

        Args:
            other_outcomes: columns that were measured beside the outcome. Each may have gaps, and so may the outcome
                then, but no row may have gaps in all of them.
            other_limits: that physics sets to them, by name.

        Raises:
            DatasetError: a column is absent, an outcome is no number, beyond its limits or the same as another one, or
                values are missing or infinite.
        """
        units, outcomes = units or {}, (outcome, *other_outcomes)
        absent = [column for column in (*outcomes, *features, *labels) if column not in frame.columns]
        if absent:
            raise DatasetError(f"The table lacks {absent}; it has {list(map(str, frame.columns))}.")
        for each in outcomes:
            if not pd.api.types.is_numeric_dtype(frame[each]):
                raise DatasetError(f"The outcome must be numeric, '{each}' holds text: choose another column.")
        columns, values = [], []
        for feature in features:
            column, codes = _column_of(frame[feature], feature, units.get(feature, ""))
            columns.append(column)
            values.append(codes)
        measured = [frame[each].to_numpy(dtype=float, na_value=np.nan) for each in outcomes]
        _check_different(outcomes, measured)
        # what was not measured says nothing of whether all values are whole
        described = [_column_of(frame[each].dropna(), each, units.get(each, ""))[0] for each in outcomes]
        limits_of = other_limits or {}
        return cls(
            name=name,
            features=tuple(columns),
            outcome=described[0],
            X=np.column_stack(values) if values else np.empty((len(measured[0]), 0)),
            y=measured[0],
            sweep=sweep,
            parts=tuple(parts),
            row_numbers=frame.index.to_numpy() if frame.index.name == "row" else None,
            limits=limits,
            labels=tuple(_label_of(frame[label], label) for label in labels),
            group=group,
            order=order,
            other_outcomes=tuple(
                OtherOutcome(column, found, limits_of.get(column.name, NO_LIMITS))
                for column, found in zip(described[1:], measured[1:], strict=True)
            ),
        )

    @property
    def numbers(self) -> np.ndarray:
        """(n,) what a person calls each row: its number in the file, or its place here counted from 1."""
        return np.arange(1, self.n_rows + 1) if self.row_numbers is None else self.row_numbers

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of ``X``."""
        return tuple(column.name for column in self.features)

    @property
    def outcomes(self) -> tuple[Column, ...]:
        """Everything that was measured: the outcome, then the others."""
        return (self.outcome, *(other.column for other in self.other_outcomes))

    @property
    def outcome_names(self) -> tuple[str, ...]:
        """Names of the outcome and of the others, in this order."""
        return tuple(column.name for column in self.outcomes)

    @property
    def _limits(self) -> tuple[PhysicalLimits, ...]:
        """Limits of the outcome and of the others."""
        return (self.limits, *(other.limits for other in self.other_outcomes))

    @property
    def n_rows(self) -> int:
        """How many rows were recorded."""
        return len(self.y)

    @property
    def units(self) -> dict[str, str]:
        """Unit of every column that has one."""
        return {column.name: column.unit for column in (*self.features, *self.outcomes) if column.unit}

    @cached_property
    def stds(self) -> np.ndarray:
        """(d,) standard deviation of each feature over the recorded rows; of codes for categorical ones."""
        return self.X.std(axis=0)

    @cached_property
    def density(self) -> np.ndarray | None:
        """(n,) sum of the parts of each recorded row, or None without parts."""
        return self.X[:, self.indices(self.parts)].sum(axis=1) if self.parts else None

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Linear equations that the recorded numbers meet, without the sweep feature; see `find_relations`."""
        asked = [j for j, c in enumerate(self.features) if not c.is_categorical and c.name != self.sweep]
        return find_relations(self.X[:, asked], [self.features[j].name for j in asked])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the roles and of every value: two datasets with one digest are the same."""
        roles = {
            "features": [[c.name, c.kind, c.unit, list(c.categories)] for c in self.features],
            "outcome": [self.outcome.name, self.outcome.unit],
            "sweep": self.sweep,
            "parts": self.parts,
            # only where there are any, so that tables of before keep their digest
            **({} if self.limits.is_open else {"limits": [self.limits.low, self.limits.high]}),
            **({"labels": [[label.name, _plain(label.values)] for label in self.labels]} if self.labels else {}),
            **({"group": self.group} if self.group else {}),
            **({"order": self.order} if self.order else {}),
            **({"filled": [[gaps.feature, gaps.n_cells, gaps.value] for gaps in self.filled]} if self.filled else {}),
            **({"other_outcomes": [_about(other) for other in self.other_outcomes]} if self.other_outcomes else {}),
        }
        sha = hashlib.sha256(json.dumps(roles, ensure_ascii=False).encode())
        for values in (self.X, *map(self.measured, self.outcome_names)):
            # there is more than one NaN, and all of them are the same gap
            plain = np.where(np.isnan(values), np.nan, values)
            sha.update(np.ascontiguousarray(plain, dtype="<f8").tobytes())
        return sha.hexdigest()

    def taken(self, rows: np.ndarray) -> "Dataset":
        """The dataset with these rows (indices or a mask) only."""
        labels = tuple(Label(label.name, label.values[rows]) for label in self.labels)
        others = tuple(replace(other, values=other.values[rows]) for other in self.other_outcomes)
        return replace(
            self,
            X=self.X[rows],
            y=self.y[rows],
            row_numbers=self.numbers[rows],
            labels=labels,
            other_outcomes=others,
        )

    def measured(self, name: str) -> np.ndarray:
        """What was measured of an outcome, (n,) in its unit, NaN where it was not.

        Raises:
            DatasetError: there is no such outcome.
        """
        return (self.y, *(other.values for other in self.other_outcomes))[self._outcome_index(name)]

    def for_outcome(self, name: str) -> "Dataset":
        """The ordinary dataset of one outcome: the rows where it was measured, without the other outcomes.

        Raises:
            DatasetError: there is no such outcome, or it was measured nowhere.
        """
        place = self._outcome_index(name)
        if not self.other_outcomes:
            return self
        is_measured = np.isfinite(self.measured(name))
        if not is_measured.any():
            raise DatasetError(f"'{name}' was measured in none of {self.n_rows:,} rows: take it off the outcomes.")
        rows = self if is_measured.all() else self.taken(is_measured)
        return replace(
            rows, outcome=self.outcomes[place], y=rows.measured(name), limits=self._limits[place], other_outcomes=()
        )

    def _outcome_index(self, name: str) -> int:
        if name not in self.outcome_names:
            raise DatasetError(f"There is no outcome '{name}'; the outcomes are {self.outcome_names}.")
        return self.outcome_names.index(name)

    def label(self, name: str) -> Label:
        """A label by its name.

        Raises:
            DatasetError: there is no such label.
        """
        for label in self.labels:
            if label.name == name:
                return label
        raise DatasetError(f"There is no label '{name}'; the labels are {[label.name for label in self.labels]}.")

    def index(self, name: str) -> int:
        """The position of a feature.

        Raises:
            DatasetError: there is no such feature.
        """
        try:
            return self.feature_names.index(name)
        except ValueError:
            raise DatasetError(f"There is no feature '{name}'; the features are {self.feature_names}.") from None

    def indices(self, names: Sequence[str]) -> list[int]:
        """The positions of several features."""
        return [self.index(name) for name in names]

    def frequencies(self, name: str) -> np.ndarray:
        """The share (n_categories,) of recorded rows in each category of a feature."""
        column = self.index(name)
        n_categories = len(self.features[column].categories)
        return np.bincount(self.X[:, column].astype(int), minlength=n_categories) / self.n_rows

    def to_frame(self) -> pd.DataFrame:
        """The recorded rows as a frame: features with category names, then the outcome and the others."""
        columns = {c.name: decode(c, self.X[:, j]) for j, c in enumerate(self.features)}
        return pd.DataFrame(columns | {name: self.measured(name) for name in self.outcome_names})

    def with_features(self, columns: Sequence[Column], X: np.ndarray) -> "Dataset":
        """The recorded rows with other features, X (n, d); roles of features that are not among them are dropped."""
        names = {column.name for column in columns}
        sweep = self.sweep if self.sweep in names else None
        parts = self.parts if set(self.parts) <= names else ()
        filled = tuple(gaps for gaps in self.filled if gaps.feature in names)
        return replace(self, features=tuple(columns), X=X, sweep=sweep, parts=parts, filled=filled)


def _check_different(names: Sequence[str], measured: Sequence[np.ndarray]) -> None:
    """Refuse an outcome that says in all rows what another one says."""
    for j, (name, values) in enumerate(zip(names, measured, strict=True)):
        for other, others in zip(names[:j], measured[:j], strict=True):
            both = np.isfinite(values) & np.isfinite(others)
            if both.sum() >= CLEARLY_SAME and (values[both] == others[both]).all():
                raise DatasetError(
                    f"The outcomes '{other}' and '{name}' are the same in all {int(both.sum()):,} rows that have both: "
                    "leave one of them out."
                )


def _about(other: OtherOutcome) -> list[str | float | None]:
    """What a digest knows of another outcome besides its values."""
    return [other.column.name, other.column.unit, other.limits.low, other.limits.high]


def decode(column: Column, values: np.ndarray) -> np.ndarray:
    """Values as a person reads them: category names for codes, else the numbers themselves."""
    if not column.is_categorical:
        return values
    return np.array(column.categories, dtype=object)[values.astype(int)]


def _column_of(values: pd.Series, name: str, unit: str) -> tuple[Column, np.ndarray]:
    """The column that describes a series, and its (n,) numbers or codes."""
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        is_integer = bool(np.isfinite(numbers).all() and (numbers == np.round(numbers)).all())
        return Column(name, unit=unit, is_integer=is_integer), numbers
    if values.isna().any():
        raise DatasetError(f"Column '{name}' has {int(values.isna().sum())} missing values: drop those rows first.")
    categories = _in_order(values.astype(str).unique().tolist())
    codes = pd.Categorical(values.astype(str), categories=categories).codes.astype(float)
    return Column(name, ColumnKind.CATEGORICAL, unit, categories=categories), codes


def _in_order(texts: Sequence[str]) -> tuple[str, ...]:
    """Categories as a person expects them: by size where all of them are numbers, else by letters."""
    try:
        return tuple(sorted(texts, key=lambda text: (float(text), text)))
    except ValueError:
        return tuple(sorted(texts))


def _label_of(values: pd.Series, name: str) -> Label:
    """A series of numbers or texts as a label."""
    if pd.api.types.is_numeric_dtype(values):
        return Label(name, values.to_numpy(dtype=float, na_value=np.nan))
    return Label(name, values.fillna("").astype(str).to_numpy(dtype=np.str_))


def _plain(values: np.ndarray) -> list[str | float | None]:
    """Values of a label as JSON has them: null for a missing number."""
    return [None if value != value else value for value in values.tolist()]
