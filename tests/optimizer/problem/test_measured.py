"""What was measured already, against a brute-force comparison, and what a problem makes of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    METHODS,
    Budget,
    Categorical,
    MeasuredRows,
    Numeric,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
    SumConstraint,
    search,
    settings_of,
)

FEATURES = (
    Numeric("a", 0.0, 10.0, std=3.0),
    Numeric("b", 0.0, 10.0, std=3.0, step=0.5),
    Categorical("kind", (0.5, 0.3, 0.2)),
    Numeric("age", 1.0, 28.0, std=1.0, frozen=1.0),
)
SPACE = SearchSpace(FEATURES)
TOLERANCES = np.array([0.2, 0.4, 0.0, np.inf])
GRID = (Numeric("n", 0.0, 3.0, std=1.0, step=1.0), Categorical("kind", (0.5, 0.5)))


def rows_of(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.uniform(0, 10, (n, 2)), rng.integers(3, size=n), rng.integers(1, 29, n)])


def uphill(X):
    return X[:, 0] + X[:, 1] - X[:, 2]


@settings(max_examples=40)
@given(n=st.integers(1, 60), seed=st.integers(0, 100))
def test_a_setting_was_measured_where_every_feature_is_within_its_tolerance_of_one_row(n, seed):
    rows, X = rows_of(n, seed), np.vstack([rows_of(30, seed + 1), rows_of(n, seed) + 0.1 * np.array([1, -1, 0, 50])])
    measured = MeasuredRows(rows, TOLERANCES)
    is_same = (np.abs(X[:, None] - rows[None]) <= TOLERANCES + 1e-9).all(axis=2)
    assert measured.is_measured(X).tolist() == is_same.any(axis=1).tolist()
    assert [list(places) for places in measured.places(X)] == [list(np.flatnonzero(row)) for row in is_same]
    assert measured.is_measured(X[30:]).all()


def test_without_a_tolerance_a_feature_has_to_be_equal_but_for_rounding():
    measured = MeasuredRows(np.array([[0.3, 1e6]]), np.zeros(2))
    assert measured.is_measured(np.array([[0.1 + 0.2, 1e6], [0.3001, 1e6], [0.3, 1e6 + 1]])).tolist() == [
        True,
        False,
        False,
    ]


@settings(max_examples=25)
@given(n=st.integers(1, 60), seed=st.integers(0, 100))
def test_what_lies_next_to_measured_settings_is_new_near_and_a_candidate(n, seed):
    rows = rows_of(n, seed)
    measured = MeasuredRows(rows, TOLERANCES)
    known = SPACE.repair(rows[:3])
    known = known[measured.is_measured(known)]
    beside = measured.neighbours(known, SPACE)
    assert not measured.is_measured(beside).any() and SPACE.contains(beside).all()
    if len(known):
        gaps = (np.abs(beside[:, None] - known[None]) > 1e-9).sum(axis=2).min(axis=1)
        assert len(beside) and (gaps == 1).all()  # one feature was moved


def test_neighbours_keep_the_rules():
    features = tuple(Numeric(name, 0.0, 100.0, std=10.0) for name in "abc")
    space = SearchSpace(features, (SumConstraint((0, 1, 2), 100.0, 100.0),))
    row = np.array([[20.0, 30.0, 50.0]])
    beside = MeasuredRows(row, np.full(3, 2.0)).neighbours(row, space)
    assert len(beside) and np.allclose(beside.sum(axis=1), 100)
    assert (np.abs(beside - row) > 2).any(axis=1).all()


def test_a_small_space_is_looked_at_as_a_whole():
    space = SearchSpace(GRID)
    everything = settings_of(space)
    assert sorted(map(tuple, everything.tolist())) == [(n, kind) for n in range(4) for kind in range(2)]
    assert settings_of(SPACE) is None and settings_of(space, most=7) is None
    rows = everything[(everything != [3, 1]).any(axis=1)]
    measured = MeasuredRows(rows, np.zeros(2))
    assert measured.neighbours(rows[:1], space).tolist() == [[3, 1]]
    assert not len(MeasuredRows(everything, np.zeros(2)).neighbours(rows, space))
    held = SearchSpace((GRID[0], replace(GRID[1], frozen=1), Numeric("flat", 2.0, 2.0, std=1.0)))
    assert settings_of(held).tolist() == [[n, 1, 2] for n in range(4)]


@pytest.mark.parametrize("name", ["niches", "lineages"])
def test_the_search_goes_through_what_was_measured_and_no_result_is_it(name):
    rows = rows_of(30)
    rows[0] = [10, 10, 0, 28]  # the optimum, at a corner of the bounds
    problem = Problem(SPACE, uphill, Objective(), starts=rows)
    asked = replace(problem, measured=MeasuredRows(rows, TOLERANCES))
    free, found = (search(p, METHODS[name], Budget(2000), np.random.default_rng(0)).found for p in (problem, asked))
    np.testing.assert_array_equal(found.X, free.X)  # scores know nothing of it
    assert asked.measured.is_measured(found.by_score().X[:1]).all()
    allowed = asked.passing(found)
    assert len(allowed) < len(found) and not asked.measured.is_measured(allowed.X).any()
    beside = asked.new_beside(found.by_score().take(np.arange(1)))
    assert asked.passes(beside.X).all() and beside.outcomes.max() > 19.5
    assert not len(problem.new_beside(found))


def test_what_was_measured_may_still_begin_a_search():
    rows = rows_of(30)
    asked = Problem(SPACE, uphill, Objective(), starts=rows, measured=MeasuredRows(rows, TOLERANCES))
    assert asked.is_selective and not asked.is_realistic and asked.passing_starts is rows
    assert asked.believable(rows).all() and not asked.passes(rows).any()
    for free in (asked.without_penalties(), asked.with_penalties_only()):
        assert not free.is_selective and free.passes(rows).all()


@pytest.mark.parametrize(
    ("rows", "exactness", "words"),
    [
        (np.empty((0, 2)), [1.0, 1.0], "needs at least one recorded row"),
        (np.array([[1.0, np.nan]]), [1.0, 1.0], "without missing values"),
        (np.array([[1.0, 2.0]]), [1.0, -1.0], "Tolerances must be at least 0"),
    ],
)
def test_rows_with_gaps_and_tolerances_below_nothing_are_refused(rows, exactness, words):
    with pytest.raises(SpaceError, match=words):
        MeasuredRows(rows, np.array(exactness))
