"""Formulas of formulas: what they may name, the order they are calculated in, and their gradients by the features."""

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from models import Column, ColumnKind, FormulaError
from models.formulas.outcomes import MAX_FORMULAS, FormulaOutcome, FormulaOutcomes
from tests.models.formulas.conftest import NAMES, formulas, pieces

FEATURES = (
    Column("water", unit="kg/m³"),
    Column("cement", unit="kg/m³"),
    Column("fly ash", unit="kg/m³"),
    Column("resin", ColumnKind.CATEGORICAL, categories=("A", "B", "C")),
)
MEASURED = (Column("strength", unit="MPa"), Column("slump", unit="mm"))
X = np.array([[160.0, 300, 0, 0], [180, 200, 100, 1], [150, 0, 0, 2]])
STRENGTH = (np.array([40.0, 30.0, 20.0]), np.array([[-1.0, 2, 0.5, 0], [-2, 1, 0.5, 0], [0, 1, 1, 0]]))


def outcomes_of(**texts):
    return FormulaOutcomes(FEATURES, MEASURED, tuple(FormulaOutcome.of(name, text) for name, text in texts.items()))


def test_each_is_calculated_after_what_it_needs():
    found = outcomes_of(margin="price - cost", price="3 * strength", cost="0.1 * cement + 0.02 * [fly ash]")
    assert found.names == ("margin", "price", "cost")
    assert found.order.index("margin") == 2
    assert found.needed(["margin"]) == ("strength",) and found.needed(["cost"]) == ()
    assert found.needed(["cost", "slump"]) == ("slump",)
    values = found.evaluate(X, {"strength": STRENGTH[0]})
    np.testing.assert_allclose(values["margin"], 3 * STRENGTH[0] - (0.1 * X[:, 1] + 0.02 * X[:, 2]))
    assert list(values) == ["margin", "price", "cost"]


def test_gradients_go_through_formulas_and_predicted_outcomes():
    found = outcomes_of(each="strength / cost", cost="0.1 * cement + water")
    (each, gradient), (cost, by_cost) = found.evaluate_with_gradients(X, {"strength": STRENGTH}).values()
    np.testing.assert_allclose(by_cost, np.tile([1, 0.1, 0, 0], (3, 1)))
    np.testing.assert_allclose(each, STRENGTH[0] / cost)
    np.testing.assert_allclose(gradient, STRENGTH[1] / cost[:, None] - (STRENGTH[0] / cost**2)[:, None] * by_cost)


