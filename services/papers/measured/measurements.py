"""What the laboratory measured for results of a run: read from its sheet, kept, and compared with the predictions."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models import DatasetError
from services.catalog.loading import ModelWithData
from services.intake.tables.cleaning import as_numbers
from services.intake.tables.limits import TableError
from services.intake.tables.notation.numbers import is_missing_word
from services.intake.tables.notation.units import split_unit
from services.intake.tables.reading import RawTable
from services.papers.exports import defuse
from services.papers.lab_sheet.outcomes import LabOutcome, expected_at, lab_outcome, lab_outcomes, searched_curve
from services.papers.lab_sheet.table import CANDIDATE, Setting, lab_columns, settings_of, stored_interval
from services.papers.run_paper import RunPaper
from services.results.names import result_names
from services.specs.digits import common_decimals, label, number_words
from services.specs.results import FeatureInfo, RunResult

_RESULT = re.compile(r"result\s+([1-9]\d{0,8})", re.ASCII | re.IGNORECASE)
_SAME = 0.1  # recorded standard deviations: what a spreadsheet rounds away and nobody doses


class Measurement(BaseModel):
    """One measured outcome of one result.

    Attributes:
        result: place of the result, from 0.
        at: value of the sweep feature that it was measured at, or None where no curve was searched.
        outcome: name of what was measured; "" where only one outcome can be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    result: int = Field(ge=0)
    value: float
    at: float | None = None
    outcome: str = ""


class Measured(RunPaper):
    """The measured values of a run, and what was made of them.

    Attributes:
        rows: in the order in which they came.
        joined: those that are in the new table.
        dataset: digest of the table that has them as new rows, or "".
        trainings: ids of the trainings on that table, by the `Measurement.outcome` whose model learns.
    """

    paper = "measured"
    version: int = 2
    rows: tuple[Measurement, ...] = ()
    joined: tuple[Measurement, ...] = ()
    dataset: str = ""
    dataset_name: str = ""
    trainings: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_version_1(cls, told: Any) -> Any:
        """A paper of before knows one training, of the first outcome that had values."""
        if isinstance(told, dict) and "training" in told:
            told = dict(told)
            training, joined = told.pop("training"), told.get("joined") or [{}]
            told.pop("model", None)
            told |= {"version": 2, "trainings": {joined[0].get("outcome", ""): training} if training else {}}
        return told

    @property
    def is_joined(self) -> bool:
        """Whether all values are in the new table."""
        return bool(self.dataset) and self.rows == self.joined

    def with_rows(self, new: Sequence[Measurement]) -> "Measured":
        """The same with some more values; one that is there already was sent twice, and is left out."""
        return self.model_copy(update={"rows": tuple(dict.fromkeys((*self.rows, *new)))})

    def without(self, removed: Measurement) -> "Measured":
        """The same without one value."""
        return self.model_copy(update={"rows": tuple(row for row in self.rows if row != removed)})

    def with_dataset(self, joined: tuple[Measurement, ...], digest: str, name: str) -> "Measured":
        """The same with a new table that has these values, on which nothing was trained yet."""
        return self.model_copy(update={"joined": joined, "dataset": digest, "dataset_name": name, "trainings": {}})

    def with_trainings(self, trainings: Mapping[str, str]) -> "Measured":
        """The same with trainings, by outcome; those of other outcomes stay."""
        return self.model_copy(update={"trainings": {**self.trainings, **trainings}})


measured_of, change_measured = Measured.of, Measured.change


def measured_outcome(result: RunResult, row: Measurement) -> LabOutcome:
    """What was measured.

    Raises:
        DatasetError: the run has no such outcome, or several and none is named.
    """
    outcome = lab_outcome(result, row.outcome)
    if outcome is not None:
        return outcome
    names = ", ".join(each.name for each in lab_outcomes(result))
    if not row.outcome:
        raise DatasetError(f"What was measured? The run has several outcomes: name one of {names}.")
    raise DatasetError(f"'{row.outcome}' is no measured outcome of the run; there are {names}.")


def swept_feature(result: RunResult) -> FeatureInfo | None:
    """The feature that a measurement needs a value of, or None where no curve was searched."""
    return next((feature for feature in result.features if feature.name == result.spec.swept), None)


def example_point(result: RunResult) -> float:
    """A sweep value to measure at, as an example: the point that was searched, else the end of the curve."""
    curve = searched_curve(result)
    assert curve is not None
    return curve.end if curve.at is None else curve.at


