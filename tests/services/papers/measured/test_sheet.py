import pandas as pd
import pytest

from models import DatasetError
from services.intake.tables.limits import TableError
from services.intake.tables.reading import read_table
from services.papers.exports import to_csv, to_excel
from services.papers.lab_sheet.table import lab_columns, lab_frame
from services.papers.measured.measurements import Measurement
from services.papers.measured.sheet import read_filled_sheet
from services.specs.results import RunResult
from services.texts.tables import results_frame


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
