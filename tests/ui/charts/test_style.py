import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from ui.charts.style import (
    REFERENCE,
    RESULT_COLOURS,
    UNPENALISED,
    axis_title,
    compact,
    d3_format,
    escape,
    format_number,
    format_range,
    nice_ticks,
    padded,
    result_style,
    small_ticks,
    tick_texts,
    wrapped,
)


@pytest.mark.parametrize(
    ("low", "high", "is_integer", "values", "texts"),
    [
        (0, 359.4, False, [0, 200], ["0", "200"]),
        (2, 82, False, [25, 50, 75], ["25", "50", "75"]),
        (1.5, 9.5, True, [3, 6, 9], ["3", "6", "9"]),
        (0.5, 3.5, True, [1, 2, 3], ["1", "2", "3"]),
        (540_000, 1_470_000, False, [1_000_000], ["1M"]),
        (0, 430_000, False, [0, 200_000, 400_000], ["0", "200k", "400k"]),
        (-7.5, 1.4, False, [-5, 0], ["−5", "0"]),
    ],
)
def test_ticks_of_a_small_axis_are_round_and_short(low, high, is_integer, values, texts):
    found, words = small_ticks(low, high, 3, is_integer=is_integer)
    np.testing.assert_allclose(found, values, atol=1e-9)
    assert words == texts


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 6), st.booleans())
def test_ticks_are_few_and_lie_on_the_axis(low, span, n_max, is_integer):
    high = low + span
    values = nice_ticks(low, high, n_max, is_integer=is_integer)
    assert 1 <= len(values) <= n_max
    room = 1e-6 * (high - low) + 1e-9 + 1e-15 * max(abs(low), abs(high)) + (1 if is_integer else 0)
    assert (values >= low - room).all()
    assert (values <= high + room).all()
    if is_integer:
        np.testing.assert_allclose(values, np.round(values))


def test_near_ticks_have_the_digits_that_tell_them_apart():
    assert tick_texts(np.array([7.000001, 7.000002])) == ["7.000001", "7.000002"]


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
    assert wrapped("", 10) == ""


def test_axis_titles_have_units_and_escaped_names():
    assert axis_title("<b>", "%") == "&lt;b&gt; [%]"


@pytest.mark.parametrize(
    ("values", "form"), [([0.5, 80.0], ",.2~f"), ([2345.0], ",.0~f"), ([1e-7], ".4~g"), ([0.0], ",.0~f"), ([], ",.3~f")]
)
def test_the_browser_writes_about_four_digits(values, form):
    assert d3_format(np.array(values, dtype=float)) == form


LIGHT, DARK = "#ffffff", "#0e1117"
VISIONS = {  # Machado, Oliveira and Fernandes 2009, in linear light
    "normal": np.eye(3),
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def _linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _contrast(a, b):
    low, high = sorted(float(_linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (a, b))
    return (high + 0.05) / (low + 0.05)


def _lab(linear):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    x, y, z = np.cbrt(np.clip(xyz / [0.9505, 1, 1.089], 0, 1))
    return np.array([116 * y, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", [LIGHT, DARK])
@pytest.mark.parametrize("colour", [*RESULT_COLOURS, UNPENALISED, REFERENCE])
def test_colours_stand_out_from_both_themes(colour, ground):
    assert _contrast(colour, ground) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_the_first_five_results_are_told_apart_with_every_vision(vision):
    seen = [_lab(np.clip(np.array(VISIONS[vision]) @ _linear(colour), 0, 1)) for colour in RESULT_COLOURS[:5]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12


def test_fifty_results_look_different_except_for_the_last_turns():
    styles = [result_style(number) for number in range(1, 41)]
    assert len(set(styles)) == 40
    assert result_style(50)


def test_numbers_are_halved_unless_digits_would_be_lost():
    assert compact(np.array([0.0, 1.0, np.nan])).dtype == np.float32
    assert compact(np.array([1.7e9, 1.7e9 + 1])).dtype == np.float64
    assert compact(np.array([])).dtype == np.float32


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (5.0, 5.0), (0.0, 0.0), (-3.0, -3.0)])
def test_a_padded_range_is_wider(low, high):
    a, b = padded(low, high)
    assert a < low <= high < b
