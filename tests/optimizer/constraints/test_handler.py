import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from scipy.stats import ks_2samp, kstest

from optimizer import (
    CardinalityConstraint,
    Categorical,
    ConditionalConstraint,
    Numeric,
    OrderConstraint,
    RatioConstraint,
    SearchSpace,
    SumConstraint,
)
from optimizer.constraints.handler import (
    hit_and_run,
    mutate_support,
    project_directions,
    reflect_at_limits,
)
from optimizer.constraints.system import System

STDS = np.array([104.5, 86.3, 64.0, 21.4, 6.0, 77.8, 80.2])

quick = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32 - 1)


@quick
@given(data=st.data(), seed=seeds)
def test_every_sampled_mutated_and_repaired_row_is_a_candidate_that_meets_all_rules(
    constrained, check_candidates, check_constraints, data, seed
):
    features, constraints, row = data.draw(constrained)
    space = SearchSpace(features, constraints)
    rng = np.random.default_rng(seed)
    assert space.contains(row).all()
    X = space.sample(15, rng)
    for rows in (X, space.mutate(X, rng), space.repair(rng.normal(0, 100, X.shape)), space.mutate(row, rng)):
        check_candidates(rows, space)
        check_constraints(rows, space)
        assert space.contains(rows).all() and space.holds(rows).all()


@quick
@given(data=st.data(), seed=seeds)
def test_repair_leaves_candidates_alone(constrained, data, seed):
    features, constraints, row = data.draw(constrained)
    space = SearchSpace(features, constraints)
    rng = np.random.default_rng(seed)
    X = np.vstack([row, space.sample(5, rng), space.repair(rng.normal(0, 1e4, (5, len(features))))])
    np.testing.assert_array_equal(space.repair(X), X)


def test_newcomers_are_uniform_inside_a_sum_rule(mix):
    space = mix(SumConstraint.equal(range(7), 2343.5), step=None)
    rng = np.random.default_rng(1)
    low, high = np.array([[f.low, f.high] for f in space.features[:7]]).T
    box = rng.uniform(low[:6], high[:6], (200_000, 6))
    last = 2343.5 - box.sum(axis=1)  # six uniform parts, and a seventh that makes up the sum within its bounds
    exact = np.column_stack([box, last])[(last >= low[6]) & (last <= high[6])][:10_000]
    X = space.sample(3000, rng)
    for j in range(7):
        assert ks_2samp(X[:, j], exact[:, j]).statistic < 0.04
    spread = [np.linalg.norm((rows[:1000] - rows[1000:2000]) / STDS, axis=1).mean() for rows in (X[:, :7], exact)]
    assert spread[0] > 0.97 * spread[1]


def test_mutants_move_along_a_sum_rule_without_shrinking_or_piling_up(mix):
    constraint = SumConstraint.equal(range(7), 2343.5)
    for step in (None, 0.1):
        space, plain = mix(constraint, step=step), mix(step=step)
        rng = np.random.default_rng(2)
        X = space.sample(2000, rng)
        sizes = [
            np.linalg.norm(((s.mutate(X, rng) - X) / np.append(STDS, 60.0))[:, :7], axis=1).mean()
            for s in (space, plain)
        ]
        assert sizes[0] > 0.88 * sizes[1]  # one of seven dimensions is gone: sqrt(6 / 7) = 0.93
        for _ in range(20):
            X = space.mutate(X, rng)
        parts = X[:, :7]
        low, high = np.array([[f.low, f.high] for f in space.features[:7]]).T
        assert ((parts <= low) | (parts >= high)).mean() < 0.01
        np.testing.assert_allclose(parts.sum(axis=1), 2343.5, rtol=1e-9)


def test_steps_far_above_the_noise_still_move_along_a_sum_rule():
    features = tuple(Numeric(f"x{j}", 0, 10, 0.5, step=1.0) for j in range(5))
    space = SearchSpace(features, (SumConstraint.equal(range(5), 20.0),))
    rng = np.random.default_rng(3)
    X = space.sample(4000, rng)
    moves = np.abs(space.mutate(X, rng) - X).sum(axis=1)
    # noise of 0.1 moves each of five features with probability 0.08; every move needs a counterpart
    assert 0.25 < (moves > 0).mean() < 0.4
    assert set(moves) >= {0.0, 2.0} and moves.max() <= 6


def test_a_strength_of_zero_holds_a_feature_under_rules(mix):
    space = mix(
        SumConstraint.equal(range(7), 2343.5),
        OrderConstraint(6, 5),
        Cement={"mutation_strength": 0.0},
        Fine={"mutation_strength": 0.0},
    )
    rng = np.random.default_rng(4)
    X = space.sample(300, rng)
    mutants = space.mutate(X, rng)
    np.testing.assert_array_equal(mutants[:, [0, 6]], X[:, [0, 6]])
    assert (mutants[:, [1, 2, 3, 4, 5]] != X[:, [1, 2, 3, 4, 5]]).mean() > 0.9


