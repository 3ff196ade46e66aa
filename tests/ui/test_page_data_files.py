"""Files that are hard to read: what was found is said, and no error is without the control that mends it."""

import numpy as np
import pandas as pd
import pytest

from services.catalog.settings import ROOT
from services.intake.from_file import table_from_file
from tests.services.intake.tables.books import made, workbook

ROWS = "".join(f"{j},{j * j % 7}.5,{j * 3 % 5}\n" for j in range(8))


@pytest.fixture
def page(app):
    return app.go("data")


def choose(page, **choices):
    """Set fields of the form of the reading by their kinds and labels, and read again."""
    for kind, fields in choices.items():
        for label, value in fields.items():
            page.one(kind, label).set_value(value)
    return page.press("Read again")


def expanders(page):
    return [expander.label for expander in page.test.expander]


def test_rows_of_another_width_can_be_left_out_below_the_error(page):
    page.upload("ragged.csv", f"a,b,y\n{ROWS}9,9\n10,1.5,2\n".encode())
    assert page.says("Row 10 has 2 cells where the header in row 1 has 3", "error")
    choose(page, checkbox={"Leave out rows of another width": True})
    assert not page.test.error
    assert page.says("9 rows, 3 columns", "markdown")
    assert page.says("Left out as you chose: 1 row of another width than the header, the first is row 10.", "caption")
    assert page.take_table().session.dataset.n_rows == 9


def test_another_delimiter_can_be_chosen_below_the_error(page):
    page.upload("x.csv", b"a;b;y\n1,5;2,25;3\n2,5;3,25;4\n3,5;1,25;9\n")
    choose(page, selectbox={"Columns are separated by": "|"})
    assert page.says("has the single column 'a;b;y'; it looks like semicolon: choose that.", "error")
    choose(page, selectbox={"Columns are separated by": ";"})
    assert not page.test.error
    assert page.says("3 rows, 3 columns", "markdown")


def test_another_encoding_can_be_chosen_below_the_error(page):
    page.upload("x.csv", "Härte;b;y\n1;2;3\n2;4;4\n5;3;6\n".encode("cp850"))
    assert page.says("it was read as DOS 850, such as 'Härte'", "caption")
    choose(page, selectbox={"Encoding": "utf-8"})
    assert page.says("The file is not UTF-8 text", "error")
    choose(page, selectbox={"Encoding": "cp850"})
    assert not page.test.error
    assert "Härte" in page.one("multiselect", "Features").value


def test_quotation_marks_can_be_letters_below_the_error(page):
    page.upload("x.csv", b'size;b;y\n"5 pipe;1;2\n"6 pipe;3;3\n"6 pipe;2;4\n')
    assert page.says("quotation mark", "error")
    choose(page, checkbox={"Quotation marks enclose cells": False})
    assert not page.test.error
    assert page.says("3 rows, 3 columns", "markdown")


def test_another_header_row_can_be_chosen_below_the_error(page):
    page.upload("x.csv", f"a,b,y\n{ROWS}".encode())
    choose(page, number_input={"Header row": 40})
    assert page.says("Row 40 is blank or below the first rows", "error")
    choose(page, number_input={"Header row": 1})
    assert not page.test.error
    assert page.one("selectbox", "Outcome").value == "y"


def test_a_table_without_a_header_is_one_by_choice(page):
    page.upload("x.csv", b"A;1;2,5\nB;3;4,5\nC;2;8,5\n")
    choose(page, number_input={"Header row": 0})
    assert page.says("3 rows, 3 columns", "markdown")


def test_bytes_that_are_no_text_leave_the_choice_of_an_encoding(page):
    page.upload("zeros.csv", b"a,b\n1,\x002\n3,4\n5,6\n")
    assert page.says("NUL bytes", "error")
    assert page.one("selectbox", "Encoding").value == "utf-8"


def test_marks_that_cannot_be_are_refused_and_nothing_is_lost(page):
    page.upload("x.csv", f"a,b,y\n{ROWS}".encode())
    choose(page, selectbox={"Decimal mark": ",", "Thousands mark": ","})
    assert page.says("Decimals and thousands need different marks", "error")
    assert page.says("8 rows, 3 columns", "markdown")


def test_another_sheet_can_be_chosen_below_the_error(page):
    page.upload("x.xlsx", workbook(["a", "y"], [1, 2], [2, 3], [4, 4], others=["Notes"]))
    assert page.one("selectbox", "Sheet").value == "Data"
    page.put("selectbox", "Sheet", "Notes")
    assert page.says("but no rows", "error")
    page.put("selectbox", "Sheet", "Data")
    assert not page.test.error
    assert page.says("3 rows, 2 columns. Read as Excel, sheet Data.", "markdown")


@pytest.mark.parametrize("data", [b"a,b\nx,y\nz,w\nx,w\n", b"y\n1\n2\n3\n"], ids=["no numbers", "one column"])
def test_what_the_columns_cannot_be_used_for_leaves_the_form_at_hand(page, data):
    page.upload("x.csv", data)
    assert page.test.error
    assert page.one("selectbox", "Columns are separated by").value == ","