def validated(result: RunResult, row: Measurement) -> Measurement:
    """A measurement as it fits the run.

    Raises:
        DatasetError: there is no such result, or the sweep value is absent or cannot be.
    """
    k, swept = len(result.results), swept_feature(result)
    if row.result >= k:
        raise DatasetError(f"There is no Result {row.result + 1}: the run has Result 1 to Result {k}.")
    name = measured_outcome(result, row).name
    row = row.model_copy(update={"outcome": name if len(lab_outcomes(result)) > 1 else ""})
    if swept is None:
        return row.model_copy(update={"at": None})
    if row.at is None:
        raise DatasetError(
            f"At which {swept.name} was it measured? The run searched a curve over {swept.name}, so each measured "
            f"value needs one, such as {example_point(result):g} {swept.unit}".rstrip()
            + "."
        )
    if swept.low >= 0 > row.at:
        raise DatasetError(f"{swept.name} was never recorded below 0, got {row.at:g}: type the one it was measured at.")
    return row


def measurement_name(result: RunResult, row: Measurement) -> str:
    """Which result was measured and where, such as "Result 1 at age 28 days"; of several outcomes, which of them."""
    name, swept = result_names(len(result.results))[row.result], swept_feature(result)
    name = f"{name}: {row.outcome}" if row.outcome else name
    if swept is None or row.at is None:
        return name
    return f"{name} at {swept.name} {row.at:,.6g} {swept.unit}".rstrip()


class Comparison(NamedTuple):
    """A measured value beside what was predicted.

    Attributes:
        name: of the result, and where it was measured, such as "Result 1 at age 28 days".
        result: place of the result, from 0.
        measured: outcome, in its unit.
        predicted: outcome.
        low: lower end of the interval of the prediction, NaN where the model cannot tell.
        high: upper end of it.
        words: whether the interval holds the measured value, and by how much the prediction is off.
        outcome: what was measured.
    """

    name: str
    result: int
    measured: float
    predicted: float
    low: float
    high: float
    words: str
    outcome: LabOutcome = LabOutcome("", "")

    @property
    def is_inside(self) -> bool | None:
        """Whether the interval holds the measured value; None without an interval."""
        return None if math.isnan(self.low) else self.low <= self.measured <= self.high


def compare(result: RunResult, rows: Sequence[Measurement], model_data: ModelWithData | None) -> list[Comparison]:
    """Measured values beside the predictions of the run's own model.

    Args:
        rows: that fit it; see `validated`.
        model_data: the run's table and model, or None where they are gone or answer in a worker only: then the stored
            predictions serve, those along a curve without an interval.
    """
    known = [row for row in rows if row.result < len(result.results) and lab_outcome(result, row.outcome) is not None]
    found: dict[int, Comparison] = {}
    for outcome in lab_outcomes(result):
        own = [i for i, row in enumerate(known) if measured_outcome(result, row) == outcome]
        of_it = [known[i] for i in own]
        figures = (
            [stored_interval(result, row.result, row.at, outcome) for row in of_it]
            if model_data is None
            else _by_model(result, of_it, model_data, outcome)
        )
        unit = f" {outcome.unit}" if outcome.unit else ""
        for i, row, ends in zip(own, of_it, figures, strict=True):
            name = measurement_name(result, row)
            found[i] = Comparison(name, row.result, row.value, *ends, _words(row.value, ends, unit), outcome)
    return [found[i] for i in range(len(known))]


def summary_words(result: RunResult, compared: Sequence[Comparison]) -> str:
    """How the predictions fared, in a sentence or two for each outcome; "" without measured values."""
    outcomes = dict.fromkeys(one.outcome for one in compared)
    several = len(lab_outcomes(result)) > 1
    return " ".join(
        (f"{outcome.name}: " if several else "")
        + _fared(result, [one for one in compared if one.outcome == outcome], outcome.unit)
        for outcome in outcomes
    )


def _fared(result: RunResult, compared: Sequence[Comparison], unit: str) -> str:
    errors = np.array([one.predicted - one.measured for one in compared])
    errors = errors[np.isfinite(errors)]
    inside = [one.is_inside for one in compared if one.is_inside is not None]
    words = []
    if inside:
        n, level = len(inside), f"{100 * result.spec.level:g} %"
        words.append(f"{sum(inside)} of {n} measured values lie inside the interval; about {level} should.")
    if len(errors):
        decimals = common_decimals([one.measured for one in compared])
        mean = number_words(float(np.abs(errors).mean()), decimals)
        words.append(f"The predictions are off by {mean} {unit}".rstrip() + " in the mean.")
        if len(errors) > 1 and abs(errors.mean()) > 0.7 * np.abs(errors).mean():
            words.append(f"Most are too {'high' if errors.mean() > 0 else 'low'}: train again with what was measured.")
    return " ".join(words)


