import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models.data.relations import find_relations, rounding_units

RNG_SEED = 5


def words(X, names="abcdefgh"):
    return [relation.words for relation in find_relations(np.asarray(X, dtype=float), list(names)[: X.shape[1]])]


def mixture(n, alpha, decimals, total=100.0, seed=RNG_SEED):
    return np.round(total * np.random.default_rng(seed).dirichlet(alpha, n), decimals)


def noise(n, d=1, decimals=2, seed=RNG_SEED):
    return np.round(np.random.default_rng([seed, 1]).normal(50, 9, (n, d)), decimals)


def test_two_parts_that_sum_to_100_are_named_in_a_sentence():
    a = np.random.default_rng(0).integers(10, 91, 30)
    (found,) = find_relations(np.column_stack([a, 100 - a, noise(30)]), ["A_pct", "B_pct", "temp"])
    assert found.sentence == "A_pct + B_pct = 100 in all 30 rows"
    assert found.is_exact and found.is_firm and found.is_sum and not found.is_copy
    assert (found.value, found.tolerance, found.names) == (100.0, 0.0, ("A_pct", "B_pct"))


@pytest.mark.parametrize(
    ("decimals", "total", "value"), [(3, 1, "1"), (1, 100, "100"), (0, 100, "100"), (2, 1000, "1,000")]
)
def test_sums_of_rounded_parts_snap_to_the_round_number(decimals, total, value):
    parts = mixture(40, [2, 2, 2], decimals, total)
    assert words(np.column_stack([parts, noise(40)])) == [f"a + b + c = {value}"]


def test_thirds_that_were_written_with_two_and_three_digits_still_sum_to_1():
    rows = [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0.333, 0.333, 0.333],
        [0.5, 0.5, 0],
        [0.33, 0.33, 0.33],
        [0.34, 0.34, 0.33],
    ]
    (found,) = find_relations(np.array(rows * 3 + [[0.25, 0.25, 0.5]] * 4), ["a", "b", "c"])
    assert found.sentence == "a + b + c = 1, nearly: 0.99 to 1.01 in 25 rows"
    assert found.is_firm and not found.is_exact and found.value == 1.0


def test_a_sum_that_is_not_round_stays_what_it_is():
    a = np.random.default_rng(0).integers(100, 600, 25) / 10
    assert words(np.column_stack([a, 99.6 - a])) == ["a + b = 99.6"]


def test_a_trace_that_changes_no_sum_is_no_part_of_it():
    solid = np.round(np.random.default_rng(0).uniform(20, 100, 128), 1)
    surfactant = np.round(np.random.default_rng(1).uniform(0, 0.01, 128), 4)
    names = ["solid", "liquid", "surfactant"]
    (found,) = find_relations(np.column_stack([solid, 120 - solid, surfactant]), names)
    assert found.sentence == "solid + liquid = 120 in all 128 rows"


def test_copies_are_found_in_other_units_too_and_count_once():
    c = np.round(np.random.default_rng(0).uniform(20, 90, 50), 1)
    columns = np.column_stack([c, np.round(1.8 * c + 32, 1), c, c + 273.15, noise(50)[:, 0]])
    found = find_relations(columns, ["C", "F", "again", "K", "x"])
    assert [relation.words for relation in found] == ["F = 1.8 C + 32", "again = C", "K = C + 273.15"]
    assert all(relation.is_copy for relation in found)
    assert found[0].tolerance == pytest.approx(0.14)


def test_totals_and_weighted_sums_are_found():
    a, b = np.random.default_rng(0).integers(1, 50, (2, 60))
    assert words(np.column_stack([a, b, a + b])) == ["c = a + b"]
    assert words(np.column_stack([a, b, np.round(0.4 * a + 0.6 * b, 2)])) == ["c = 0.4 a + 0.6 b"]


def test_several_relations_are_told_apart():
    a = np.random.default_rng(0).integers(10, 91, 60)
    columns = np.column_stack([mixture(60, [3, 3, 2], 1), a, 100 - a, noise(60, 3)])
    assert sorted(words(columns)) == ["a + b + c = 100", "d + e = 100"]


def test_with_few_rows_a_sum_of_many_parts_is_still_found():
    columns = np.column_stack([mixture(20, [5, 3, 2, 1, 1, 1, 1, 1], 1), noise(20, 9)])
    (found,) = find_relations(columns, [f"x{j}" for j in range(17)])
    assert found.names == tuple(f"x{j}" for j in range(8)) and found.value == 100


def test_a_slip_in_one_row_leaves_a_relation_that_is_offered():
    parts = mixture(40, [2, 2, 2], 1)
    parts[3, 0] += 7
    (found,) = find_relations(parts, ["a", "b", "c"])
    assert found.sentence == "a + b + c = 100 in 39 of 40 rows"
    assert not found.is_firm


def test_weighed_parts_vary_a_little():
    parts = 100 * np.random.default_rng(0).dirichlet([2, 2, 2], 40) + np.random.default_rng(1).normal(0, 0.1, (40, 3))
    (found,) = find_relations(parts, ["a", "b", "c"])
    assert found.value == 100 and found.is_firm and not found.is_exact


