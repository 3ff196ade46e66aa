"""Files that people open in a spreadsheet: nothing in them runs, and numbers are numbers."""

import csv
import io
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from services.catalog.datasets import CsvMarks
from services.papers.exports import defuse, file_stem, to_csv, to_excel

DANGEROUS = [
    "=1+1",
    "+2",
    "-3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\tharmless",
    "  =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff@A",
    "a\n=1+1",
    "a\r\n  +1",
    "a;=1+1",
    "a\t=1+1",
    "\uff1d1+1",
    "-4.5",
    "=cmd|' /C calc'!A0",
]
HARMLESS = ["", "a", "a=b", "1-2", "x@y.z", "'=1", "kg/m³", "a, b; c", "C-S-H", " text", "a\nb", "4.5"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_formulas_are_defused(text):
    assert defuse(text).startswith("'")
    assert defuse(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone(text):
    assert defuse(text) == text


@given(st.text(alphabet="=+-@\t\r\n ;a'\u00a0", max_size=12))
def test_no_line_of_a_defused_text_starts_a_formula(text):
    safe = defuse(text)
    for line in safe.replace("\r", "\n").replace(";", "\n").split("\n"):
        assert not line.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t"))


def frame():
    return pd.DataFrame(
        {
            "=HYPERLINK(1)": DANGEROUS[:4],
            "n": [-4.5, np.nan, 1e-7, 2.0],
            "count": [1, 2, 3, 400],
            "kind": pd.Categorical(["a", "-b", "a", "a"]),
            "mixed": ["x", -1, None, pd.Timestamp("2026-01-02")],
            "flag": [True, False, True, True],
        }
    )


class TestCsv:
    def rows(self, table):
        return list(csv.reader(io.StringIO(to_csv(table).decode("utf-8-sig"), newline="")))

    def test_starts_with_the_mark_excel_needs(self):
        assert to_csv(pd.DataFrame({"ä": [1]})) == b"\xef\xbb\xbf" + "ä\r\n1\r\n".encode()

    def test_texts_and_headers_are_defused_and_numbers_are_numbers(self):
        header, *rows = self.rows(frame())
        assert header == ["'=HYPERLINK(1)", "n", "count", "kind", "mixed", "flag"]
        assert rows[0] == ["'=1+1", "-4.5", "1", "a", "x", "True"]
        assert rows[1] == ["'+2", "", "2", "'-b", "-1", "False"]
        assert rows[3][4] == "2026-01-02 00:00:00"

    def test_it_is_written_in_the_dialect_that_the_reader_knows(self):
        table = pd.DataFrame({"x": [1.5, 20.0], "n": [1, 2], "kind": ["a;b", "1.5"]})
        text = to_csv(table, CsvMarks(";", ",")).decode("utf-8-sig")
        assert text == 'x;n;kind\r\n1,5;1;"a;b"\r\n20,0;2;1.5\r\n'

    def test_numbers_read_back_bit_for_bit(self):
        values = np.random.default_rng(0).standard_normal(50) * 10.0 ** np.arange(-25, 25)
        assert [float(row[0]) for row in self.rows(pd.DataFrame({"x": values}))[1:]] == values.tolist()

    def test_empty_frames_are_files_too(self):
        assert self.rows(pd.DataFrame({"a": []})) == [["a"]]


class TestExcel:
    def parts(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    def test_there_is_no_formula_and_no_link(self):
        table = pd.DataFrame({text: [text, "http://host/x", "{=1}"] for text in DANGEROUS})
        parts = self.parts(to_excel({"=1": table}))
        assert not any("<f>" in part or "<f " in part or "<hyperlink" in part for part in parts.values())

    def test_cells_keep_their_types(self):
        sheet = openpyxl.load_workbook(io.BytesIO(to_excel({"Data": frame()})))["Data"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert rows[0] == ["'=HYPERLINK(1)", "n", "count", "kind", "mixed", "flag"]
        assert rows[1] == ["'=1+1", -4.5, 1, "a", "x", True]
        assert rows[2] == ["'+2", None, 2, "'-b", -1, False]

    def test_infinite_numbers_become_words(self):
        sheet = openpyxl.load_workbook(io.BytesIO(to_excel({"s": pd.DataFrame({"x": [np.inf, -np.inf]})})))["s"]
        assert [sheet["A2"].value, sheet["A3"].value] == ["infinite", "minus infinite"]

    @pytest.mark.parametrize(
        ("values", "pattern"),
        [
            ([1, 20_000], "0"),
            ([1.0, 3.0], "0"),
            ([39.12345, 80.5], "0.000"),
            ([0.12345], "0.00000"),
            ([2_345.678], "0.0"),
            ([1e-7], "0.0000E+00"),
            ([2.5e12 + 0.5], "0.0000E+00"),
        ],
    )
    def test_numbers_show_about_five_digits(self, values, pattern):
        sheet = openpyxl.load_workbook(io.BytesIO(to_excel({"s": pd.DataFrame({"x": values})})))["s"]
        assert sheet["A2"].number_format == pattern
        assert sheet["A2"].value == values[0]

    def test_header_is_frozen_bold_and_columns_fit(self):
        table = pd.DataFrame({"a rather long header": [1.5], "x": [1.5], "t": ["y" * 500]})
        sheet = openpyxl.load_workbook(io.BytesIO(to_excel({"s": table})))["s"]
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold
        widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
        assert widths[0] > 20 > widths[1]
        assert widths[2] < 50

    def test_sheet_names_are_made_valid_and_unique(self):
        names = ["Results", "results", "a/b:c[d]", "n" * 40, "", "'quoted'", "History"]
        book = openpyxl.load_workbook(io.BytesIO(to_excel({name: pd.DataFrame({"x": [1]}) for name in names})))
        assert book.sheetnames == ["Results", "results 2", "a b c d", "n" * 31, "Sheet", "quoted", "History 2"]

    def test_an_empty_sheet_is_fine(self):
        book = openpyxl.load_workbook(io.BytesIO(to_excel({"none": pd.DataFrame(), "head": pd.DataFrame({"a": []})})))
        assert book["head"]["A1"].value == "a"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Strong concrete that can be mixed", "strong-concrete-that-can-be-mixed"),
        ("../../etc/passwd", "etc-passwd"),
        ("<img src=x>", "img-src-x"),
        ("Überdruck 5 °C", "berdruck-5-c"),
        ("", "results"),
        ("…", "results"),
        ("x" * 200, "x" * 60),
    ],
)
def test_files_get_a_name_that_every_system_takes(name, stem):
    assert file_stem(name) == stem
