"""Numbers in the notations that people use."""

import pytest
from hypothesis import given, strategies as st

from services.intake.tables.notation.numbers import Meaning, is_missing_word, is_value, read_digits, written_number


@pytest.mark.parametrize(
    ("cell", "digits", "unit", "bound"),
    [
        ("12,5 %", "12,5", "%", ""),
        ("12.5%", "12.5", "%", ""),
        ("40 ± 0.4", "40", "", ""),
        ("(40 ± 2) MPa", "40", "MPa", ""),
        ("40+/-2", "40", "", ""),
        ("60 °C", "60", "°C", ""),
        ("60°C", "60", "°C", ""),
        ("€ 10,50", "10,50", "€", ""),
        ("10,50 €", "10,50", "€", ""),
        ("1\u00a0234,5", "1\u00a0234,5", "", ""),
        ("1\u2009234,5 kg/m³", "1\u2009234,5", "kg/m³", ""),
        ("\u221210,5", "-10,5", "", ""),
        ("– 5", "-5", "", ""),
        ("<0,05", "0,05", "", "<"),
        ("≥ 100", "100", "", ">"),
        ("> 5 %", "5", "%", ">"),
        ("~60", "60", "", ""),
        ("ca. 60 °C", "60", "°C", ""),
        ("12.5*", "12.5", "", ""),
        ("28d", "28", "d", ""),
        ("３．５", "3.5", "", ""),
        ("'12,5", "12,5", "", ""),
    ],
)
def test_a_number_is_taken_out_of_what_stands_around_it(cell, digits, unit, bound):
    written = written_number(cell)
    assert written is not None
    assert (written.digits, written.unit, written.bound) == (digits, unit, bound)


@pytest.mark.parametrize(("cell", "power"), [("1,5·10³", 3), ("2x10^-3", -3), ("2 × 10^(-3)", -3), ("4*10^6", 6)])
def test_powers_of_ten(cell, power):
    assert written_number(cell).power == power


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "1O",
            "10-20",
            "12:30",
            "03.04.2024",
            "A1",
            "C12",
            "1/2",
            "v1.2",
            "Pd/C 5%",
            "1 2",
            "10 20",
            "",
            "none",
            "1A",
        ),
        *("5 of 7", "2024-04-03", "1,2,3", "1..2", "1_000", "0x1F", "--5", "5 new", "<LOD", "5;6"),
    ],
)
def test_what_is_no_number(cell):
    assert written_number(cell) is None


@pytest.mark.parametrize(
    ("digits", "meaning"),
    [
        ("1.234,5", Meaning(None, 1234.5, ".")),
        ("1,234.5", Meaning(None, 1234.5, ",")),
        ("1.234.567", Meaning(None, 1234567.0, ".")),
        ("1,234", Meaning(1.234, 1234.0, ",")),
        ("0,123", Meaning(0.123, None, ",")),
        ("12,34", Meaning(12.34, None, ",")),
        ("1 234,5", Meaning(1234.5, None, ",")),
        ("1'234", Meaning(1234.0, None, "")),
        ("1234", Meaning(1234.0, None, "")),
        ("1,5e-3", Meaning(0.0015, None, ",")),
        ("1,23,4", Meaning(None, None, "")),
    ],
)
def test_marks_say_what_they_can_mean(digits, meaning):
    assert read_digits(digits) == meaning


@given(st.floats(-1e12, 1e12, allow_subnormal=False).map(lambda x: round(x, 4)), st.sampled_from(".,"))
def test_any_plain_number_means_itself(number, decimal):
    text = f"{number:.4f}".replace(".", decimal)
    assert read_digits(written_number(text).digits).by_decimal == float(f"{number:.4f}")


@pytest.mark.parametrize(
    "cell",
    [
        "-",
        "–",
        "k.A.",
        "#NV",
        ".",
        "?",
        "#WERT!",
        "#BEZUG!",
        "n/a",
        "N.D.",
        "nd",
        "<LOD",
        "< lod",
        "Fehlt",
        "missing",
        "NaN",
        "",
    ],
)
def test_words_for_missing(cell):
    assert is_missing_word(cell) and is_value(cell)


@pytest.mark.parametrize("cell", ["low", "A", "0", "catalyst", "nothing"])
def test_other_words(cell):
    assert not is_missing_word(cell)
