"""Units of formulas: where the columns tell them, and none where a number might have one."""

import pytest

from models.formulas.parser import parse
from models.formulas.units import unit_of

UNITS = {
    "water": "kg/m³",
    "cement": "kg/m3",
    "strength": "MPa",
    "price": "€/kg",
    "share": "wt%",
    "other": "wt%",
    "temp": "°C",
    "speed": "m/s",
    "rate": "1/min",
    "ratio": "",
    "gas": "kg CO2",
    "flow": "kg/(m² h)",
}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("water + cement", "kg/m³"),
        ("water - cement", "kg/m³"),
        ("water / cement", ""),
        ("water + strength", ""),
        ("water + unknown", ""),
        ("water * strength", "kg·MPa/m³"),
        ("strength / water", "MPa·m³/kg"),
        ("price * water", "€/m³"),
        ("price * water / strength", "€/(m³·MPa)"),
        ("1 / speed", "s/m"),
        ("1 / rate", "min"),
        ("speed^2", "m²/s²"),
        ("sqrt(speed^2)", "m/s"),
        ("strength^0.5", ""),
        ("sqrt(speed)", ""),
        ("-water", "kg/m³"),
        ("abs(water)", "kg/m³"),
        ("max(water, 0)", "kg/m³"),
        ("max(water, strength)", ""),
        ("water + 5", "kg/m³"),
        ("temp + 273.15", ""),
        ("temp - temp", "°C"),
        ("temp * water", ""),
        ("0.12 * cement", ""),
        ("cement / 2", ""),
        ("2 / speed", ""),
        ("share + other", "wt%"),
        ("share / other", ""),
        ("share * water", ""),
        ("share * ratio", "wt%"),
        ("(water > 100) * strength", "MPa"),
        ("water > 100", ""),
        ("exp(water / cement)", ""),
        ("log(water)", ""),
        ("ratio^ratio", ""),
        ("water^ratio", ""),
        ("gas / gas", ""),
        ("gas + gas", "kg CO2"),
        ("water * unknown", ""),
    ],
)
def test_a_unit_follows_from_those_of_the_columns(text, unit):
    assert unit_of(parse(text), UNITS) == unit


def test_long_units_are_read_too():
    assert unit_of(parse("flow + flow"), UNITS) == "kg/(m²·h)"
    assert unit_of(parse("a / b"), {"a": "a/b/c/d/e", "b": "a/b/c/d/e"}) == ""
