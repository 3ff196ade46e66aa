import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import DatasetError
from services.catalog.datasets import CsvMarks
from services.intake.tables.limits import TableError
from services.intake.tables.reading import read_table
from services.jobs import JobKind, RunStore
from services.papers.exports import to_csv, to_excel
from services.papers.lab_sheet.table import lab_columns, lab_frame
from services.papers.measured.measurements import (
    Measured,
    Measurement,
    change_measured,
    compare,
    measured_of,
    measurement_name,
    read_filled_sheet,
    summary_words,
    swept_feature,
    unlikely_words,
    validated,
)
from services.specs.results import RunResult
from services.texts.tables import results_frame


def test_a_paper_keeps_values_and_what_was_made_of_them():
    assert Measured.from_paper(None) == Measured.from_paper("no JSON") == Measured()
    rows = (Measurement(result=0, value=5.0, at=28.0), Measurement(result=1, value=6.5))
    paper = Measured().with_rows(rows)
    assert not paper.is_joined
    assert paper.with_rows(rows[:1]) == paper  # a button that is pressed twice keeps one value
    made = paper.with_dataset(rows, "abc", "mixed + 2 measured")
    assert made.is_joined and Measured.from_paper(made.model_dump_json()) == made
    again = made.with_trainings({"": "t"}).without(rows[0])
    assert again.rows == rows[1:] and not again.is_joined and again.trainings == {"": "t"}
    assert again.with_dataset(rows[1:], "def", "x").trainings == {}
    assert not paper.with_dataset(rows[:1], "abc", "x").is_joined  # a value that came while the table was made


def test_a_paper_of_before_keeps_its_training():
    row = {"result": 0, "value": 5.0, "at": None, "outcome": "yield"}
    told = {"version": 1, "rows": [row], "joined": [row], "dataset": "abc", "training": "t", "model": "m"}
    assert Measured.from_paper(json.dumps(told)).trainings == {"yield": "t"}
    assert Measured.from_paper(json.dumps(told | {"training": ""})).trainings == {}
    assert Measured.from_paper(json.dumps(told | {"joined": []})).trainings == {"": "t"}


def test_nobody_loses_what_others_keep_at_the_same_moment(settings):
    store = RunStore(settings.database)
    run_id = store.add(JobKind.SEARCH, "A run", "{}")
    rows = [Measurement(result=k % 3, value=k) for k in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda row: change_measured(store, run_id, lambda paper: paper.with_rows([row])), rows))
    assert set(measured_of(store, run_id).rows) == set(rows)
    store.close()


def test_along_a_curve_a_value_needs_to_know_where(curved, plain):
    assert swept_feature(curved).name == "age"
    assert validated(curved, Measurement(result=0, value=1, at=28)).at == 28
    with pytest.raises(DatasetError, match="At which age was it measured"):
        validated(curved, Measurement(result=0, value=1))
    with pytest.raises(DatasetError, match="never recorded below 0, got -3"):
        validated(curved, Measurement(result=0, value=1, at=-3))
    assert swept_feature(plain) is None
    assert validated(plain, Measurement(result=0, value=1, at=28)).at is None


def test_a_measurement_is_of_a_result_of_the_run_and_named_by_it(plain):
    k = len(plain.results)
    with pytest.raises(DatasetError, match=f"no Result {k + 1}: the run has Result 1 to Result {k}"):
        validated(plain, Measurement(result=k, value=1))
    assert measurement_name(plain, Measurement(result=1, value=1)) == "Result 2"


def test_values_stand_beside_predictions_of_the_model_at_their_point(curved, confident):
    rows = [Measurement(result=0, value=150.0, at=7.0), Measurement(result=1, value=-999.0, at=3.5)]
    found = compare(curved, rows, confident)
    assert [one.name for one in found] == ["Result 1 at age 7 d", "Result 2 at age 3.5 d"]
    X = np.array([curved.results.X[0], curved.results.X[1]])
    X[:, [feature.name for feature in curved.features].index("age")] = [7.0, 3.5]
    assert [one.predicted for one in found] == pytest.approx(confident.predictor.predict(X).tolist())
    assert all(one.low < one.predicted < one.high for one in found)
    assert found[1].is_inside is False
    assert found[1].words.startswith("outside the interval, predicted")
    assert found[1].words.endswith("% too high")


