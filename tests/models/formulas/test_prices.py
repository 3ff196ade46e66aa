"""Prices and CO2 of features become formulas: weighted sums with their units."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models import Column, ColumnKind, FormulaError
from models.formulas.outcomes import FormulaOutcomes
from models.formulas.parser import parse
from models.formulas.prices import Price, PriceTable, weighted_sum

MIX = (Column("cement", unit="kg/m³"), Column("fly ash", unit="kg/m³"), Column("age", unit="days"))
PRICES = PriceTable({"fly ash": Price(0.05, 0.027), "cement": Price(0.11, 0.82), "age": Price()})


def test_a_price_table_is_two_weighted_sums():
    cost, co2 = PRICES.cost(MIX), PRICES.co2(MIX)
    assert (cost.name, cost.formula.text, cost.unit) == ("cost", "0.11 * cement + 0.05 * [fly ash]", "€/m³")
    assert (co2.name, co2.formula.text, co2.unit) == ("CO2", "0.82 * cement + 0.027 * [fly ash]", "kg CO₂/m³")
    found = FormulaOutcomes(MIX, (), (cost, co2)).evaluate(np.array([[300.0, 100, 28]]), {})
    np.testing.assert_allclose([found["cost"][0], found["CO2"][0]], [38, 248.7])


@pytest.mark.parametrize(
    ("units", "text", "unit"),
    [
        (("kg", "kg"), "2 * a - 3 * b", "CHF"),
        (("kg/m³", "L/m³"), "2 * a - 3 * b", "CHF/m³"),
        (("kg/m³", "kg"), "2 * a - 3 * b", ""),
        (("kg/m³", ""), "2 * a - 3 * b", ""),
        (("", ""), "2 * a - 3 * b", ""),
        (("%", "wt%"), "(2 * a - 3 * b) / 100", "CHF/t"),
    ],
)
def test_the_unit_is_what_is_left_when_a_price_is_per_unit(units, text, unit):
    columns = [Column(name, unit=one) for name, one in zip("ab", units, strict=True)]
    cost = PriceTable({"a": Price(2), "b": Price(-3)}, currency="CHF", whole="t").cost(columns)
    assert (cost.formula.text, cost.unit) == (text, unit)


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        ({"cemnt": Price(1)}, "no feature 'cemnt'; did you mean cement"),
        ({"resin": Price(1)}, "holds categories, which have no amount"),
        ({"cement": Price(0)}, "at least one number"),
        ({}, "at least one number"),
        ({"cement": Price(float("nan"))}, "for 'cement', got nan"),
        ({"cement": Price(1, float("inf"))}, "for 'cement', got inf"),
    ],
)
def test_impossible_prices_are_refused(prices, words):
    columns = (*MIX, Column("resin", ColumnKind.CATEGORICAL, categories=("A",)))
    with pytest.raises(FormulaError, match=words):
        PriceTable(prices).cost(columns)


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.floats(-1e6, 1e6).filter(bool), min_size=1, max_size=8))
def test_any_names_and_weights_make_the_sum(weights):
    columns = {name: np.array([1.0, 2.0]) * (1 + j) for j, name in enumerate(weights)}
    expected = sum(weight * columns[name] for name, weight in weights.items())
    found = parse(weighted_sum(weights)).evaluate(columns)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


def test_hundreds_of_features_fit():
    weights = {f"a feature with a long name {i}": 0.123456 for i in range(400)}
    assert len(parse(weighted_sum(weights)).names) == 400
