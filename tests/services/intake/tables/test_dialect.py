"""Golden files: what is written in each dialect is recognised, shown in words and read to the right numbers."""

import numpy as np
import pytest

from services.intake.tables.csv_text import Dialect
from services.intake.tables.limits import TableError
from services.intake.tables.reading import Reading, read_table

GOLDEN = [
    (b"x,y\n1.5,2.25\n", Dialect(), [1.5, 2.25]),
    (b"x;y\n1,5;2,25\n", Dialect(delimiter=";", decimal=","), [1.5, 2.25]),
    (b"a,b;c,d\n1,5;2,25\n", Dialect(delimiter=";", decimal=","), [1.5, 2.25]),
    (b"x\ty\n1,5\t2,25\n", Dialect(delimiter="\t", decimal=","), [1.5, 2.25]),
    (b"x|y\r\n1.5|-2e3\r\n", Dialect(delimiter="|"), [1.5, -2000]),
    (b'x,y\r"1,5","2,25"\r', Dialect(decimal=","), [1.5, 2.25]),
    (b"x   y\n 1.5  2.25 \n", Dialect(delimiter=" "), [1.5, 2.25]),
    (b"x;y\n1.234,5;2,25\n", Dialect(delimiter=";", decimal=",", thousands="."), [1234.5, 2.25]),
    (b'x,y\n"1,234,567",2.25\n', Dialect(thousands=","), [1234567, 2.25]),
    (b'x,y\n"1,234",2\n', Dialect(thousands=","), [1234, 2]),
    (b"x;y\n1,234;2\n", Dialect(delimiter=";", decimal=","), [1.234, 2]),
    (b"x;y\n1'234.5;2.25\n", Dialect(delimiter=";", thousands="'"), [1234.5, 2.25]),
    ("x;y\n1\u202f234,5;2,25\n".encode(), Dialect(delimiter=";", decimal=",", thousands=" "), [1234.5, 2.25]),
    ("x;y\n\u22121,5;2,25\n".encode(), Dialect(delimiter=";", decimal=","), [-1.5, 2.25]),
    ("\ufeffx,y\n1.5,2.25\n".encode(), Dialect(), [1.5, 2.25]),
    ("x,y\n1.5,2.25\n".encode("utf-16"), Dialect(encoding="utf-16"), [1.5, 2.25]),
    ("x,y\n1.5,2.25\n".encode("utf-16-le"), Dialect(encoding="utf-16-le"), [1.5, 2.25]),
    ("x,y\n1.5,2.25\n".encode("utf-16-be"), Dialect(encoding="utf-16-be"), [1.5, 2.25]),
    ("x;Härte\n1,5;2,25\n".encode("cp1252"), Dialect("cp1252", ";", ","), [1.5, 2.25]),
]


@pytest.mark.parametrize(("data", "dialect", "numbers"), GOLDEN, ids=[repr(data)[:40] for data, _, _ in GOLDEN])
def test_dialect_is_recognised_and_read(data, dialect, numbers):
    table = read_table(data, "golden.csv")
    assert table.dialect == dialect
    assert table.frame.iloc[0].tolist() == numbers


def test_every_choice_has_words():
    assert Dialect("cp1252", ";", ",", ".").words == "semicolon, decimal comma, thousands point, Windows-1252"
    assert Dialect().words == "comma, decimal point, UTF-8"


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"encoding": "klingon"}, "encoding must be one of"),
        ({"delimiter": "x"}, "delimiter must be one of"),
        ({"decimal": ";"}, "decimal must be one of"),
        ({"decimal": ",", "thousands": ","}, "different marks"),
    ],
)
def test_impossible_dialects_are_refused(choice, message):
    with pytest.raises(TableError, match=message):
        Dialect(**choice)


def test_accents_in_windows_1252_are_noticed():
    table = read_table("Härte,y\n1,2\n".encode("cp1252"), "a.csv")
    assert list(table.frame.columns) == ["Härte", "y"]
    assert any("Windows-1252" in notice for notice in table.notices)


def test_decimal_comma_is_shown_with_a_cell():
    assert "Numbers were read with a decimal comma: '1,5' is 1.5." in read_table(b"x;y\n1,5;2,25\n", "a.csv").notices


def test_ambiguous_point_is_noticed():
    assert any("'1.234'" in notice for notice in read_table(b"x;y\n1.234;2\n", "a.csv").notices)
    assert read_table(b"x;y\n1.234;2.5\n", "a.csv").notices == ()


