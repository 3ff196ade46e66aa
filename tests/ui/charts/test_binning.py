import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from ui.charts.histograms import MAX_BINS, category_bins, numeric_bins

finite = st.floats(-1e12, 1e12, allow_nan=False)
whole = st.integers(-(10**6), 10**6).map(float)


@given(arrays(float, st.integers(1, 60), elements=finite))
def test_every_value_is_in_one_of_few_bins(values):
    bins = numeric_bins(values)
    assert len(bins.shares) <= MAX_BINS
    assert bins.shares.sum() == pytest.approx(1)
    assert (np.diff(bins.edges) > 0).all()
    assert bins.edges[0] <= values.min() <= values.max() <= bins.edges[-1]


@given(arrays(float, st.integers(1, 60), elements=whole))
def test_whole_numbers_get_bins_of_whole_equal_widths(values):
    bins = numeric_bins(values, is_integer=True)
    assert bins.shares.sum() == pytest.approx(1)
    assert len(bins.shares) <= MAX_BINS
    if len(bins.shares) > 1:
        np.testing.assert_allclose(bins.widths, np.round(bins.widths[0]))


def test_few_whole_numbers_get_a_bin_each():
    bins = numeric_bins(np.array([1.0, 2, 2, 4]), is_integer=True)
    np.testing.assert_allclose(bins.centres, [1, 2, 3, 4])
    np.testing.assert_allclose(bins.shares, [0.25, 0.5, 0, 0.25])


def test_a_constant_gets_one_bin_around_it():
    bins = numeric_bins(np.full(5, 3.0))
    assert bins.edges[0] < 3 < bins.edges[1]
    np.testing.assert_allclose(bins.shares, [1])


def test_categories_get_a_bin_each_even_if_absent():
    bins = category_bins(np.array([0.0, 0, 2]), 4)
    np.testing.assert_allclose(bins.shares, [2 / 3, 0, 1 / 3, 0])
    np.testing.assert_allclose(bins.centres, [0, 1, 2, 3])
