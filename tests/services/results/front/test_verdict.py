"""The verdict on a front: what counts is every goal at once."""

from optimizer import Goal
from services.results.verdict import judge_run, verdict_of
from services.specs.results import VerdictKind
from tests.ui.mixes import front_of_mixes, mixes


def with_record(strength, cost):
    """A front beside one recorded row."""
    result = front_of_mixes(mixes())
    recorded = result.best_recorded.others
    own = [strength, cost, recorded[2].measured[0]]
    others = tuple(each.model_copy(update={"measured": (value,)}) for each, value in zip(recorded, own, strict=True))
    return result.model_copy(update={"best_recorded": result.best_recorded.model_copy(update={"others": others})})


def test_a_result_beats_a_row_where_the_worse_end_of_each_goal_does():
    verdict = judge_run(with_record(25.0, 200.0))
    assert (verdict.kind, verdict.first) == (VerdictKind.BEATS, 2)
    assert "than row 7 at no loss of" in verdict.words and "with 95 % confidence in each" in verdict.words


def test_what_only_predictions_promise_may_beat_a_row():
    assert judge_run(with_record(35.0, 200.0)).kind is VerdictKind.MAY_BEAT


def test_where_one_goal_loses_nothing_is_beaten():
    verdict = judge_run(with_record(55.0, 20.0))
    assert verdict.kind is VerdictKind.NOT_BETTER
    assert verdict.words == "No result beats a recorded row in every goal: what one goal gains another loses."
    assert verdict.first == 2  # the knee
    assert "gives up least of every goal" in verdict.details


def test_what_is_left_out_of_a_front_does_not_count():
    result = with_record(25.0, 200.0)
    verdict = verdict_of(result, (1,))
    assert verdict.kind is VerdictKind.NOT_BETTER and verdict.first != 2
    assert "gives up least" not in verdict.details
    assert verdict_of(result, (0, 1, 2)) is None


def test_one_goal_with_limits_says_which_it_keeps():
    result = front_of_mixes(mixes(), goals=1)
    assert result.goal is Goal.MINIMUM
    words = judge_run(result).words
    assert "It keeps strength of at least 15 MPa with 95 % confidence and fines of at most 0.95." in words
