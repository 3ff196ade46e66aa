"""Where a model errs more than elsewhere."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from models.quality import (
    MINIMUM_GROUPS,
    MINIMUM_ROWS,
    FindingKind,
    find_regions,
    normal_scores,
    regions_of,
    shuffling_costs,
)

IS_CODED = (False, False, True)


def _table(seed, n=300, rows_per_group=1):
    """Two uniform features and a category; all rows of a group are one setting."""
    rng = np.random.default_rng(seed)
    groups = np.arange(n) // rows_per_group
    settings = np.column_stack([rng.uniform(0, 1, (n, 2)), rng.integers(0, 4, n)])
    return rng, settings[groups], groups


def _found(errors, values, groups, seed=0):
    return find_regions(errors, values, groups, IS_CODED, np.random.default_rng(seed))


@pytest.mark.parametrize("rows_per_group", [1, 5])
def test_pure_noise_hardly_ever_makes_a_finding(rows_per_group):
    n_told = 0
    for seed in range(20):
        rng, values, groups = _table(seed, rows_per_group=rows_per_group)
        common = rng.standard_normal(len(groups))[groups] * (rows_per_group > 1)  # errors of a setting go together
        n_told += bool(_found(rng.standard_t(5, len(groups)) + common, values, groups))
    assert n_told <= 3  # 1 is expected at the level of 5 %


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_region_of_error_is_found_and_told_first(seed):
    rng, values, groups = _table(seed)
    is_odd = values[:, 1] > 0.9
    first, *_ = _found(rng.standard_normal(300) * np.where(is_odd, 4, 1), values, groups)
    assert first.kind is FindingKind.ERROR
    assert first.region.feature == 1
    assert first.region.low > 0.8 and first.region.above == np.inf
    assert first.inside > 2 * first.outside
    assert first.n_rows == first.region.holds(values[:, 1]).sum()
    assert first.chance <= 0.025


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_planted_bias_is_found_with_its_sign(sign):
    rng, values, groups = _table(5)
    errors = rng.standard_normal(300) + 0.6 * sign * (values[:, 2] == 1)
    (finding,) = _found(errors, values, groups)
    assert finding.kind is FindingKind.BIAS
    assert (finding.region.feature, finding.region.low) == (2, 1.0)
    assert finding.bias * sign > 0.4


def test_a_region_of_small_errors_is_no_finding():
    rng, values, groups = _table(6)
    errors = rng.standard_normal(300) * np.where(values[:, 0] < 0.15, 0.2, 1)
    assert [each for each in _found(errors, values, groups) if each.region.high < 0.3] == []


def test_a_single_wild_row_is_no_region():
    rng, values, groups = _table(7)
    errors = rng.uniform(-1, 1, 300)
    errors[3] = 500.0
    assert _found(errors, values, groups) == ()


def test_the_same_rows_are_told_once():
    rng, values, groups = _table(8)
    values[:, 0] = 2 * values[:, 1] + 1  # both features say the same
    found = _found(rng.standard_normal(300) * np.where(values[:, 1] > 0.9, 4, 1), values, groups)
    assert len([each for each in found if each.kind is FindingKind.ERROR]) == 1


def test_large_tables_are_judged_on_all_their_rows():
    rng, values, groups = _table(9, n=8_000)
    is_odd = values[:, 0] < 0.1
    first, *_ = _found(rng.standard_normal(8_000) * np.where(is_odd, 3, 1), values, groups)
    assert first.region.feature == 0
    assert first.n_rows == first.region.holds(values[:, 0]).sum() > 500


def test_scores_are_those_of_a_normal_distribution_and_tell_nothing_of_size():
    values = np.array([3.0, 1.0, 2.0, 1e9, 2.0])
    scores = normal_scores(values)
    assert scores[2] == scores[4] == pytest.approx(-scores[0] / 2, abs=0.1)
    assert (np.diff(scores[[1, 2, 0, 3]]) > 0).all() and scores[3] < 2
    np.testing.assert_allclose(scores, normal_scores(np.exp(values / 1e8)))


values_of = st.lists(st.integers(0, 30) | st.floats(-5, 5), min_size=1, max_size=200).map(np.array)


@given(values_of)
def test_regions_lie_between_recorded_values_and_are_neither_small_nor_large(values):
    groups = np.arange(len(values))
    for region in regions_of(values, groups, 3, is_categorical=False):
        is_in = region.holds(values)
        assert region.feature == 3
        assert MINIMUM_ROWS <= is_in.sum() <= len(values) / 2
        assert region.below < region.low <= region.high < region.above
        assert {region.low, region.high} <= set(values)
        assert not ((values > region.below) & (values < region.low)).any()
        assert not ((values > region.high) & (values < region.above)).any()


def test_both_ends_of_a_feature_are_looked_at():
    regions = regions_of(np.arange(400.0), np.arange(400), 0, is_categorical=False)
    assert any(region.below == -np.inf and region.high < 45 for region in regions)
    assert any(region.above == np.inf and region.low > 385 for region in regions)


def test_categories_are_regions_of_their_own():
    codes = np.repeat([0.0, 1.0, 2.0, 3.0], [50, 30, 12, 4])
    regions = regions_of(codes, np.arange(96), 0, is_categorical=True)
    assert [region.low for region in regions] == [1.0, 2.0]  # the first is more than half, the last too few
    assert all(region.low == region.high for region in regions)


def test_rows_of_a_few_settings_are_no_region():
    values = np.repeat(np.arange(20.0), 10)
    groups = np.repeat(np.arange(20), 10)
    assert all(
        len(set(groups[region.holds(values)])) >= MINIMUM_GROUPS
        for region in regions_of(values, groups, 0, is_categorical=False)
    )
    assert regions_of(values, groups // 10, 0, is_categorical=False) == []


def test_a_feature_that_never_varies_has_no_regions():
    assert regions_of(np.full(100, 4.2), np.arange(100), 0, is_categorical=False) == []


class Linear:
    """y = weights . x, which counts its calls."""

    def __init__(self, weights):
        self.weights = np.array(weights)
        self.n_calls = 0

    def predict(self, X):
        self.n_calls += 1
        return X @ self.weights


def _rows(n=60, d=3, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


@given(st.lists(st.sampled_from([0.0, 0.5, 3.0]), min_size=2, max_size=5), st.integers(0, 50))
def test_a_feature_costs_what_the_model_makes_of_it(weights, seed):
    model, X = Linear(weights), _rows(d=len(weights), seed=seed)
    costs = shuffling_costs(model.predict, X, X @ model.weights, 4, np.random.default_rng(seed))
    assert costs.shape == (4, len(weights))
    for weight, cost in zip(weights, costs.mean(axis=0), strict=True):
        # shuffling a feature of unit variance makes errors of variance 2 w^2
        assert cost == pytest.approx(np.sqrt(2) * weight, rel=0.5) if weight else cost == pytest.approx(0, abs=1e-12)


def test_each_feature_takes_one_call():
    model, X = Linear([1.0, 2.0, 0.0]), _rows()
    shuffling_costs(model.predict, X, X @ model.weights, 7, np.random.default_rng(0))
    assert model.n_calls == 1 + 3


def test_a_feature_that_never_varies_costs_nothing():
    X = _rows()
    X[:, 1] = 4.2
    model = Linear([1.0, 5.0, 1.0])
    costs = shuffling_costs(model.predict, X, X @ model.weights, 3, np.random.default_rng(0))
    assert (costs[:, 1] == 0).all()
    assert (costs[:, [0, 2]] > 0.5).all()


def test_the_growth_is_that_of_an_error_that_was_there_before():
    X, noise = _rows(n=4_000), np.random.default_rng(1).standard_normal(4_000)
    model = Linear([1.0, 0.0, 0.0])
    costs = shuffling_costs(model.predict, X, X[:, 0] + noise, 3, np.random.default_rng(0))
    assert costs[:, 0].mean() == pytest.approx(np.sqrt(3) - 1, abs=0.1)
