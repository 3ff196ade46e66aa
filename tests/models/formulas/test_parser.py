"""Texts become formulas, or an error that says what is wrong where; never anything else."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from models import FormulaError
from models.formulas.formula import quoted
from models.formulas.parser import MAX_LENGTH, MAX_STEPS, parse
from tests.models.formulas.conftest import formulas, pieces

X = {"x": np.array([1.0, 2.0, 4.0]), "y": np.array([3.0, 0.0, -1.0])}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * x", [3, 5, 9]),
        ("(1 + 2) * x", [3, 6, 12]),
        ("x - 1 - 1", [-1, 0, 2]),
        ("8 / x / 2", [4, 2, 1]),
        ("-x^2", [-1, -4, -16]),
        ("(-x)^2", [1, 4, 16]),
        ("2^x^0.5", 2 ** np.sqrt(X["x"])),
        ("2**-x", 2 ** -X["x"]),
        ("x * -y", [-3, 0, 4]),
        ("--x", X["x"]),
        ("+x", X["x"]),
        ("max(x, y, 2)", [3, 2, 4]),
        ("min(x, y)", [1, 0, -1]),
        ("abs(y) + sqrt(x)", [4, np.sqrt(2), 3]),
        ("log(exp(x))", X["x"]),
        ("(x < 2) + 10 * (x >= 2) + 100 * (y == 0) + 1000 * (y != 0)", [1001, 110, 1010]),
        ("x > 1 + 1", [0, 0, 1]),
        (".5 * x + 1e-1", [0.6, 1.1, 2.1]),
        ("x × 2 − y ÷ 1 · 1", [-1, 4, 9]),
        ("(x ≤ 2) + (y ≥ 3) + (x ≠ 1)", [2, 2, 1]),
        ("x\n  + 1", [2, 3, 5]),
    ],
)
def test_formulas_are_calculated_as_school_has_it(text, expected):
    np.testing.assert_allclose(parse(text).evaluate(X), np.array(expected, dtype=float) * np.ones(3), rtol=1e-15)


@pytest.mark.parametrize(
    "name", ["fly ash", "w/c ratio", "Temp [°C]", "7d", "Größe", "a]b", "]", "[", "x²", "log", "%", "名前"]
)
def test_any_name_can_be_written(name):
    formula = parse(f"2 * {quoted(name)} + 1")
    assert formula.names == (name,)
    np.testing.assert_array_equal(formula.evaluate({name: np.array([1.0, 2.0])}), [3, 5])


def test_plain_names_stand_bare():
    assert [quoted(name) for name in ("cement", "Größe", "_a1", "fly ash", "max", "7d")] == [
        "cement",
        "Größe",
        "_a1",
        "[fly ash]",
        "[max]",
        "[7d]",
    ]
    assert parse("log + log(log)").names == ("log",)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("= x", 0, "without '='"),
        ("x +", 3, "got the end of the formula. Write what comes after '[+]'"),
        ("x + * y", 4, r"Expected a name, a number or '\(' at character 5, got '\*'"),
        ("fly ash * 2", 4, r"name with blanks stands in square brackets: \[fly ash\]"),
        ("2x", 1, "such as 2 [*] x"),
        ("1,5 * x", 1, "Decimals are written with a point"),
        ("sqrt(1,5)", 0, "takes one number in its parentheses, got 2. Decimals"),
        ("max(x)", 0, "at least 2 numbers in its parentheses, got 1"),
        ("min()", 0, "got 0"),
        ("(x", 0, r"parenthesis at character 1 is not closed: add '\)'"),
        ("x)", 1, "closes nothing"),
        ("[x", 0, "square bracket at character 1 is not closed"),
        ("x]", 1, "closes nothing"),
        ("[]", 0, "Expected a name in the brackets"),
        ("a = b", 2, "write == for"),
        ("a < b < c", 6, r"write \(a < b\) \* \(b < c\)"),
        ("ln(x)", 0, "no function 'ln'.* Write log"),
        ("squrt(x)", 0, "Did you mean sqrt"),
        ("if(x > 1)", 0, r"Write \(age > 28\) \* a"),
        ("cement(x)", 0, "write a sign such as"),
        ("x²", 1, r"Write x\^2"),
        ("5 % * x", 2, "Write 5 % as 0.05"),
        ("`x`", 0, r"\[fly ash\]"),
        ("x # y", 2, "got '#'"),
        ("x\x00", 1, r"U\+0000"),
        ("1 / 0", 2, "divides by 0"),
        ("x / (2 - 2)", 2, "divides by 0"),
        ("log(0) + x", 0, "is no number"),
        ("sqrt(0 - 1)", 0, "is no number"),
        ("9**9**9", 1, "exponents go from -100 to 100"),
        ("x ^ 1000", 2, "The exponent at character 3 is 1000"),
        ("1e999", 0, "too large"),
        ("exp(1000) * x", 0, "is no number up to"),
        ('"A"', 0, "can only be compared with a name"),
        ('x * "A"', 4, "can only be compared with a name"),
        ('x < "A"', 4, "can only be compared with a name"),
        ("x == 'A", 5, "quote at character 6 is not closed"),
    ],
)
def test_errors_say_what_is_wrong_where_and_how_to_mend_it(text, position, words):
    with pytest.raises(FormulaError, match=words) as caught:
        parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(" * 5_000 + "x" + ")" * 5_000, "at most 50 deep"),
        ("-" * 10_000 + "x", "at most 50 deep"),
        ("2^" * 5_000 + "x", "at most 50 deep"),
        ("abs(" * 4_000, "at most 50 deep"),
        ("(" * 100_000, "at most 20,000 characters, this one has 100,000"),
        ("1" * MAX_LENGTH, "too large"),
        ("+".join("x" * MAX_STEPS), "at most 2,500 numbers"),
        ("x" * (MAX_LENGTH + 1), "shorten it"),
        ("[" * MAX_LENGTH, "not closed"),
        ("'" * (MAX_LENGTH - 1), "not closed"),
    ],
)
def test_hostile_texts_are_refused(text, words):
    with pytest.raises(FormulaError, match=words):
        parse(text)


def test_a_long_sum_is_no_deep_one():
    formula = parse("+".join(["x"] * 1_200))
    np.testing.assert_array_equal(formula.evaluate({"x": np.array([1.0, 2.0])}), [1_200, 2_400])
    _, slopes = formula.evaluate_with_slopes({"x": np.array([1.0, 2.0])})
    np.testing.assert_array_equal(slopes["x"], [1_200, 1_200])
    assert parse(formula.written()).steps == formula.steps


@given(text=formulas)
def test_the_text_is_the_document_and_its_plain_form_the_same_formula(text):
    try:
        formula = parse(text)
    except FormulaError:
        assume(False)
    assert formula.text == text and parse(formula.text) == formula
    assert parse(formula.written()).steps == formula.steps
    assert parse(formula.written()).written() == formula.written()


@settings(max_examples=500)
@given(text=st.text(max_size=40) | pieces)
def test_any_text_is_a_formula_or_a_named_error(text):
    try:
        formula = parse(text)
    except FormulaError as error:
        assert str(error) and (error.position is None or 0 <= error.position <= len(text))
    else:
        assert formula.steps and parse(formula.written()).steps == formula.steps


@given(name=st.text(min_size=1, max_size=12))
def test_every_name_comes_back(name):
    assert parse(f"{quoted(name)} * 2").names == (name,)


def test_words_are_for_readers():
    assert parse("-[fly ash]**2*(a<=3)").words == "−fly ash^2 × (a ≤ 3)"
    assert parse('(resin == "A") / max(a, b)').words == '(resin = "A") / max(a, b)'