def unlikely_words(result: RunResult, model_data: ModelWithData | None, rows: Sequence[Measurement]) -> str:
    """Which values lie so far from all recorded outcomes that they may be typing errors, or ""."""
    if model_data is None:
        return ""
    found = []
    for outcome in lab_outcomes(result):
        y = model_data.measured.get(outcome.name, model_data).dataset.y
        low, high, margin = float(y.min()), float(y.max()), 2 * float(np.ptp(y))
        own = [row.value for row in rows if measured_outcome(result, row) == outcome]
        outliers = [f"{value:,.6g}" for value in own if not low - margin <= value <= high + margin]
        if outliers:
            found.append(
                f"{', '.join(outliers)} lies far from everything recorded "
                + f"({low:,.4g} to {high:,.4g} {outcome.unit}".rstrip()
                + "): is it a typing error, or another unit?"
            )
    return " ".join(found)


def _by_model(
    result: RunResult, rows: Sequence[Measurement], model_data: ModelWithData, outcome: LabOutcome
) -> list[tuple[float, float, float]]:
    """Prediction, low and high of every row by the model itself."""
    if not rows:
        return []
    X = np.array([result.results.X[row.result] for row in rows], dtype=float)
    swept = swept_feature(result)
    if swept is not None:
        X[:, [feature.name for feature in result.features].index(swept.name)] = [row.at for row in rows]
    told = expected_at(result, model_data, outcome, X)
    return list(zip(told.mean.tolist(), told.low.tolist(), told.high.tolist(), strict=True))


def _words(measured: float, ends: tuple[float, float, float], unit: str) -> str:
    """Whether the interval holds a measured value, and the error of the prediction."""
    predicted, low, high = ends
    if not math.isfinite(predicted):
        return "nothing was predicted there"
    error = number_words(abs(predicted - measured), common_decimals([measured, predicted]))
    side = "high" if predicted > measured else "low"
    is_exact = float(error.replace(",", "")) == 0  # in the digits that are shown
    error_words = "exactly predicted" if is_exact else f"predicted {error}{unit} too {side}"
    if math.isnan(low):
        return error_words
    return f"{'inside' if low <= measured <= high else 'outside'} the interval, {error_words}"


class FilledSheet(NamedTuple):
    """What a filled-in sheet holds.

    Attributes:
        rows: one for every row with a measured value.
        notices: what was left out, one plain sentence each.
    """

    rows: tuple[Measurement, ...]
    notices: tuple[str, ...]


def read_filled_sheet(result: RunResult, table: RawTable) -> FilledSheet:
    """The measured values in a filled-in lab sheet or export of a run.

    Rows are found by the name of the result in the column "candidate"; what it says of settings has to be of that
    result. Rows without a measured value, and those that are no results, are left out.

    Raises:
        TableError: a column is absent, a cell holds no number, or the sheet is of another run.
        DatasetError: a row names a result that there is none of.
    """
    frame = table.frame
    names = _names(frame)
    outcomes = {each: _measured_header(result, frame, each) for each in lab_outcomes(result)}
    columns = {each: _numbers(table, header) for each, header in outcomes.items() if header}
    if not columns:
        raise _without_column(result, frame)
    swept = swept_feature(result)
    at = None if swept is None else _numbers(table, _sweep_header(result, frame, swept))
    rows, n_others = [], 0
    for place, name in enumerate(names):
        values = {each: float(numbers[place]) for each, numbers in columns.items() if not math.isnan(numbers[place])}
        if not values:
            continue
        match = _RESULT.fullmatch(name.split(":")[0].strip())  # also of a full name such as "Result 1: high slag"
        if match is None:
            n_others += len(values)
            continue
        measured_at = None if at is None or math.isnan(at[place]) else float(at[place])
        for each, value in values.items():
            told = Measurement(result=int(match[1]) - 1, value=value, at=measured_at, outcome=each.name)
            rows.append(validated(result, told))
            _check_settings(result, frame.iloc[place], rows[-1])
    if not rows:
        raise TableError(
            f"No result in this file has a measured value: fill in the column "
            f"{' or '.join(repr(header) for header in outcomes.values() if header)} in the rows of results, "
            "then upload it again."
        )
    others = "1 measured value that is" if n_others == 1 else f"{n_others} measured values that are"
    return FilledSheet(tuple(rows), (f"Left out: {others} not of a result of this run.",) if n_others else ())


