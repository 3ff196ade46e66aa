"""Limits are guessed where unit or rows tell them, and never for an outcome that may be negative."""

import numpy as np
import pytest

from models import PhysicalLimits
from models.data.limits import NO_LIMITS
from services.intake.tables.outcome_limits import guess_limits

RNG = np.random.default_rng(5)
SHARES = RNG.uniform(20, 90, 40)
AMOUNTS = RNG.normal(300, 20, 40)
NON_NEGATIVE, PERCENT = PhysicalLimits(0), PhysicalLimits(0, 100)


@pytest.mark.parametrize("unit", ["%", " % ", "percent", "wt%", "wt.-%", "vol %", "mol-%", "% (w/w)", "%RH", "Prozent"])
def test_a_share_stays_within_0_and_100(unit):
    assert guess_limits("yield", unit, SHARES).limits == PERCENT


@pytest.mark.parametrize(
    ("rows", "limits"), [([0, 100], PERCENT), ([20, 130], NON_NEGATIVE), ([-0.5, 60], NO_LIMITS), ([], NO_LIMITS)]
)
def test_rows_say_whether_a_percentage_is_a_share(rows, limits):
    assert guess_limits("yield", "%", np.array(rows, dtype=float)).limits == limits


@pytest.mark.parametrize(
    "unit",
    [
        *("MPa", "N/mm²", "n/mm2", "kg", "kg/m³", "kg/m^3", "g", "mg/l", "mm", "µm", "\u03bcm", "s", "1/s", "s⁻¹", "K"),
        *("mol", "mol/(l·s)", "mg / kg", "g/100 g", "t/h", "min", "ppm"),
    ],
)
def test_quantities_that_are_never_negative(unit):
    guess = guess_limits("strength", unit, AMOUNTS)
    assert (guess.limits, guess.source) == (NON_NEGATIVE, f"its unit, {unit}")
    assert guess_limits("strength", unit, AMOUNTS - 310).limits == NO_LIMITS  # some rows are negative


@pytest.mark.parametrize("unit", ["°C", "V", "mV", "dB", "°", "€", "€/t", "N", "kN", "kJ/mol", "%/h", "widgets", ""])
def test_units_that_say_nothing_of_a_sign(unit):
    assert guess_limits("response", unit, AMOUNTS).limits == NO_LIMITS


@pytest.mark.parametrize("name", ["strength change", "weight_gain", "Δ mass", "Deviation", "Differenz der Maße"])
@pytest.mark.parametrize("unit", ["%", "kg", ""])
def test_differences_may_be_negative(name, unit):
    assert guess_limits(name, unit, np.abs(RNG.normal(0, 10, 60))).limits == NO_LIMITS


def test_a_unit_in_the_name_counts_where_none_was_typed():
    assert guess_limits("yield [%]", "", SHARES).limits == PERCENT
    assert guess_limits("strength (MPa)", "", AMOUNTS).limits == NON_NEGATIVE
    assert guess_limits("heat (kg)", "°C", AMOUNTS).limits == NO_LIMITS


@pytest.mark.parametrize("rows", [RNG.exponential(3, 60), RNG.lognormal(0, 1.2, 60), RNG.poisson(1.5, 60)])
def test_rows_that_stop_at_0_and_crowd_there(rows):
    guess = guess_limits("defects", "", rows.astype(float))
    assert guess.limits == NON_NEGATIVE and guess.source.startswith("its rows")
    assert guess_limits("temperature", "", rows.astype(float)).limits == NO_LIMITS
    assert guess_limits("defects", "°C", rows.astype(float)).limits == NO_LIMITS


def test_rows_around_a_mean_that_happen_to_be_positive_say_nothing():
    guessed = 0
    for seed in range(400):
        rows = np.random.default_rng(seed).normal(2.2, 1, 60)
        guessed += not guess_limits("response", "", rows[rows > 0]).limits.is_open
    assert guessed <= 4


def test_what_is_missing_does_not_count():
    assert guess_limits("yield", "%", np.array([np.nan, 20, np.inf, 70])).limits == PERCENT
