"""Measured values from a sheet that the laboratory filled in: a table of the run whose measured column has values."""

import math
import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from services.intake.tables.cleaning import as_numbers
from services.intake.tables.limits import TableError
from services.intake.tables.reading import RawTable
from services.papers.exports import defuse
from services.papers.lab_sheet.table import CANDIDATE, Setting, lab_columns, settings_of
from services.papers.measured.measurements import Measurement, swept_feature, validated
from services.specs.digits import label
from services.specs.results import FeatureInfo, RunResult

_RESULT = re.compile(r"result\s+([1-9]\d{0,8})", re.ASCII | re.IGNORECASE)
_SAME = 0.1  # recorded standard deviations: what a spreadsheet rounds away and nobody doses


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
    values, swept = _numbers(frame, measured), swept_feature(result)
    at = None if swept is None else _numbers(frame, _sweep_header(result, frame, swept))
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
    found = [header for header in known if header in frame.columns]
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
    return lab_columns(result).settings[feature.name], label(feature.name, feature.unit), feature.name


def _sweep_header(result: RunResult, frame: pd.DataFrame, swept: FeatureInfo) -> str:
    known = _feature_headers(result, swept)
    for header in (*known, *map(defuse, known)):
        if header in frame.columns:
            return header
    raise TableError(
        f"The file has no column '{known[0]}': a curve over {swept.name} was searched, so each measured value needs "
        f"the {swept.name} that it was measured at."
    )


def _numbers(frame: pd.DataFrame, header: str) -> np.ndarray:
    """The numbers of a column, (n,), NaN for empty cells."""
    numbers = as_numbers(frame, header)
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
