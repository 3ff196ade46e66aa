import numpy as np
import pytest

from optimizer import Candidates, Categorical, Decision, LineageState, Numeric, SearchSpace
from optimizer.constraints import SumConstraint
from optimizer.methods.asktell import LEAST_RADIUS, SteeringState, decided

SPACE = SearchSpace((Numeric("a", 0, 100, std=10.0), Numeric("b", 0, 1, std=0.2), Categorical("c", (0.5, 0.5))))
X = np.array([[50.0, 0.5, 0], [54.0, 0.5, 0], [50.0, 0.5, 1], [90.0, 0.9, 0]])
IDS = np.array([3, 5, 8, 9])


def candidates(X):
    zeros = np.zeros(len(X))
    return Candidates(X, zeros, zeros, zeros)


def test_what_is_nearer_than_results_may_be_is_dropped_too_but_for_other_categories():
    steering_state = SteeringState(SPACE, 0.5)
    assert not steering_state.has_dropped
    assert not steering_state.is_dropped(X).any()
    assert steering_state.heed([Decision(1, "drop", 3)], IDS, X).tolist() == [True, True, False, False]
    assert steering_state.is_dropped(np.array([[54.9, 0.5, 0], [55.1, 0.5, 0], [50, 0.61, 0]])).tolist() == [
        True,
        False,
        False,
    ]
    scores = steering_state.applied(candidates(X)).scores
    assert scores.tolist() == [np.inf, np.inf, 0, 0]


def test_results_that_may_be_alike_still_have_a_region():
    steering_state = SteeringState(SPACE, 0.0)
    steering_state.heed([Decision(1, "drop", 9)], IDS, X)
    inside, outside = X[3] + [[0.9 * LEAST_RADIUS * 10, 0, 0]], X[3] + [[1.1 * LEAST_RADIUS * 10, 0, 0]]
    assert steering_state.is_dropped(inside).all()
    assert not steering_state.is_dropped(outside).any()


def test_what_is_decided_about_a_merged_lineage_holds_for_the_one_that_has_its_hill():
    steering_state = SteeringState(SPACE, 0.5)
    steering_state.note_merged({1: 2, 2: 9, 4: -1})
    assert steering_state.heed([Decision(1, "drop", 1), Decision(1, "drop", 4)], IDS, X).tolist() == [False] * 3 + [
        True
    ]


def test_more_is_wanted_around_the_lineage_wherever_it_is_until_it_is_dropped():
    steering_state, rng = SteeringState(SPACE, 0.5), np.random.default_rng(0)
    steering_state.heed([Decision(1, "more", 9)], IDS, X)
    assert steering_state.favoured == (9,)
    assert steering_state.is_favoured(IDS).tolist() == [False, False, False, True]
    steering_state.note_moves(np.array([9]), np.array([[20.0, 0.2, 1]]))
    drawn = steering_state.around(500, rng)
    distances = np.linalg.norm(SPACE.scaled(drawn)[:, :2] - [2.0, 1.0], axis=1)
    assert np.sqrt((distances**2).mean()) == pytest.approx(0.5, rel=0.1)
    assert SPACE.contains(drawn).all()
    steering_state.heed([Decision(2, "drop", 9)], np.array([9]), np.array([[20.0, 0.2, 1]]))
    assert steering_state.favoured == ()
    steering_state.heed([Decision(3, "more", 9)], np.array([9]), np.array([[20.0, 0.2, 1]]))  # too late
    assert steering_state.favoured == ()


def test_what_is_drawn_meets_the_rules():
    space = SearchSpace(
        tuple(Numeric(name, 0, 10, std=2.0) for name in "ab"), constraints=(SumConstraint((0, 1), 10.0, 10.0),)
    )
    steering_state = SteeringState(space, 1.0)
    steering_state.heed([Decision(0, "more", 0)], np.array([0]), np.array([[4.0, 6.0]]))
    drawn = steering_state.around(50, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.sum(axis=1), 10, atol=1e-6)
    assert len(np.unique(drawn[:, 0])) > 40


def test_a_generation_of_decisions_tells_the_living_and_the_dropped_in_order_of_birth():
    decisions = (Decision(6, "drop", 5),)
    told = decided((7, 120), (IDS[[0, 2]], candidates(X[[0, 2]])), (IDS[[1, 3]], candidates(X[[1, 3]])), decisions)
    assert (told.number, told.evaluations, told.decisions) == (7, 120, decisions)
    assert told.ids.tolist() == [3, 5, 8, 9]
    assert told.states.tolist() == [
        LineageState.STALLED, LineageState.DROPPED, LineageState.STALLED, LineageState.DROPPED,
    ]  # fmt: skip
    np.testing.assert_array_equal(told.bests.X, X)