@pytest.mark.parametrize("mark", [",", "."])
@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["800", "1.200", "1.500", "950"], [800, 1200, 1500, 950]),  # closer together than 800 and 1.2
        (["10", "50", "1.200", "0"], [10, 50, 1200, 0]),  # decimals would be 10.000
        (["2", "1.322", "1.421", "1"], [2, 1.322, 1.421, 1]),
        (["2", "0.322", "1.421", "1"], [2, 0.322, 1.421, 1]),
        (["800", "1.25", "1.500", "950"], [800, 1.25, 1.5, 950]),
        (["1500", "1.200", "1.500", "950"], [1500, 1.2, 1.5, 950]),
        (["1.653", "1.961", "3.111", "1.234"], [1.653, 1.961, 3.111, 1.234]),
    ],
)
def test_thousands_are_told_from_decimals_by_the_other_numbers_of_the_column(mark, cells, numbers):
    # What the rest of the file does changes nothing where the column tells that it has thousands.
    for other in ("45", "45.5", "45,5") if 1200 in numbers else ("45",):
        lines = ["\t".join(("60", cell.replace(".", mark), other)) for cell in cells]
        table = read_table("\n".join(["T\tx\ty", *lines]).encode(), "a.csv")
        assert table.frame["x"].tolist() == numbers
        assert table.frame["y"].tolist() == [float(other.replace(",", "."))] * 4


def test_what_may_be_thousands_or_decimals_is_shown():
    for mark, word in ((",", "comma"), (".", "point")):
        text = "T;x\n60;1.653\n70;1.961\n80;3.111\n".replace(".", mark)
        table = read_table(text.encode(), "a.csv")
        shown = f"'1{mark}653' was read as a number below a thousand: if its {word} marks thousands, choose that."
        assert shown in table.notices
    table = read_table(b"T;x\n70,0;1.322\n80,0;1.422\n", "a.csv")
    assert "Column 'x': '1.322' was read as 1322: if its point marks decimals, choose that." in table.notices


def test_thousands_marks_must_group_by_three():
    frame = read_table(b"x;y\n1.234,5;2\n1.5;3\n2,5;4\n", "a.csv").frame
    assert np.array_equal(frame["x"], [1234.5, np.nan, 2.5], equal_nan=True)
    frame = read_table(b"x;y\n1.23,5;2\n2,5;4\n3,5;4\n", "a.csv").frame
    assert np.array_equal(frame["x"], [np.nan, 2.5, 3.5], equal_nan=True)


def test_what_no_mark_explains_is_no_number():
    # One of them groups by thousands, but which?
    assert read_table(b"x;y\n1.234;2\n1,234;2\n", "a.csv").frame["x"].tolist() == ["1.234", "1,234"]
    # No group of thousands begins with 0, and the comma groups in the other cells.
    table = read_table(b"x;y\n0,123;2\n1,234.5;2\n2,345.5;2\n", "a.csv")
    assert np.array_equal(table.frame["x"], [np.nan, 1234.5, 2345.5], equal_nan=True)
    assert table.unread.to_numpy().tolist() == [[2, "x", "0,123", "missing"]]


def test_a_number_in_the_other_notation_is_one_with_a_notice():
    table = read_table(b"x;y\n1,5;2\n2,5;2\n3.5;3\n", "a.csv")
    assert table.frame["x"].tolist() == [1.5, 2.5, 3.5]
    assert any("'3.5' in row 4 has another decimal mark" in notice for notice in table.notices)


class TestWrongChoice:
    """A dialect that does not fit the file gives a refusal or a notice, never a wrong number."""

    @pytest.mark.parametrize(
        ("data", "dialect", "message"),
        [
            (b"x;y\n1,5;2,25\n", Dialect(delimiter=","), "looks like semicolon"),
            (b"x;y\n1;2\n", Dialect(delimiter="|"), r"single column 'x;y'.*looks like semicolon"),
            ("Härte,y\n1,2\n".encode("cp1252"), Dialect(), "not UTF-8 text"),
            (b"xx,yy\n1,2\n", Dialect(encoding="utf-16-le"), "has a header"),
        ],
    )
    def test_what_cannot_be_read_that_way_is_refused(self, data, dialect, message):
        with pytest.raises(TableError, match=message):
            read_table(data, "a.csv", Reading(dialect))

    def test_the_wrong_decimal_mark_reads_what_it_can_only_mean_and_says_so(self):
        table = read_table(b"x;y\n1,5;2,25\n", "a.csv", Reading(Dialect(delimiter=";")))
        assert table.frame.iloc[0].tolist() == [1.5, 2.25]
        assert sum("another decimal mark" in words for words in table.notices) == 2

    def test_the_wrong_decimal_mark_leaves_text_where_thousands_are_meant_as_well(self):
        table = read_table(b"x;y\n1,500;2.5\n2,250;3.5\n", "a.csv", Reading(Dialect(delimiter=";")))
        assert table.frame["x"].tolist() == ["1,500", "2,250"]
        assert any("'1,500' would be a number with a decimal comma" in words for words in table.notices)

    def test_a_delimiter_that_fits_by_accident_is_noticed(self):
        table = read_table(b"a,b;c,d\n1,5;2,25\n", "a.csv", Reading(Dialect(delimiter=",")))
        assert any("looks like semicolon" in notice for notice in table.notices)
