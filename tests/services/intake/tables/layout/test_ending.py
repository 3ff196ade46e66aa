"""Where the table ends: notes below and between its rows, and a second table."""

import pytest

from services.intake.tables.reading import read_table
from tests.services.intake.tables.books import workbook

ENDINGS = {
    "notes": "T;p;y\n1;2;3\n2;3;4\n* measured twice\nSource: lab, 2024\n",
    "note below a blank row": "T;p;y\n1;2;3\n2;3;4\n\nNote that the second one failed\n",
    "note with delimiters": "T;p;y\n1;2;3\n2;3;4\n\nSource: lab; see report; 2024\n",
    "legend": "T;p;y\n1;2;3\n2;3;4\n\nLegend:\nT = temperature\ny = yield; as it was; in %\n",
    "padded note": "T,p,y\n1,2,3\n2,3,4\n* measured twice,,\n",
    "comment between": "T,p,y\n1,2,3\n# pump failed, at noon\n2,3,4\n",
    "narrower table": "T;p;y\n1;2;3\n2;3;4\n\nParameter;Value\nFlow;12\nRate;13\n",
    "table of the same width": "T;p;y\n1;2;3\n2;3;4\n\nA;B;C\n9;9;9\n8;8;8\n",
    "table with a heading": "T,p,y\n1,2,3\n2,3,4\n\nSummary,,\nName,Value,\nx,9,\n",
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_what_is_not_of_the_table_is_left_out_and_said(text):
    table = read_table(text.encode(), "a.csv")
    assert table.frame.to_numpy().tolist() == [[1, 2, 3], [2, 3, 4]]
    assert sum(notice.startswith("Left out: ") and "blank row between" not in notice for notice in table.notices) == 1


def test_rows_with_one_value_stay():
    table = read_table(b"name;T;p\nS1;2;3\nS2;3;4\nS3;;\n", "a.csv")
    assert table.frame["name"].tolist() == ["S1", "S2", "S3"]
    table = read_table(b"T;p;y\n1;2;3\n2;3;4\n;;5\n", "a.csv")
    assert table.frame["y"].tolist() == [3, 4, 5]


def test_a_blank_row_alone_ends_no_table():
    table = read_table(b"kind;p;y\na;2;3\nb;3;4\n\nc;4;5\nd;;6\n", "a.csv")
    assert len(table.frame) == 4


def test_a_workbook_ends_alike():
    data = workbook(["T", "p", "y"], [1, 2, 3], [2, 3, 4], [], ["* measured twice"], others=[])
    assert read_table(data, "a.xlsx").frame.to_numpy().tolist() == [[1, 2, 3], [2, 3, 4]]
    data = workbook(["T", "p", "y"], [1, 2, 3], [2, 3, 4], [], ["A", "B", "C"], [9, 9, 9], others=[])
    assert read_table(data, "a.xlsx").frame.to_numpy().tolist() == [[1, 2, 3], [2, 3, 4]]
