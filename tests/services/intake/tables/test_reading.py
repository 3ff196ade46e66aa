"""What is read, what is changed with a notice, and what is refused in which words."""

import numpy as np
import pandas as pd
import pytest

from services.intake.tables.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, TableError, TableKind
from services.intake.tables.number_columns import LimitPolicy
from services.intake.tables.reading import Reading, read_table

REFUSED = {
    "empty": (b"", "The file is empty"),
    "blank": (b"\n \n\n", "only blank lines"),
    "header only": (b"a,b\n", r"has a header \('a', 'b'\) but no rows"),
    "empty cells": (b"a,b\n,\n,\n", "Every cell below the header is empty"),
    "html": (b"\n<!DOCTYPE html><table><tr><td>1</td></tr></table>", "web page"),
    "html without doctype": (b"<table><tr><td>1</td></tr></table>", "web page"),
    "nul": (b"a,b\n1,\x002\n3,4\n5,6\n", "NUL bytes"),
    "too wide a row": (b"a,b\n1,2\n3,4,5\n", "Row 3 has 3 cells where the header in row 1 has 2"),
    "too narrow a row": (b"a,b\n1,2\n3\n", "Row 3 has 1 cell where the header in row 1 has 2"),
    "unterminated quote": (b'a,b\n1,2\n"3,4\n5,6\n', "quotation mark opened in row 3 is never closed"),
    "long unterminated quote": (b'a,b\n"1,2\n' + b"3,4\n" * 50_000, "Row 2 holds a cell of more than 131,072"),
    "text after quote": (b'a,b\n"1"x,2\n', "Row 2 has text after a closing quotation mark"),
    "long line": (b"a,b\n" + b"1" * 1_100_000, "Line 2 has 1,100,000 characters"),
    "too many columns": (b",".join(b"c%d" % j for j in range(MAX_COLUMNS + 1)) + b"\n", "501 columns, at most 500"),
    "too many rows": (b"a,b\n" + b"1,2\n" * (MAX_ROWS + 1), "more than 200,000 rows"),
    "too many cells": (b",".join([b"c"] * 100) + b"\n" + (b",".join([b"1"] * 100) + b"\n") * 50_001, "5,000,000 cells"),
    "too large": (b"1" * (MAX_BYTES + 1), "at most 50 MB"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
    "pdf": (b"%PDF-1.7", "PDF document"),
    "png": (b"\x89PNG\r\n", "picture"),
    "gzip": (b"\x1f\x8b\x08", "gzip"),
    "json": (b'[{"a": 1}]', "JSON"),
    "broken zip": (b"PK\x03\x04nonsense", "damaged zip archive or Excel"),
    "broken parquet": (b"PAR1nonsense", "could not be read as a Parquet file"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_files_are_refused_in_plain_words(data, message):
    with pytest.raises(TableError, match=message):
        read_table(data, "table.csv")


def test_the_content_decides_not_the_name():
    assert read_table(b"a,b\n1,2\n", "table.xlsx").kind is TableKind.CSV


def test_rows_are_numbered_as_a_spreadsheet_does():
    frame = read_table(b"a,b\n1,2\n3,4\n", "t.csv").frame
    assert frame.index.tolist() == [2, 3]
    assert frame.index.name == "row"


def test_blank_rows_are_left_out_and_do_not_shift_the_numbers():
    table = read_table(b"\n\na,b\n1,2\n\n3,4\n,\n5,6\n\n", "t.csv")
    assert table.frame.index.tolist() == [4, 6, 8]
    assert "Left out: 1 blank row between the records." in table.notices
    assert "Left out: 1 row without any value." in table.notices


def test_a_title_above_the_header_is_left_out_with_a_notice():
    table = read_table(b"Report 7,,\n,,\na,b,c\n1,2,3\n", "t.csv")
    assert table.frame.columns.tolist() == ["a", "b", "c"]
    assert table.frame.index.tolist() == [4]
    assert "Left out: 1 row above the header, beginning with 'Report 7'." in table.notices


def test_quoted_newlines_and_delimiters_stay_in_their_cell():
    frame = read_table(b'a,b\n"x\ny, z",2\n"he said ""no""",3\n', "t.csv").frame
    assert frame["a"].tolist() == ["x y, z", 'he said "no"']
    assert frame["b"].tolist() == [2, 3]


def test_duplicate_and_empty_names_are_renamed_with_a_notice():
    table = read_table(b"a,a,a (2),,b\n1,2,3,4,5\n", "t.csv")
    assert table.frame.columns.tolist() == ["a", "a (3)", "a (2)", "column 4", "b"]
    assert table.frame.iloc[0].tolist() == [1, 2, 3, 4, 5]
    assert "Several columns are named 'a': it is called 'a (3)' here." in table.notices
    assert "Column 4 has no name: it is called 'column 4' here." in table.notices


def test_empty_columns_are_left_out_with_a_notice():
    table = read_table(b"a,b,empty,\n1,2,,\n3,4,,\n", "t.csv")
    assert table.frame.columns.tolist() == ["a", "b"]
    assert "Left out because every cell is empty: empty." in table.notices
    assert "Left out: 1 column without name and values." in table.notices


def test_names_are_printable_and_short():
    table = read_table(("ev\u202eil\x07," + "n" * 80 + ",two  \u00a0words\n1,2,3\n").encode(), "t.csv")
    names = table.frame.columns.tolist()
    assert names[0] == "evil"
    assert len(names[1]) == 60
    assert names[2] == "two words"
    assert len(table.notices) == 2


def test_dataset_name_comes_from_the_file_name_never_its_path():
    assert read_table(b"a,b\n1,2\n", "../../etc/my_table.v2.csv").name == "my table.v2"
    assert read_table(b"a,b\n1,2\n", "C:\\data\\lab.csv").name == "lab"
    assert read_table(b"a,b\n1,2\n", ".csv").name == "table"


def test_a_table_without_header_is_not_eaten():
    table = read_table(b"1,2\n3,4\n5,6\n", "t.csv")
    assert table.frame["column 1"].tolist() == [1, 3, 5]
    assert table.frame.index.tolist() == [1, 2, 3]
    assert any("first row holds only numbers" in notice for notice in table.notices)


def test_words_for_missing_are_counted_and_shown():
    table = read_table(b"a,b\n1,NA\n2,\n3,None\n4,5\n", "t.csv")
    assert np.isnan(table.frame["b"].tolist()).tolist() == [True, True, True, False]
    assert "Column 'b': 'NA' in 1 cell, 'None' in 1 cell counts as missing." in table.notices


def test_none_may_be_a_category():
    assert read_table(b"a,b\nNone,1\nlime,2\n,3\n", "t.csv").frame["a"].isna().tolist() == [False, False, True]


def test_infinite_values_are_numbers():
    assert read_table(b"a,b\n1,inf\n2,-Infinity\n3,1e999\n", "t.csv").frame["b"].tolist() == [np.inf, -np.inf, np.inf]


def test_text_among_numbers_is_missing_and_listed_with_its_row():
    table = read_table(b"a;b\n1;0,1\n2;n/a?\n3;2\n", "t.csv")
    assert np.array_equal(table.frame["b"], [0.1, np.nan, 2], equal_nan=True)
    assert table.unread.to_dict("records") == [{"row": 3, "column": "b", "text": "n/a?", "taken as": "missing"}]
    assert "Column 'b': 'n/a?' in row 3 is no number and counts as missing." in table.notices


def test_python_numerals_are_not_numbers():
    frame = read_table("a,b\n1_000,٣\nnan5,0x1F\n".encode(), "t.csv").frame
    assert frame.to_numpy().tolist() == [["1_000", "٣"], ["nan5", "0x1F"]]


def test_control_and_direction_marks_are_taken_out_of_cells():
    assert read_table("a,b\nx\u202ey,1\nz\u200b,2\n".encode(), "t.csv").frame["a"].tolist() == ["x y", "z"]


def test_whole_numbers_stay_whole():
    frame = read_table(b"a,b\n28,1.0\n7,2.5\n", "t.csv").frame
    assert [str(dtype) for dtype in frame.dtypes] == ["int64", "float64"]
    assert isinstance(frame, pd.DataFrame)


def test_rows_in_quotation_marks_as_a_whole_are_rows():
    table = read_table(b'"T;""kind"";y"\n"1;""a;b"";3"\n"2;c;4"\n', "t.csv")
    assert table.frame.to_numpy().tolist() == [[1, "a;b", 3], [2, "c", 4]]
    assert "Every row stood in quotation marks as a whole: they were taken off." in table.notices
    assert read_table(b'"name"\n"a, b"\n"c, d"\n', "t.csv").frame["name"].tolist() == ["a, b", "c, d"]


def test_a_header_that_is_repeated_is_no_row():
    table = read_table(b"T;kind\n1;A\n2;B\nT;kind\n3;A\n", "t.csv")
    assert table.frame["T"].tolist() == [1, 2, 3]
    assert "Left out: 1 row with the header again, first row 4." in table.notices


def test_a_column_of_limits_alone_stays_until_the_user_says_what_they_stand_for():
    data = b"a;b\n1;<0,5\n2;<0,5\n3;<1,5\n"
    assert read_table(data, "t.csv").frame["b"].isna().all()
    assert read_table(data, "t.csv", Reading(limits=LimitPolicy.LIMIT)).frame["b"].tolist() == [0.5, 0.5, 1.5]


def test_long_names_keep_their_ends():
    start = "Particle size distribution by laser diffraction in water at pH 7, quantile "
    names = read_table(";".join(f"{start}D{n}" for n in (10, 50, 90)).encode() + b"\n1;2;3\n", "t.csv").frame.columns
    assert [name[-3:] for name in names] == ["D10", "D50", "D90"]
    assert {len(name) for name in names} == {60}


def test_dates_are_told_by_the_cells_that_are_filled():
    table = read_table(b"when;x\n03.04.2024;1\n;2\n;3\n04.04.2024;4\n;5\n;6\n", "t.csv")
    assert table.dates == ("when",)
    assert table.frame["when"].dropna().tolist() == ["2024-04-03", "2024-04-04"]
    table = read_table(b'when,x\n"Apr 3, 2024",1\n2024-04-13 12:00,2\nunknown,3\n3 May 2024,4\n4 May 2024,5\n', "t.csv")
    assert table.frame["when"].dropna().tolist() == ["2024-04-03", "2024-04-13 12:00:00", "2024-05-03", "2024-05-04"]
    assert table.unread.to_numpy().tolist() == [[4, "when", "unknown", "missing"]]
    assert any("'03/04/2024' was read as day" in n for n in read_table(b"d;x\n03/04/2024;1\n", "t.csv").notices)


@pytest.mark.parametrize(
    "data",
    [
        b"(" * 130_000 + b",b\n1,2\n",
        b"a [" + b"x " * 60_000 + b",b\n1,2\n",
        b"a,b\n" + b"1 " * 60_000 + b",2\n",
        b",".join([b"1"] * 200_000) + b"\n" + (b",".join([b"1.5 x"] * 150_000) + b"\n") * 20,
        b"a;b\n" + (b"\xe4" * 100_000 + b";1\n") * 5,
    ],
    ids=["brackets", "blanks", "long cell", "wide", "letters"],
)
def test_what_is_made_to_take_long_is_read_or_refused(data):
    try:
        read_table(data, "t.csv")
    except TableError as refusal:
        assert str(refusal)
