import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from models import Column, ColumnKind, Dataset, DatasetError
from ui.charts.histograms import (
    MAX_BINS,
    category_bins,
    histogram_info,
    histograms_alt,
    histograms_figure,
    histograms_info,
    numeric_bins,
)


def test_outcome_first_then_every_feature(dataset):
    infos = histograms_info(dataset)
    assert [info.column.name for info in infos] == ["strength", "cement", "sand", "stone", "age"]
    assert [info.is_outcome for info in infos] == [True, False, False, False, False]
    assert all(info.bins.shares.sum() == pytest.approx(1) for info in infos)


def test_categories_come_by_frequency(dataset):
    X = dataset.X.copy()
    X[:, 2] = np.repeat([2.0, 0.0, 1.0], [120, 50, 30])
    info = histogram_info(replace(dataset, X=X), "stone")
    assert info.categories == ("lime", "basalt", "gravel")
    np.testing.assert_allclose(info.bins.shares, [0.6, 0.25, 0.15])
    assert histograms_alt((info,)) == "Recorded values of 1 columns: stone lime 60%, basalt 25%, gravel 15%."


def test_rare_categories_are_one_bar():
    names = tuple(f"grade {i:02}" for i in range(30))
    codes = np.arange(300.0) % 30
    column = Column("grade", ColumnKind.CATEGORICAL, categories=names)
    info = histogram_info(Dataset("t", (column,), Column("y"), codes[:, None], codes), "grade")
    assert len(info.categories) == 8
    assert info.categories[-1] == "23 others"
    assert len(info.column.categories) == 30
    assert info.bins.shares.sum() == pytest.approx(1)
    assert histograms_figure((info,)).layout.xaxis.ticktext == ("30 categories",)


def test_the_sentence_tells_recorded_ends_not_those_of_bars(dataset):
    info = histogram_info(dataset, "age")
    assert (info.low, info.high) == (1, 90)
    assert histograms_alt((info,)).startswith("Recorded values of 1 columns: age 1–90 days, mean ")


def test_an_unknown_column_is_refused(dataset):
    with pytest.raises(DatasetError, match="zinc"):
        histogram_info(dataset, "zinc")


def test_small_multiples_have_a_labelled_plot_each(dataset):
    figure = histograms_figure(histograms_info(dataset))
    assert len(figure.data) == 5
    assert [annotation.text for annotation in figure.layout.annotations][1] == "cement [kg/m³]"
    domains = [figure.layout[f"xaxis{i}"].domain for i in ("", "2", "3")]
    assert all(a[1] < b[0] for a, b in itertools.pairwise(domains))


def test_no_columns_make_an_empty_figure():
    assert not histograms_figure(()).data


def test_200_000_rows_stay_small():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200_000, 9))
    dataset = Dataset("big", tuple(Column(f"f{i}") for i in range(9)), Column("y"), X, X[:, 0])
    assert len(histograms_figure(histograms_info(dataset)).to_json()) < 60_000


def test_the_sentence_has_ranges_and_units(dataset):
    text = histograms_alt(histograms_info(dataset))
    assert text.startswith("Recorded values of 5 columns: strength ")
    assert "kg/m³, mean " in text


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
