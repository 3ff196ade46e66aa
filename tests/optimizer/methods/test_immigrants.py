import numpy as np
import pytest

from optimizer import Budget, LineageSettings, Objective, Problem, SearchSpace, SpaceError, search
from optimizer.methods.asktell import ImmigrantSampler, ImmigrantSource

SPACE = SearchSpace.from_bounds([(0, 1), (0, 1)])
ROWS = np.column_stack([np.linspace(-0.5, 1.5, 11), np.full(11, 0.5)])  # some lie outside


def immigrants(source, rows=ROWS, space=SPACE, seed=0):
    return ImmigrantSampler(space, ImmigrantSource(source), rows, np.random.default_rng(seed))


def test_random_newcomers_are_the_very_draws_of_the_space():
    np.testing.assert_array_equal(immigrants("random").draw(5), SPACE.sample(5, np.random.default_rng(0)))


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
    problem = Problem(SPACE, lambda X: X.sum(axis=1), Objective(goal="minimum"), starts=ROWS)
    given = LineageSettings(n_lineages=5, n_immigrants=5, immigrants_from="recorded")
    first = search(problem, given, Budget(5), np.random.default_rng(0)).trace[0].bests.X
    assert {tuple(row) for row in first} <= {tuple(row) for row in np.clip(ROWS, 0, 1)}


def test_a_source_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(SpaceError, match="one of 'random', 'recorded', 'both', got 'rows'"):
        LineageSettings(immigrants_from="rows")
