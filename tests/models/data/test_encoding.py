import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from models import Column, ColumnKind, Encoding

NUMBERS = (Column("a"), Column("b"))
MIXED = (Column("a"), Column("kind", ColumnKind.CATEGORICAL, categories=("x", "y", "z")), Column("b"))
finite = st.floats(-1e6, 1e6)


def numeric(means=(1.0, 2.0), stds=(2.0, 4.0)) -> Encoding:
    return Encoding(NUMBERS, np.array(means), np.array(stds), 10.0, 5.0)


def mixed() -> Encoding:
    return Encoding(MIXED, np.array([1.0, 0.0, 2.0]), np.array([2.0, 1.0, 0.0]), 0.0, 1.0)


def test_numbers_are_standardised():
    assert numeric().encode(np.array([[3.0, -2.0]])).tolist() == [[1.0, -1.0]]


def test_categories_are_one_hot_and_constants_zero():
    assert mixed().encode(np.array([[1.0, 2.0, 99.0]])).tolist() == [[0.0, 0.0, 0.0, 1.0, 0.0]]
    assert mixed().n_inputs == 5


@pytest.mark.parametrize("code", [np.nan, 3.0, -1.0, 0.5, np.inf])
def test_a_code_without_category_gives_nan(code):
    inputs = mixed().encode(np.array([[1.0, code, 2.0], [1.0, 1.0, 2.0]]))
    assert np.isnan(inputs[0, 1:4]).all()
    assert np.isfinite(inputs[1]).all()


@given(arrays(float, (7, 2), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_whatever_comes_nothing_raises(X):
    inputs = numeric().encode(X)
    assert inputs.shape == (7, 2)
    assert inputs.dtype == np.float32
    assert np.isnan(inputs[np.isnan(X)]).all()


@given(arrays(float, (5, 2), elements=finite), st.permutations(range(5)))
def test_rows_are_encoded_one_by_one(X, order):
    encoding = mixed()
    rows = np.column_stack([X[:, 0], np.arange(5) % 3, X[:, 1]])
    assert np.array_equal(encoding.encode(rows)[list(order)], encoding.encode(rows[list(order)]))


@given(arrays(float, 6, elements=finite))
def test_outcomes_come_back(y):
    encoding = numeric()
    np.testing.assert_allclose(encoding.decode_outcome(encoding.encode_outcome(y)), y, rtol=1e-6, atol=1e-5)


def test_large_means_keep_their_digits():
    inputs = numeric(means=(1e9, 0.0), stds=(1.0, 1.0)).encode(np.array([[1e9 + 0.25, 0.0]]))
    assert inputs[0, 0] == 0.25


def test_the_training_rows_set_the_scale(mixed_dataset):
    rows = np.arange(0, 80)
    encoding = Encoding.from_dataset(mixed_dataset, rows)
    inputs = encoding.encode(mixed_dataset.X[rows])
    time, speed, *resin, lot = range(encoding.n_inputs)
    np.testing.assert_allclose(inputs[:, [time, speed]].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(inputs[:, [time, speed]].std(axis=0), 1, atol=1e-5)
    assert (inputs[:, resin].sum(axis=1) == 1).all()
    assert (inputs[:, lot] == 0).all()


@pytest.mark.parametrize(("means", "stds"), [((0.0,), (1.0,)), ((0.0, np.nan), (1.0, 1.0)), ((0.0, 0.0), (1.0, -1.0))])
def test_scales_that_cannot_be_used(means, stds):
    with pytest.raises(ValueError, match=r"means|Means"):
        numeric(means, stds)


@pytest.mark.parametrize("std", [0.0, -1.0, np.nan, np.inf])
def test_an_outcome_std_that_cannot_be_used(std):
    with pytest.raises(ValueError, match="outcome"):
        Encoding(NUMBERS, np.zeros(2), np.ones(2), 0.0, std)