def test_without_the_model_stored_predictions_serve(curved, plain):
    (one,) = compare(plain, [Measurement(result=1, value=3.0)], None)
    rows = plain.results
    assert (one.predicted, one.low, one.high) == (rows.outcomes[1], rows.lows[1], rows.highs[1])
    (one,) = compare(curved, [Measurement(result=0, value=3.0, at=7.0)], None)
    assert one.predicted == pytest.approx(np.interp(7.0, curved.sweep.grid, curved.results.curves[0]))
    assert one.is_inside is None and "interval" not in one.words


def test_a_model_without_intervals_predicts_without_them(plain, mixed):
    (one,) = compare(plain, [Measurement(result=0, value=plain.results.outcomes[0])], mixed)
    assert math.isnan(one.low) and one.words == "exactly predicted"


@pytest.mark.parametrize("is_confident", [True, False])
def test_predictions_and_intervals_keep_to_what_the_outcome_can_be(plain, limited, is_confident):
    model_data, limits = limited if is_confident else replace(limited, confidence=None), limited.dataset.limits
    (one,) = compare(plain, [Measurement(result=0, value=100.0)], model_data)
    assert one.predicted == limits.high < plain.results.outcomes[0]
    assert one.high == limits.high if is_confident else math.isnan(one.high)


def test_the_summary_counts_intervals_and_errors(plain, confident):
    best = plain.results.outcomes[0]
    rows = [Measurement(result=0, value=best), Measurement(result=0, value=best - 10_000)]
    words = summary_words(plain, compare(plain, rows, confident))
    assert words.startswith("1 of 2 measured values lie inside the interval; about 90 % should.")
    assert "off by 5,000 % in the mean. Most are too high: train again" in words
    assert summary_words(plain, []) == ""


def test_a_value_far_from_all_that_was_recorded_is_asked_about(plain, mixed):
    high = float(mixed.dataset.y.max())
    assert unlikely_words(plain, mixed, [Measurement(result=0, value=high)]) == ""
    words = unlikely_words(plain, mixed, [Measurement(result=0, value=high * 1000)])
    assert "far from everything recorded" in words and words.endswith("another unit?")
    assert unlikely_words(plain, None, [Measurement(result=0, value=1e9)]) == ""


@pytest.fixture
def sheet(plain):
    """The lab sheet of a run for the outcome itself, with the first two results measured."""
    frame = lab_frame(plain, range(len(plain.results)))
    frame.loc[[0, 1], lab_columns(plain).measured] = [171.5, 180.25]
    return frame


def read(result, frame):
    return read_filled_sheet(result, read_table(to_csv(frame), "filled.csv"))


def test_a_filled_lab_sheet_is_read_back(plain, sheet):
    expected = (Measurement(result=0, value=171.5), Measurement(result=1, value=180.25))
    found = read(plain, sheet)
    assert found.rows == expected and found.notices == ()
    assert read_filled_sheet(plain, read_table(to_excel({"lab": sheet}), "filled.xlsx")).rows == expected


@pytest.mark.parametrize("marks", [CsvMarks(";", ","), CsvMarks("\t", "."), CsvMarks(",", ",")])
def test_a_filled_lab_sheet_is_read_back_in_the_dialect_that_it_was_given_in(plain, sheet, marks):
    sheet.loc[1, lab_columns(plain).measured] = 1180.125
    found = read_filled_sheet(plain, read_table(to_csv(sheet, marks), "filled.csv"))
    assert found.rows == (Measurement(result=0, value=171.5), Measurement(result=1, value=1180.125))


