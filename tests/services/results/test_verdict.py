import numpy as np
import pytest
from hypothesis import given, strategies as st

from optimizer import Goal
from services.problems.building import build_problem
from services.results.search import run_spec
from services.results.verdict import bounds_reached, judge_run, outlook_of, verdict_of
from services.specs.results import RunResult, Valley, VerdictKind


@pytest.fixture(scope="module")
def found(plain_spec, confident):
    spec = plain_spec.revised(model=plain_spec.model.model_copy(update={"kind": "saved"}))
    return run_spec(spec, confident, is_beside_random=False).result


@pytest.fixture(scope="module")
def curved(mixed_spec, confident):
    return run_spec(mixed_spec, confident, is_beside_random=False).result


def told(result, best, *rows, goal="maximum", value=None, level=0.9):
    """A result with such intervals, (expected, low, high) each, beside one best recorded row."""
    n = len(rows)
    expected, lows, highs = zip(*rows, strict=True)
    columns = {
        "outcomes": expected,
        "lows": lows,
        "highs": highs,
        "scores": tuple(range(n)),
        "names": None,
        "already": None,
    }
    own = result.results.model_copy(update={"X": (result.results.X * n)[:n], **columns})
    recorded = result.best_recorded.only(0).model_copy(update={"measured": (best,), "outcomes": (best,)})
    spec = result.spec.revised(goal=goal, value=value, level=level)
    valleys = tuple(Valley(a=k, b=k + 1, is_plateau=False, dip=1.0, words="") for k in range(n - 1))
    changes = {"spec": spec, "goal": Goal(goal), "results": own, "best_recorded": recorded, "valleys": valleys}
    return result.model_copy(update={**changes, "verdict": None})


def test_what_even_its_worse_end_says_beats_what_was_measured(found):
    verdict = judge_run(told(found, 100.0, (120.0, 90.0, 150.0), (115.0, 104.0, 126.0), (90.0, 80.0, 101.0)))
    assert (verdict.kind, verdict.first, verdict.try_first) == (VerdictKind.BEATS, 2, (2, 1))
    assert (verdict.beats_by, verdict.expected_gain, verdict.confidence) == (4.0, 15.0, 95.0)
    row = found.best_recorded.rows[0]
    assert verdict.words.startswith(
        f"Result 2 beats row {row} (100.0 %) for sure, by at least 4.00 % (4 %): at least 104.0, expect 115.0, up to "
        "126.0 % (95 %)."
    )
    assert verdict.details.startswith("The 3 results are really different ways")
    assert verdict.next_step == "Mix Results 2 and 1 first."


def test_what_only_its_prediction_says_may_beat_it(found):
    verdict = judge_run(told(found, 100.0, (103.0, 99.0, 107.0), (110.0, 80.0, 140.0)))
    assert (verdict.kind, verdict.first, verdict.beats_by) == (VerdictKind.MAY_BEAT, 2, -20.0)
    assert verdict.words.startswith(
        f"Nothing beats row {found.best_recorded.rows[0]} (100.0 %) for sure. Result 2 may: "
    )
    assert "make the range narrower" in verdict.details


def test_what_is_not_better_says_exactly_that(found):
    for outcome in (95.0, 100.5):  # 0.5 % more is none to whoever decides
        verdict = judge_run(told(found, 100.0, (outcome, outcome - 9, outcome + 9)))
        assert verdict.kind is VerdictKind.NOT_BETTER
        assert verdict.words.startswith("Nothing beats row ")
        assert "Record more rows near Result 1" in verdict.next_step
        assert verdict.try_first == (1,)


