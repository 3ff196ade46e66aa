import pytest

from services.problems.outcomes.drafts import with_outcomes
from services.problems.outcomes.formulas import check_formula, linear_weights
from services.specs.outcomes import OutcomeSpec


def test_a_formula_that_fits_makes_an_outcome_with_its_unit_and_its_recorded_range(usual, usual_spec):
    check = check_formula(usual_spec, usual, "binder", "dose + [fly ash]")
    assert check.outcome == OutcomeSpec(name="binder", formula="dose + [fly ash]")
    sums = usual.dataset.X[:, 0] + usual.dataset.X[:, 1]
    assert (check.unit, check.recorded) == ("kg/m³", (sums.min(), sums.max()))
    priced = check_formula(usual_spec, usual, "cost", "2 * dose", "€/m³")
    assert (priced.unit, priced.outcome.unit, priced.error) == ("€/m³", "€/m³", "")
    assert check_formula(usual_spec, usual, "share", "gain / max(dose, 1)").outcome is not None  # names an outcome


@pytest.mark.parametrize(
    ("text", "words", "position"),
    [
        ("2 * doze", "There is no feature or outcome 'doze' (character 5); did you mean dose?", 4),
        ("dose / [fly ash]", "The formula divides by zero, since [fly ash] is 0, in 20 of 60 recorded rows", 7),
        ("dose +", "", 6),
        ("3 + 4", "The formula names no feature and no outcome", 0),
        ("kind + 1", "'kind' (character 1) holds categories", 0),
    ],
)
def test_what_is_wrong_with_a_formula_is_told_with_its_place(usual, usual_spec, text, words, position):
    check = check_formula(usual_spec, usual, "", text)
    assert words in check.error and check.error and check.position == position
    assert check.outcome is None and check.recorded is None


def test_a_formula_that_refers_to_itself_is_told_so_directly_and_through_another(usual, usual_spec):
    first = OutcomeSpec(name="first", formula="dose + 1")
    second = OutcomeSpec(name="second", formula="first * 2")
    spec = with_outcomes(usual_spec, (*usual_spec.outcomes, first, second), "gain")
    direct = check_formula(spec, usual, "third", "third + dose")
    assert "refers to itself" in direct.error and direct.position == 0
    assert "refers to itself" in check_formula(spec, usual, "first", "second + dose", replaces="first").error
    assert check_formula(spec, usual, "first", "dose + 2", replaces="first").outcome is not None


def test_a_name_that_is_taken_is_refused_beside_the_formula(usual, usual_spec):
    for name, words in (("gain", "An outcome of this run is called 'gain' already"), ("dose", "A feature is called")):
        check = check_formula(usual_spec, usual, name, "dose + 1")
        assert words in check.name_error and check.outcome is None and check.error == "" and check.recorded is not None
    assert check_formula(usual_spec, usual, "", "dose + 1").outcome is None
    assert check_formula(usual_spec, usual, "cost", "  ").error == ""


def test_a_formula_that_others_need_keeps_its_name(usual, usual_spec):
    first, second = OutcomeSpec(name="first", formula="dose + 1"), OutcomeSpec(name="second", formula="first * 2")
    spec = with_outcomes(usual_spec, (*usual_spec.outcomes, first, second), "gain")
    check = check_formula(spec, usual, "other", "dose + 1", replaces="first")
    assert "there is no feature or outcome 'first'" in check.error


def test_weights_are_found_of_sums_alone(usual):
    assert linear_weights("0.5 * dose - [fly ash]", usual.dataset) == {"dose": 0.5, "fly ash": -1.0}
    for text in ("dose * speed", "dose + 1", "dose / 2", "gain * 2", "dose +"):
        assert linear_weights(text, usual.dataset) is None
