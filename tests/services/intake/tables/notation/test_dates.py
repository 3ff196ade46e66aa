"""Dates in the notations that people use."""

import pytest
from hypothesis import given, strategies as st

from services.intake.tables.notation.dates import has_doubt, is_date, is_day_first, iso_date


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("03.04.2024", "2024-04-03"),
        ("3.4.24", "2024-04-03"),
        ("2024-04-03", "2024-04-03"),
        ("2024-04-03 12:00", "2024-04-03 12:00:00"),
        ("2024-04-03T12:00:30Z", "2024-04-03 12:00:30"),
        ("2024/04/03", "2024-04-03"),
        ("Apr 3, 2024", "2024-04-03"),
        ("3 Apr 2024", "2024-04-03"),
        ("3. April 2024", "2024-04-03"),
        ("3-Apr-24", "2024-04-03"),
        ("3. März 2024", "2024-03-03"),
        ("Mo, 03.04.2024", "2024-04-03"),
        ("03.04.24 08:15", "2024-04-03 08:15:00"),
        ("12/31/2024 3:05 PM", "2024-12-31 15:05:00"),
    ],
)
def test_a_date_is_read_to_its_iso_text(cell, iso):
    assert is_date(cell)
    assert iso in (iso_date(cell, is_day_first=True), iso_date(cell, is_day_first=False))


@pytest.mark.parametrize(
    "cell",
    ["", "1.2.3", "2024.1", "May 5", "20240403", "3 x 5", "31.02.2024", "13.13.2024", "12:30", "1.5", "A-12-2024"],
)
def test_what_is_no_date(cell):
    assert not is_date(cell)


def test_the_order_of_day_and_month_is_told_by_one_cell():
    assert is_day_first(["03/04/2024", "13/04/2024"], otherwise=False)
    assert not is_day_first(["03/04/2024", "04/13/2024"], otherwise=True)
    assert is_day_first(["03/04/2024"], otherwise=True)
    assert has_doubt(["03/04/2024", "05/06/2024"]) == "03/04/2024"
    assert has_doubt(["03/04/2024", "13/04/2024"]) == has_doubt(["03.04.2024"]) == has_doubt(["04/04/2024"]) == ""


@given(st.dates())
def test_any_date_reads_back(date):
    if date.year >= 1000:
        assert iso_date(date.isoformat(), is_day_first=True) == date.isoformat()
        assert iso_date(date.strftime("%d.%m.%Y"), is_day_first=False) == date.isoformat()
