import math

import pytest
from hypothesis import assume, given, strategies as st

from models import Column, ColumnKind
from models.quality import Finding, FindingKind, Region
from services.studies.quality.texts import advice_of, amount, limit_between, place_of, prediction_advice

SLAG = Column("slag", unit="kg/m³")
RESIN = Column("resin", ColumnKind.CATEGORICAL, categories=("A", "B"))


def _finding(low, high, below=-math.inf, above=math.inf, n_rows=14, kind=FindingKind.ERROR, bias=0.0):
    return Finding(Region(0, low, high, below, above), kind, n_rows, 7.1, 3.2, bias, 0.01, 4.0, 5.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (12.345, "12.3"), (0.012345, "0.0123"), (0, "0"), (-3.0, "-3"), (1e-9, "0.000000001")],
)
def test_numbers_have_three_digits_that_mean_something(value, text):
    assert amount(value) == text
    assert amount(value, "MPa") == f"{text} MPa"


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e5))
def test_a_limit_lies_between_what_it_divides(low, span):
    high = low + span
    assume(high - low > 1e-9 * max(abs(low), abs(high)))
    assert low <= limit_between(low, high) < high


@pytest.mark.parametrize(("low", "high", "limit"), [(11.9, 12.2, 12), (9.5, 10.4, 10), (95, 104, 100), (0, 22, 0)])
def test_a_limit_is_a_round_number(low, high, limit):
    assert limit_between(low, high) == limit


@pytest.mark.parametrize(
    ("finding", "column", "place", "advice"),
    [
        (
            _finding(12.3, 32.2, below=11.9),
            SLAG,
            "high slag (above 12 kg/m³)",
            "Record more there, or keep the bounds below 12.",
        ),
        (
            _finding(121.75, 150.0, above=152.0),
            SLAG,
            "low slag (below 152 kg/m³)",
            "Record more there, or keep the bounds above 152.",
        ),
        (
            _finding(20.0, 30.0, 19.0, 31.0),
            SLAG,
            "slag from 20 to 30 kg/m³",
            "Record more there, or take results there with care.",
        ),
        (
            _finding(0.0, 0.0, above=11.0),
            SLAG,
            "slag 0 kg/m³",
            "Record more there, or keep the bounds above 10.",
        ),
        (
            _finding(1.0, 1.0, 0.0),
            RESIN,
            "resin B",
            "Record more there, or do not allow B in the search.",
        ),
    ],
)
def test_places_and_what_to_do_there_are_said_in_words(finding, column, place, advice):
    assert place_of(finding, column) == place
    assert advice_of(finding, column, 500) == advice


def test_more_of_the_same_is_not_asked_for_where_rows_are_many():
    many = _finding(12.3, 32.2, below=11.9, n_rows=200)
    assert advice_of(many, SLAG, 500).startswith("Look for something that tells these rows apart")
    biased = _finding(12.3, 32.2, below=11.9, n_rows=200, kind=FindingKind.BIAS, bias=3.0)
    assert advice_of(biased, SLAG, 500).startswith("Try a larger model")
    assert advice_of(many, SLAG, 50_000).startswith("Record more there")


def test_numbers_with_many_digits_become_round_ones():
    finding = _finding(91.754339, 99.614105, 91.716, 99.73)
    assert place_of(finding, Column("predictions", unit="%")) == "predictions from 91.72 to 99.7 %"


def test_a_biased_prediction_says_what_to_expect():
    finding = _finding(60.0, 80.0, below=59.0, kind=FindingKind.BIAS, bias=4.0)
    assert prediction_advice(finding, "MPa").startswith("Expect 4 MPa less than predicted there")
    finding = _finding(60.0, 80.0, below=59.0, kind=FindingKind.BIAS, bias=-4.0)
    assert prediction_advice(finding, "MPa").startswith("Expect 4 MPa more than predicted there")
    assert prediction_advice(_finding(60.0, 80.0, below=59.0), "MPa").startswith("Try such results out")