def test_a_small_share_of_an_outcome_far_from_its_zero_may_be_much(found, confident):
    recorded = found.best_recorded.only(0)
    scale = build_problem(found.spec, confident).objective.scale
    assert scale == pytest.approx(abs(recorded.outcomes[0] / (recorded.scores[0] - recorded.penalties[0])))
    kelvins = told(found, 1000 * scale, (1001 * scale, 990 * scale, 1010 * scale))  # 0.1 %, and a standard deviation
    raised = kelvins.best_recorded.model_copy(update={"scores": (-1000.0,), "penalties": (0.0,)})
    assert judge_run(kelvins.model_copy(update={"best_recorded": raised})).kind is VerdictKind.MAY_BEAT


def test_for_a_minimum_the_sides_change(found):
    verdict = judge_run(told(found, 100.0, (80.0, 50.0, 95.0), goal="minimum"))
    assert (verdict.kind, verdict.beats_by, verdict.expected_gain) == (VerdictKind.BEATS, 5.0, 20.0)
    assert "at most 95.0, expect 80.0, down to 50.0 % (95 %)" in verdict.words
    assert judge_run(told(found, 100.0, (80.0, 50.0, 101.0), goal="minimum")).kind is VerdictKind.MAY_BEAT


def test_for_a_value_both_ends_count(found):
    verdict = judge_run(told(found, 110.0, (100.0, 95.0, 104.0), goal="value", value=100.0))
    assert (verdict.kind, verdict.beats_by, verdict.confidence) == (VerdictKind.BEATS, 5.0, 90.0)
    assert "expect 100.0, between 95.0 and 104.0 % (90 %)" in verdict.words
    there = judge_run(told(found, 100.0, (100.0, 95.0, 104.0), goal="value", value=100.0))
    assert there.kind is VerdictKind.NOT_BETTER and "easier to make" in there.next_step


def test_the_level_of_the_run_is_told(found):
    verdict = judge_run(told(found, 100.0, (115.0, 104.0, 126.0), level=0.8))
    assert verdict.confidence == pytest.approx(90.0)
    assert "at least 104.0, expect 115.0, up to 126.0 % (90 %)" in verdict.words


def test_without_intervals_nothing_is_known_of_the_error(found):
    plain = told(found, 100.0, (120.0, 90.0, 150.0))
    blind = plain.model_copy(update={"results": plain.results.model_copy(update={"lows": None, "highs": None})})
    verdict = judge_run(blind)
    assert (verdict.kind, verdict.beats_by, verdict.expected_gain) == (VerdictKind.UNKNOWN, None, 20.0)
    assert "nothing is known of the model's error" in verdict.words and "20.0 % (20 %) better than" in verdict.words
    assert verdict.next_step.startswith("Train a model on the Model page, which knows its error")
    assert outlook_of(blind, blind.results, 0) == "expect 120.0 %"


def test_a_known_function_has_no_error(found):
    plain = told(found, 100.0, (120.0, 90.0, 150.0))
    spec = plain.spec.revised(model=plain.spec.model.model_copy(update={"kind": "function"}))
    rows = plain.results.model_copy(update={"lows": None, "highs": None})
    verdict = judge_run(plain.model_copy(update={"spec": spec, "results": rows}))
    assert (verdict.kind, verdict.beats_by, verdict.confidence) == (VerdictKind.BEATS, 20.0, None)
    assert "this is exact" in verdict.words


def test_a_curve_is_compared_with_the_best_recorded_curve(curved):
    verdict = curved.verdict
    gain = curved.results.lows[verdict.first - 1] - curved.best_recorded.outcomes[0]
    assert verdict.beats_by == pytest.approx(gain)
    assert f"row {curved.best_recorded.rows[0]} (" in verdict.words and " by the model)" in verdict.words


def test_there_is_no_verdict_without_results_and_no_comparison_without_rows(found):
    nothing = found.results.model_copy(update={"X": (), "outcomes": (), "scores": ()})
    assert judge_run(found.model_copy(update={"results": nothing, "verdict": None})) is None
    alone = found.model_copy(update={"best_recorded": nothing.model_copy(update={"measured": ()})})
    assert judge_run(alone).kind is VerdictKind.UNKNOWN
    assert judge_run(alone).words.startswith("There is no recorded row to compare results with.")