@given(st.lists(st.tuples(*[st.floats(0.5, 5)] * 3), min_size=1, max_size=5))
def test_gradients_are_those_of_finite_differences(rows):
    found = outcomes_of(a="b * log(strength) + water^2", b="c / cement", c="exp(water / 10) * [fly ash]")
    rows = np.column_stack([np.array(rows), np.zeros(len(rows))])

    def strength(X):
        return X[:, 0] * X[:, 1] + 1

    by_strength = np.column_stack([rows[:, 1], rows[:, 0], np.zeros((len(rows), 2))])
    _, gradient = found.evaluate_with_gradients(rows, {"strength": (strength(rows), by_strength)})["a"]
    for j in range(3):
        step = np.zeros(4)
        step[j] = 1e-5
        up, down = (found.evaluate(rows + s, {"strength": strength(rows + s)})["a"] for s in (step, -step))
        np.testing.assert_allclose(gradient[:, j], (up - down) / 2e-5, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(gradient[:, 3], 0)


def test_a_row_without_a_prediction_has_no_result_and_no_gradient():
    found = outcomes_of(a="strength + water")
    value = np.array([1.0, np.nan, 3.0])
    result, gradient = found.evaluate_with_gradients(X, {"strength": (value, STRENGTH[1])})["a"]
    np.testing.assert_array_equal(np.isnan(result), [False, True, False])
    np.testing.assert_array_equal(np.isnan(gradient).all(axis=1), [False, True, False])


def test_categories_are_compared_by_name():
    found = outcomes_of(cost='10 * (resin == "B") + 5 * ("C" == resin) + (resin != "A") * water')
    value, gradient = found.evaluate_with_gradients(X, {})["cost"]
    np.testing.assert_array_equal(value, [0, 190, 155])
    np.testing.assert_array_equal(gradient[:, 0], [0, 1, 1])
    np.testing.assert_array_equal(gradient[:, 3], 0)


@pytest.mark.parametrize(
    ("texts", "position", "words"),
    [
        ({"a": "2 * watr"}, 4, r"^a: there is no feature or outcome 'watr' \(character 5\); did you mean water\?"),
        ({"a": "2 * [Fly_Ash]"}, 4, "did you mean fly ash"),
        ({"a": "zzz"}, 0, "there are water, cement, fly ash, resin, strength, slump"),
        ({"a": "a + water"}, 0, "^a: the formula refers to itself: 'a' needs 'a'"),
        ({"a": "1 + b", "b": "c", "c": "a"}, 4, "'a' needs 'b', 'b' needs 'c', 'c' needs 'a'"),
        ({"a": "1 + 1"}, 0, "names no feature"),
        ({"a": "water * resin"}, 8, 'holds categories.*as in resin == "A", which is 1 or 0'),
        ({"a": "resin"}, 0, "holds categories"),
        ({"a": "resin == 1"}, 0, "holds categories"),
        ({"a": "resin == 'b'"}, 0, "has no category 'b'; did you mean B"),
        ({"a": "resin == 'zzz'"}, 0, "there are A, B, C"),
        ({"a": "water == 'A'"}, 0, "holds numbers: compare it with a number"),
        ({"b": "water", "a": "b == 'A'"}, 0, "holds numbers"),
        ({"water": "cement"}, None, "^water: another feature or outcome has this name"),
        ({" ": "cement"}, None, "has no name"),
        ({"a": "cement +"}, 8, "^a: Expected a name"),
    ],
)
def test_impossible_formulas_are_refused_by_name(texts, position, words):
    with pytest.raises(FormulaError, match=words) as caught:
        outcomes_of(**texts)
    if len(texts) < 3:  # a circle may be told from any of its formulas
        assert caught.value.position == position


def test_two_formulas_do_not_share_a_name():
    twice = (FormulaOutcome.of("a", "water"), FormulaOutcome.of("a", "cement"))
    with pytest.raises(FormulaError, match="has this name"):
        FormulaOutcomes(FEATURES, MEASURED, twice)


def test_there_is_an_end_to_formulas():
    chain = {f"f{i}": f"f{i - 1} + 1" if i else "water" for i in range(MAX_FORMULAS)}
    np.testing.assert_array_equal(outcomes_of(**chain).evaluate(X, {})["f49"], X[:, 0] + 49)
    with pytest.raises(FormulaError, match="at most 50"):
        outcomes_of(**chain, more="water")


def test_units_follow_from_formulas_unless_they_are_given():
    given_one = FormulaOutcome.of("cost", "0.1 * cement", "€/m³")
    others = (FormulaOutcome.of("ratio", "water / cement"), FormulaOutcome.of("each", "strength / cost"))
    found = FormulaOutcomes(FEATURES, MEASURED, (*others, given_one))
    assert found.units == {"ratio": "", "each": "MPa·m³/€", "cost": "€/m³"}
    assert [column.label for column in found.columns] == ["ratio", "each [MPa·m³/€]", "cost [€/m³]"]


def test_outcomes_that_are_needed_have_to_be_given():
    with pytest.raises(FormulaError, match=r"need the outcomes \['strength'\]"):
        outcomes_of(a="strength").evaluate(X, {})
    with pytest.raises(ValueError, match=r"shape \(n, 4\)"):
        outcomes_of(a="water").evaluate(X[:, :2], {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "water / [fly ash]",
            r"^a: the formula divides by zero, since \[fly ash\] is 0, in 2 of 3 .* row 7\. .*max\(\[",
        ),
        ("water / (cement + [fly ash])", "in 1 of 3 recorded rows, the first of them row 9"),
        ("log([fly ash])", r"logarithm of \[fly ash\], which is not above 0, in 2 of 3"),
        ("sqrt([fly ash] - 50)", r"square root of \[fly ash\] - 50, which is below 0, in 2 of 3"),
        ("([fly ash] - 50)^0.5", "to the power 0.5, which is no number, in 2 of 3"),
        ("exp(water * 10)", "grows beyond all numbers in 3 of 3"),
        ("1 / (resin == 'B')", "divides by zero, since .* in 2 of 3"),
    ],
)
def test_formulas_without_a_result_on_recorded_rows_say_where(text, words):
    with pytest.raises(FormulaError, match=words):
        outcomes_of(a=text).check_rows(X, {}, np.array([7, 8, 9]))


@given(text=formulas, seed=st.integers(0, 50))
def test_what_passes_the_check_has_a_result_for_every_row(text, seed):
    columns = tuple(Column(name) for name in NAMES)
    rows = np.random.default_rng(seed).normal(size=(20, 3)).round(1)
    try:
        found = FormulaOutcomes(columns, (), (FormulaOutcome.of("a", text),))
        found.check_rows(rows, {})
    except FormulaError:
        assume(False)
    assert np.isfinite(found.evaluate(rows, {})["a"]).all()


@given(text=pieces)
def test_any_text_makes_outcomes_or_a_named_error(text):
    columns = tuple(Column(name) for name in NAMES)
    try:
        found = FormulaOutcomes(columns, MEASURED, (FormulaOutcome.of("a", text),))
        found.check_rows(X[:, :3], {})
    except FormulaError as error:
        assert str(error).startswith("a: ")
    else:
        assert found.units.keys() == {"a"}


def test_rows_without_an_outcome_are_left_aside():
    found = outcomes_of(a="water / strength", b="1 / a")
    found.check_rows(X, {"strength": np.array([1.0, np.nan, 2.0])})
    found.check_rows(X, {"strength": np.full(3, np.nan)})
    with pytest.raises(FormulaError, match="in 1 of 2 recorded rows, the first of them row 3"):
        found.check_rows(X, {"strength": np.array([1.0, np.nan, 0.0])})