def test_what_is_no_measured_value_is_refused_and_what_says_that_there_is_none_is_not(plain, sheet):
    column = lab_columns(plain).measured
    sheet[column] = [*map(str, range(100, 100 + len(sheet) - 1)), "n.b."]
    assert len(read(plain, sheet).rows) == len(sheet) - 1
    sheet.loc[0, column] = "1O"
    with pytest.raises(TableError, match="Row 2 of the file has '1O' in the column"):
        read(plain, sheet)


def test_along_a_curve_each_row_has_its_point(curved):
    frame = lab_frame(curved, [0, 1])
    columns = lab_columns(curved)
    frame[columns.measured] = 100.0 + frame.index
    found = read(curved, frame)
    assert [row.at for row in found.rows] == frame[columns.settings["age"]].tolist()
    assert [row.value for row in found.rows] == frame[columns.measured].tolist()
    with pytest.raises(TableError, match=r"no column 'age \[d\]'"):
        read(curved, frame.drop(columns=columns.settings["age"]))
    with pytest.raises(DatasetError, match="At which age"):
        read(curved, frame.assign(**{columns.settings["age"]: [None, *frame[columns.settings["age"]][1:]]}))


def test_the_export_of_results_and_names_with_values_are_read_too(plain):
    frame = results_frame(plain)
    frame.loc[0, "measured yield [%]"] = 150.0
    assert read(plain, frame).rows == (Measurement(result=0, value=150.0),)
    frame = pd.DataFrame({"Result": ["Result 2: high sand", "Row 7", "Result 1"], "measured": [5.0, 6.0, None]})
    found = read(plain, frame)
    assert found.rows == (Measurement(result=1, value=5.0),)
    assert found.notices == ("Left out: 1 measured value that is not of a result of this run.",)
    with pytest.raises(DatasetError, match="There is no Result 40"):
        read(plain, pd.DataFrame({"candidate": ["Result 40"], "measured": [5.0]}))


def test_a_sheet_of_another_run_is_refused(plain, sheet):
    sheet["sand [kg]"] = sheet["sand [kg]"] + 30
    with pytest.raises(TableError, match=r"says that it is Result 1, but has sand .* upload the sheet of this run"):
        read(plain, sheet)
    sheet["sand [kg]"] = sheet["sand [kg]"] - 30
    sheet["resin"] = "Z"
    with pytest.raises(TableError, match="but has resin Z"):
        read(plain, sheet)


def test_a_category_that_looks_like_a_formula_comes_back(plain, sheet):
    document = plain.model_dump_json().replace('"A"', '"-A"').replace('"B"', '"+B"').replace('"C"', '"=C"')
    result = RunResult.model_validate_json(document)
    frame = lab_frame(result, range(len(result.results)))
    assert set(frame["resin"]) <= {"-A", "+B", "=C"}
    frame[lab_columns(result).measured] = 5.0
    assert len(read(result, frame).rows) == len(result.results)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"name": ["Result 1"], "measured": [5.0]}, "no column 'candidate'"),
        ({"candidate": ["Result 1"], "strength": [5.0]}, r"no column 'measured \[%\]' with values"),
        ({"candidate": ["Result 1"], "measured": [None], "x": [1]}, "An empty column counts as none"),
        ({"candidate": ["Row 3"], "measured": [5.0]}, "No result in this file has a measured value"),
        ({"candidate": ["Result 1", "Result 2"], "measured": ["5", "soon"]}, "has 'soon' in the column 'measured'"),
        ({"candidate": ["Result 1", "Result 2"], "measured": [5.0, "inf"]}, "has 'inf' in the column 'measured'"),
        ({"candidate": ["Result " + "9" * 5_000], "measured": [5.0]}, "No result in this file has a measured value"),
    ],
)
def test_what_cannot_be_read_says_why(plain, columns, words):
    with pytest.raises(TableError, match=words):
        read(plain, pd.DataFrame(columns))
