import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from ui.charts.style import axis_title, clipped, d3_format, escape, format_number, format_range, wrapped


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (12.0, "12"),
        (0.1234567, "0.1235"),
        (12.3456, "12.35"),
        (1234.5, "1,234"),
        (12345.6, "12,346"),
        (-12.5, "−12.5"),
        (9.9999999, "10"),
        (0.00012, "0.00012"),
        (0.0000123456, "1.235·10⁻⁵"),
        (1.5e12, "1.5·10¹²"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_numbers_have_about_four_digits(value, text):
    assert format_number(value) == text


def test_a_number_carries_its_unit():
    assert format_number(2345.4, "kg/m³") == "2,345 kg/m³"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_a_formatted_number_is_near_the_number(value):
    text = format_number(value).replace(",", "").replace("−", "-")
    mantissa, _, power = text.partition("·10")
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    assert float(mantissa) * 10.0**exponent == pytest.approx(value, rel=6e-4)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([2290.2, 2420.3, 2300], "2,290–2,420 t"),
        ([-7.5, 1.25], "−7.5 to 1.25 t"),
        ([5.0, 5.0], "5 t"),
        ([7.000001, 7.000002], "7.000001–7.000002 t"),
        ([math.nan, 1.0], "1 t"),
        ([], "–"),
    ],
)
def test_ranges_tell_their_ends_apart(values, text):
    assert format_range(values, "t") == text


@given(st.text())
def test_texts_of_users_are_neither_tags_nor_templates_nor_formulas(text):
    safe = escape(text)
    assert not {"<", ">", "$", "\n"} & set(safe)
    assert "%{" not in safe


@pytest.mark.parametrize("text", ["a < b & c > d", "cost [$]", "%{x}", "plain"])
def test_escaping_is_undone_by_the_browser(text):
    import html

    assert html.unescape(escape(text)) == text


def test_long_texts_are_wrapped_then_cut():
    text = wrapped("temperature of the third heating zone after the extruder", 18)
    lines = text.split("<br>")
    assert len(lines) == 2
    assert all(len(line) <= 18 for line in lines)
    assert text.endswith("…")
    assert clipped("abcdef", 4) == "abc…"
    assert wrapped("", 10) == ""


def test_axis_titles_have_units_and_escaped_names():
    assert axis_title("<b>", "%") == "&lt;b&gt; [%]"


@pytest.mark.parametrize(
    ("values", "form"), [([0.5, 80.0], ",.2~f"), ([2345.0], ",.0~f"), ([1e-7], ".4~g"), ([0.0], ",.0~f"), ([], ",.3~f")]
)
def test_the_browser_writes_about_four_digits(values, form):
    assert d3_format(np.array(values, dtype=float)) == form
