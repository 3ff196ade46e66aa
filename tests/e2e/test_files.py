"""Files as people send them become tables in use: a workbook with a cover, a mixture of a German spreadsheet."""

import datetime

import numpy as np
import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.services.intake.tables.books import saved

pytestmark = pytest.mark.browser


def a_report(n=18):
    """Return a workbook with a cover sheet, and a table with a row of units and one of sums."""
    book, rng = Workbook(), np.random.default_rng(3)
    cover = book.active
    cover.title = "Deckblatt"
    for row in (["Versuchsbericht"], [], ["Bearbeiter", "Meier"], ["Datum", datetime.date(2024, 3, 1)], ["Anzahl", n]):
        cover.append(row)
    runs = book.create_sheet("Messwerte")
    values = np.column_stack([rng.uniform(60, 90, n), rng.uniform(1, 4, n), rng.uniform(50, 99, n)]).round(2).tolist()
    runs.append(["Probe", "Temperatur", "Druck", "Ausbeute"])
    runs.append([None, "°C", "bar", "%"])
    for number, row in enumerate(values, start=1):
        runs.append([f"V{number}", *row])
    runs.append(["Summe", *np.sum(values, axis=0).round(2).tolist()])
    return saved(book)


def a_mixture(n=18):
    """Return a mixture design as a German spreadsheet of an old Mac writes it, one row of which lost a cell."""
    rng = np.random.default_rng(4)
    rows = [["Mischung", "Zement [%]", "Kalk [%]", "Sand [%]", "Zähigkeit [MPa]"]]
    for number in range(1, n + 1):
        cement, lime = rng.uniform(20, 50), rng.uniform(5, 20)
        shares = [round(cement, 1), round(lime, 1)]
        cells = [*shares, round(100 - sum(shares), 1), round(30 + cement / 2 - abs(lime - 12), 1)]
        rows.append([f"M{number}", *(f"{cell:.1f}".replace(".", ",") for cell in cells)])
    lines = [";".join(row) for row in rows]
    lines.insert(7, "M99;33,3;12,5")
    return "\r".join(["Versuchsplan 7", *lines, "* Mittel aus drei Proben"]).encode("mac_roman")


def test_a_workbook_with_a_cover_units_and_sums_becomes_a_table(tab):
    tab.open("data").upload("Bericht.xlsx", a_report())
    tab.see("18 rows, 4 columns. Read as Excel, sheet Messwerte.")
    tab.see("Row 2 was read as units, such as '°C'.")
    tab.page.get_by_text("more remarks on what was found").click()
    tab.see("Left out: row 21 ('Summe'), which sums up the rows above.")
    tab.press("How it is read").page.get_by_text("Keep the rows that sum up the others").click()
    tab.see("19 rows, 4 columns")
    tab.page.get_by_text("Keep the rows that sum up the others").click()
    tab.see("18 rows, 4 columns")
    tab.page.keyboard.press("Escape")
    tab.press("Use without training").title_is("Model")
    tab.see("There is no model for Bericht yet.")
    tab.open("data").press("Open").see("In use: Bericht")
    tab.see("18 rows.")
    tab.turn_into_a_phone()
    assert tab.overflow <= 1


def test_a_mixture_of_a_german_spreadsheet_is_mended_below_its_error(tab):
    tab.open("data")
    file = {"name": "Plan.csv", "mimeType": "text/csv", "buffer": a_mixture()}
    tab.page.locator('input[type="file"]').set_input_files(file)
    tab.see("Row 9 has 3 cells where the header in row 2 has 5")
    tab.page.get_by_text("Leave out rows of another width").click()
    tab.press("Read again")
    tab.see("18 rows, 5 columns. Read as semicolon, decimal comma, Mac Roman.")
    tab.see("such as 'Zähigkeit'")
    tab.see("Left out: 1 row above the header, beginning with 'Versuchsplan 7'.")
    expect(tab.page.get_by_text("Row 9 has 3 cells")).to_have_count(0)
    tab.see("18 rows. A model will predict")
    tab.press("Use without training").see("There is no model for Plan yet.")