@pytest.mark.parametrize(
    "columns",
    [
        lambda rng: [20240500 + np.cumsum(rng.integers(1, 4, 30)), rng.integers(60, 90, 30), rng.integers(5, 9, 30)],
        lambda rng: [rng.integers(1990, 2020, 80), rng.choice([1, 2, 3], 80), rng.integers(50, 200, 80)],
        lambda rng: list(np.array(list(itertools.product([0, 1], [10, 20], [1, 2, 3]))).T),
        lambda rng: [rng.normal(size=40), rng.normal(size=40) * 1e6, rng.lognormal(size=40)],
        lambda rng: [np.round(x := rng.normal(100, 20, 60)), np.round(x + rng.normal(0, 2, 60))],
        lambda rng: [np.ones(30), rng.integers(0, 5, 30)],
    ],
    ids=["charge", "estate", "factorial", "scales", "correlated", "constant"],
)
def test_what_has_no_relation_gets_none(columns):
    columns = np.column_stack(columns(np.random.default_rng(2))).astype(float)
    assert find_relations(columns, [f"x{j}" for j in range(columns.shape[1])]) == ()


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), n=st.integers(12, 80), d=st.integers(2, 8), decimals=st.integers(0, 3))
def test_chance_makes_no_relations(seed, n, d, decimals):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1)) * rng.choice([0.0, 0.9])
    columns = np.round(10 * (rng.normal(size=(n, d)) + common) + 50, decimals)
    assert find_relations(columns, [f"x{j}" for j in range(d)]) == ()


@settings(max_examples=40)
@given(seed=st.integers(0, 10_000), n_parts=st.integers(2, 5), n_others=st.integers(0, 3), decimals=st.integers(0, 4))
def test_a_whole_of_parts_is_always_found_and_nothing_else(seed, n_parts, n_others, decimals):
    parts = mixture(40, np.full(n_parts, 3.0), decimals, seed=seed)
    order = np.random.default_rng(seed).permutation(n_parts + n_others)
    columns = np.column_stack([parts, noise(40, n_others, seed=seed)])[:, order]
    (found,) = find_relations(columns, [f"x{j}" for j in order])
    assert set(found.names) == {f"x{j}" for j in range(n_parts)}
    assert found.value == 100 and found.is_exact and found.is_sum


def test_columns_know_what_they_were_rounded_to():
    columns = np.array([[1.0, 0.25, 1 / 3, 20.0], [2.0, 0.5, 2 / 3, 40.0]])
    np.testing.assert_allclose(rounding_units(columns), [1, 0.01, 0, 1])


@pytest.mark.parametrize("columns", [np.empty((0, 3)), np.ones((5, 2)), np.arange(20.0)[:, None]])
def test_too_little_says_nothing(columns):
    assert find_relations(columns, [f"x{j}" for j in range(columns.shape[1])]) == ()


@pytest.mark.parametrize(("n", "d"), [(12, 16), (12, 11), (8, 8), (16, 15)])
def test_screening_designs_of_two_levels_have_no_relations_by_chance(n, d):
    for seed in range(20):
        columns = np.random.default_rng(seed).integers(0, 2, (n, d)).astype(float)
        assert find_relations(columns, [f"x{j}" for j in range(d)]) == ()


def test_whole_numbers_that_go_together_have_no_relation_by_chance():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        common = rng.normal(size=(15, 1)) @ rng.normal(size=(1, 6))
        columns = np.round(10 * (common + 0.3 * rng.normal(size=(15, 6))) + 40)
        assert find_relations(columns, [f"x{j}" for j in range(6)]) == ()


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (lambda x: 60 * np.round(x), np.round, "s = 60 min"),
        (lambda x: np.round(x, 1), lambda x: np.round(x, 1) / 25.4, "s = 25.4 min"),
        (lambda x: np.round(1.8 * np.round(x, 1) + 32, 1), lambda x: np.round(x, 1), "s = 1.8 min + 32"),
    ],
    ids=["minutes", "inches", "degrees"],
)
def test_units_are_told_by_the_factor_that_people_know_in_any_order(one, other, words, is_turned):
    x = np.random.default_rng(3).uniform(10, 90, 40)
    columns, names = np.column_stack([one(x), other(x)]), ["s", "min"]
    if is_turned:
        columns, names = columns[:, ::-1], names[::-1]
    (found,) = find_relations(columns, names)
    assert found.words == words


def test_a_near_sum_of_many_rows_is_asked_of_all_of_them():
    rng = np.random.default_rng(11)
    parts = np.round(rng.dirichlet([3, 3, 4], 5_000) * 100 * rng.normal(1, 0.004, (5_000, 1)), 1)
    parts[4_999] = [30.0, 30.0, 38.9]
    (found,) = find_relations(np.column_stack([parts, rng.random(5_000)]), ["a", "b", "c", "x"])
    assert (found.names, found.value, found.n_rows) == (("a", "b", "c"), 100, 5_000)
    assert found.low <= 98.9 and found.n_met < 5_000