def _names(frame: pd.DataFrame) -> pd.Series:
    """The column with the results' names, in any case of letters."""
    for header in frame.columns:
        if str(header).casefold() in (CANDIDATE, "result"):
            return frame[header].astype("str")
    raise TableError(
        f"The file has no column '{CANDIDATE}' with the results' names: it has {', '.join(map(str, frame))[:200]}. "
        "Upload the sheet of this run with the measured column filled in."
    )


def _measured_header(result: RunResult, frame: pd.DataFrame, outcome: LabOutcome) -> str:
    """The header of the column of an outcome: of the lab sheet, of the export, or one like them; "" without any."""
    known = (lab_columns(result, outcome).measured, label(f"measured {outcome.name}", outcome.unit))
    found = [header for header in _as_read(known) if header in frame.columns]
    if found or len(lab_outcomes(result)) > 1:
        return (found or [""])[0]
    others = [str(header) for header in frame.columns if str(header).casefold().startswith("measured")]
    others = [header for header in others if " there" not in header]  # that is of the nearest recorded row
    return others[0] if len(others) == 1 else ""


def _without_column(result: RunResult, frame: pd.DataFrame) -> TableError:
    expected = " or ".join(f"'{lab_columns(result, each).measured}'" for each in lab_outcomes(result))
    return TableError(
        f"The file has no column {expected} with values: it has {', '.join(map(str, frame))[:200]}. An empty column "
        "counts as none: fill in what was measured."
    )


def _feature_headers(result: RunResult, feature: FeatureInfo) -> tuple[str, ...]:
    """What a feature's column may be called: in the lab sheet, in the export, or by its name alone."""
    known = lab_columns(result).settings[feature.name], label(feature.name, feature.unit), feature.name
    return _as_read((*known, *map(defuse, known)))


def _as_read(headers: Sequence[str]) -> tuple[str, ...]:
    """Headers as they are written, and as they are read: without the unit that they end in."""
    return tuple(dict.fromkeys((*headers, *(split_unit(header)[0] for header in headers))))


def _sweep_header(result: RunResult, frame: pd.DataFrame, swept: FeatureInfo) -> str:
    known = _feature_headers(result, swept)
    for header in known:
        if header in frame.columns:
            return header
    raise TableError(
        f"The file has no column '{known[0]}': a curve over {swept.name} was searched, so each measured value needs "
        f"the {swept.name} that it was measured at."
    )


def _numbers(table: RawTable, header: str) -> np.ndarray:
    """The numbers of a column, (n,), NaN for empty cells and those that say that nothing was measured."""
    frame = table.frame
    numbers = as_numbers(frame, header)
    for row, text in table.unread.loc[table.unread["column"] == header, ["row", "text"]].itertuples(index=False):
        if not is_missing_word(text):
            raise TableError(
                f"Row {row} of the file has '{text[:40]}' in the column '{header}', expected a number: correct or "
                "empty the cell."
            )
    is_text = numbers.isna() & frame[header].notna() & (frame[header].astype("str").str.strip() != "")
    is_wrong = is_text | np.isinf(numbers)
    if is_wrong.any():
        row = frame.index[is_wrong.to_numpy()][0]
        raise TableError(
            f"Row {row} of the file has '{str(frame[header][row])[:40]}' in the column '{header}', expected a number: "
            "correct or empty the cell."
        )
    return numbers.to_numpy()


def _check_settings(result: RunResult, cells: pd.Series, row: Measurement) -> None:
    """Refuse a row whose settings, as far as the file has them, are not those of the result."""
    for one in settings_of(result, row.result):
        header = next((header for header in _feature_headers(result, one.feature) if header in cells.index), None)
        if header is not None and not pd.isna(cells[header]) and not _is_same(one, cells[header]):
            raise TableError(
                f"Row {cells.name} of the file says that it is Result {row.result + 1}, but has {one.feature.name} "
                f"{cells[header]} where that result has {one.words}: upload the sheet of this run, or correct the cell."
            )


def _is_same(setting: Setting, cell: object) -> bool:
    if isinstance(setting.value, str):  # the file that we gave has it defused
        return str(cell).strip() in (setting.value, defuse(setting.value))
    try:
        return abs(float(str(cell).replace(",", "")) - setting.value) <= max(_SAME * setting.feature.std, 1e-9)
    except ValueError:
        return False
