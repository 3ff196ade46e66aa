import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import Candidates, FloorKind, Goal, Objective, QualityFloor, SpaceError
from optimizer.results import gaps_to_best

floors = (
    st.builds(QualityFloor, st.just(FloorKind.BEST_SHARE), st.floats(0.01, 1))
    | st.builds(QualityFloor, st.just(FloorKind.WITHIN), st.floats(0, 3))
    | st.builds(QualityFloor, st.just(FloorKind.WITHIN_PERCENT), st.floats(0, 200))
)


def judged(outcomes, objective, penalties=0.0):
    """Candidates with these outcomes, as a problem with this objective scores them."""
    outcomes = np.array(outcomes, dtype=float)
    penalties = np.broadcast_to(np.array(penalties, dtype=float), outcomes.shape)
    scores = objective.scores(outcomes) + penalties
    return Candidates(np.zeros((len(outcomes), 1)), np.where(np.isnan(scores), np.inf, scores), outcomes, penalties)


def of_scores(scores):
    scores = np.array(scores, dtype=float)
    return Candidates(np.zeros((len(scores), 1)), scores, scores, np.zeros(len(scores)))


def within(percent, found):
    return QualityFloor(FloorKind.WITHIN_PERCENT, percent).passing(found).tolist()


def test_names_of_floors_are_as_good_as_their_members():
    assert QualityFloor("within", 2.0).kind is FloorKind.WITHIN
    with pytest.raises(ValueError, match="best half"):
        QualityFloor("best half", 0.5)


def test_the_floor_keeps_the_best_share_with_ties():
    floor = QualityFloor(FloorKind.BEST_SHARE, 0.5)
    for scores, kept in [
        ([3.0, 1, 4, 2], [False, True, False, True]),
        ([1.0, 2, 2, 2], [True, True, True, True]),
        ([3.0, 1, 2], [False, True, True]),  # half of three is two
        ([1.0, 2, np.inf, np.inf], [True, False, False, False]),
    ]:
        assert floor.passing(of_scores(scores)).tolist() == kept


def test_the_floor_keeps_what_lies_within_an_amount_of_the_best():
    floor = QualityFloor(FloorKind.WITHIN, 1.5)
    assert floor.passing(of_scores([-1.0, 0.5, 0.51, np.inf])).tolist() == [True, True, False, False]
    assert QualityFloor(FloorKind.WITHIN, 0.0).passing(of_scores([2.0, 1, 1])).tolist() == [False, True, True]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 19.0])
def test_within_a_percentage_of_the_highest_outcome(scale):
    found = judged([200, 190, 189.9, 210, 100], Objective(Goal.MAXIMUM, scale=scale))
    assert within(10, found) == [True, True, True, True, False]
    assert within(9.5, found) == [True, False, False, True, False]
    assert within(0, found) == [False, False, False, True, False]


def test_within_a_percentage_of_the_lowest_outcome():
    found = judged([20, 21.9, 22, 22.1], Objective(Goal.MINIMUM, scale=2.0))
    assert within(10, found) == [True, True, True, False]


def test_a_negative_best_has_a_size_as_well():
    assert within(10, judged([-50, -54, -56], Objective(Goal.MAXIMUM, scale=2.0))) == [True, True, False]
    assert within(10, judged([-50, -46, -44], Objective(Goal.MINIMUM, scale=2.0))) == [True, True, False]


def test_near_zero_the_percentage_is_that_of_a_standard_deviation():
    for best in (0.0, 1e-9, -1e-9, 3.0):
        found = judged(best + np.array([0.0, 0.39, 0.41]), Objective(Goal.MINIMUM, scale=4.0))
        assert within(10, found) == [True, True, False]


def test_at_one_standard_deviation_from_zero_both_readings_agree():
    inside, outside = (judged([best, best + 0.4], Objective(Goal.MINIMUM, scale=4.0)) for best in (3.999, 4.001))
    np.testing.assert_allclose(gaps_to_best(inside), gaps_to_best(outside), rtol=1e-3)


def test_for_a_value_the_percentage_is_that_of_the_best_deviation():
    reached = judged([100, 100.9, 99.1, 101.1], Objective(Goal.VALUE, value=100.0, scale=10.0))
    assert within(10, reached) == [True, True, True, False]
    far = judged([160, 165, 167], Objective(Goal.VALUE, value=100.0, scale=10.0))  # 60 off is the best there is
    assert within(10, far) == [True, True, False]


def test_penalties_count_against_a_candidate_and_not_for_the_size_of_the_best():
    found = judged([100, 110, 110], Objective(Goal.MAXIMUM, scale=10.0), penalties=[0.0, 1.5, 0.5])
    # scores -10, -9.5, -10.5; the best outcome is 110, eleven standard deviations
    assert gaps_to_best(found) == pytest.approx([0.5 / 11, 1 / 11, 0])


@settings(deadline=None)
@given(
    scores=st.lists(st.floats(-5, 5) | st.sampled_from([np.inf]), max_size=20).map(np.array),
    floor=floors,
)
def test_the_best_always_passes_and_what_has_no_score_never(scores, floor):
    found = of_scores(scores)
    passing = floor.passing(found)
    finite = np.isfinite(found.scores)
    assert not passing[~finite].any()
    assert np.isinf(gaps_to_best(found)[~finite]).all()
    if finite.any():
        assert passing[found.scores == found.scores[finite].min()].all()
        assert found.scores[passing].max() <= found.scores[finite & ~passing].min(initial=np.inf)  # none passed over


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20),
    st.sampled_from(Goal),
    st.floats(0, 100),
    st.sampled_from([2.0**-20, 1024.0]),
)
def test_the_unit_of_the_outcome_changes_nothing(outcomes, goal, percent, unit):
    one = judged(outcomes, Objective(goal, scale=3.0, value=5.0))
    other = judged(np.array(outcomes) * unit, Objective(goal, scale=3.0 * unit, value=5.0 * unit))
    assert within(percent, one) == within(percent, other)


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        (FloorKind.BEST_SHARE, 0.0, "above 0 and at most at 1, got 0.0"),
        (FloorKind.BEST_SHARE, 1.1, "above 0 and at most at 1, got 1.1"),
        (FloorKind.WITHIN, -0.1, "quality floor must be at least 0, got -0.1"),
        (FloorKind.WITHIN_PERCENT, np.nan, "quality floor must be at least 0, got nan"),
    ],
)
def test_a_floor_that_nothing_passes_is_refused(kind, amount, words):
    with pytest.raises(SpaceError, match=words):
        QualityFloor(kind, amount)
