"""Words on several outcomes."""

import pytest

from optimizer import Diversity
from services.texts.outcomes import front_words, kept_words, ordered_outcomes, row_words
from services.texts.results import facts, light_of, result_figures, result_summaries, variety_sentence
from services.texts.tables import search_sentence
from tests.ui.mixes import front_of_mixes, mixes


@pytest.fixture(scope="module")
def front():
    return front_of_mixes(mixes())


def test_goals_come_first_then_limits():
    one_goal = front_of_mixes(mixes(), goals=1)
    assert [one_goal.outcomes[j].name for j in ordered_outcomes(one_goal)] == ["cost", "strength", "fines"]


def test_what_was_asked_is_said_in_the_order_of_the_outcomes(front):
    assert search_sentence(front).startswith(
        "Searched for Max of strength and Min of cost · limit: strength of at least 15 MPa"
    )


def test_a_card_has_every_outcome_of_its_result(front):
    found = {fact.name: fact for fact in facts(front, front.results, 0)}
    assert found["Strength (max, at least 15)"].value == "At least 40.0, expect 50.0, up to 60.0 MPa"
    assert found["Cost (min)"].value == "250.0 €/m³"
    assert "keeps at most 0.95" in found["Fines (at most 0.95)"].meaning


def test_a_limit_is_kept_with_a_confidence_by_the_prediction_or_as_measured(front):
    info, values = front.outcomes[0], front.results.others[0]
    assert kept_words(info, values, 0) == "keeps at least 15 MPa with 95 % confidence"
    by_prediction = info.model_copy(update={"confidence": None})
    assert kept_words(by_prediction, values, 0) == "keeps at least 15 MPa by the prediction"
    recorded = front.best_recorded.others[0]
    assert kept_words(info, recorded, 0) == "keeps at least 15 MPa"
    unknown = recorded.model_copy(update={"measured": (None,), "keeps": (False,)})
    assert kept_words(info, unknown, 0).startswith("not measured")
    assert kept_words(front.outcomes[1], front.results.others[1], 0) == ""


def test_what_breaks_a_limit_is_not_to_be_relied_on(front):
    summary = next(one for one in result_summaries(front, front.results, 2) if one.name == "Limits")
    assert summary.words == "1 of 2 broken" and "strength breaks at least 15 MPa" in summary.meaning
    assert light_of(front, front.results, 2).tone == "bad"
    assert row_words(front, front.results, 0, 2).endswith("; breaks at least 15 MPa")


def test_a_front_says_its_knee_what_is_alike_and_what_more_costs(front):
    assert front_words(front, 1) == "It gives up least of every goal."
    assert "another recipe of the same outcomes as Result 1" in front_words(front, 2)
    first = front_words(front, 0)
    assert "Result 3 has the same outcomes by another way." in first
    assert first.endswith("Here, 1 MPa more strength costs 9.00 €/m³ of cost.")
    assert front_words(front_of_mixes(mixes(), goals=1), 0) == ""


def test_how_much_of_the_front_the_results_have_is_said_instead_of_the_worst(front):
    measured = Diversity(
        share_within=1.0, worst_over_best=0.2, smallest_distance=1.2, mean_distance=2.0, solow_polasky=2.5, theta=1.0
    )
    told = front.model_copy(update={"diversity": measured})
    assert result_figures(told)[0].value == "80 %"
    assert "Worst result" not in [figure.name for figure in result_figures(told)]
    assert variety_sentence(told).startswith("The results have 80 % of what the whole front has.")
