import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy.optimize import linprog

from optimizer.polish import linear_programs
from optimizer.polish.linear_programs import Limits, lowest_under_planes


def programs(seed, m, k, p, n_rows=0, n_equalities=0):
    """Random bundles with numbers of very different size, some without room, and limits that touch the move 0."""
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(m, k, p)) * 10.0 ** rng.uniform(-4, 4)
    values = -rng.random((m, k)) * 10.0 ** rng.uniform(-4, 1)
    values[:, 0] = 0.0
    room = 10.0 ** rng.uniform(-5, 2, (m, p))
    low, high = -rng.random((m, p)) * room, rng.random((m, p)) * room
    low[rng.random((m, p)) < 0.2] = 0.0
    high[rng.random((m, p)) < 0.2] = 0.0
    rows = rng.normal(size=(n_rows, p))
    slack = rng.random((m, n_rows)) * (rng.random((m, n_rows)) < 0.7)
    return slopes, values, low, high, Limits(rows, slack, rng.normal(size=(n_equalities, p)))


def solved_one_by_one(slopes, values, low, high, limits):
    n_equalities, n_rows = len(limits.equalities), len(limits.rows)
    heights = []
    for i, planes in enumerate(slopes):
        found = linprog(
            np.append(np.zeros(planes.shape[1]), 1),
            A_ub=np.vstack([np.column_stack([planes, -np.ones(len(planes))]), np.c_[limits.rows, np.zeros(n_rows)]]),
            b_ub=np.concatenate([-values[i], limits.room[i]]),
            A_eq=np.c_[limits.equalities, np.zeros(n_equalities)] if n_equalities else None,
            b_eq=np.zeros(n_equalities) if n_equalities else None,
            bounds=[*zip(low[i], high[i], strict=True), (None, None)],
        )
        heights.append(found.fun)
    return np.array(heights)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 20),
    p=st.integers(1, 40),
    n_rows=st.integers(0, 2),
    n_equalities=st.integers(0, 2),
)
def test_all_programs_are_solved_as_a_solver_does_one_by_one(seed, k, p, n_rows, n_equalities):
    assume(p > n_equalities)  # else nothing may move, and a height tells of the tolerance of equalities alone
    given = programs(seed, 6, k, p, n_rows, n_equalities)
    slopes, values, low, high, limits = given
    moves, heights = lowest_under_planes(*given)
    assert (low <= moves).all() and (moves <= high).all()
    size = np.maximum((np.abs(slopes) * (high - low)[:, None]).sum(axis=2).max(axis=1), 1e-300)
    widest = (np.abs(limits.rows).max(initial=1.0) + 1) * (high - low).max()
    assert (moves @ limits.rows.T - limits.room).max(initial=0.0) <= 1e-4 * widest
    assert np.abs(moves @ limits.equalities.T).max(initial=0.0) <= 1e-4 * widest
    digits = 1e-4 if p <= 2 * k else 1e-2  # eliminating the numbers costs digits; a polish checks what it moves to
    differences = (heights - solved_one_by_one(*given)) / size
    assert differences.max() <= digits
    # lower than the solver's only by what the tolerance of rows and equalities leaves
    assert differences.min() >= -(0.05 if n_rows or n_equalities else digits)
    np.testing.assert_allclose(heights, (values + np.einsum("mkp,mp->mk", slopes, moves)).max(axis=1))


def test_an_equality_given_twice_is_one():
    slopes, values, low, high, _ = programs(3, 8, 12, 5)
    row = np.random.default_rng(0).normal(size=(1, 5))
    nothing = np.empty((8, 0))
    once = lowest_under_planes(slopes, values, low, high, Limits(np.empty((0, 5)), nothing, row))[1]
    twice = lowest_under_planes(slopes, values, low, high, Limits(np.empty((0, 5)), nothing, np.vstack([row, row])))[1]
    np.testing.assert_allclose(twice, once, atol=1e-5 * np.abs(slopes).max())


def test_blocks_do_not_show(monkeypatch):
    given = programs(1, 50, 10, 4)
    whole = lowest_under_planes(*given)[1]
    monkeypatch.setattr(linear_programs, "MAX_VALUES", 7 * 40)
    np.testing.assert_allclose(lowest_under_planes(*given)[1], whole, atol=1e-5 * np.abs(given[0]).max())


@pytest.mark.parametrize("flat", [0.0, np.nan])
def test_without_slopes_or_numbers_nothing_moves_far(flat):
    slopes, values, low, high, limits = programs(0, 3, 4, 2)
    moves, _ = lowest_under_planes(np.full_like(slopes, flat), values, low, high, limits)
    assert np.isfinite(moves).all() and (low <= moves).all() and (moves <= high).all()


def test_no_programs_give_no_moves():
    moves, heights = lowest_under_planes(*programs(0, 0, 4, 2))
    assert moves.shape == (0, 2) and heights.shape == (0,)
