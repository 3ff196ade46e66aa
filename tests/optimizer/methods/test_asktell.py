import numpy as np
import pytest

from optimizer import (
    Budget,
    Candidates,
    Categorical,
    Decision,
    LineageSettings,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    search,
)
from optimizer.constraints.constraint import SumConstraint
from optimizer.methods.asktell import LEAST_RADIUS, ImmigrantSampler, ImmigrantSource, SteeringState

SPACE = SearchSpace((Numeric("a", 0, 100, std=10.0), Numeric("b", 0, 1, std=0.2), Categorical("c", (0.5, 0.5))))
X = np.array([[50.0, 0.5, 0], [54.0, 0.5, 0], [50.0, 0.5, 1], [90.0, 0.9, 0]])
IDS = np.array([3, 5, 8, 9])


def candidates(X):
    zeros = np.zeros(len(X))
    return Candidates(X, zeros, zeros, zeros)


def test_what_is_nearer_than_results_may_be_is_dropped_too_but_for_other_categories():
    steering_state = SteeringState(SPACE, 0.5)
    assert not steering_state.is_dropped(X).any()
    assert steering_state.follow([Decision(1, "drop", 3)], IDS, X).tolist() == [True, True, False, False]
    assert steering_state.is_dropped(np.array([[54.9, 0.5, 0], [55.1, 0.5, 0], [50, 0.61, 0]])).tolist() == [
        True,
        False,
        False,
    ]
    scores = steering_state.applied(candidates(X)).scores
    assert scores.tolist() == [np.inf, np.inf, 0, 0]


def test_results_that_may_be_alike_still_have_a_region():
    steering_state = SteeringState(SPACE, 0.0)
    steering_state.follow([Decision(1, "drop", 9)], IDS, X)
    inside, outside = X[3] + [[0.9 * LEAST_RADIUS * 10, 0, 0]], X[3] + [[1.1 * LEAST_RADIUS * 10, 0, 0]]
    assert steering_state.is_dropped(inside).all()
    assert not steering_state.is_dropped(outside).any()


def test_what_is_decided_about_a_merged_lineage_holds_for_the_one_that_has_its_hill():
    steering_state = SteeringState(SPACE, 0.5)
    steering_state.note_merged({1: 2, 2: 9, 4: -1})
    assert steering_state.follow([Decision(1, "drop", 1), Decision(1, "drop", 4)], IDS, X).tolist() == [False] * 3 + [
        True
    ]


def test_more_is_wanted_around_the_lineage_wherever_it_is_until_it_is_dropped():
    steering_state, rng = SteeringState(SPACE, 0.5), np.random.default_rng(0)
    steering_state.follow([Decision(1, "more", 9)], IDS, X)
    assert steering_state.favoured == (9,)
    assert steering_state.is_favoured(IDS).tolist() == [False, False, False, True]
    steering_state.note_moves(np.array([9]), np.array([[20.0, 0.2, 1]]))
    drawn = steering_state.around(500, rng)
    distances = np.linalg.norm(SPACE.scaled(drawn)[:, :2] - [2.0, 1.0], axis=1)
    assert np.sqrt((distances**2).mean()) == pytest.approx(0.5, rel=0.1)
    assert SPACE.contains(drawn).all()
    steering_state.follow([Decision(2, "drop", 9)], np.array([9]), np.array([[20.0, 0.2, 1]]))
    assert steering_state.favoured == ()
    steering_state.follow([Decision(3, "more", 9)], np.array([9]), np.array([[20.0, 0.2, 1]]))  # too late
    assert steering_state.favoured == ()


def test_what_is_drawn_meets_the_rules():
    space = SearchSpace(
        tuple(Numeric(name, 0, 10, std=2.0) for name in "ab"), constraints=(SumConstraint((0, 1), 10.0, 10.0),)
    )
    steering_state = SteeringState(space, 1.0)
    steering_state.follow([Decision(0, "more", 0)], np.array([0]), np.array([[4.0, 6.0]]))
    drawn = steering_state.around(50, np.random.default_rng(0))
    np.testing.assert_allclose(drawn.sum(axis=1), 10, atol=1e-6)
    assert len(np.unique(drawn[:, 0])) > 40


SQUARE = SearchSpace.from_bounds([(0, 1), (0, 1)])
ROWS = np.column_stack([np.linspace(-0.5, 1.5, 11), np.full(11, 0.5)])  # some lie outside


def immigrants(source, rows=ROWS, space=SQUARE, seed=0):
    return ImmigrantSampler(space, ImmigrantSource(source), rows, np.random.default_rng(seed))


def test_random_newcomers_are_the_very_draws_of_the_space():
    np.testing.assert_array_equal(immigrants("random").draw(5), SQUARE.sample(5, np.random.default_rng(0)))


def test_recorded_rows_are_moved_inside_and_each_comes_once_before_any_comes_again():
    source = immigrants("recorded")
    drawn = np.vstack([source.draw(4), source.draw(7)])
    np.testing.assert_array_equal(np.sort(drawn[:, 0]), np.sort(np.clip(ROWS[:, 0], 0, 1)))
    again = source.draw(11)
    np.testing.assert_array_equal(np.sort(again[:, 0]), np.sort(drawn[:, 0]))
    assert not np.array_equal(again, drawn)  # in another order


def test_recorded_rows_become_candidates_of_a_mixed_space(mixed_space, check_candidates):
    rows = np.array([[300.0, 2.4, 0.66, 1, 0.9, 0], [50.0, 9, 0.01, 3, 0.1, 1]])
    check_candidates(immigrants("recorded", rows, mixed_space).draw(7), mixed_space)


@pytest.mark.parametrize(("n", "n_recorded"), [(1, 1), (4, 2), (5, 3)])
def test_both_is_half_of_each(n, n_recorded):
    drawn = immigrants("both").draw(n)
    assert len(drawn) == n and (drawn[:, 1] == 0.5).sum() == n_recorded


def test_no_newcomers_are_none():
    assert immigrants("both").draw(0).shape == (0, 2)


@pytest.mark.parametrize("rows", [None, np.empty((0, 2))])
@pytest.mark.parametrize("source", ["recorded", "both"])
def test_recorded_rows_that_are_not_there_are_asked_for(source, rows):
    with pytest.raises(SpaceError, match=f"from '{source}' need recorded rows.*`starts`.*'random'"):
        immigrants(source, rows)
    immigrants("random", rows)


def test_a_search_from_recorded_rows_begins_at_them():
    problem = Problem(SQUARE, lambda X: X.sum(axis=1), Objective(goal="minimum"), starts=ROWS)
    given = LineageSettings(n_lineages=5, n_immigrants=5, immigrants_from="recorded")
    first = search(problem, given, Budget(5), np.random.default_rng(0)).trace[0].bests.X
    assert {tuple(row) for row in first} <= {tuple(row) for row in np.clip(ROWS, 0, 1)}


def test_a_source_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(SpaceError, match="one of 'random', 'recorded', 'both', got 'rows'"):
        LineageSettings(immigrants_from="rows")