@pytest.mark.parametrize(
    ("plateaus", "words", "second"),
    [
        ((True, True), "All 3 results are one plateau", 2),
        ((False, False), "The 3 results are really different ways", 2),
        ((True, False), "The 3 results are 2 really different ways: Results 1 and 2 lie on one plateau.", 3),
    ],
)
def test_plateaus_are_not_told_as_different_ways(found, plateaus, words, second):
    result = told(found, 100.0, (130.0, 120.0, 140.0), (125.0, 115.0, 135.0), (124.0, 114.0, 134.0))
    valleys = tuple(one.model_copy(update={"is_plateau": p}) for one, p in zip(result.valleys, plateaus, strict=True))
    verdict = judge_run(result.model_copy(update={"valleys": valleys}))
    assert words in verdict.details
    assert verdict.try_first == (1, second)  # of another plateau, if there is one


def test_bounds_that_hold_a_result_back_are_named(found, with_feature):
    spec = with_feature(with_feature(found.spec, "sand", high=60.0), "water", high=30.0)
    names = [feature.name for feature in found.features]
    middle = {feature.name: (feature.low + feature.high) / 2 for feature in found.features}
    at = tuple({**middle, "sand": 60.0, "water": 30.0, "resin": 0.0}[name] for name in names)
    result = told(found, 100.0, (115.0, 104.0, 126.0))
    result = result.model_copy(update={"results": result.results.model_copy(update={"X": (at,)}), "spec": spec})
    assert bounds_reached(result, 0) == (("sand", "water"), ())
    verdict = judge_run(result)
    assert verdict.relax == ("sand", "water")
    assert "Result 1 lies on your bounds for sand and water, and records go on" in verdict.details
    assert bounds_reached(result.model_copy(update={"spec": found.spec}), 0) == ((), ())


def test_it_is_stored_and_computed_for_results_of_before(found):
    assert found.verdict == judge_run(found) == verdict_of(found)
    document = found.model_dump(mode="json")
    del document["verdict"]
    old = RunResult.model_validate(document)
    assert old.verdict is None and verdict_of(old) == found.verdict
    assert RunResult.model_validate_json(found.model_dump_json()).verdict == found.verdict


numbers = st.floats(-1e6, 1e6)
intervals = st.tuples(numbers, st.floats(0, 1e6), st.floats(0, 1e6))


@given(
    best=numbers,
    rows=st.lists(intervals, min_size=1, max_size=4),
    goal=st.sampled_from(["maximum", "minimum", "value"]),
)
def test_who_beats_for_sure_is_better_wherever_the_truth_lies_in_its_interval(found, best, rows, goal):
    result = told(
        found, best, *[(x, x - a, x + b) for x, a, b in rows], goal=goal, value=3.0 if goal == "value" else None
    )
    verdict = judge_run(result)
    k = verdict.first - 1
    inside = np.linspace(result.results.lows[k], result.results.highs[k], 7)
    good = {"maximum": inside - best, "minimum": best - inside, "value": abs(best - 3) - np.abs(inside - 3)}[goal]
    assert verdict.beats_by == pytest.approx(good.min(), abs=1e-6)
    assert (verdict.kind is VerdictKind.BEATS) == (verdict.beats_by > 0)
    assert verdict.expected_gain >= verdict.beats_by
    assert verdict == judge_run(result)


def test_results_that_are_left_out_do_not_count(found):
    result = told(found, 100.0, (120.0, 90.0, 150.0), (115.0, 104.0, 126.0), (90.0, 80.0, 101.0))
    verdict = judge_run(result, left_out={1})
    assert (verdict.kind, verdict.first, verdict.try_first) == (VerdictKind.MAY_BEAT, 1, (1, 3))
    assert "Result 2" not in verdict.words + verdict.next_step and "The 2 results" in verdict.details
    assert judge_run(result, left_out={0, 1, 2}) is None