def test_a_file_that_is_no_table_has_no_form(page):
    page.upload("x.csv", b"\x89PNG\r\n\x1a\n0000")
    assert page.says("a picture", "error")
    assert not page.all("button", "Read again")


def test_rows_that_sum_up_are_left_out_and_kept_when_the_user_says_so(page):
    page.upload("x.csv", f"a,b,y\n{ROWS}Total,{sum(j * j % 7 + 0.5 for j in range(8))},15\n".encode())
    assert page.says("Left out: row 10 ('Total'), which sums up the rows above.", "caption")
    assert page.says("8 rows, 3 columns", "markdown")
    page.put("toggle", "Keep the rows that sum up the others", True)
    assert page.says("9 rows, 3 columns", "markdown")
    page.put("toggle", "Keep the rows that sum up the others", False)
    assert page.says("8 rows, 3 columns", "markdown")


def test_cells_that_are_no_numbers_are_listed_and_limits_stand_for_what_the_user_says(page):
    page.upload("x.csv", f"a,b,y\n{ROWS}1O,<0.5,3\n-,>9,4\n".encode())
    assert page.says("4 cells were not numbers:", "caption")
    unread = next(table.value for table in page.test.dataframe if "taken as" in table.value.columns)
    assert unread["text"].tolist() == ["1O", "-", "<0.5", ">9"]
    page.put("segmented_control", "Limits such as <0.05 or >100 count as", "Half of it").take_table()
    assert page.session.dataset.n_rows == 8  # the first column lacks both rows
    page.put("multiselect", "Features", ["b"]).take_table()
    np.testing.assert_array_equal(page.session.dataset.X[-2:, 0], [0.25, 9])


def test_units_are_those_of_the_file(page):
    page.upload("x.csv", f"Temp [°C],p,y\n,[bar],[%]\n{ROWS}".encode())
    assert page.says("Row 2 was read as units, such as 'bar'.", "caption")
    assert page.take_table().session.dataset.units == {"Temp": "°C", "p": "bar", "y": "%"}


def test_many_remarks_are_folded(page):
    rows = "".join(f"{j},5 %;{j} ± 1;{j} °C;€ {j};{j}*;{j * j % 5}\n" for j in range(9))
    page.upload("x.csv", ("a;b;c;d;e;y\n" + rows).encode())
    assert "4 more remarks on what was found and changed" in expanders(page)
    assert page.says("'0 ± 1' is 0; what follows ± is left out", "caption")


def test_what_was_chosen_is_still_chosen_after_another_page(page):
    page.upload("x.csv", f"a,b,y\n{ROWS}9,9\n".encode())
    choose(page, checkbox={"Leave out rows of another width": True})
    page.go("start").go("data")
    assert not page.test.error
    assert page.says("8 rows, 3 columns", "markdown")


def test_a_workbook_with_a_cover_sheet_ends_in_its_table(page):
    def build(book):
        book.active.title = "Cover"
        book.active["A1"] = "Report"
        runs = book.create_sheet("Runs")
        for row in (["T", "y"], ["°C", "%"], *([60 + j, j * j % 7] for j in range(6))):
            runs.append(row)

    page.upload("x.xlsx", made(build))
    assert page.one("selectbox", "Sheet").value == "Runs"
    assert page.take_table().session.dataset.units == {"T": "°C", "y": "%"}


def odd_table():
    """Words for missing, marks, gaps, labels, a copy, a constant, and four measured columns; as Germans write it."""
    rng, n = np.random.default_rng(8), 60
    heat, dose = rng.uniform(20, 90, n).round(1), rng.uniform(0, 5, n).round(2)
    frame = pd.DataFrame(
        {
            "Charge": [f"C{k:03d}" for k in range(n)],
            "Temperatur [°C]": heat,
            "Temperatur [K]": (heat + 273.15).round(2),
            "Dosis [g]": dose,
            "Ligand": rng.choice(["A", "B", "none", "NA"], n),
            "gespült": np.where(rng.random(n) < 0.4, "x", ""),
            "Druck [bar]": 1.0,
        }
    )
    for name, slope in (("Ausbeute [%]", 0.4), ("Härte [MPa]", 2.0), ("Farbe", 0.1), ("Restfeuchte [%]", 0.05)):
        frame[name] = (10 + slope * heat + dose + rng.normal(0, 0.3, n)).round(2)
    frame.loc[3:9, "Härte [MPa]"] = np.nan
    frame.loc[20:22, "Dosis [g]"] = np.nan
    return frame.to_csv(index=False, sep=";", decimal=",").encode("cp1252")


@pytest.mark.parametrize("name", ["concrete", "production_yield", "reactor", "odd"])
def test_a_file_without_a_screen_makes_the_dataset_of_the_page(page, name):
    data = odd_table() if name == "odd" else (ROOT / "data" / f"{name}.csv").read_bytes()
    taken = page.upload(f"{name}.csv", data).take_table().session.dataset
    assert table_from_file(data, f"{name}.csv").dataset.digest == taken.digest
