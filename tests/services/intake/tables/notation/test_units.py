"""What is a unit and what is part of a name."""

import pytest

from services.intake.tables.notation.units import is_unit, is_units_row, split_unit, split_units, unit_of_cell

UNITS = (
    "°C|kg/m³|kg/m3|kg/m^3|kg m-3|N/mm2|mPa·s|mPa s|1/min|min-1|min⁻¹|s^-1|g/L|mol/l|mol L-1|W/(m·K)|J/(mol*K)|g/10min|"
    "g/100 g|mg KOH/g|€/t|EUR/kg|%|wt%|Ma.-%|Vol.-%|m/s²|µm|mA/cm²|bar|h|days|rpm|ppm|MPa|cm²|l/min|kJ/mol|Shore A|°Bx"
)
NO_UNITS = "28d|new|Label|max|set|sample|MPa, megapascals|no unit|low|Line|7|1.5|2024|a b c d e|x y||[%]|component 1"


@pytest.mark.parametrize("text", UNITS.split("|"))
def test_a_unit_is_known(text):
    assert is_unit(text)


@pytest.mark.parametrize("text", NO_UNITS.split("|"))
def test_a_word_is_no_unit(text):
    assert not is_unit(text)


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("Temp [°C]", "Temp", "°C"),
        ("Druck (bar)", "Druck", "bar"),
        ("T / °C", "T", "°C"),
        ("Zeit in h", "Zeit", "h"),
        ("Dichte in g/cm³", "Dichte", "g/cm³"),
        ("Temp, °C", "Temp", "°C"),
        ("Temp °C", "Temp", "°C"),
        ("p (bar(g))", "p", "bar(g)"),
        ("Strength 28d [MPa]", "Strength 28d", "MPa"),
        ("c(NaOH) [mol/L]", "c(NaOH)", "mol/L"),
        ("温度（℃）", "温度", "℃"),
        ("Time(s)", "Time", "s"),
        ("Current (A)", "Current", "A"),
        ("Temp (C)", "Temp", "C"),
        ("Age (day)", "Age", "day"),
        ("ΔT [K]", "ΔT", "K"),
        ("Ratio [-]", "Ratio", ""),
        ("pH (-)", "pH", ""),
        ("Temp in °C", "Temp", "°C"),
        ("Temp [ºC]", "Temp", "°C"),
        ("Temp (Celsius)", "Temp", "Celsius"),
        ("yield %", "yield", "%"),
    ],
)
def test_a_unit_behind_a_name_is_taken_off(header, name, unit):
    assert split_unit(header) == (name, unit)


@pytest.mark.parametrize(
    "header",
    [
        *("Strength (28d)", "Runtime (new)", "Sample(s)", "Line (A)", "Phase (C)", "w / c", "Water / Cement", "A_pct"),
        *(
            "temp_C",
            "Cement (component 1)(kg in a m^3 mixture)",
            "f(x)",
            "pH",
            "Loss on ignition",
            ":red[x]",
            "Yield",
            "[°C]",
            "5 %",
            "Made in China",
            "(bar)",
        ),
    ],
)
def test_other_words_stay_in_the_name(header):
    assert split_unit(header) == (header, "")


def test_columns_that_would_get_one_name_keep_theirs():
    assert split_units(["Strength [MPa]", "Strength [psi]", "T [°C]"]) == (
        ["Strength [MPa]", "Strength [psi]", "T"],
        ["", "", "°C"],
    )


def test_minimum_and_minutes_are_told_apart_by_the_column_beside():
    assert split_units(["Temp (min)", "Temp (max)"])[0] == ["Temp (min)", "Temp (max)"]
    assert split_units(["Dauer (min)", "Temp (max)"])[0] == ["Dauer (min)", "Temp (max)"]
    assert split_units(["Dauer (min)", "Temp (°C)"]) == (["Dauer", "Temp"], ["min", "°C"])


def test_a_row_of_units():
    assert is_units_row(["[°C]", "[bar]", "[%]"])
    assert is_units_row(["°C", "", "-", "Ma.-%"])
    assert not is_units_row(["T", "p", "T", "p"])
    assert not is_units_row(["", ""])
    assert not is_units_row(["none", "low", "h"])
    assert [unit_of_cell(cell) for cell in ("[°C]", "bar", "-", "[-]", "Einheit", "[my own]")] == [
        "°C",
        "bar",
        "",
        "",
        "",
        "my own",
    ]


@pytest.mark.parametrize(
    ("header", "name", "unit"), [("T/°C", "T", "°C"), ("p/bar", "p", "bar"), ("U/min", "U/min", ""), ("w/c", "w/c", "")]
)
def test_a_slash_without_blanks_is_one_before_units_alone(header, name, unit):
    assert split_unit(header) == (name, unit)
