"""What the laboratory measured for results of a run: read from its sheet, kept, and compared with the predictions."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from models import DatasetError
from services.catalog.loading import ModelWithData, confidence_of
from services.intake.tables.cleaning import as_numbers
from services.intake.tables.limits import TableError
from services.intake.tables.notation.numbers import is_missing_word
from services.intake.tables.notation.units import split_unit
from services.intake.tables.reading import RawTable
from services.papers.exports import defuse
from services.papers.lab_sheet.table import CANDIDATE, Setting, lab_columns, settings_of, stored_prediction
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
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    result: int = Field(ge=0)
    value: float
    at: float | None = None


class Measured(RunPaper):
    """The measured values of a run, and what was made of them.

    Attributes:
        rows: in the order in which they came.
        joined: those that are in the new table.
        dataset: digest of the table that has them as new rows, or "".
        training: id of the training on that table, or "".
        model: name of the model that was saved of it, or "".
    """

    paper = "measured"
    version: int = 1
    rows: tuple[Measurement, ...] = ()
    joined: tuple[Measurement, ...] = ()
    dataset: str = ""
    dataset_name: str = ""
    training: str = ""
    model: str = ""

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
        made = {"joined": joined, "dataset": digest, "dataset_name": name, "training": "", "model": ""}
        return self.model_copy(update=made)


measured_of, change_measured = Measured.of, Measured.change


def swept_feature(result: RunResult) -> FeatureInfo | None:
    """The feature that a measurement needs a value of, or None where no curve was searched."""
    curve = result.spec.curve
    return None if curve is None else next(f for f in result.features if f.name == curve.feature)


def example_point(result: RunResult) -> float:
    """A sweep value to measure at, as an example: the point that was searched, else the end of the curve."""
    curve = result.spec.curve
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
    """Which result was measured and where, such as "Result 1 at age 28 days"."""
    name, swept = result_names(len(result.results))[row.result], swept_feature(result)
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
    """

    name: str
    result: int
    measured: float
    predicted: float
    low: float
    high: float
    words: str

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
    known = [row for row in rows if row.result < len(result.results)]
    figures = _by_document(result, known) if model_data is None else _by_model(result, known, model_data)
    unit = f" {result.outcome_unit}" if result.outcome_unit else ""
    return [
        Comparison(measurement_name(result, row), row.result, row.value, *ends, _words(row.value, ends, unit))
        for row, ends in zip(known, figures, strict=True)
    ]


def summary_words(result: RunResult, compared: Sequence[Comparison]) -> str:
    """How the predictions fared, in a sentence or two; "" without measured values."""
    if not compared:
        return ""
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
        words.append(f"The predictions are off by {mean} {result.outcome_unit}".rstrip() + " in the mean.")
        if len(errors) > 1 and abs(errors.mean()) > 0.7 * np.abs(errors).mean():
            words.append(f"Most are too {'high' if errors.mean() > 0 else 'low'}: train again with what was measured.")
    return " ".join(words)


def unlikely_words(model_data: ModelWithData | None, rows: Sequence[Measurement], unit: str) -> str:
    """Which values lie so far from all recorded outcomes that they may be typing errors, or ""."""
    if model_data is None:
        return ""
    y = model_data.dataset.y
    low, high, margin = float(y.min()), float(y.max()), 2 * float(np.ptp(y))
    outliers = [f"{row.value:,.6g}" for row in rows if not low - margin <= row.value <= high + margin]
    if not outliers:
        return ""
    return (
        f"{', '.join(outliers)} lies far from everything recorded ({low:,.4g} to {high:,.4g} {unit}".rstrip()
        + "): is it a typing error, or another unit?"
    )


def _by_model(
    result: RunResult, rows: Sequence[Measurement], model_data: ModelWithData
) -> list[tuple[float, float, float]]:
    """Prediction, low and high of every row by the model itself."""
    if not rows:
        return []
    X = np.array([result.results.X[row.result] for row in rows], dtype=float)
    swept = swept_feature(result)
    if swept is not None:
        X[:, [feature.name for feature in result.features].index(swept.name)] = [row.at for row in rows]
    confidence = confidence_of(result.spec, model_data)
    if confidence is None:
        predicted = model_data.dataset.limits.clip(model_data.predictor.predict(X))
        return [(value, math.nan, math.nan) for value in predicted.tolist()]
    interval = confidence.predict_interval(X, result.spec.level)
    return list(zip(interval.mean.tolist(), interval.low.tolist(), interval.high.tolist(), strict=True))


def _by_document(result: RunResult, rows: Sequence[Measurement]) -> list[tuple[float, float, float]]:
    """Prediction, low and high of every row as the result's document has them."""
    stored, figures = result.results, []
    for row in rows:
        low = high = math.nan
        if row.at is None and stored.lows is not None and stored.highs is not None:
            low, high = stored.lows[row.result], stored.highs[row.result]
        figures.append((stored_prediction(result, row.result, row.at), low, high))
    return figures


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
    measured = _measured_header(result, frame)
    values, swept = _numbers(table, measured), swept_feature(result)
    at = None if swept is None else _numbers(table, _sweep_header(result, frame, swept))
    rows, n_others = [], 0
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        if math.isnan(value):
            continue
        match = _RESULT.fullmatch(name.split(":")[0].strip())  # also of a full name such as "Result 1: high slag"
        if match is None:
            n_others += 1
            continue
        measured_at = None if at is None or math.isnan(at[place]) else float(at[place])
        row = validated(result, Measurement(result=int(match[1]) - 1, value=float(value), at=measured_at))
        _check_settings(result, frame.iloc[place], row)
        rows.append(row)
    if not rows:
        raise TableError(
            f"No result in this file has a measured value: fill in the column '{measured}' in the rows of results, "
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


def _measured_header(result: RunResult, frame: pd.DataFrame) -> str:
    """The header of the column that was filled in: of the lab sheet, of the export, or one like them."""
    known = (lab_columns(result).measured, label(f"measured {result.outcome_name}", result.outcome_unit))
    found = [header for header in _as_read(known) if header in frame.columns]
    others = [str(header) for header in frame.columns if str(header).casefold().startswith("measured")]
    others = [header for header in others if " there" not in header]  # that is of the nearest recorded row
    if found or len(others) == 1:
        return (found or others)[0]
    raise TableError(
        f"The file has no column '{known[0]}' with values: it has {', '.join(map(str, frame))[:200]}. An empty column "
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
