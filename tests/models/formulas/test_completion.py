"""What is offered at a cursor: names and functions that go on with what was begun, and nothing where none fits."""

import pytest
from hypothesis import given, strategies as st

from models import Column, ColumnKind
from models.formulas.completion import complete
from tests.models.formulas.conftest import pieces

COLUMNS = (
    Column("cement", unit="kg/m³"),
    Column("fly ash", unit="kg/m³"),
    Column("max temp [°C]"),
    Column("resin", ColumnKind.CATEGORICAL, categories=("A", 'say "B"')),
    Column("strength", unit="MPa"),
)


def texts(text, cursor=None):
    return [option.text for option in complete(text, len(text) if cursor is None else cursor, COLUMNS).options]


def completed(text, cursor, place=0):
    found = complete(text, cursor, COLUMNS)
    return text[: found.start] + found.options[place].text + text[found.end :]


def test_an_empty_formula_is_offered_everything():
    assert texts("")[:2] == ["cement", "[fly ash]"]
    assert "sqrt(" in texts("") and "strength" in texts("2 * ") and "strength" in texts("max(cement, ")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ce", "cement"),
        ("2 * CE", "cement"),
        ("fly", "[fly ash]"),
        ("[f", "[fly ash]"),
        ("ash", "[fly ash]"),
        ("temp", "[max temp [°C]]]"),
        ("ength", "strength"),
        ("sq", "sqrt("),
        ("res", 'resin == "A"'),
        ("(ce", "cement"),
        ("cement+s", "strength"),
    ],
)
def test_what_was_begun_is_gone_on_with(text, first):
    assert texts(text)[0] == first


def test_names_that_begin_so_come_first():
    assert texts("ma") == ["[max temp [°C]]]", "max("]
    assert texts("[ma") == ["[max temp [°C]]]"]
    assert texts("s")[:2] == ["strength", "sqrt("] and "[fly ash]" in texts("s")


@pytest.mark.parametrize(
    "text", ["cement ", "cement", "2", "2.5", "(cement)", "[fly ash]", 'resin == "', "zzz", "2 ce"]
)
def test_nothing_is_offered_where_nothing_fits(text):
    assert texts(text) == (["cement"] if text == "cement" else [])


@pytest.mark.parametrize(
    ("text", "cursor", "whole"),
    [
        ("2 * ce + 1", 6, "2 * cement + 1"),
        ("2 * cexyz + 1", 6, "2 * cement + 1"),
        ("[fl] * 2", 3, "[fly ash] * 2"),
        ("2 * [fl", 7, "2 * [fly ash]"),
        ("sq(cement)", 2, "sqrt(cement)"),
        ("[a]] b] + ce", 12, "[a]] b] + cement"),
    ],
)
def test_an_option_takes_the_place_of_what_was_begun(text, cursor, whole):
    assert completed(text, cursor) == whole


def test_options_say_their_unit_or_what_they_calculate():
    (option,) = complete("streng", 6, COLUMNS).options
    assert option.about == "MPa"
    assert complete("sqrt", 4, COLUMNS).options[0].about == "the square root"


def test_categories_are_offered_as_comparisons():
    assert texts("resin") == ['resin == "A"', 'resin == "say ""B"""']


def test_there_are_not_too_many():
    many = [Column(f"channel {i}") for i in range(1_000)]
    assert len(complete("ch", 2, many).options) == 20


@given(text=st.text(max_size=30) | pieces, cursor=st.integers(-5, 40))
def test_any_text_and_cursor_will_do(text, cursor):
    found = complete(text, cursor, COLUMNS)
    assert 0 <= found.start <= found.end <= len(text)