def test_at_most_so_many_are_searched_in_every_combination(mix):
    space = mix(CardinalityConstraint((1, 2, 4), 1), SumConstraint.equal(range(7), 2343.5))
    rng = np.random.default_rng(5)
    X = space.sample(900, rng)
    on = X[:, [1, 2, 4]] > 0
    assert (on.mean(axis=0) > 0.2).all()
    mutants = space.mutate(X, rng)
    has_switched = ((mutants[:, [1, 2, 4]] > 0) != on).any(axis=1)
    assert 0.1 < has_switched.mean() < 0.3
    assert space.contains(mutants).all()


def test_repaired_rows_are_near_and_repair_is_deterministic(mix):
    space = mix(SumConstraint.equal(range(7), 2343.5), RatioConstraint((3,), (0, 1, 2), 0.35, 0.5))
    rng = np.random.default_rng(6)
    X = space.sample(200, rng)
    noise = rng.normal(0, 0.01, X.shape) * np.append(STDS, 0.0)
    repaired = space.repair(X + noise)
    np.testing.assert_array_equal(repaired, space.repair(X + noise))
    off = np.linalg.norm((repaired - X)[:, :7] / STDS, axis=1)
    assert (off <= np.linalg.norm(noise[:, :7] / STDS, axis=1) + np.linalg.norm(0.1 / STDS)).all()


def test_the_same_seed_gives_the_same_rows_on_a_new_space(mix):
    constraints = (SumConstraint.equal(range(7), 2343.5), CardinalityConstraint((1, 2, 4), 2))
    X = mix(*constraints).sample(50, np.random.default_rng(7))
    np.testing.assert_array_equal(X, mix(*constraints).sample(50, np.random.default_rng(7)))
    mutants = mix(*constraints).mutate(X, np.random.default_rng(8))
    np.testing.assert_array_equal(mutants, mix(*constraints).mutate(X, np.random.default_rng(8)))


def test_directions_along_the_rules_keep_sums(mix):
    space = mix(SumConstraint.equal(range(7), 2343.5))
    D = np.random.default_rng(9).standard_normal((20, 8))
    project_directions = space.project_directions(D)
    np.testing.assert_allclose(project_directions[:, :7].sum(axis=1), 0, atol=1e-12)
    np.testing.assert_array_equal(project_directions[:, 7], D[:, 7])
    np.testing.assert_array_equal(mix().project_directions(D), D)


def test_many_features_and_rows_are_repaired_at_once():
    features = tuple(Numeric(f"x{j}", 0, 1, 0.3, step=0.01 if j % 2 else None) for j in range(120))
    space = SearchSpace(
        features, (SumConstraint.equal(range(120), 30.0), SumConstraint(tuple(range(0, 120, 3)), 9.0, 11.0))
    )
    X = space.repair(np.random.default_rng(10).uniform(0, 1, (300, 120)))
    assert space.contains(X).all()


def test_a_space_without_rules_has_none_to_hold(mix):
    assert mix().holds(np.zeros((4, 8))).shape == (4, 0)


def system_of(constraints, n, high=10.0):
    return System.of([Numeric(f"x{j}", 0.0, high, float(j + 1)) for j in range(n)], constraints)


def test_directions_along_an_equality_keep_it_and_lose_one_dimension_in_units():
    system = system_of([SumConstraint.equal(range(4), 20), SumConstraint((0, 1), 3, 9)], 4)
    D = np.random.default_rng(0).standard_normal((4000, 4)) * system.unit
    moved = project_directions(D, system, system.unit, np.ones(D.shape, dtype=bool))
    np.testing.assert_allclose(moved.sum(axis=1), 0, atol=1e-12)
    assert ((moved / system.unit) ** 2).sum(axis=1).mean() == pytest.approx(3, rel=0.03)
    np.testing.assert_allclose(
        project_directions(moved, system, system.unit, np.ones(D.shape, dtype=bool)), moved, atol=1e-12
    )


def test_directions_leave_alone_what_may_not_move():
    system = system_of([SumConstraint.equal(range(4), 20)], 4)
    scale = np.array([1.0, 2.0, 0.0, 1.0])
    may_move = np.ones((50, 4), dtype=bool)
    may_move[:25, 3] = False
    moved = project_directions(np.random.default_rng(0).standard_normal((50, 4)), system, scale, may_move)
    np.testing.assert_allclose(moved.sum(axis=1), 0, atol=1e-12)
    assert (moved[:, 2] == 0).all() and (moved[:25, 3] == 0).all() and (moved[25:, 3] != 0).all()


