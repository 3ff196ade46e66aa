import numpy as np
from hypothesis import given, strategies as st

from models.quality import regions_of
from models.quality.findings import MINIMUM_GROUPS, MINIMUM_ROWS

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