def test_a_long_walk_is_uniform_inside_the_rules():
    system = system_of([SumConstraint.equal(range(3), 1.0)], 3, high=1.0)
    start = np.tile([1.0, 0.0, 0.0], (1500, 1))
    bounds = np.zeros((1500, 3)), np.ones((1500, 3))
    V = hit_and_run(start, start, *bounds, system, 60, np.random.default_rng(1))
    np.testing.assert_allclose(V.sum(axis=1), 1.0)
    for column in V.T:  # a coordinate of a uniform point of this triangle has the law 1 - (1 - x)^2
        assert kstest(column, lambda x: 1 - (1 - x) ** 2).pvalue > 0.01


def test_a_walk_stays_inside_inequalities_and_fills_them():
    system = system_of([OrderConstraint(0, 1)], 2, high=1.0)
    start = np.full((1500, 2), 0.5)
    V = hit_and_run(start, start, np.zeros((1500, 2)), np.ones((1500, 2)), system, 60, np.random.default_rng(2))
    assert (V[:, 0] <= V[:, 1] + 1e-12).all()
    assert kstest(V[:, 1], lambda x: x**2).pvalue > 0.01


def test_rows_beyond_a_limit_are_mirrored_at_it():
    system = System.of(
        [Numeric("a", 0, 9, 1.0), Numeric("b", 0, 9, 1.0)], [OrderConstraint(0, 1), SumConstraint((0, 1), 2, 3)]
    )
    V = reflect_at_limits(np.array([[1.0, 0.2], [0.5, 2.0], [1.0, 4.0]]), system, system.unit)
    np.testing.assert_allclose(V[0].sum(), 2.8)  # 1.2 is 0.8 below the sum's limit
    np.testing.assert_allclose(V[1], [0.5, 2.0])
    np.testing.assert_allclose(V[2].sum(), 2.0)  # no farther than the other limit
    assert V[0, 1] - V[0, 0] == pytest.approx(0.8)


def test_the_largest_keys_and_what_must_be_on_are_kept():
    features = [Numeric("a", 0, 9, 1.0), Numeric("b", 2, 9, 1.0), Numeric("c", 0, 9, 1.0)]
    (group,) = System.of(features, [CardinalityConstraint((0, 1, 2), 2)]).groups
    keys = np.array([[5.0, 0.0, 4.0], [1.0, 9.0, 3.0]])
    np.testing.assert_array_equal(group.may_be_on(keys), [[True, True, False], [False, True, True]])


def test_switching_swaps_drops_and_adds_as_often_as_the_weight_says():
    features = [Numeric(name, 0, 9, 1.0) for name in "abcd"]
    (group,) = System.of(features, [CardinalityConstraint((0, 1, 2, 3), 2)]).groups
    V = np.tile([3.0, 5.0, 0.0, 0.0], (6000, 1))
    weights = np.array([0.3, 0.3, 0.3, 0.0])
    is_on, values = mutate_support(group, V, weights, np.random.default_rng(0))
    assert (is_on.sum(axis=1) <= 2).all() and not is_on[:, 3].any()
    has_changed = (is_on != (V > 0)).any(axis=1)
    assert has_changed.mean() == pytest.approx(0.3, abs=0.02)
    swapped = is_on[:, 2]
    assert set(values[swapped, 2]) == {3.0, 5.0} and 0.4 < swapped[has_changed].mean() < 0.8
    assert (values[~is_on] == 0).all()
    alone = np.tile([3.0, 0.0, 0.0, 0.0], (6000, 1))
    n_on = mutate_support(group, alone, weights, np.random.default_rng(0))[0].sum(axis=1)
    assert set(n_on) == {0, 1, 2}


def test_a_category_does_not_change_where_its_rule_asks_for_another_number_than_the_row_keeps():
    features = (
        Numeric("heat", 0.0, 2.0, std=1.0, mutation_strength=0.0),
        Numeric("speed", 0.0, 2.0, std=1.0),
        Categorical("resin", (0.5, 0.5), mutation_strength=0.9),
    )
    space = SearchSpace(features, (ConditionalConstraint(2, (0,), 0, 1.25, 1.25),))
    rng = np.random.default_rng(0)
    X = space.sample(200, rng)
    mutants = space.mutate(X, rng)
    assert space.holds(mutants).all()
    np.testing.assert_array_equal(mutants[:, 0], X[:, 0])
    assert (mutants[:, 1] != X[:, 1]).any()
